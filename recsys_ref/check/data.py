"""Tell whether an answer to an exercise on data is right.

Book section 3.1.
"""

from collections import Counter
from collections.abc import Callable, Iterable
from functools import cache

import numpy as np
import pandas as pd

from recsys_ref.check.verdict import Case, Verdict, behaves, matches
from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.features import recency
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.item_text import natural_title
from recsys_ref.data.movielens import MovieLens, load_movielens_100k
from recsys_ref.data.split import stratified_split

AMY = "Chasing Amy"
MOST = 0.5  # of the events, that an added one has to save


def titles(catalog: object, natural: object) -> Verdict:
    """Check how often the most frequent first word of titles stands first.

    Args:
        catalog: Its count in the titles as the catalog writes them.
        natural: The count of the most frequent first word of the natural titles.

    Returns:
        The verdict on both.

    Examples:
        >>> titles(0, 0)
        Not yet. Take the first word of each title, count, and look at the top.
    """
    written = _movielens().items.title.tolist()
    spoken = [natural_title(title) for title in written]

    def top(texts: list[str]) -> int:
        return Counter(text.split()[0] for text in texts).most_common(1)[0][1]

    def anywhere(texts: list[str]) -> int:
        words = Counter(word for text in texts for word in text.split())
        return words.most_common(1)[0][1]

    right = [top(written), top(spoken)]
    return matches(
        [catalog, natural],
        right,
        because="Behind the comma an article does not decide where a film stands.",
        hint="Take the first word of each title, count, and look at the top.",
        mistakes=[
            (right[::-1], "In which order? First the catalog."),
            (
                [right[0], right[0]],
                "Put the article back in front first.",
            ),
            (
                [anywhere(written), anywhere(spoken)],
                "Any place? Only the first word.",
            ),
            (
                [right[0], sum(text.startswith("The") for text in spoken)],
                "Is that a word, or letters with which longer words begin, too?",
            ),
        ],
        tolerance=0.5,
    )


def core(pairs: object, extra: object) -> Verdict:
    """Check a table that the 2-core empties, and the event that saves most of it.

    Args:
        pairs: Events, a user and an item each.
        extra: One more user and item.

    Returns:
        The verdict on the first condition that fails.

    Examples:
        >>> core([("ann", "p"), ("ann", "q")], ("ann", "p"))
        Not yet. With the extra event too much falls. Which two ends could it join?
    """
    try:
        table = [(str(user), str(item)) for user, item in pairs]
        (user, item) = extra
        larger = [*table, (str(user), str(item))]
    except (TypeError, ValueError):
        return Verdict(False, "Give pairs of a user and an item, and one pair more.")
    if not table:
        return Verdict(False, "A table without events has nothing to lose.")
    if len(set(table)) < len(table):
        return Verdict(False, "An event is there twice. Cleaning would drop it.")
    of_users, of_items = (Counter(side) for side in zip(*table, strict=True))
    checks = (
        (
            len(of_users),
            sum(n == 2 for n in of_users.values()),
            "Some user has not two events.",
        ),
        (
            len(of_items) - 2,
            sum(n == 2 for n in of_items.values()),
            "All items but two should have two events. Count them.",
        ),
        (
            0,
            _left(table),
            "Something of it survives. Follow who falls after the first item is gone.",
        ),
    )
    for wanted, found, hint in checks:
        verdict = matches(found, wanted, because="", hint=hint, tolerance=0.5)
        if not verdict:
            return verdict
    return matches(
        _left(larger) > MOST * len(larger),
        True,
        because="A chain falls from its ends, and a ring has none.",
        hint="With the extra event too much falls. Which two ends could it join?",
    )


def stratified(without: object) -> Verdict:
    """Check how many films the published split has no test row of.

    Args:
        without: Their number.

    Returns:
        The verdict.

    Examples:
        >>> stratified(1682)
        Not yet. This is the whole catalog. Which films are train only?
    """
    x = _movielens().interactions
    events = np.bincount(x.item, minlength=x.n_items)
    tested = np.unique(stratified_split(x).test.item).size
    return matches(
        without,
        x.n_items - tested,
        because="Three quarters of so few events are rounded to all of them.",
        hint="For which counts is round(0.75 * count) the count itself? How many films "
        "have such a count?",
        mistakes=[
            (tested, "These have a test row. Which have none?"),
            (
                x.n_items,
                "This is the whole catalog. Which films are train only?",
            ),
            (
                (events == 1).sum(),
                "These have a single event. To what is one and a half rounded?",
            ),
            (
                (events <= 3).sum(),
                "With three events, how many are train? Round once more.",
            ),
            (0, "Compare the films of the test rows with those of the table."),
        ],
        tolerance=0.5,
    )


def twins(gone: object, agree: object) -> Verdict:
    """Check what merging films that stand in the catalog twice does.

    Args:
        gone: Events that go if each pair of twins gets one id.
        agree: Share of the people with both ids of one film, *Chasing Amy*, whose
            stars are the same.

    Returns:
        The verdict, first on the events.

    Examples:
        >>> twins(0, 0.5)
        Not yet. Events: have the twins one id before you clean?
    """
    frame = _movielens().interactions.to_frame()
    items = _movielens().items.to_frame()

    doubled = items[items.duplicated(["title", "year"], keep=False)]
    found = matches(
        gone,
        _merged("title", "year"),
        because="",
        hint="Events: one goes for each person who rated both of a pair.",
        mistakes=[
            (0, "Events: have the twins one id before you clean?"),
            (len(doubled) / 2, "Events: this counts films. How many ratings go?"),
            (len(doubled), "Events: this counts ids. How many ratings go?"),
            (
                _merged("title"),
                "Events: a remake has the title of the first film and is another one.",
            ),
            (
                frame["item_id"].isin(doubled["item_id"]).sum(),
                "Events: these are all ratings of twins. Most people rated one of two.",
            ),
        ],
        tolerance=0.5,
    )
    if not found:
        return found
    amy = frame[frame["item_id"].isin(items["item_id"][items["title"] == AMY])]
    stars = amy.pivot(index="user_id", columns="item_id", values="value")
    first, second = stars.dropna().to_numpy().T
    same = (first == second).mean()
    return matches(
        agree,
        same,
        because="People agree with themselves, though not always.",
        hint="Stars: of those who rated both, how many gave both the same?",
        mistakes=[
            (1 - same, "Stars: this is the share that changed. Which did not?"),
            (
                (first == second).sum() / len(stars),
                "Stars: most of these people rated only one of the two.",
            ),
            ((abs(first - second) <= 1).mean(), "Stars: a star apart is not the same."),
            (np.corrcoef(first, second)[0, 1], "Stars: not a correlation, a share."),
        ],
        tolerance=5e-3,
    )


def leak(function: Callable) -> Verdict:
    """Check a recency of films that does not know what comes after a moment.

    Args:
        function: Takes the full `Interactions` table and a moment in Unix seconds,
            and returns `float64[I]`: the seconds from each film's last event in the
            training part of a temporal split to the moment, NaN if it has none.

    Returns:
        The verdict of four small tables.

    Examples:
        >>> leak(lambda x, at: np.array([40.0, 10.0]))
        Not yet. On (Interactions(3 events, 2 users, 2 items, density 75.00%), 60):
        One event is later than the moment. Who could have known it then?
    """
    times = {
        50: ((10, 40, 30), "All events are earlier. From when do you look back?"),
        60: (
            (10, 50, 70),
            "One event is later than the moment. Who could have known it then?",
        ),
        70: ((10, 70, 30), "An event at the moment itself is in the test part."),
        20: (
            (10, 40, 30),
            "A film was not rated before the moment. It is not new or "
            "old: nothing is known.",
        ),
    }
    cases = []
    for at, (when, hint) in times.items():
        x = Interactions([0, 0, 1], [0, 1, 1], [5, 4, 3], when, ["a", "b"], [7, 8])
        right = recency(x.select(x.timestamp < at), now=at, by="item")
        cases.append(Case((x, at), right, hint))
    return behaves(
        function, cases, because="Only what is earlier than the moment is used."
    )


def _left(pairs: Iterable[tuple[str, str]]) -> int:
    """Count the events of the 2-core."""
    table = pd.DataFrame(pairs, columns=["user_id", "item_id"])
    codes = table.apply(lambda column: pd.factorize(column)[0] + 1)
    codes = codes.assign(value=1, timestamp=0)
    kept, _ = clean_interactions(codes, min_user_events=2, min_item_events=2)
    return len(kept)


@cache
def _merged(*by: str) -> int:
    """Count the events that go if films alike in these columns get one id."""
    frame = _movielens().interactions.to_frame()
    items = _movielens().items.to_frame()
    lower = items.groupby(list(by), dropna=False)["item_id"].transform("min")
    ids = frame["item_id"].map(dict(zip(items["item_id"], lower, strict=True)))
    cleaned, _ = clean_interactions(frame.assign(item_id=ids), duplicates="last")
    return len(frame) - len(cleaned)


@cache
def _movielens() -> MovieLens:
    return load_movielens_100k()
