"""What is known of users as blocks: age, gender and occupation.

Book section 8.3.
"""

import numpy as np

from recsys_ref.data.users import Users

AGE_BANDS = (18, 25, 35, 45, 50, 56)  # years at which a band begins


def demographic_blocks(users: Users) -> dict[str, np.ndarray]:
    """Describe users by indicators, one block for each thing known of them.

    The bands of age are those that MovieLens-1M asks for: under 18, 18-24,
    25-34, 35-44, 45-49, 50-55, 56 and over.

    Args:
        users: Whom to describe.

    Returns:
        `float64[U, 7]` under `age`, and under `gender` and `occupation` one
        column for each value that occurs, in alphabetical order. Each row has
        one 1.

    References:
        Harper and Konstan (2015), https://doi.org/10.1145/2827872

    Examples:
        >>> users = Users([1, 2], [24, 53], ["M", "F"], ["writer", "other"],
        ...               ["85711", "02139"])
        >>> blocks = demographic_blocks(users)
        >>> blocks["gender"]
        array([[0., 1.],
               [1., 0.]])
        >>> blocks["age"].argmax(axis=1)
        array([1, 5])
    """
    bands = np.searchsorted(AGE_BANDS, users.age, side="right")
    return {
        "age": np.eye(len(AGE_BANDS) + 1)[bands],
        "gender": _indicators(users.gender),
        "occupation": _indicators(users.occupation),
    }


def _indicators(column: np.ndarray) -> np.ndarray:
    values, place = np.unique(column, return_inverse=True)
    return np.eye(len(values))[place]
