"""Probes of memory, against writing and against one call for each candidate."""

import numpy as np
import pytest

from recsys_ref.lm.generate import generate
from recsys_ref.lm.memorization import invented_titles, recited, tree_log_likelihood
from recsys_ref.lm.scoring import log_likelihood


@pytest.mark.parametrize(
    "prompt", ["One, two, three, four,", "The capital of France is", "Film: Star"]
)
def test_recited_is_what_greedy_writing_gives(causal, prompt):
    written = generate(causal, prompt, max_tokens=5)
    assert recited(causal, prompt, written)
    assert not recited(causal, prompt, written + " zebra quilt")


def test_one_wrong_token_in_the_middle_is_enough(causal):
    assert recited(causal, "One, two, three, four,", " five, six,")
    assert not recited(causal, "One, two, three, four,", " nine, six,")


@pytest.mark.parametrize(
    "candidates",
    [
        [str(year) for year in range(1988, 1993)],  # "19" in common
        ["7"],
        [" red", " green", " dark green", " dark grey and red"],  # nothing, and depths
        ["1", "12", "123", "129"],  # each begins the next
        ["1995", "1995"],
    ],
)
def test_the_tree_gives_what_one_call_each_gives(causal, candidates):
    prompt = "Film: Toy Story\nYear:" if candidates[0][0] == " " else "Year: "
    tree = tree_log_likelihood(causal, prompt, candidates)
    naive = log_likelihood(causal, prompt, candidates, how="naive")
    np.testing.assert_allclose(tree, naive, atol=2e-3)


def test_no_candidates_and_bad_ones(causal):
    assert tree_log_likelihood(causal, "Year: ", []).shape == (0,)
    with pytest.raises(ValueError, match="has no tokens"):
        tree_log_likelihood(causal, "Year: ", ["1995", ""])
    with pytest.raises(ValueError, match="prompt: must have at least one token"):
        recited(causal, "", "1995")


def test_invented_titles_are_new_and_made_of_old_halves():
    titles = ["Pulp Fiction", "Jurassic Park", "Dead Man Walking", "Alien"]
    made = invented_titles(titles, 5, rng=1)
    assert len(set(made)) == 5
    assert not {t.casefold() for t in made} & {t.casefold() for t in titles}
    assert {t.split()[0] for t in made} <= {"Pulp", "Jurassic", "Dead"}
    assert made == invented_titles(titles, 5, rng=1)


def test_titles_that_cannot_be_invented_are_refused():
    with pytest.raises(ValueError, match="titles: need two titles of several words"):
        invented_titles(["Alien", "Pulp Fiction"], 1, rng=0)
    with pytest.raises(ValueError, match="n_titles: these titles give fewer than 3"):
        invented_titles(["Pulp Fiction", "Jurassic Park"], 3, rng=0)
