"""Labels made of minutes watched: what a model of video is told to predict.

Book section 6.3.
"""

import numpy as np
from scipy.stats import rankdata

from recsys_ref.data.checks import check_whole_number


def completion_share(minutes: np.ndarray, duration: np.ndarray) -> np.ndarray:
    """Divide the minutes watched by the length of what was watched.

    Args:
        minutes: `float64[N]`, >= 0 and not above the duration.
        duration: `float64[N]`, minutes, > 0.

    Returns:
        `float64[N]`, in [0, 1].

    Raises:
        ValueError: If a number is out of its range or the lengths differ.

    Examples:
        >>> completion_share(np.array([3.0, 30.0]), np.array([3.0, 120.0]))
        array([1.  , 0.25])
    """
    minutes, duration = _checked(minutes, duration)
    return minutes / duration


def duration_quantile(
    minutes: np.ndarray, duration: np.ndarray, *, buckets: int
) -> np.ndarray:
    """Rank the minutes of a play among the plays of items about as long.

    Plays are parted into buckets of about equal size by the duration; equal
    durations share a bucket. In its bucket a play gets the share of plays that were
    watched for less, counting half of those watched exactly as long, itself too.

    Args:
        minutes: `float64[N]`, >= 0 and not above the duration.
        duration: `float64[N]`, minutes, > 0.
        buckets: How many, at least 1.

    Returns:
        `float64[N]`, in (0, 1); its mean in each bucket is 1/2.

    Raises:
        ValueError: If a number is out of its range or the lengths differ.

    References:
        Zhan et al. (2022), https://arxiv.org/abs/2206.06003, who predict this
        quantile and turn it back into minutes.

    Examples:
        >>> minutes = np.array([1.0, 3.0, 3.0, 20.0, 90.0])
        >>> duration = np.array([3.0, 3.0, 3.0, 100.0, 100.0])
        >>> duration_quantile(minutes, duration, buckets=2).round(3)
        array([0.167, 0.667, 0.667, 0.25 , 0.75 ])
    """
    check_whole_number("buckets", buckets, 1)
    minutes, duration = _checked(minutes, duration)
    quantile = np.empty(len(minutes))
    # The bucket of a duration is where the middle of its plays lies among all.
    middle = (rankdata(duration) - 0.5) / max(len(duration), 1)
    bucket = np.minimum((middle * buckets).astype(int), buckets - 1)
    for each in np.unique(bucket):
        inside = bucket == each
        quantile[inside] = (rankdata(minutes[inside]) - 0.5) / inside.sum()
    return quantile


def _checked(
    minutes: np.ndarray, duration: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    minutes = np.asarray(minutes, dtype=np.float64)
    duration = np.asarray(duration, dtype=np.float64)
    if minutes.ndim != 1 or minutes.shape != duration.shape:
        raise ValueError(
            "minutes, duration: must be float64[N] of one length, got "
            f"{minutes.shape} and {duration.shape}"
        )
    wrong = ~((minutes >= 0) & (minutes <= duration) & np.isfinite(duration))
    wrong |= ~(duration > 0)
    if wrong.any():
        row = int(np.argmax(wrong))
        raise ValueError(
            "minutes: must be in [0, duration], duration > 0 and finite, got "
            f"{minutes[row]} of {duration[row]} in row {row}"
        )
    return minutes, duration
