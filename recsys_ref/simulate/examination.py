"""Who looks where: the chance that a place of a list is seen. Book section 6."""

import numpy as np

from recsys_ref.data.checks import check_not_negative, check_whole_number


def position_examination(k: int, eta: float = 1.0) -> np.ndarray:
    """Return the chance that each place of a list is looked at.

    Args:
        k: K, the length of the list.
        eta: How steeply attention falls, >= 0: rank r is looked at with the
            probability (1 / r)^eta. 0: everything is seen.

    Returns:
        `float64[K]`, 1 in the first place.

    Raises:
        ValueError: If `k` < 1 or `eta` < 0.

    References:
        Joachims, Swaminathan and Schnabel (2017),
        https://arxiv.org/abs/1608.04468, whose experiments use this form.

    Examples:
        >>> position_examination(4).round(2)
        array([1.  , 0.5 , 0.33, 0.25])
    """
    check_whole_number("k", k, 1)
    check_not_negative("eta", eta)
    return np.arange(1, k + 1, dtype=np.float64) ** -eta
