"""Users: columns that cannot change, and clear errors."""

import numpy as np
import pytest

from recsys_ref.data.users import Users

COLUMNS = {
    "ids": [5, 2],
    "age": [30, 61],
    "gender": ["F", "M"],
    "occupation": ["writer", "none"],
    "zip_code": ["02139", "V3N4P"],
}


def test_columns_are_copies_and_cannot_be_written():
    age = np.array([30, 61])
    users = Users(**COLUMNS | {"age": age})
    age[0] = 1
    assert users.age[0] == 30
    for column in (users.age, users.gender, users.occupation, users.zip_code):
        with pytest.raises(ValueError, match="read-only"):
            column[0] = column[1]


def test_select_and_to_frame_keep_rows_together():
    frame = Users(**COLUMNS).select(np.array([1, 0])).to_frame()
    assert frame.to_dict("list") == {
        "user_id": [2, 5],
        "age": [61, 30],
        "gender": ["M", "F"],
        "occupation": ["none", "writer"],
        "zip_code": ["V3N4P", "02139"],
    }


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"ids": [5, 5]}, r"ids: must be distinct, got \[5\]"),
        ({"age": [30, -1]}, "age: must not be negative, got -1 in row 1"),
        ({"age": [30, 61.5]}, "age: must hold int"),
        ({"age": [30, np.nan]}, "age: must hold int"),
        ({"zip_code": ["02139", 2139]}, "zip_code: must be strings, got 2139 in row 1"),
        ({"gender": ["F"]}, r"gender: must have shape \(2,\), got \(1,\)"),
    ],
)
def test_bad_columns_are_named(changes, message):
    with pytest.raises(ValueError, match=message):
        Users(**COLUMNS | changes)
