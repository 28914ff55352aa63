"""What many tests share."""

import pytest
from hypothesis import settings

from recsys_ref.data.movielens import MovieLens, load_movielens_100k

settings.register_profile("book", deadline=None)  # no test depends on time
settings.load_profile("book")


@pytest.fixture(scope="session")
def movielens() -> MovieLens:
    """The real data, from the cache or fetched once."""
    return load_movielens_100k()
