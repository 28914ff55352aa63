"""A verdict tells right from wrong, hints, and never raises or gives it away."""

import math

import numpy as np
import pandas as pd
import pytest

from recsys_ref.check.verdict import Case, Fixed, Verdict, behaves, chooses, matches


def looked_at(answer, expected=0.25, **how):
    known = {"because": "so it is", "hint": "think again"}
    return matches(answer, expected, **{**known, **how})


def test_a_verdict_reads_as_true_or_false():
    assert Verdict(True, "So.")
    assert not Verdict(False, "No.")
    assert repr(Verdict(True, "So.")) == "Right. So."
    assert repr(Verdict(False, "No.")) == "Not yet. No."


@pytest.mark.parametrize("answer", [0.25, 1 / 4, np.float32(0.25), 0.2504])
def test_equal_within_the_tolerance(answer):
    assert looked_at(answer)


@pytest.mark.parametrize("answer", [0.26, -0.25, math.nan, math.inf])
def test_other_numbers_get_the_hint(answer):
    found = looked_at(answer)
    assert not found
    assert found.message == "think again"
    assert "0.25" not in repr(found)


def test_nan_equals_nan():
    assert looked_at([1, math.nan], [1, math.nan])


def test_series_and_lists_are_numbers_too():
    assert looked_at(pd.Series([1.0, 2.0], index=["a", "b"]), [1, 2])


@pytest.mark.parametrize(
    ("answer", "word"),
    [
        ([0.25], "a single number; yours has the shape (1,)"),
        ("a quarter", "a single number; yours is 'a quarter'"),
        (None, "a single number"),
        ([[1], [2, 3]], "a single number"),
        ({"a": 1}, "a single number"),
    ],
)
def test_what_is_no_single_number_is_refused(answer, word):
    found = looked_at(answer)
    assert not found
    assert word in found.message or found.message == "think again"


def test_a_number_where_several_are_asked():
    found = looked_at(1.0, [1.0, 2.0])
    assert "numbers of the shape (2,); yours is one number" in found.message


def test_known_mistakes_have_their_own_hint():
    mistakes = [(0.5, "half"), ([1, 2], "never"), (0.25, "as right")]
    assert looked_at(0.5, mistakes=mistakes[:1]).message == "half"
    assert looked_at(0.25, mistakes=mistakes[2:])
    both = looked_at([3, 3], [1, 2], mistakes=[(3, "both alike")])
    assert both.message == "both alike"


@pytest.mark.parametrize("answer", ["nDCG", " ndcg ", "NDCG"])
def test_choices_are_compared_as_people_write_them(answer):
    assert chooses(answer, "nDCG", because="it is", hints={"recall": "no"})


def test_a_wrong_choice_gets_its_hint():
    assert chooses("Recall", "nDCG", because="", hints={"recall": "no"}).message == "no"
    assert chooses(5, 10, because="", hints={5: "half"}).message == "half"


@pytest.mark.parametrize("answer", [None, 3, [[1.0]], np.ones(3), {"a": 1}, print])
def test_what_is_no_choice_is_refused(answer):
    found = chooses(answer, "nDCG", because="", hints={"recall": "no"})
    assert not found
    assert "none of the choices: nDCG, recall" in found.message


CASES = [Case(([1, 3],), 2.0, "the middle"), Case(([],), math.nan, "of nothing")]


def mean(values):
    return sum(values) / len(values) if values else math.nan


def greedy(values):
    result = mean(values)
    values.clear()
    return result


@pytest.mark.parametrize("function", [mean, greedy])
def test_a_function_that_behaves(function):
    assert behaves(function, CASES, because="yes").message == "yes"
    assert CASES[0].arguments == ([1, 3],)


@pytest.mark.parametrize(
    ("function", "word"),
    [
        (sum, "On ([1, 3],): the middle"),
        (lambda values: None, "returned nothing"),
        (lambda values: "two", "a single number"),
        (lambda values: sum(values) / len(values), "raised ZeroDivisionError"),
        (lambda: 2.0, "raised TypeError"),
        (2.0, "Hand over the function itself, not 2.0"),
    ],
)
def test_a_function_that_does_not(function, word):
    found = behaves(function, CASES, because="yes")
    assert not found
    assert word in found.message


def test_arguments_can_have_names():
    case = Case((), 4.0, "add", named={"a": 1, "b": 3})
    assert behaves(lambda *, a, b: a + b, [case], because="yes")


def test_a_tensor_with_a_gradient_is_refused_in_words():
    tensor = pytest.importorskip("torch").ones(1, requires_grad=True)
    verdict = matches(tensor, [1.0], because="", hint="")
    assert not verdict
    assert "should be" in verdict.message


def test_fixed_tells_arrays_apart_and_keeps_its_own():
    values = np.arange(4.0)
    one = Fixed(values)
    assert one == Fixed(values.copy())
    values[0] = 9
    assert one.array[0] == 0, "a copy"
    assert one != Fixed(values)
    assert one != Fixed(one.array.astype(np.float32))
    assert one != Fixed(one.array.reshape(2, 2))
