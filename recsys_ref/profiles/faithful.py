"""Is a written profile true of the user? Counted against his history.

A statement is supported if the history says so, by rules that are written
here. That is only half of the answer: "likes drama" is true of nearly everyone.
So the same profile is held against the histories of other users too, and what
counts is how much better it fits its own.

Book section 3.2.
"""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from recsys_ref.data.checks import check_whole_number
from recsys_ref.profiles.evidence import CHECKED, Histories, plain_name, plain_title
from recsys_ref.profiles.textual import TextualProfile


def check_profile(profile: TextualProfile, known: Histories, user: int) -> pd.DataFrame:
    """Check what a profile says, statement by statement.

    Args:
        profile: Any, whether a model wrote it or a person.
        known: From `histories`.
        user: Whose history to hold it against.

    Returns:
        One statement a row: `part`, `claim` and `supported`. A claim that is
        made twice in one part counts once. Moods are not in it.

    Raises:
        KeyError: If the user is unknown.

    Examples:
        >>> from recsys_ref.data.interactions import Interactions
        >>> from recsys_ref.data.items import Items
        >>> from recsys_ref.profiles.evidence import histories
        >>> films = Items([1, 2], ["Alien", "Big"], [1979, 1988],
        ...               [[True, False], [False, True]], ("Horror", "Comedy"))
        >>> x = Interactions([0, 1], [0, 1], [5, 5], [0, 0], ["ann", "bob"], [1, 2])
        >>> said = TextualProfile(likes=("Horror", "Comedy"), eras=("1970s",))
        >>> check_profile(said, histories(films, x), user=0)
            part   claim  supported
        0  likes  Horror       True
        1  likes  Comedy      False
        2   eras   1970s       True
    """
    rows = [
        (part, claim, known.supports(user, part, claim))
        for part, claim in _statements(profile, CHECKED)
    ]
    frame = pd.DataFrame(rows, columns=["part", "claim", "supported"])
    return frame.astype({"supported": bool})


def faithfulness(
    profiles: Sequence[TextualProfile],
    known: Histories,
    users: np.ndarray,
    *,
    parts: Sequence[str] = CHECKED,
    n_others: int = 20,
    rng: np.random.Generator | int,
) -> pd.DataFrame:
    """Measure how much of profiles their users' histories support, and others'.

    Args:
        profiles: B profiles.
        known: From `histories`.
        users: `int64[B]`, whose profiles they are.
        parts: Which statements to count.
        n_others: How many other users with events each profile is held
            against, drawn without replacement; all if there are fewer.
        rng: Seed of these draws.

    Returns:
        A row a user: `statements`, their number; `own`, the share of them that
        his history supports; `others`, the mean share under the histories of
        other users; `gain`, own less others: 0 for a profile that would suit
        anyone. NaN where nothing is stated, or there is no other user.

    Raises:
        KeyError: If a user is unknown.
        ValueError: If lengths differ, `n_others` < 1, or a part cannot be checked.

    Examples:
        >>> from recsys_ref.data.interactions import Interactions
        >>> from recsys_ref.data.items import Items
        >>> from recsys_ref.profiles.evidence import histories
        >>> films = Items([1, 2], ["Alien", "Big"], [1979, 1988],
        ...               [[True, False], [False, True]], ("Horror", "Comedy"))
        >>> x = Interactions([0, 1], [0, 1], [5, 5], [0, 0], ["ann", "bob"], [1, 2])
        >>> right, vague = TextualProfile(["Horror"]), TextualProfile(films.genre_names)
        >>> faithfulness([right, vague], histories(films, x), [0, 1], rng=0)
              statements  own  others  gain
        user
        0              1  1.0     0.0   1.0
        1              2  0.5     0.5   0.0
    """
    users = np.asarray(users, dtype=np.int64)
    check_whole_number("n_others", n_others, 1)
    if len(profiles) != len(users):
        raise ValueError(
            f"users: must be {len(profiles)}, one a profile, got {len(users)}"
        )
    if unknown := sorted(set(parts) - set(CHECKED)):
        raise ValueError(f"parts: must be some of {CHECKED}, got {unknown}")
    rng = np.random.default_rng(rng)
    active = np.flatnonzero(known.n_events)
    rows = []
    for profile, user in zip(profiles, users, strict=True):
        said = _statements(profile, parts)

        def share(whose: int, said: Sequence[tuple[str, str]] = said) -> float:
            return _mean([known.supports(whose, *statement) for statement in said])

        pool = active[active != user]
        drawn = rng.choice(pool, min(n_others, pool.size), replace=False)
        own, others = share(user), _mean([share(other) for other in drawn])
        rows.append((len(said), own, others, own - others))
    columns = ["statements", "own", "others", "gain"]
    return pd.DataFrame(rows, columns=columns, index=pd.Index(users, name="user"))


def _statements(profile: TextualProfile, parts: Sequence[str]) -> list[tuple[str, str]]:
    """List each (part, claim) of a profile once, as it is first spelled."""
    found = {}
    for part in parts:
        plain = plain_title if part == "titles" else plain_name
        for claim in getattr(profile, part):
            found.setdefault((part, plain(claim)), (part, claim))
    return list(found.values())


def _mean(values: Sequence[float]) -> float:
    """Return the mean; NaN of nothing."""
    return float(np.mean(values)) if len(values) else float("nan")
