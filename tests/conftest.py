"""What many tests share."""

import pytest

from recsys_ref.data.movielens import MovieLens, load_movielens_100k


@pytest.fixture(scope="session")
def movielens() -> MovieLens:
    """The real data, from the cache or fetched once."""
    return load_movielens_100k()
