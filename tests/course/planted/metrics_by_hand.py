"""What students of metrics_by_hand typically get wrong, and what it costs them."""

WRONG = {
    "precision divided by the length of the list": {
        "cells": {
            "precision": """def precision(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    hits = hits[:k]
    return sum(hits) / max(len(hits), 1)
"""
        },
        "loses": {"test_precision"},
    },
    "recall divided by min(k, relevant)": {
        "cells": {
            "recall": """def recall(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    return sum(hits[:k]) / min(k, n_relevant)
"""
        },
        "loses": {"test_recall"},
    },
    "the last hit instead of the first": {
        "cells": {
            "reciprocal_rank": """def reciprocal_rank(hits, n_relevant, k):
    if not n_relevant:
        return math.nan
    value = 0.0
    for place, hit in enumerate(hits[:k]):
        if hit:
            value = 1 / (place + 1)
    return value
"""
        },
        "loses": {"test_reciprocal_rank"},
    },
    "average precision divided by the hits found": {
        "cells": {
            "average_precision": """def average_precision(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    precisions = []
    for rank in range(1, min(k, len(hits)) + 1):
        if hits[rank - 1]:
            precisions.append(sum(hits[:rank]) / rank)
    return sum(precisions) / len(precisions) if precisions else 0.0
"""
        },
        "loses": {"test_average_precision"},
    },
    "average precision divided by min(k, relevant)": {
        "cells": {
            "average_precision": """def average_precision(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    total = 0
    for rank in range(1, min(k, len(hits)) + 1):
        if hits[rank - 1]:
            total += sum(hits[:rank]) / rank
    return total / min(k, n_relevant)
"""
        },
        "loses": {"test_average_precision"},
    },
    "IDCG over k": {
        "cells": {
            "ndcg": """def ndcg(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    dcg = sum(hit / math.log2(r + 2) for r, hit in enumerate(hits[:k]))
    idcg = sum(1 / math.log2(r + 2) for r in range(k))
    return dcg / idcg
"""
        },
        "loses": {"test_ndcg_few"},
    },
    "IDCG over the hits that were found": {
        "cells": {
            "ndcg": """def ndcg(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    hits = hits[:k]
    dcg = sum(hit / math.log2(r + 2) for r, hit in enumerate(hits))
    best = sorted(hits, reverse=True)
    idcg = sum(hit / math.log2(r + 2) for r, hit in enumerate(best))
    return dcg / idcg if idcg else 0.0
"""
        },
        "loses": {"test_ndcg"},
    },
    "ranks counted from 0 in the discount": {
        "cells": {
            "ndcg": """def discount(rank):
    return 1 / math.log2(rank + 1) if rank > 0 else 1.0


def ndcg(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    dcg = sum(discount(rank) for rank, hit in enumerate(hits[:k]) if hit)
    return dcg / sum(discount(rank) for rank in range(min(k, n_relevant)))
"""
        },
        # A second place is as good as the first one: it loses both.
        "loses": {"test_ndcg", "test_ndcg_few"},
    },
    "ranks shifted twice in the discount": {
        "cells": {
            "ndcg": """def ndcg(hits, n_relevant, k):
    if n_relevant == 0:
        return math.nan
    gains = [1 / math.log2(rank + 2) for rank in range(1, k + 1)]
    dcg = sum(gain * hit for gain, hit in zip(gains, hits))
    return dcg / sum(gains[:min(k, n_relevant)])
"""
        },
        "loses": {"test_ndcg"},
    },
    "nobody's recall is 0": {
        "cells": {
            "recall": """def recall(hits, n_relevant, k):
    if n_relevant == 0:
        return 0.0
    return sum(hits[:k]) / n_relevant
"""
        },
        "loses": {"test_nothing_relevant"},
    },
    "another student's list": {
        "cells": {
            "pencil": """pencil = {
    "precision": 3 / 8,
    "recall": 0.5,
    "reciprocal_rank": 1 / 3,
    "average_precision": 0.1667,
    "ndcg": 0.3967,
}
"""
        },
        "loses": {"test_pencil_rates", "test_pencil_ranks"},
    },
    "the pencil's IDCG over all eight places": {
        "cells": {
            "pencil": """ranks = [r for r, hit in enumerate(drawn.hits, 1) if hit]
dcg = sum(1 / np.log2(r + 1) for r in ranks)
pencil = {
    "precision": round(len(ranks) / 8, 3),
    "recall": round(len(ranks) / drawn.n_relevant, 3),
    "reciprocal_rank": round(1 / min(ranks), 3),
    "average_precision": sum(
        (i + 1) / r for i, r in enumerate(ranks)) / drawn.n_relevant,
    "ndcg": dcg / sum(1 / np.log2(r + 1) for r in range(1, 9)),
}
"""
        },
        "loses": {"test_pencil_ranks"},
    },
    "train items left in the ranking": {
        "cells": {
            "rank_items": """def rank_items(scores, seen, k, rng):
    keys = [(-score, rng.random(), i) for i, score in enumerate(scores)]
    return [i for _, _, i in sorted(keys)][:k]
"""
        },
        "loses": {"test_masked"},
    },
    "train items scored 0": {
        "cells": {
            "rank_items": """def rank_items(scores, seen, k, rng):
    masked = [0 if i in seen else s for i, s in enumerate(scores)]
    lots = rng.random(len(masked))
    order = sorted(range(len(masked)), key=lambda i: (-masked[i], lots[i]))
    return order[:k]
"""
        },
        "loses": {"test_masked"},
    },
    "train items fill up the list": {
        "cells": {
            "rank_items": """def rank_items(scores, seen, k, rng):
    masked = np.array(scores, dtype=float)
    masked[list(seen)] = -np.inf
    lots = rng.permutation(len(masked))
    return np.lexsort([lots, -masked])[:k].tolist()
"""
        },
        "loses": {"test_masked"},
    },
    "ties by id": {
        "cells": {
            "rank_items": """def rank_items(scores, seen, k, rng):
    unseen = [i for i in range(len(scores)) if i not in seen]
    return sorted(unseen, key=lambda i: -scores[i])[:k]
"""
        },
        "loses": {"test_ties"},
    },
    "ties broken by noise that is too large": {
        "cells": {
            "rank_items": """def rank_items(scores, seen, k, rng):
    noisy = np.array(scores) + 1e-6 * rng.random(len(scores))
    return [int(i) for i in np.argsort(-noisy) if i not in seen][:k]
"""
        },
        "loses": {"test_order"},
    },
    "ties drawn from another generator": {
        "cells": {
            "rank_items": """def rank_items(scores, seen, k, rng):
    lots = np.random.default_rng().random(len(scores))
    unseen = [i for i in range(len(scores)) if i not in seen]
    return sorted(unseen, key=lambda i: (-scores[i], lots[i]))[:k]
"""
        },
        "loses": {"test_ties"},
    },
    "mean over items instead of users": {
        "cells": {
            "mean_over_users": """def mean_over_users(metric, lists, relevant, k):
    total, weight, n = 0.0, 0, 0
    for user in relevant:
        size = len(relevant[user])
        if size == 0:
            continue
        hits = [i in relevant[user] for i in lists.get(user, [])]
        total += size * metric(hits, size, k)
        weight += size
        n += 1
    return (total / weight, n) if n else (math.nan, 0)
"""
        },
        "loses": {"test_mean"},
    },
    "users with nothing relevant count as 0": {
        "cells": {
            "mean_over_users": """def mean_over_users(metric, lists, relevant, k):
    values = []
    for user, wanted in relevant.items():
        hits = [1 if i in wanted else 0 for i in lists.get(user, [])]
        value = metric(hits, len(wanted), k)
        values.append(0 if math.isnan(value) else value)
    return sum(values) / len(values), len(values)
"""
        },
        "loses": {"test_mean_users"},
    },
    "users without a list are skipped": {
        "cells": {
            "mean_over_users": """def mean_over_users(metric, lists, relevant, k):
    values = []
    for user, items in lists.items():
        wanted = relevant.get(user, set())
        if wanted:
            hits = [1 if i in wanted else 0 for i in items]
            values.append(metric(hits, len(wanted), k))
    if len(values) == 0:
        return math.nan, 0
    return np.mean(values), len(values)
"""
        },
        "loses": {"test_mean_users"},
    },
    "the capped number taken for the right one": {
        "cells": {
            "reports": """def five(u, mask):
    order = np.argsort(-drawn.scores[u])
    return [i for i in order if not (mask and i in drawn.seen[u])][:5]


users = range(len(drawn.scores))
size = np.array([len(drawn.relevant[u]) for u in users])
hits = np.array([len(drawn.relevant[u] & set(five(u, True))) for u in users])
seen = np.array([len(drawn.relevant[u] & set(five(u, False))) for u in users])
values = {
    "right": np.mean(hits / np.minimum(size, 5)),
    "capped": np.mean(hits / size),
    "precision": np.mean(hits / 5),
    "pooled": hits.sum() / size.sum(),
    "seen": np.mean(seen / size),
}
told = drawn.reports
reports = {
    name: min(told, key=lambda letter: abs(told[letter] - value))
    for name, value in values.items()
}
"""
        },
        "loses": {"test_report_right", "test_report_mistakes"},
    },
    "only the first of the ties is drawn": {
        "cells": {
            "rank_items": """def rank_items(scores, seen, k, rng):
    first = int(rng.integers(len(scores)))
    unseen = [i for i in range(len(scores)) if i not in seen]
    unseen.sort(key=lambda i: (-scores[i], (i - first) % len(scores)))
    return unseen[:k]
"""
        },
        "loses": {"test_ties"},
    },
}

RIGHT = {
    "NumPy, and the natural logarithm, which cancels": {
        "cells": {
            "precision": """def first(hits, k):
    places = np.zeros(k)
    places[: len(hits[:k])] = hits[:k]
    return places


def precision(hits, n_relevant, k):
    return float(first(hits, k).mean()) if n_relevant else float("nan")
""",
            "recall": """def recall(hits, n_relevant, k):
    hits = np.asarray(hits, dtype=float)[:k]
    return np.nan if n_relevant == 0 else hits.sum() / n_relevant
""",
            "reciprocal_rank": """def reciprocal_rank(hits, n_relevant, k):
    if n_relevant == 0:
        return np.nan
    where = np.flatnonzero(np.asarray(hits)[:k])
    return 1 / (1 + where[0]) if where.size else 0.0
""",
            "average_precision": """def average_precision(hits, n_relevant, k):
    if n_relevant == 0:
        return np.nan
    hits = np.asarray(hits, dtype=float)[:k]
    so_far = np.cumsum(hits) / np.arange(1, hits.size + 1)
    return float(hits @ so_far) / n_relevant
""",
            "ndcg": """def ndcg(hits, n_relevant, k):
    if n_relevant == 0:
        return float("nan")
    gain = 1 / np.log(np.arange(k) + 2)
    hits = np.pad(np.asarray(hits, dtype=float)[:k], (0, max(0, k - len(hits))))
    return float(hits @ gain / gain[:n_relevant].sum())
""",
            "rank_items": """def rank_items(scores, seen, k, rng):
    scores = np.array(scores, dtype=float)
    shuffled = rng.permutation(len(scores))
    shuffled = shuffled[~np.isin(shuffled, list(seen))]
    return shuffled[np.argsort(-scores[shuffled], kind="stable")][:k]
""",
            "mean_over_users": """def mean_over_users(metric, lists, relevant, k):
    values = np.array([
        metric([i in w for i in lists.get(u, ())], len(w), k) if w else np.nan
        for u, w in relevant.items()
    ])
    n = int(np.isfinite(values).sum())
    return (np.nanmean(values) if n else np.nan), n
""",
        },
    },
    "three decimals, and answers found with the book's library": {
        "cells": {
            "pencil": """from recsys_ref.evaluation import metrics

row = np.array([drawn.hits], dtype=bool), np.array([drawn.n_relevant])
names = "precision recall reciprocal_rank average_precision ndcg".split()
pencil = {n: round(float(getattr(metrics, n)(*row)[0]), 3) for n in names}
""",
            "reports": """from scipy.sparse import csr_array
from recsys_ref.evaluation import metrics
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.ranking import top_k


def matrix(sets):
    dense = np.zeros(drawn.scores.shape)
    for user, items in enumerate(sets):
        dense[user, list(items)] = 1
    return csr_array(dense)


test = matrix(drawn.relevant)
good = top_k(drawn.scores, 5, excluded=matrix(drawn.seen))
means = evaluate(
    good,
    test,
    metrics=[metrics.recall, metrics.capped_recall, metrics.precision],
).means()
values = dict(zip(["right", "capped", "precision"], means))
bad = evaluate(top_k(drawn.scores, 5), test, metrics=[metrics.recall]).means()
values["seen"] = bad.iloc[0]
values["pooled"] = metrics.hits(good, test).sum() / test.sum()
reports = {}
for name, value in values.items():
    for letter, told in drawn.reports.items():
        if abs(value - told) < 0.001:
            reports[name] = letter
""",
        },
    },
}
