"""Each rule passes a clean notebook and catches the fault that it is for."""

import copy

import hygiene
import prose
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

OPENING = """# 3.5 Evaluation

| At a glance | This chapter |
|---|---|
| What you will learn | to measure |
| What you need first | [Data](03_1_data.ipynb) |
| Minutes to read | 5 |
| Seconds to run | 3 |
"""
EXERCISE = """## Exercises

```{exercise} One
:label: ex-one

*Easy.* How many?
```
"""
CHOICE = """<details><summary>Choice {place}</summary>

**{verdict}.** This is so because of what the chapter said.

</details>
"""


def question(number):
    """Return a question whose choice `number` is right."""
    choices = "".join(
        CHOICE.format(place=place, verdict="Yes" if place == number else "No")
        for place in (1, 2, 3)
    )
    label = f'<div class="quiz" role="group" aria-label="Question {number}">'
    return f"{label}\n\n**{number}.** Which one?\n\n{choices}\n</div>\n"


QUIZ = "## Quiz\n\nChoose.\n\n" + "\n".join(map(question, (1, 2, 3)))
SOLUTION = """```{solution-start} ex-one
:label: sol-one
:class: dropdown
```"""
PICTURE = {
    "image": {"alt": "A line that falls from left to right."},
    "figure": {"name": "fig-line", "caption": "It falls."},
}
# Places of the cells that the tests spoil.
IMPORTS, PLOT, SUM = 1, 3, 4


def clean():
    glued = new_output(
        "display_data",
        {"application/papermill.record/text/plain": "'0.5'"},
        metadata={"scrapbook": {"name": "half"}},
    )
    plot = new_output("display_data", {"image/png": "", "text/plain": "<Figure>"})
    notebook = new_notebook(
        cells=[
            new_markdown_cell(OPENING),
            new_code_cell("import os\n\nimport recsys_ref.ranking"),
            new_markdown_cell("## Half\n\nIt is {glue:text}`half`."),
            new_code_cell("show()", outputs=[plot], metadata={"mystnb": PICTURE}),
            new_code_cell('assert 1 + 1 == 2, "sum"', outputs=[glued]),
            new_markdown_cell("## Summary\n\nAll is well."),
            new_markdown_cell(QUIZ),
            new_markdown_cell(EXERCISE),
            new_markdown_cell(SOLUTION),
            new_code_cell("6 * 7", outputs=[_text("42")]),
            new_markdown_cell("```{solution-end}\n```"),
            new_markdown_cell("## Modules used\n\n- {py:mod}`recsys_ref.ranking`"),
        ]
    )
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    for count, cell in enumerate(code, start=1):
        cell.execution_count = count
    return notebook


def _text(text):
    return new_output("execute_result", {"text/plain": text})


def _stream(text, name="stdout"):
    return new_output("stream", name=name, text=text)


def source(place, text):
    return lambda notebook: notebook.cells[place].update(source=text)


def output(place, added):
    return lambda notebook: notebook.cells[place].outputs.append(added)


def tag(place, name):
    return lambda notebook: notebook.cells[place].metadata.update(tags=[name])


def replaced(old, new):
    def spoil(notebook):
        found = [cell for cell in notebook.cells if old in cell.source]
        found[0].source = found[0].source.replace(old, new)

    return spoil


def described(**changes):
    about = copy.deepcopy(PICTURE)
    for part, change in changes.items():
        about[part].update(change)
    return lambda notebook: notebook.cells[PLOT].metadata.update(mystnb=about)


FAULTS = [
    (
        "every_cell_was_run_in_order",
        lambda notebook: notebook.cells[PLOT].update(execution_count=None),
    ),
    (
        "every_cell_was_run_in_order",
        lambda notebook: notebook.cells[PLOT].update(execution_count=7),
    ),
    (
        "no_output_is_an_error",
        output(SUM, new_output("error", ename="E", evalue="v", traceback=[])),
    ),
    ("no_output_is_an_error", output(SUM, _stream("warning", "stderr"))),
    (
        "no_output_is_a_widget",
        lambda notebook: notebook.metadata.update(widgets={"state": {}}),
    ),
    (
        "no_output_is_a_widget",
        output(
            SUM,
            new_output(
                "display_data", {"application/vnd.jupyter.widget-view+json": "{}"}
            ),
        ),
    ),
    ("no_output_names_a_machine_or_a_time", output(SUM, _stream("/home/ann/x.py"))),
    ("no_output_names_a_machine_or_a_time", output(SUM, _text("'/tmp/x'"))),
    ("no_output_names_a_machine_or_a_time", output(SUM, _text(r"C:\Users\ann"))),
    ("no_output_names_a_machine_or_a_time", output(SUM, _stream("took 1.52 s"))),
    ("no_output_names_a_machine_or_a_time", output(SUM, _stream("Wall time: 3"))),
    ("imports_stand_in_the_first_code_cell", source(SUM, "import sys")),
    ("imports_stand_in_the_first_code_cell", source(SUM, "def f():\n  import re")),
    ("imports_stand_in_the_first_code_cell", source(IMPORTS, "!pip list")),
    ("imports_stand_in_the_first_code_cell", source(SUM, "%matplotlib inline")),
    ("cells_are_small", source(SUM, "\n\n".join(["1"] * 26))),
    ("cells_are_small", source(SUM, "'" + "x" * 78 + "'")),
    ("every_section_with_code_asserts", source(SUM, "assert True")),
    (
        "every_section_with_code_asserts",
        lambda notebook: notebook.cells.insert(SUM, new_markdown_cell("## Next")),
    ),
    ("it_opens_with_a_title_and_a_table", replaced("| Minutes to read | 5 |\n", "")),
    ("it_opens_with_a_title_and_a_table", replaced("read | 5", "read | about 5")),
    ("it_opens_with_a_title_and_a_table", replaced("# 3.5 Evaluation", "Text")),
    ("headings_descend_by_one", replaced("## Half", "# Half")),
    ("headings_descend_by_one", replaced("It is", "#### Deep")),
    ("it_ends_with_summary_and_exercises", replaced("## Summary", "## The end")),
    ("every_exercise_has_a_folded_solution", replaced(":class: dropdown\n", "")),
    ("every_exercise_has_a_folded_solution", replaced(":label: ex-one\n", "")),
    ("every_exercise_has_a_folded_solution", replaced("-start} ex-one", "-start} x")),
    ("every_exercise_has_a_folded_solution", replaced("{exercise}", "{note}")),
    ("exercises_go_from_easy_to_hard", replaced("*Easy.* ", "")),
    ("exercises_go_from_easy_to_hard", replaced("*Easy.*", "*Hard.*")),
    ("exercises_go_from_easy_to_hard", replaced("*Easy.*", "*Simple.*")),
    ("the_quiz_explains_every_choice", replaced("## Quiz", "## Questions")),
    ("the_quiz_explains_every_choice", replaced("**Yes.**", "**No.**")),
    ("the_quiz_explains_every_choice", replaced("**No.**", "**Yes.**")),
    ("the_quiz_explains_every_choice", replaced("**No.**", "Perhaps.")),
    ("the_quiz_explains_every_choice", replaced("because of what the chapter", "")),
    ("the_quiz_explains_every_choice", replaced("<details>", "<details open>")),
    ("the_quiz_explains_every_choice", replaced("Choice 2", "Choice 1")),
    ("the_quiz_explains_every_choice", replaced("Question 2", "The second")),
    ("the_quiz_explains_every_choice", replaced("**2.** ", "")),
    ("the_quiz_explains_every_choice", replaced(question(3), "")),
    (
        "the_quiz_explains_every_choice",
        replaced(QUIZ, "## Quiz\n\n" + question(1) * 3),
    ),
    ("modules_used_are_listed", replaced("`recsys_ref.ranking`", "`recsys_ref.a`")),
    ("tags_are_known", tag(SUM, "nbval-skip")),
    ("tags_are_known", tag(SUM, "nbval-ignore-output")),
    ("tags_are_known", source(SUM, "# NBVAL_IGNORE_OUTPUT\n1")),
    ("pictures_are_described", described(image={"alt": "plot.png"})),
    ("pictures_are_described", described(figure={"caption": ""})),
    ("pictures_are_described", described(figure={"caption": "It falls to 0.31."})),
    ("pictures_are_described", described(figure={"name": "line"})),
    ("pictures_are_described", replaced("It is", "![](x.png)")),
    ("glued_names_exist", replaced("`half`", "`hlaf:.2f`")),
    ("glued_names_exist", lambda n: n.cells[SUM].outputs.extend(n.cells[SUM].outputs)),
    ("no_result_is_typed_in", replaced("It is", "It is 0.123, not")),
]


@pytest.mark.parametrize("rule", hygiene.RULES, ids=lambda rule: rule.__name__)
def test_a_clean_notebook_has_no_fault(rule):
    assert list(rule(clean())) == []


@pytest.mark.parametrize(("name", "spoil"), FAULTS)
def test_a_fault_is_caught_by_its_rule(name, spoil):
    notebook = clean()
    spoil(notebook)
    assert list(getattr(hygiene, name)(notebook))


def test_every_rule_has_a_fault_that_it_catches():
    assert {name for name, _ in FAULTS} == {rule.__name__ for rule in hygiene.RULES}


def test_an_expected_error_is_no_fault():
    notebook = clean()
    error = new_output("error", ename="KeyError", evalue="v", traceback=[])
    notebook.cells[SUM].outputs.append(error)
    notebook.cells[SUM].metadata["tags"] = ["raises-exception"]
    assert list(hygiene.no_output_is_an_error(notebook)) == []


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("nDCG is 0.123.", ["0.123"]),
        ("from .25 to 3.5", [".25", "3.5"]),
        ("12 % of 1,682 items", ["12 %", "1,682"]),
        ("it grew by 12.5%, to 4.", ["12.5%"]),
        ("a 95 % interval over 943 users", []),
        ("see section 3.5 and chapters 4.1, 5.2 and 9", []),
        ("code `0.5`, maths $x > 0.5$, $$ 0.5 $$", []),
        ("glued {glue:text}`half:.2f` of it", []),
        ("[arXiv 1905.03375](https://arxiv.org/abs/1905.03375)", []),
        ("| 0.5 | in a table |", []),
        ("## 3.5 A heading", []),
        ("By definition 0.5. <!-- given -->\nBut 0.7.", ["0.7"]),
        ("```python\nx = 0.5\n```\nthen 0.6", ["0.6"]),
        ("```{note}\nIt is 0.5.\n```\n", ["0.5"]),
        (":::{note}\nIt is 0.5.\n:::\n0.6", ["0.5", "0.6"]),
        ("```{math}\n:label: eq\n0.5\n```", []),
        ("Python 3.11, numpy", []),
    ],
)
def test_results_in_sentences_are_told_from_other_figures(text, found):
    assert prose.typed_figures(text) == found
