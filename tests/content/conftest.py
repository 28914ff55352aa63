"""Small models with random weights, written once."""

import pytest

from recsys_ref.content.random_towers import random_clap, random_clip


@pytest.fixture(scope="session")
def clip_folder(tmp_path_factory):
    return random_clip(tmp_path_factory.mktemp("clip"), seed=0)


@pytest.fixture(scope="session")
def clap_folder(tmp_path_factory):
    return random_clap(tmp_path_factory.mktemp("clap"), seed=0)
