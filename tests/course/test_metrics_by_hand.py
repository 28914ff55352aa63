"""The numbers of `metrics_by_hand`: a fair list, and reports that can be told apart."""

import numpy as np
import pytest

from recsys_ref.course import metrics_by_hand
from recsys_ref.course.metrics_by_hand import APART, K, draw

SEEDS = range(30)


@pytest.mark.parametrize("seed", SEEDS)
def test_the_list_for_the_pencil_misses_something(seed):
    drawn = draw(np.random.default_rng(seed))
    assert drawn.hits[0] == 0, "else the reciprocal rank is 1 for everyone"
    assert sum(drawn.hits) < drawn.n_relevant < len(drawn.hits)


@pytest.mark.parametrize("seed", SEEDS)
def test_one_report_is_right_and_no_two_agree(seed):
    drawn = draw(np.random.default_rng(seed))
    recalls = []
    for scores, seen, relevant in zip(
        drawn.scores, drawn.seen, drawn.relevant, strict=True
    ):
        assert relevant, "everybody can be measured"
        assert not relevant & seen
        assert np.unique(scores).size == scores.size, "no ties"
        unseen = [i for i in np.argsort(-scores).tolist() if i not in seen]
        recalls.append(len(relevant.intersection(unseen[:K])) / len(relevant))
    told = np.array(list(drawn.reports.values()))
    assert (np.abs(told - np.mean(recalls)) < 1e-4).sum() == 1
    assert np.diff(np.sort(told)).min() > 0.9 * APART


def test_another_seed_is_another_world():
    one, same, other = (draw(np.random.default_rng(seed)) for seed in (1, 1, 2))
    assert one.reports == same.reports != other.reports
    assert (one.scores == same.scores).all()
    assert (one.scores != other.scores).any()


def test_a_generator_without_clear_reports_is_refused(monkeypatch):
    monkeypatch.setattr(metrics_by_hand, "APART", 2.0)
    with pytest.raises(ValueError, match="no clear reports"):
        draw(np.random.default_rng(0))
