"""Two real models, loaded once for all tests of language models."""

import pytest
import torch

from recsys_ref.lm.pretrained import TextModel, devices, load_causal, load_encoder


@pytest.fixture(scope="session", autouse=True)
def _one_thread():
    """Keep torch to one thread, so that processes beside each other do not fight."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="session", params=devices())
def device(request) -> str:
    """Each device that is here."""
    return request.param


@pytest.fixture(scope="session")
def encoder() -> TextModel:
    """MiniLM on the CPU. Treat it as read-only."""
    return load_encoder()


@pytest.fixture(scope="session")
def causal() -> TextModel:
    """SmolLM2-135M-Instruct on the CPU. Treat it as read-only."""
    return load_causal()
