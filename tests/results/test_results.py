"""Results are read by name."""

import pytest

from recsys_ref import results


def test_results_that_do_not_exist_are_named_with_those_that_do():
    with pytest.raises(FileNotFoundError, match=r"'nothing', there.*'movielens_100k'"):
        results.load("nothing")
