"""What students of clean_and_split typically get wrong, and what it costs them."""

WRONG = {
    "rows in milliseconds are dropped": {
        "cells": {
            "mend_timestamps": """def mend_timestamps(log):
    bad = log.timestamp > 1e11
    return log[~bad], bad.sum()
"""
        },
        "loses": {"test_seconds"},
    },
    "the caller's table is changed": {
        "cells": {
            "mend_timestamps": """def mend_timestamps(log):
    bad = log["timestamp"] > 10**11
    log.loc[bad, "timestamp"] = log.loc[bad, "timestamp"] // 1000
    return log, int(bad.sum())
"""
        },
        "loses": {"test_seconds"},
    },
    "missing values dropped in silence": {
        "cells": {
            "clean": """def clean(log, catalog):
    log = log.dropna()
    report = {"user missing": 0, "rating missing": 0}
    known = log.item.isin(catalog)
    report["item unknown"] = int((~known).sum())
    log = log[known]
    possible = log.rating.between(1, 5)
    report["rating impossible"] = int((~possible).sum())
    log = log[possible]
    kept = log.sort_values("timestamp", kind="stable").drop_duplicates(
        ["user", "item"], keep="last"
    )
    report["repeated"] = len(log) - len(kept)
    return kept.sort_index(), report
"""
        },
        "loses": {"test_report"},
    },
    "each fault counted, so that some rows count twice": {
        "cells": {
            "clean": """def clean(log, catalog):
    faults = {
        "user missing": log.user.isna(),
        "item unknown": ~log.item.isin(catalog),
        "rating missing": log.rating.isna(),
        "rating impossible": (log.rating < 1) | (log.rating > 5),
    }
    report = {name: int(rows.sum()) for name, rows in faults.items()}
    good = log[~np.any(list(faults.values()), axis=0)]
    kept = good.sort_values("timestamp", kind="stable").drop_duplicates(
        ["user", "item"], keep="last"
    )
    report["repeated"] = len(good) - len(kept)
    return good[good.index.isin(kept.index)], report
"""
        },
        "loses": {"test_report"},
    },
    "a missing rating becomes the mean": {
        "cells": {
            "clean": """def clean(log, catalog):
    report = {"rating missing": 0}
    log = log.assign(rating=log.rating.fillna(3.0))
    for name, good in [
        ("user missing", lambda t: t.user.notna()),
        ("item unknown", lambda t: t.item.isin(catalog)),
        ("rating impossible", lambda t: t.rating.between(1, 5)),
    ]:
        before = len(log)
        log = log[good(log)]
        report[name] = before - len(log)
    kept = log.sort_values("timestamp", kind="stable").drop_duplicates(
        ["user", "item"], keep="last"
    )
    report["repeated"] = len(log) - len(kept)
    return kept.sort_index(), report
"""
        },
        "loses": {"test_rows", "test_report"},
    },
    "the first opinion instead of the last": {
        "cells": {
            "clean": """def clean(log, catalog):
    report = {}
    for name, good in [
        ("user missing", lambda t: t.user.notna()),
        ("item unknown", lambda t: t.item.isin(catalog)),
        ("rating missing", lambda t: t.rating.notna()),
        ("rating impossible", lambda t: t.rating.between(1, 5)),
        ("repeated", lambda t: ~t.duplicated(["user", "item"])),
    ]:
        before = len(log)
        log = log[good(log)]
        report[name] = before - len(log)
    return log, report
"""
        },
        "loses": {"test_latest"},
    },
    "the last row of the log instead of the last in time": {
        "cells": {
            "clean": """def clean(log, catalog):
    report = {}
    for name, good in [
        ("user missing", lambda t: t.user.notna()),
        ("item unknown", lambda t: t.item.isin(catalog)),
        ("rating missing", lambda t: t.rating.notna()),
        ("rating impossible", lambda t: t.rating.between(1, 5)),
        ("repeated", lambda t: ~t.duplicated(["user", "item"], keep="last")),
    ]:
        before = len(log)
        log = log[good(log)]
        report[name] = before - len(log)
    return log, report
"""
        },
        "loses": {"test_latest"},
    },
    "repeats dropped before the faults": {
        "cells": {
            "clean": """def clean(log, catalog):
    latest = log.sort_values("timestamp", kind="stable")
    again = latest.duplicated(["user", "item"], keep="last")
    report = {"repeated": int(again.sum())}
    log = latest[~again].sort_index()
    for name, good in [
        ("user missing", lambda t: t.user.notna()),
        ("item unknown", lambda t: t.item.isin(catalog)),
        ("rating missing", lambda t: t.rating.notna()),
        ("rating impossible", lambda t: t.rating.between(1, 5)),
    ]:
        before = len(log)
        log = log[good(log)]
        report[name] = before - len(log)
    return log, report
"""
        },
        # Here an impossible rating replaces an earlier good one.
        "loses": {"test_latest", "test_report"},
    },
    "the k-core in one pass": {
        "cells": {
            "core": """def core(events, k):
    users = events.user.value_counts()
    items = events.item.value_counts()
    enough = (events.user.map(users) >= k) & (events.item.map(items) >= k)
    return events[enough]
"""
        },
        "loses": {"test_core_chain"},
    },
    "more than k instead of at least k": {
        "cells": {
            "core": """def core(events, k):
    while True:
        users = events.groupby("user")["user"].transform("size")
        items = events.groupby("item")["item"].transform("size")
        enough = (users > k) & (items > k)
        if enough.all():
            return events
        events = events[enough]
"""
        },
        "loses": {"test_core", "test_core_chain"},
    },
    "a random split for a question about time": {
        "cells": {
            "split_by_time": """def split_by_time(events, n_test):
    test = events.sample(n_test, random_state=0)
    return events.drop(test.index), test
"""
        },
        "loses": {"test_time", "test_time_ties"},
    },
    "the last rows of the table": {
        "cells": {
            "split_by_time": """def split_by_time(events, n_test):
    return events[:-n_test], events[-n_test:]
"""
        },
        "loses": {"test_time", "test_time_ties"},
    },
    "one second in both parts": {
        "cells": {
            "split_by_time": """def split_by_time(events, n_test):
    events = events.sort_values("timestamp", kind="stable")
    return events.iloc[:-n_test], events.iloc[-n_test:]
"""
        },
        "loses": {"test_time_ties"},
    },
    "the last row of each user, unsorted": {
        "cells": {
            "last_per_user": """def last_per_user(events):
    several = events.groupby("user")["user"].transform("size") > 1
    last = ~events.duplicated("user", keep="last") & several
    return events[~last], events[last]
"""
        },
        "loses": {"test_last"},
    },
    "users with one event are tested without a past": {
        "cells": {
            "last_per_user": """def last_per_user(events):
    ordered = events.sort_values("timestamp", kind="stable")
    test = ordered.groupby("user").tail(1)
    return events.drop(test.index), test
"""
        },
        "loses": {"test_last"},
    },
    "split before the duplicates are gone": {
        "cells": {
            "prepare": """def prepare(log, clean, split, core):
    train, test = split(log)
    train, test = core(clean(train)), clean(test)
    test = test[test.user.isin(train.user) & test.item.isin(train.item)]
    return dict(
        train=train, test=test, popularity=train.item.value_counts().to_dict()
    )
"""
        },
        "loses": {"test_straddle"},
    },
    "the k-core of train and test": {
        "cells": {
            "prepare": """def prepare(log, clean, split, core):
    train, test = split(core(clean(log)))
    test = test[test.user.isin(train.user) & test.item.isin(train.item)]
    return dict(
        train=train, test=test, popularity=train.item.value_counts().to_dict()
    )
"""
        },
        "loses": {"test_core_of_train"},
    },
    "popularity counted before the split": {
        "cells": {
            "prepare": """def prepare(log, clean, split, core):
    table = clean(log)
    popularity = table.item.value_counts().to_dict()
    train, test = split(table)
    train = core(train)
    test = test[test.user.isin(train.user) & test.item.isin(train.item)]
    return dict(train=train, test=test, popularity=popularity)
"""
        },
        "loses": {"test_popularity"},
    },
    "strangers left in the test part": {
        "cells": {
            "prepare": """def prepare(log, clean, split, core):
    train, test = split(clean(log))
    train = core(train)
    return dict(
        train=train, test=test, popularity=train.item.value_counts().to_dict()
    )
"""
        },
        "loses": {"test_known"},
    },
    "another student's facts": {
        "cells": {
            "facts": """facts = {
    "core_users": 58,
    "core_items": 49,
    "strangers": 9,
    "from_the_future": 611,
}
"""
        },
        "loses": {"test_facts_core", "test_facts_time"},
    },
    "the table's last rows taken for the last in time": {
        "cells": {
            "facts": """from recsys_ref.data.clean import clean_interactions

ids = {"user": "user_id", "item": "item_id", "rating": "value"}
left, _ = clean_interactions(
    events.rename(columns=ids), min_user_events=3, min_item_events=3
)
late = events[-drawn.n_test :]
early = events[: -drawn.n_test]
last = ~events.duplicated("user", keep="last")
facts = {
    "core_users": left.user_id.nunique(),
    "core_items": left.item_id.nunique(),
    "strangers": len(set(late.user) - set(early.user)),
    "from_the_future": (
        events[~last].timestamp > events[last].timestamp.min()
    ).sum(),
}
"""
        },
        "loses": {"test_facts_time"},
    },
    "popularity and sound confused": {
        "cells": {
            "verdict": """verdict = {}
for letter, p in drawn.suspects.items():
    both = p.train.merge(p.test, on=["user", "item"])
    if len(both):
        verdict["pair"] = letter
    elif p.train.timestamp.max() > p.test.timestamp.min():
        verdict["time"] = letter
    elif p.train.user.value_counts().min() < 3 or (
        p.train.item.value_counts().min() < 3
    ):
        verdict["core"] = letter
    elif sum(p.popularity.values()) > len(p.train):
        verdict["sound"] = letter
    else:
        verdict["popularity"] = letter
"""
        },
        "loses": {"test_verdict_sound", "test_verdict_leaks"},
    },
    "an unstable sort before the repeats are dropped": {
        "cells": {
            "clean": """def clean(log, catalog):
    report = {}
    for name, good in [
        ("user missing", lambda t: t.user.notna()),
        ("item unknown", lambda t: t.item.isin(catalog)),
        ("rating missing", lambda t: t.rating.notna()),
        ("rating impossible", lambda t: t.rating.between(1, 5)),
        ("repeated", latest),
    ]:
        before = len(log)
        log = log[good(log)]
        report[name] = before - len(log)
    return log, report


def latest(table):
    ordered = table.sort_values("timestamp")
    last = ordered.drop_duplicates(["user", "item"], keep="last")
    return table.index.isin(last.index)
"""
        },
        "loses": {"test_latest"},
    },
    "an unstable sort before the last event is taken": {
        "cells": {
            "last_per_user": """def last_per_user(events):
    ordered = events.sort_values("timestamp")
    several = ordered.groupby("user")["user"].transform("size") > 1
    last = ~ordered.duplicated("user", keep="last") & several
    return ordered[~last], ordered[last]
"""
        },
        "loses": {"test_last"},
    },
}

RIGHT = {
    "plain Python loops": {
        "cells": {
            "mend_timestamps": """def mend_timestamps(log):
    times, n = [], 0
    for time in log["timestamp"]:
        if time > 100_000_000_000:
            time = time // 1000
            n = n + 1
        times.append(time)
    log = log.copy()
    log["timestamp"] = times
    return log, n
""",
            "clean": """def clean(log, catalog):
    report = {
        "user missing": 0,
        "item unknown": 0,
        "rating missing": 0,
        "rating impossible": 0,
        "repeated": 0,
    }
    best = {}
    for n, row in enumerate(log.to_dict("records")):
        key = (row["user"], row["item"])
        if pd.isna(row["user"]):
            report["user missing"] += 1
        elif row["item"] not in catalog:
            report["item unknown"] += 1
        elif np.isnan(row["rating"]):
            report["rating missing"] += 1
        elif row["rating"] < 1 or row["rating"] > 5:
            report["rating impossible"] += 1
        elif key not in best:
            best[key] = (row["timestamp"], n)
        else:
            report["repeated"] += 1
            best[key] = max(best[key], (row["timestamp"], n))
    return log.iloc[sorted(n for _, n in best.values())], report
""",
            "core": """def core(events, k):
    rows = list(zip(events["user"], events["item"]))
    alive = set(range(len(rows)))
    while True:
        users = Counter(rows[n][0] for n in alive)
        items = Counter(rows[n][1] for n in alive)
        gone = {
            n for n in alive if users[rows[n][0]] < k or items[rows[n][1]] < k
        }
        if not gone:
            return events.iloc[sorted(alive)]
        alive -= gone
""",
            "split_by_time": """def split_by_time(events, n_test):
    times = sorted(events["timestamp"], reverse=True)
    late = [time >= times[n_test - 1] for time in events["timestamp"]]
    early = [not each for each in late]
    return events[early], events[late]
""",
            "last_per_user": """def last_per_user(events):
    last, count = {}, Counter(events["user"])
    for n, (user, time) in enumerate(zip(events["user"], events["timestamp"])):
        if count[user] > 1:
            last[user] = max(last.get(user, (time, n)), (time, n))
    test = sorted(n for _, n in last.values())
    train = [n for n in range(len(events)) if n not in set(test)]
    return events.iloc[train], events.iloc[test]
""",
            "prepare": """def prepare(log, clean, split, core):
    early, late = split(clean(log))
    train = core(early)
    users, items = set(train["user"]), set(train["item"])
    keep = [u in users and i in items for u, i in zip(late["user"], late["item"])]
    popularity = {i: 0 for i in late["item"]}
    for item in train["item"]:
        popularity[item] = popularity.get(item, 0) + 1
    return {"train": train, "test": late[keep], "popularity": popularity}
""",
        },
    },
    "pandas, other ways, sorted parts": {
        "cells": {
            "clean": """def clean(log, catalog):
    report = {}
    table = log.copy()
    for name, rule in {
        "user missing": lambda t: t.user.isna(),
        "item unknown": lambda t: ~t.item.isin(list(catalog)),
        "rating missing": lambda t: t.rating.isna(),
        "rating impossible": lambda t: (t.rating < 1) | (t.rating > 5),
    }.items():
        bad = rule(table)
        report[name] = bad.sum()
        table = table[~bad]
    ordered = table.sort_values("timestamp", kind="stable")
    last = ordered.groupby(["user", "item"]).tail(1)
    report["repeated"] = len(table) - len(last)
    return table.loc[last.index.sort_values()], report
""",
            "split_by_time": """def split_by_time(events, n_test):
    events = events.sort_values("timestamp")
    cut = events.timestamp.iloc[len(events) - n_test]
    return events.query("timestamp < @cut"), events.query("timestamp >= @cut")
""",
            "last_per_user": """def last_per_user(events):
    ordered = events.sort_values("timestamp", kind="stable")
    size = ordered.groupby("user").user.transform("size")
    test = ordered[size > 1].groupby("user").tail(1)
    return ordered.drop(test.index), test
""",
            "prepare": """def prepare(log, clean, split, core):
    train, test = split(clean(log))
    train = core(train)
    test = test.query("user in @train.user and item in @train.item")
    return {
        "train": train,
        "test": test,
        "popularity": train.item.value_counts(),
    }
""",
        },
    },
    "facts from the book's library": {
        "cells": {
            "facts": """from recsys_ref.data.clean import clean_interactions
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.split import leave_last_out, temporal_split

ids = {"user": "user_id", "item": "item_id", "rating": "value"}
table = events.rename(columns=ids)
left, _ = clean_interactions(table, min_user_events=3, min_item_events=3)
x = Interactions.from_frame(table)
cut = int(np.sort(x.timestamp)[-drawn.n_test])
in_time = temporal_split(x, at=cut)
last = leave_last_out(x, ties="order")
facts = {
    "core_users": left.user_id.nunique(),
    "core_items": left.item_id.nunique(),
    "strangers": len(np.setdiff1d(in_time.test.user, in_time.train.user)),
    "from_the_future": np.sum(
        last.train.timestamp > last.test.timestamp.min()
    ),
}
""",
        },
    },
}
