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


@pytest.fixture(scope="session")
def one_thread():
    """Keep torch to one thread, so that processes beside each other do not fight."""
    import torch  # here, since many tests need none

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session")
def encoder(one_thread):
    """MiniLM on the CPU. Treat it as read-only."""
    from recsys_ref.lm.pretrained import load_encoder

    return load_encoder()


@pytest.fixture(scope="session")
def causal(one_thread):
    """SmolLM2-135M-Instruct on the CPU. Treat it as read-only."""
    from recsys_ref.lm.pretrained import load_causal

    return load_causal()
