"""What students of own_data typically get wrong, and what it costs them."""

READ = """
def read(path):
    with open(path, encoding="utf-8-sig", newline="") as file:
        lines = [line for line in csv.reader(file) if any(map(str.strip, line))]
    if not lines:
        raise ValueError(f"{path} is empty")
    header = [name.strip().lower() for name in lines[0]]
    for name in ("user", "item"):
        if name not in header:
            raise ValueError(f"no column {name}, only {len(header)} others")
    rows, account = [], dict.fromkeys(("rows", "kept", *REASONS), 0)
    for line in lines[1:]:
        account["rows"] += 1
        fault = None
        row = dict(zip(header, [field.strip() for field in line]))
        if len(line) != len(header):
            fault = "wrong number of fields"
        elif not row["user"]:
            fault = "no user"
        elif not row["item"]:
            fault = "no item"
        else:
            for name in ("rating", "timestamp"):
                if fault is None and name in row and as_number(row[name]) is None:
                    fault = f"{name} is no number"
        if fault:
            account[fault] += 1
            continue
        account["kept"] += 1
        rating = as_number(row.get("rating", "1"))
        time = as_number(row["timestamp"]) if "timestamp" in row else np.nan
        rows.append([row["user"], row["item"], rating, time])
    table = pd.DataFrame(rows, columns=["user", "item", "rating", "timestamp"])
    return table.astype({"rating": float, "timestamp": float}), account
"""


def changed(old: str, new: str) -> str:
    """Return READ with one place changed."""
    assert READ.count(old) == 1, old
    return READ.replace(old, new)


EXPERIMENT = """
def experiment(train, test, grids, withhold, measure):
    fit, held = withhold(train)
    chosen = {}
    for name, grid in grids.items():
        chosen[name] = next(iter(grid))
        best = -1.0
        for setting in grid if len(held) else ():
            mean = measure(grid[setting], fit, held).mean()
            if mean > best:
                chosen[name], best = setting, mean
    columns = {n: measure(grids[n][s], train, test) for n, s in chosen.items()}
    return chosen, pd.DataFrame(columns)
"""

CARD = """
def model_card(facts):
    account, about, i = (facts[k] for k in ("account", "description", "interval"))
    lines = ["Data: " + facts["file"]]
    if facts["synthetic"]:
        lines[0] += " (synthetic)"
    lines.append("Rows: %d read, %d kept" % (account["rows"], account["kept"]))
    for reason in REASONS:
        if account[reason] > 0:
            lines.append(f"- {reason}: {account[reason]}")
    if facts["duplicates"]:
        lines.append(f"- same user and item: {facts['duplicates']}")
    lines.append(
        "Table: {events} events, {users} users, {items} items, ".format(**about)
        + f"density {about['density']:.2%}".replace("%", " %")
    )
    said = "too few users" if i is None else str(i)
    lines.append(
        f"Result: {facts['method']} less {facts['baseline']}, nDCG@10, "
        f"{facts['users']} users: {said}"
    )
    word = "undecided"
    if i is None:
        word = "not measured"
    elif i.low > 0:
        word = "better"
    elif i.high < 0:
        word = "worse"
    return "\\n".join([*lines, f"Verdict: {word}"]) + "\\n"
"""

WRONG = {
    "a missing column goes unnoticed": {
        "cells": {
            "read": changed(
                'raise ValueError(f"no column {name}, only {len(header)} others")',
                "header.append(name)",
            )
        },
        "loses": {"test_read_header"},
    },
    "an empty file ends in IndexError": {
        "cells": {
            "read": changed(
                '    if not lines:\n        raise ValueError(f"{path} is empty")\n', ""
            )
        },
        "loses": {"test_read_empty"},
    },
    "the byte order mark stays in the first name": {
        "cells": {"read": changed('encoding="utf-8-sig"', 'encoding="utf-8"')},
        "loses": {"test_read_windows"},
    },
    "commas within quotes part fields": {
        "cells": {
            "read": changed("csv.reader(file)", "(x.split(',') for x in file)"),
        },
        "loses": {"test_read_windows"},
    },
    "the rating is looked at before the item": {
        "cells": {
            "read": changed(
                'elif not row["item"]:',
                'elif not row["item"] and as_number(row.get("rating", "1")):',
            )
        },
        "loses": {"test_read_faults"},
    },
    "ids are read as numbers": {
        "cells": {
            "read": changed(
                '[row["user"], row["item"], rating, time]',
                '[row["user"], row["item"].lstrip("0"), rating, time]',
            )
        },
        "loses": {"test_read_faults"},
    },
    "rows with a fault vanish from the account": {
        "cells": {"read": changed("            account[fault] += 1\n", "")},
        "loses": {"test_read_faults", "test_read_own"},
    },
    "the first of several rows is kept": {
        "cells": {
            "deduplicate": """
def deduplicate(table):
    kept = table.drop_duplicates(["user", "item"]).reset_index(drop=True)
    return kept, len(table) - len(kept)
"""
        },
        "loses": {"test_deduplicate"},
    },
    "the mean number of events instead of the median": {
        "cells": {
            "describe": """
def describe(table):
    if len(table) == 0:
        raise ValueError("nothing to describe")
    users, items = table["user"].nunique(), table["item"].nunique()
    by_item = np.sort(table["item"].value_counts().to_numpy())[::-1]
    return {
        "events": len(table), "users": users, "items": items,
        "density": len(table) / users / items,
        "median_events": len(table) / users,
        "single_items": (by_item == 1).mean(),
        "head_share": by_item[: -(-items // 10)].sum() / len(table),
    }
"""
        },
        "loses": {"test_describe", "test_describe_own"},
    },
    "rows are drawn, whosever they are": {
        "cells": {
            "split": """
def split(table, share, rng):
    held = np.zeros(len(table), dtype=bool)
    size = max(1, round(share * len(table)))
    held[rng.choice(len(table), size, replace=False)] = True
    return table[~held], table[held]
"""
        },
        "loses": {"test_split_users", "test_split_time"},
    },
    "a random fifth of each user's events: a leak of the future": {
        "cells": {
            "split": """
def split(table, share, rng):
    held = pd.Series(False, index=table.index)
    for _, rows in table.groupby("user"):
        n = len(rows)
        if n > 1:
            size = min(max(round(share * n), 1), n - 1)
            held[rng.choice(rows.index.to_numpy(), size, replace=False)] = True
    return table[~held], table[held]
"""
        },
        "loses": {"test_split_time"},
    },
    "ties in time are broken by the order of the file": {
        "cells": {
            "split": """
def split(table, share, rng):
    held = pd.Series(False, index=table.index)
    for _, rows in table.groupby("user"):
        n = len(rows)
        if n > 1:
            size = min(max(round(share * n), 1), n - 1)
            held[rows.sort_values("timestamp", kind="stable").index[-size:]] = True
    return table[~held], table[held]
"""
        },
        "loses": {"test_split_time"},
    },
    "the test rows stay in train": {
        "cells": {
            "split": """
def split(table, share, rng):
    held = pd.Series(False, index=table.index)
    tie = pd.Series(rng.random(len(table)), index=table.index)
    for _, rows in table.assign(tie=tie).groupby("user"):
        n = len(rows)
        if n > 1:
            size = min(max(round(share * n), 1), n - 1)
            held[rows.sort_values(["timestamp", "tie"]).index[-size:]] = True
    return table, table[held]
"""
        },
        "loses": {"test_split_rows", "test_split_time"},
    },
    "a user's only event is withheld": {
        "cells": {
            "split": """
def split(table, share, rng):
    held = pd.Series(False, index=table.index)
    tie = pd.Series(rng.random(len(table)), index=table.index)
    for _, rows in table.assign(tie=tie).groupby("user"):
        size = max(round(share * len(rows)), 1)
        held[rows.sort_values(["timestamp", "tie"]).index[-size:]] = True
    return table[~held], table[held]
"""
        },
        "loses": {"test_split_users"},
    },
    "settings are chosen on the test part": {
        "cells": {
            "experiment": """
def experiment(train, test, grids, withhold, measure):
    chosen, values = {}, {}
    for name, grid in grids.items():
        tried = {s: measure(m, train, test) for s, m in grid.items()}
        chosen[name] = max(tried, key=lambda s: tried[s].mean())
        values[name] = tried[chosen[name]]
    return chosen, pd.DataFrame(values)
"""
        },
        "loses": {"test_experiment_blind", "test_experiment_final"},
    },
    "validation rows are fitted on": {
        "cells": {
            "experiment": EXPERIMENT.replace(
                "measure(grid[setting], fit, held)",
                "measure(grid[setting], train, held)",
            )
        },
        "loses": {"test_experiment_blind"},
    },
    "the final fit leaves the validation rows out": {
        "cells": {
            "experiment": EXPERIMENT.replace("train, test) for n", "fit, test) for n")
        },
        "loses": {"test_experiment_final"},
    },
    "nothing to validate on is not foreseen": {
        "cells": {
            "experiment": """
def experiment(train, test, grids, withhold, measure):
    fit, held = withhold(train)
    chosen = {}
    for name, grid in grids.items():
        means = [sum(measure(m, fit, held)) / len(held) for m in grid.values()]
        chosen[name] = list(grid)[int(np.argmax(means))]
    columns = {n: measure(grids[n][s], train, test) for n, s in chosen.items()}
    return chosen, pd.DataFrame(columns)
"""
        },
        "loses": {"test_experiment_tiny"},
    },
    "the difference is taken the wrong way round": {
        "cells": {
            "effect": """
def effect(values, method, baseline):
    if len(values) < 10:
        return None
    return paired_bootstrap(values[baseline], values[method], rng=0)
"""
        },
        "loses": {"test_effect"},
    },
    "the card does not say that the data are made up": {
        "cells": {
            "model_card": CARD.replace(
                '        lines[0] += " (synthetic)"', "        pass"
            )
        },
        "loses": {"test_card_own"},
    },
    "a verdict by the mean": {
        "cells": {"model_card": CARD.replace("i.low > 0", "i.mean > 0")},
        "loses": {"test_card"},
    },
    "the card is typed from the example": {
        "cells": {
            "model_card": """def model_card(facts):
    interval = facts["interval"]
    made_up = " (synthetic)" if facts["synthetic"] else ""
    word = "not measured"
    if interval is not None:
        word = "better" if interval.low > 0 else "undecided"
        word = "worse" if interval.high < 0 else word
    sizes = facts["description"]
    return "\\n".join(
        [
            f"Data: {facts['file']}{made_up}",
            "Rows: 9 read, 8 kept",
            "- no item: 1",
            "- same user and item: 2",
            f"Table: {sizes['events']} events, {sizes['users']} users, "
            f"{sizes['items']} items, density 50.00 %",
            f"Result: {interval or 'too few users'}",
            f"Verdict: {word}",
        ]
    )
""",
        },
        "loses": {"test_card"},
    },
    "whole users are withheld": {
        "cells": {
            "split": """def split(table, share, rng):
    users = sorted(set(table["user"]))
    gone = rng.permutation(users)[: max(1, round(share * len(users)))]
    held = table["user"].isin(gone)
    return table[~held], table[held]
""",
        },
        "loses": {"test_split_users", "test_split_time"},
    },
}

RIGHT = {
    "written otherwise, with loops": {
        "cells": {
            "read": READ,
            "experiment": EXPERIMENT,
            "model_card": CARD,
            "deduplicate": """
def deduplicate(table):
    best = {}
    times = table["timestamp"].fillna(-np.inf).tolist()
    keys = list(zip(table["user"], table["item"], strict=True))
    for row, (key, time) in enumerate(zip(keys, times, strict=True)):
        if key not in best or time >= times[best[key]]:
            best[key] = row
    kept = table.iloc[sorted(best.values())].reset_index(drop=True)
    return kept, len(table) - len(best)
""",
            "split": """
def split(table, share, rng):
    train, test = [], []
    users, when = table["user"].tolist(), table["timestamp"].tolist()
    for user in dict.fromkeys(users):
        rows = rng.permutation([r for r, u in enumerate(users) if u == user])
        n = len(rows)
        size = 0 if n < 2 else min(max(round(share * n), 1), n - 1)
        rows = sorted(rows.tolist(), key=lambda r: 0 if when[r] != when[r] else when[r])
        train += rows[: n - size]
        test += rows[n - size :]
    return table.iloc[train], table.iloc[test]
""",
            "effect": """
def effect(values, method, baseline):
    if values.shape[0] >= 10:
        a, b = values[method].to_numpy(), values[baseline].to_numpy()
        return paired_bootstrap(a, b, rng=0)
""",
        }
    },
    "pandas all the way": {
        "cells": {
            "describe": """
def describe(table):
    if not len(table):
        raise ValueError("no rows")
    matrix = pd.crosstab(table["user"], table["item"]).to_numpy()
    by_item = -np.sort(-matrix.sum(axis=0))
    return {
        "events": int(matrix.sum()),
        "users": matrix.shape[0],
        "items": matrix.shape[1],
        "density": (matrix > 0).mean(),
        "median_events": np.median(matrix.sum(axis=1)),
        "single_items": np.mean(by_item == 1),
        "head_share": by_item[: (matrix.shape[1] + 9) // 10].sum() / matrix.sum(),
    }
""",
            "deduplicate": """
def deduplicate(table):
    times = table["timestamp"].fillna(0.0)
    order = np.lexsort((np.arange(len(table)), times))
    again = table.iloc[order].duplicated(["user", "item"], keep="last")
    kept = table[~again.reindex(table.index)].reset_index(drop=True)
    return kept, int(again.sum())
""",
            "experiment": """
def experiment(train, test, grids, withhold, measure):
    fit, held = withhold(train)

    def best(grid):
        if held.empty:
            return list(grid)[0]
        means = pd.Series([measure(m, fit, held).mean() for m in grid.values()])
        return list(grid)[int(means.to_numpy().argmax())]

    chosen = {name: best(grid) for name, grid in grids.items()}
    parts = [measure(grids[n][chosen[n]], train, test).rename(n) for n in grids]
    return chosen, pd.concat(parts, axis=1)
""",
        }
    },
}
