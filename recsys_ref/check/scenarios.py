"""Tell whether an answer to an exercise of the five scenarios is right.

Book section 6.
"""

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.evaluation.off_policy import effective_sample_size, importance_weights
from recsys_ref.evaluation.power import sd_of_shares, users_per_arm
from recsys_ref.simulate.log import Log
from recsys_ref.simulate.policy import SoftmaxPolicy

BOUGHT = 0.03  # share of the visitors who buy
DAYS, LEVEL = 7, 0.95


def rare(visitors: object) -> Verdict:
    """Check the visitors that each group needs to see a rare purchase change.

    Args:
        visitors: Two numbers: for a tenth more purchases, and for two tenths.

    Returns:
        The verdict; a hundred visitors more or less count as equal.

    Examples:
        >>> rare([112, 41])
        Not yet. A tenth of what? The groups differ by a tenth of the few who buy.
    """
    more = np.array([0.1, 0.2])
    effect = BOUGHT * more

    def plan(effect: np.ndarray, sd: np.ndarray) -> np.ndarray:
        return np.array([users_per_arm(*pair) for pair in zip(effect, sd, strict=True)])

    spread = np.array([sd_of_shares(BOUGHT, BOUGHT + more) for more in effect])
    expected = plan(effect, spread)
    wrong = np.array([sd_of_shares(BOUGHT, BOUGHT + share) for share in more])
    return matches(
        visitors,
        expected,
        because="The effect is tiny beside the spread, and it enters squared.",
        hint="The effect is a difference of two shares, and the spread is that of a "
        "yes or no with these shares. Both go into users_per_arm.",
        mistakes=[
            (
                plan(more, wrong),
                "A tenth of what? The groups differ by a tenth of the few who buy.",
            ),
            (2 * expected, "How many does each of the two groups need?"),
            (
                [expected[0], expected[0] / 4],
                "Twice the effect would take a quarter if the spread stayed. Is it "
                "the same where more people buy?",
            ),
            (
                plan(effect, np.full(2, sd_of_shares(BOUGHT, BOUGHT))),
                "You took the spread of the old share for both groups. The new list "
                "has another share, and so another spread.",
            ),
            (
                plan(effect, spread**2),
                "The plan wants a standard deviation. Is yours a variance?",
            ),
        ],
        tolerance=100,
    )


def peek(alarms: object) -> Verdict:
    """Check how often one of seven independent looks would raise a false alarm.

    Args:
        alarms: The share of A/A tests with at least one alarm.

    Returns:
        The verdict.

    Examples:
        >>> peek(7 * 0.05)
        Not yet. Adding up counts a test with two alarms twice. How often is there
        none at all?
    """
    miss = 1 - LEVEL
    return matches(
        alarms,
        1 - LEVEL**DAYS,
        because="All seven looks have to stay quiet, which is one less this share.",
        hint="Ask first how often not one of the looks raises an alarm.",
        mistakes=[
            (
                DAYS * miss,
                "Adding up counts a test with two alarms twice. How often is there "
                "none at all?",
            ),
            (miss, "This is the promise of one look. There are several."),
            (miss**DAYS, "So often every look would raise an alarm. One is enough."),
            (LEVEL**DAYS, "So often nothing happens. The question is the opposite."),
        ],
        tolerance=5e-3,
    )


def past(left: object, last_week: np.ndarray, this_week: np.ndarray) -> Verdict:
    """Check the share of the variance that CUPED leaves.

    Args:
        left: The share that is left, for all users together.
        last_week: `float64[U]`, the covariate.
        this_week: `float64[U]`, the outcome of the same users.

    Returns:
        The verdict, within two hundredths.

    Raises:
        ValueError: If the two weeks are not numbers of the same users.

    Examples:
        >>> last, this = [1.0, 2.0, 3.0, 4.0], [1.0, 3.0, 2.0, 4.0]
        >>> past(0.64, last, this)
        Not yet. This is what the past explains. How much is left?
    """
    last_week, this_week = (np.asarray(x, dtype=float) for x in (last_week, this_week))
    if last_week.ndim != 1 or last_week.shape != this_week.shape:
        raise ValueError(
            "last_week, this_week: must be float64[U] of the same users, got shapes "
            f"{last_week.shape} and {this_week.shape}"
        )
    r = np.corrcoef(last_week, this_week)[0, 1]
    return matches(
        left,
        1 - r**2,
        because="What a line through the past explains, the squared correlation, "
        "is taken away.",
        hint="Compare the variance of the outcome after CUPED with that before.",
        mistakes=[
            (r**2, "This is what the past explains. How much is left?"),
            (r, "This is the correlation. Variances go with its square."),
            (1 - r, "Variances go with the square of the correlation."),
            (
                np.sqrt(1 - r**2),
                "This is what is left of the standard deviation. How many users a "
                "test needs goes with the variance.",
            ),
            (1.0, "Did you hand over a past? This one has nothing to tell."),
        ],
        tolerance=0.02,
    )


def cap(direction: object) -> Verdict:
    """Check in which direction a cap of the weights pulls the estimate of IPS.

    Args:
        direction: "up", "down" or "neither".

    Returns:
        The verdict, from the exact expectation on two items.

    Examples:
        >>> cap("neither")
        Not yet. That holds of the weights as they are. A capped weight stands for
        fewer decisions than it should: what happens to their rewards?
    """
    logging, target = np.array([0.9, 0.1]), np.array([0.1, 0.9])
    clicks = np.array([0.2, 0.6])

    def expected(cap: float) -> float:
        weights = importance_weights(logging, target, cap=cap)
        return float((logging * weights * clicks).sum())

    pull = np.sign(round(expected(2.0) - expected(np.inf), 9))
    hints = {
        "up": "A cap makes some weights smaller and none larger. Can a mean of "
        "weight times click grow by that?",
        "down": "Look at the sign of the mean error over many logs.",
        "neither": "That holds of the weights as they are. A capped weight stands "
        "for fewer decisions than it should: what happens to their rewards?",
    }
    right = {1: "up", -1: "down", 0: "neither"}[int(pull)]
    hints.pop(right)
    return chooses(
        direction,
        right,
        because="Clicks are never negative, and weights are only cut.",
        hints=hints,
    )


def lists(worth: object, log: Log, target: SoftmaxPolicy) -> Verdict:
    """Check how many rows a log of lists is worth, place after place.

    Args:
        worth: One number a length of the list, from one place to all K.
        log: Lists of K places, with the propensity of each place.
        target: The policy that the log is to tell of.

    Returns:
        The verdict, to half a row.

    Examples:
        >>> items, even = [[0, 1]] + 3 * [[1, 0]], np.tile([0.5, 1.0], (4, 1))
        >>> log = Log([0] * 4, items, even, np.zeros((4, 2)), [0] * 4)
        >>> strict = SoftmaxPolicy([[1.0, 0.0]], temperature=0.0)
        >>> lists([4, 4], log, strict)
        Not yet. So many rows there are. How many equally weighted ones are they
        worth?
    """
    ratio = target.propensity(log.users, log.items) / log.propensity
    places = range(ratio.shape[1])

    def sizes(weights: np.ndarray) -> np.ndarray:
        return np.array([effective_sample_size(weights[:, k]) for k in places])

    alone, whole = sizes(ratio), sizes(np.cumprod(ratio, axis=1))
    return matches(
        worth,
        whole,
        because="Ratios multiply along a list, and so does their noise.",
        hint="Divide the target's propensity by the logged one at each place, then "
        "make one weight a list of them, for each length.",
        mistakes=[
            (
                np.full(len(whole), float(len(log))),
                "So many rows there are. How many equally weighted ones are they "
                "worth?",
            ),
            (
                alone,
                "Each place is weighed by itself here. What is the chance of all "
                "places up to it together?",
            ),
            (
                sizes(np.cumsum(ratio, axis=1)),
                "You added the ratios up. Chances of one place after another are "
                "not added.",
            ),
            (
                sizes(np.cumprod(1 / np.maximum(ratio, 1e-9), axis=1)),
                "The wrong way round: which policy wrote the log?",
            ),
        ],
        tolerance=0.51,
    )
