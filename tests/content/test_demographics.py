"""Users as indicators."""

import numpy as np
import pytest

from recsys_ref.content.demographics import demographic_blocks
from recsys_ref.data.users import Users

AGES = [7, 17, 18, 24, 25, 34, 35, 44, 45, 49, 50, 55, 56, 73]


@pytest.fixture
def users():
    n = len(AGES)
    return Users(
        range(n),
        AGES,
        ["M", "F"] * (n // 2),
        ["writer", "artist"] * (n // 2),
        ["0"] * n,
    )


def test_age_bands_are_those_of_movielens_1m(users):
    bands = demographic_blocks(users)["age"].argmax(axis=1)
    assert bands.tolist() == [0, 0, 1, 1, 2, 2, 3, 3, 4, 4, 5, 5, 6, 6]


def test_each_row_of_each_block_has_one_1(users):
    for block in demographic_blocks(users).values():
        np.testing.assert_array_equal(block.sum(axis=1), 1)
        assert set(np.unique(block)) == {0, 1}


def test_columns_are_in_alphabetical_order(users):
    blocks = demographic_blocks(users)
    assert blocks["gender"][0].tolist() == [0, 1], "M comes second"
    assert blocks["occupation"][0].tolist() == [0, 1], "writer comes second"


def test_movielens_has_two_genders_and_21_occupations(movielens):
    blocks = demographic_blocks(movielens.users)
    shapes = {name: block.shape for name, block in blocks.items()}
    assert shapes == {"age": (943, 7), "gender": (943, 2), "occupation": (943, 21)}
    women = (movielens.users.gender == "F").sum()
    assert blocks["gender"].sum(axis=0).tolist() == [women, 943 - women]
