"""Read the quiz at the end of a chapter.

A question is a `<div class="quiz">` with the question in Markdown and one
`<details>` a choice, whose text says Yes or No and why. It needs no script: any
browser and any viewer of notebooks folds it, with a mouse, with the keyboard and
for a screen reader.
"""

import re
from dataclasses import dataclass

_QUESTION = re.compile(
    r'<div class="quiz" role="group" aria-label="(?P<label>[^"]+)">\n\n'
    r"(?P<body>.*?)\n\n</div>",
    re.DOTALL,
)
_CHOICE = re.compile(
    r"<details><summary>(?P<choice>.+?)</summary>\n\n(?P<why>.+?)\n\n</details>",
    re.DOTALL,
)
_VERDICT = re.compile(r"\*\*(Yes|No)\.\*\*\s+")


@dataclass(frozen=True)
class Choice:
    """One choice of a question.

    Attributes:
        text: What the reader chooses.
        right: Whether it is right; None if the explanation does not say.
        why: The explanation, without its first word.
    """

    text: str
    right: bool | None
    why: str


@dataclass(frozen=True)
class Question:
    """One question of a quiz.

    Attributes:
        label: What a screen reader calls it.
        text: The question.
        choices: Its choices.
    """

    label: str
    text: str
    choices: tuple[Choice, ...]


def questions(markdown: str) -> list[Question]:
    """Return the questions of a chapter's quiz."""
    return [
        Question(
            match["label"],
            match["body"].split("<details>")[0].strip(),
            tuple(_choice(found) for found in _CHOICE.finditer(match["body"])),
        )
        for match in _QUESTION.finditer(markdown)
    ]


def faults(markdown: str) -> list[str]:
    """Return what is wrong with a quiz, in sentences."""
    found = questions(markdown)
    said = []
    if not 3 <= len(found) <= 5:
        said.append(f"needs three to five questions, has {len(found)}")
    if len(re.findall(r"<details\b", markdown)) != sum(len(q.choices) for q in found):
        said.append("holds a choice that does not have the form of the others")
    for number, question in enumerate(found, start=1):
        where = f"question {number}"
        if question.label != f"Question {number}":
            said.append(f"{where}: is labelled {question.label!r}")
        if not question.text.startswith(f"**{number}.** "):
            said.append(f"{where}: does not begin with its number")
        if not 3 <= len(question.choices) <= 4:
            said.append(f"{where}: has {len(question.choices)} choices")
        if len({choice.text for choice in question.choices}) < len(question.choices):
            said.append(f"{where}: has a choice twice")
        if sum(choice.right is True for choice in question.choices) != 1:
            said.append(f"{where}: needs one right choice")
        for choice in question.choices:
            if choice.right is None:
                said.append(f"{where}: {choice.text!r} says neither Yes nor No")
            if len(choice.why.split()) < 6:
                said.append(f"{where}: {choice.text!r} is not explained")
    places = {
        [choice.right for choice in question.choices].index(True)
        for question in found
        if any(choice.right for choice in question.choices)
    }
    if len(found) > 1 and len(places) == 1:
        said.append("the right choice stands in the same place each time")
    return said


def _choice(match: re.Match) -> Choice:
    verdict = _VERDICT.match(match["why"])
    if verdict is None:
        return Choice(match["choice"], None, match["why"])
    return Choice(match["choice"], verdict[1] == "Yes", match["why"][verdict.end() :])
