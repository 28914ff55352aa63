"""What students of honest_comparison typically get wrong, and what it costs them."""

WRONG = {
    "train items are left in the lists": {
        "cells": {
            "measure": """
def measure(strategy, split, k=10):
    users = np.arange(split.train.n_users)
    lists = strategy.fit(split.train).recommend(users, k=k, exclude_seen=False)
    per_user = evaluate(lists, split.test.matrix()).per_user
    return per_user[f"ndcg@{k}"].to_numpy()
"""
        },
        "loses": {"test_measure_masks"},
    },
    "fitted on train and test": {
        "cells": {
            "measure": """
def measure(strategy, split, k=10):
    users = np.arange(split.train.n_users)
    frames = [split.train.to_frame(), split.test.to_frame()]
    whole = Interactions.from_frame(
        pd.concat(frames),
        user_ids=split.train.user_ids,
        item_ids=split.train.item_ids,
    )
    scores = strategy.fit(whole).score(users).astype(float)
    scores[split.train.matrix().toarray() > 0] = -1e9
    order = np.argsort(-scores, axis=1)[:, :k]
    relevant = split.test.matrix()
    hits = np.take_along_axis(relevant.toarray() > 0, order, axis=1)
    hits &= np.take_along_axis(scores, order, axis=1) > -1e9
    return metrics.ndcg(hits, metrics.count_relevant(relevant, users))
"""
        },
        "loses": {"test_measure_train"},
    },
    "users without test events count as zero": {
        "cells": {
            "measure": """
def measure(strategy, split, k=10):
    users = np.arange(split.train.n_users)
    lists = strategy.fit(split.train).recommend(users, k=k)
    per_user = evaluate(lists, split.test.matrix()).per_user
    return per_user[f"ndcg@{k}"].fillna(0.0).to_numpy()
"""
        },
        "loses": {"test_measure_values"},
    },
    "the setting is chosen on the test part": {
        "cells": {
            "choose": """
def choose(grid, split, seed, measure):
    means = {s: np.nanmean(measure(m, split)) for s, m in grid.items()}
    return max(means, key=means.get)
"""
        },
        "loses": {"test_choose_blind"},
    },
    "a mean over NaN": {
        "cells": {
            "choose": """
def choose(grid, split, seed, measure):
    inner = cut(split.train, seed)
    best, best_mean = next(iter(grid)), -1.0
    for setting, strategy in grid.items():
        mean = np.mean(measure(strategy, inner))
        if mean > best_mean:
            best, best_mean = setting, mean
    return best
"""
        },
        "loses": {"test_choose_best"},
    },
    "the baseline is not tuned": {
        "cells": {
            "contest": """
def contest(grids, split, seed, choose, measure):
    chosen = {name: next(iter(grid)) for name, grid in grids.items()}
    new = list(grids)[-3:] if len(grids) > 3 else list(grids)[-1:]
    for name in new:
        chosen[name] = choose(grids[name], split, seed, measure)
    values = {n: measure(grids[n][s], split) for n, s in chosen.items()}
    return chosen, pd.DataFrame(values)
"""
        },
        "loses": {"test_contest_tunes", "test_contest_own"},
    },
    "every setting is tried on the test part, the best is reported": {
        "cells": {
            "contest": """
def contest(grids, split, seed, choose, measure):
    chosen, values = {}, {}
    for name, grid in grids.items():
        chosen[name] = choose(grid, split, seed, measure)
        tried = [measure(strategy, split) for strategy in grid.values()]
        values[name] = max(tried, key=np.nanmean)
    return chosen, pd.DataFrame(values)
"""
        },
        "loses": {"test_contest_once", "test_contest_own"},
    },
    "an interval that is not paired": {
        "cells": {
            "bootstrap": """
def bootstrap(a, b, rng, n=4000):
    a, b = np.asarray(a, float), np.asarray(b, float)
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    means = [
        rng.choice(a, a.size).mean() - rng.choice(b, b.size).mean()
        for _ in range(n)
    ]
    return a.mean() - b.mean(), *np.quantile(means, [0.025, 0.975])
"""
        },
        "loses": {"test_bootstrap_paired"},
    },
    "quantiles of the users, not of the means": {
        "cells": {
            "bootstrap": """
def bootstrap(a, b, rng, n=4000):
    d = np.asarray(a, float) - np.asarray(b, float)
    d = d[~np.isnan(d)]
    low, high = np.quantile(rng.choice(d, n), [0.025, 0.975])
    return d.mean(), low, high
"""
        },
        "loses": {"test_bootstrap_width"},
    },
    "rows of user and film are taken for users": {
        "cells": {
            "per_user": """
def per_user(table, names):
    return table[list(names)].reset_index(drop=True)
"""
        },
        "loses": {"test_per_user_sums", "test_per_user_seeds", "test_per_user_own"},
    },
    "films are taken for users": {
        "cells": {
            "per_user": """
def per_user(table, names):
    return table.groupby(["item", "seed"])[list(names)].sum().groupby("item").mean()
"""
        },
        "loses": {"test_per_user_sums", "test_per_user_seeds", "test_per_user_own"},
    },
    "the mean over films instead of the sum": {
        "cells": {
            "per_user": """
def per_user(table, names):
    return (
        table.groupby(["user", "seed"])[list(names)].mean().groupby("user").mean()
    )
"""
        },
        "loses": {"test_per_user_sums", "test_per_user_seeds", "test_per_user_own"},
    },
    "one user in three splits is taken for three users": {
        "cells": {
            "per_user": """
def per_user(table, names):
    return table.groupby(["user", "seed"])[list(names)].sum()
"""
        },
        "loses": {"test_per_user_seeds", "test_per_user_own"},
    },
    "the means of the splits are taken for users": {
        "cells": {
            "per_user": """
def per_user(table, names):
    by_user = table.groupby(["seed", "user"])[list(names)].sum()
    return by_user.groupby("seed").mean()
"""
        },
        "loses": {"test_per_user_sums", "test_per_user_seeds", "test_per_user_own"},
    },
    "a verdict by the mean": {
        "cells": {
            "verdict": """
def verdict(low, high):
    return "better" if (low + high) / 2 > 0 else "worse"
"""
        },
        "loses": {"test_verdict"},
    },
    "zero at an end passes for a proof": {
        "cells": {
            "verdict": """
def verdict(low, high):
    return "better" if low >= 0 else "worse" if high <= 0 else "undecided"
"""
        },
        "loses": {"test_verdict"},
    },
    "verdicts that contradict the intervals": {
        "cells": {
            "verdicts": """
verdicts = ["better" if i.mean > 0 else "worse" for i in intervals]
verdicts = [{"better": "worse", "worse": "better"}[word] for word in verdicts]
"""
        },
        "loses": {"test_verdicts_own"},
    },
    "the interval is read as one of persons": {
        "cells": {"sentence": "sentence = letters[1]"},
        "loses": {"test_sentence"},
    },
    "fitted, and not measured": {
        "cells": {
            "measure": """def measure(strategy, split, k=10):
    strategy.fit(split.train)
    return np.ones(split.train.n_users)
""",
        },
        "loses": {"test_measure_values", "test_measure_masks"},
    },
    "a mean without an interval": {
        "cells": {
            "bootstrap": """def bootstrap(a, b, rng, n=4000):
    mean = np.nanmean(a - b)
    return mean, mean, mean
""",
        },
        "loses": {"test_bootstrap_width", "test_bootstrap_paired"},
    },
    "one comparison is judged five times": {
        "cells": {
            "verdicts": """CLAIMS = CLAIMS[:1] * 5
verdicts = [
    "better" if i.low > 0 else "worse" if i.high < 0 else "undecided"
    for i in intervals[:1] * 5
]
""",
        },
        "loses": {"test_verdicts_own"},
    },
}
RIGHT = {
    "nDCG by hand, loops": {
        "cells": {
            "measure": """
def measure(strategy, split, k=10):
    strategy.fit(split.train)
    seen = split.train.matrix().toarray() > 0
    relevant = split.test.matrix().toarray() > 0
    values = np.full(split.train.n_users, np.nan)
    for u in range(split.train.n_users):
        if not relevant[u].any():
            continue
        lists = strategy.recommend(np.array([u]), k=k)
        dcg = 0.0
        for rank, item in enumerate(lists.items[0], start=1):
            if item >= 0 and not seen[u, item] and relevant[u, item]:
                dcg += 1 / np.log2(rank + 1)
        n = min(k, int(relevant[u].sum()))
        values[u] = dcg / sum(1 / np.log2(r + 1) for r in range(1, n + 1))
    return values
""",
            "choose": """
def choose(grid, split, seed, measure):
    inner = cut(split.train, seed)
    best, best_mean = None, -np.inf
    for setting in grid:
        values = [v for v in measure(grid[setting], inner) if v == v]
        mean = sum(values) / len(values)
        if mean > best_mean:
            best, best_mean = setting, mean
    return best
""",
            "per_user": """
def per_user(table, names):
    rows = {}
    for user in sorted(set(table["user"])):
        his = table[table["user"] == user]
        splits = [his[his["seed"] == s] for s in sorted(set(his["seed"]))]
        rows[user] = [float(np.mean([t[n].sum() for t in splits])) for n in names]
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(names))
""",
            "verdict": """
def verdict(low, high):
    if low <= 0 <= high:
        return "undecided"
    return "better" if low > 0 else "worse"
""",
            "sentence": "sentence = letters[0].lower() + ' '",
        }
    },
    "a Series of users, resampled by counts": {
        "cells": {
            "measure": """
def measure(strategy, split, k=10):
    everyone = np.arange(split.test.n_users)
    lists = strategy.fit(split.train).recommend(everyone, k=k)
    return evaluate(lists, split.test.matrix(), k=k).per_user[f"ndcg@{k}"]
""",
            "bootstrap": """
def bootstrap(a, b, rng, n=4000):
    d = (pd.Series(np.asarray(a)) - pd.Series(np.asarray(b))).dropna().to_numpy()
    counts = rng.multinomial(len(d), np.full(len(d), 1 / len(d)), size=n)
    means = counts @ d / len(d)
    return tuple(float(x) for x in (d.mean(), *np.percentile(means, [2.5, 97.5])))
""",
            "contest": """
def contest(grids, split, seed, choose, measure):
    chosen, columns = {}, []
    for name in grids:
        chosen[name] = choose(grids[name], split, seed, measure)
        columns.append(np.asarray(measure(grids[name][chosen[name]], split)))
    return chosen, pd.DataFrame(np.stack(columns, axis=1), columns=list(grids))
""",
        }
    },
    "every argument by its name": {
        "cells": {
            "choose": """def choose(grid, split, seed, measure):
    part = cut(split.train, seed)
    means = {
        setting: np.nanmean(measure(strategy=strategy, split=part, k=10))
        for setting, strategy in grid.items()
    }
    return max(means, key=means.get)
""",
            "contest": """def contest(grids, split, seed, choose, measure):
    chosen = {
        name: choose(grid=grid, split=split, seed=seed, measure=measure)
        for name, grid in grids.items()
    }
    return chosen, pd.DataFrame(
        {
            name: measure(strategy=grids[name][setting], split=split, k=10)
            for name, setting in chosen.items()
        }
    )
""",
        },
    },
}
