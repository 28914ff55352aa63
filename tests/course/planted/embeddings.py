"""What students of embeddings typically get wrong, and what it costs them."""

REPORTS = """mask = drawn.mask[..., None]
pooled = (drawn.states * mask).sum(1) / mask.sum(1)


def pairs(rows, unit=True, same=0):
    rows = np.asarray(rows, dtype=float)
    if unit:
        rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    table, n = rows @ rows.T, len(rows)
    return table.mean() if same else (table.sum() - table.trace()) / n / (n - 1)


values = {
    "right": pairs(pooled),
    "diagonal": pairs(pooled, same=1),
    "dot": pairs(pooled, unit=False),
    "padding": pairs(drawn.states.mean(1)),
    "first": pairs(drawn.states[:, 0]),
}
letters = list(drawn.reports)
told = np.array(list(drawn.reports.values()))
reports = {k: letters[np.abs(told - v).argmin()] for k, v in values.items()}
"""

OWN = """mask = drawn.mask[..., None]
pooled = (drawn.states * mask).sum(1) / mask.sum(1)


def pairs(rows):
    rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    n = len(rows)
    return ((rows @ rows.T).sum() - n) / n / (n - 1)


def agree(rows, k=5):
    rows = rows / np.linalg.norm(rows, axis=1)[:, None]
    table = rows @ rows.T
    np.fill_diagonal(table, -5)
    near = table.argsort(axis=1)[:, ::-1][:, :k]
    both = drawn.genres[near] & drawn.genres[:, None]
    return both.any(axis=2).mean()


same = drawn.genres.astype(int) @ drawn.genres.T.astype(int) > 0
n = len(same)
own = {
    "raw": round(float(pairs(pooled)), 4),
    "centered": round(float(pairs(pooled - pooled.mean(axis=0))), 4),
    "title": agree(pooled),
    "line": agree(drawn.lines),
    "chance": (same.sum() - n) / n / (n - 1),
}
"""

CENTER = """def center(train, vectors):
    moved = vectors - train.mean(axis=0)
    return moved / np.linalg.norm(moved, axis=1)[:, None]
"""

WHITEN = """def whiten(train, vectors, d):
    mean = train.mean(axis=0)
    variances, axes = np.linalg.eigh(np.cov(train.T))
    keep = slice(len(variances) - d, None)
    return (vectors - mean) @ axes[:, keep] / np.sqrt(variances[keep])
"""

NEIGHBORS = """def neighbors(vectors, k):
    table = cosines(vectors, vectors)
    order = np.argsort(-table, axis=1)
    order = [[j for j in row if j != i] for i, row in enumerate(order)]
    return np.array(order)[:, :k]
"""


def changed(source, *pairs):
    """Return a solution with some of its text replaced; each text stands there."""
    for old, new in pairs:
        assert old in source, f"{old!r} does not stand in the solution"
        source = source.replace(old, new)
    return source


WRONG = {
    "inner products for cosines": {
        "cells": {"cosines": "def cosines(a, b):\n    return a @ b.T\n"},
        "loses": {"test_cosines"},
    },
    "divided by squared lengths": {
        "cells": {
            "cosines": """def cosines(a, b):
    a = a / (a**2).sum(axis=1)[:, None]
    b = b / (b**2).sum(axis=1)[:, None]
    return a @ b.T
"""
        },
        "loses": {"test_cosines"},
    },
    "pooled over the filling": {
        "cells": {
            "mean_pool": "def mean_pool(states, mask):\n    return states.mean(1)\n"
        },
        "loses": {"test_pool"},
    },
    "divided by all places": {
        "cells": {
            "mean_pool": """def mean_pool(states, mask):
    return (states * mask[:, :, None]).mean(axis=1)
"""
        },
        "loses": {"test_pool"},
    },
    "the first places taken for the tokens": {
        "cells": {
            "mean_pool": """def mean_pool(states, mask):
    lengths = mask.sum(axis=1)
    return np.array([s[:n].mean(axis=0) for s, n in zip(states, lengths)])
"""
        },
        "loses": {"test_pool_anywhere"},
    },
    "a neighbor's pair": {
        "cells": {"most_alike": "most_alike = (0, 1)\n"},
        "loses": {"test_most_alike"},
    },
    "the diagonal counts": {
        "cells": {
            "mean_cosine": """def mean_cosine(vectors):
    if len(vectors) < 2:
        return np.nan
    return cosines(vectors, vectors).mean()
"""
        },
        "loses": {"test_mean_cosine"},
    },
    "ones subtracted, but divided by all pairs": {
        "cells": {
            "mean_cosine": """def mean_cosine(vectors):
    n = len(vectors)
    if n < 2:
        return np.nan
    return (cosines(vectors, vectors).sum() - n) / n**2
"""
        },
        "loses": {"test_mean_cosine"},
    },
    "without a pair the answer is 0": {
        "cells": {
            "mean_cosine": """def mean_cosine(vectors):
    n = len(vectors)
    if n < 2:
        return 0.0
    return (cosines(vectors, vectors).sum() - n) / (n * n - n)
"""
        },
        "loses": {"test_mean_cosine"},
    },
    "right and diagonal confused": {
        "cells": {
            "reports": REPORTS
            + "reports['right'], reports['diagonal'] = (\n"
            + "    reports['diagonal'], reports['right']\n)\n"
        },
        "loses": {"test_report_right", "test_report_mistakes"},
    },
    "padding and first confused": {
        "cells": {
            "reports": REPORTS
            + "reports['first'], reports['padding'] = (\n"
            + "    reports['padding'], reports['first']\n)\n"
        },
        "loses": {"test_report_mistakes"},
    },
    "centered by row": {
        "cells": {
            "center": changed(
                CENTER, ("train.mean(axis=0)", "vectors.mean(axis=1)[:, None]")
            )
        },
        "loses": {"test_center", "test_center_fit"},
    },
    "brought to length 1 before, not after": {
        "cells": {
            "center": """def center(train, vectors):
    def unit(x):
        return x / np.linalg.norm(x, axis=1, keepdims=True)

    return unit(vectors) - unit(train).mean(axis=0)
"""
        },
        "loses": {"test_center_unit"},
    },
    "never brought to length 1": {
        "cells": {
            "center": "def center(train, vectors):\n"
            "    return vectors - train.mean(axis=0)\n"
        },
        "loses": {"test_center_unit"},
    },
    "the mean learned on the films to be centered": {
        "cells": {
            "center": changed(
                CENTER, ("train.mean(axis=0)", "vectors.mean(axis=0) + 1e-9")
            )
        },
        "loses": {"test_center_fit"},
    },
    "the mean learned on all films together": {
        "cells": {
            "center": changed(
                CENTER,
                ("train.mean(axis=0)", "np.vstack([train, vectors]).mean(axis=0)"),
            )
        },
        "loses": {"test_center_fit"},
    },
    "the input centered in place": {
        "cells": {
            "center": """def center(train, vectors):
    mean = train.mean(axis=0)
    vectors -= mean
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    return vectors
"""
        },
        "loses": {"test_center_fit"},
    },
    "the weakest axes kept": {
        "cells": {
            "whiten": changed(
                WHITEN, ("slice(len(variances) - d, None)", "slice(0, d)")
            )
        },
        "loses": {"test_whiten_axes"},
    },
    "whitened without centering": {
        "cells": {"whiten": changed(WHITEN, ("(vectors - mean)", "vectors"))},
        "loses": {"test_whiten_axes"},
    },
    "whitening fitted on the films to be whitened": {
        "cells": {
            "whiten": changed(WHITEN, ("    mean =", "    train = vectors\n    mean ="))
        },
        "loses": {"test_whiten_axes"},
    },
    "divided by the variance": {
        "cells": {
            "whiten": changed(WHITEN, ("np.sqrt(variances[keep])", "variances[keep]"))
        },
        "loses": {"test_whiten_identity", "test_whiten_axes"},
    },
    "the film is its own neighbor": {
        "cells": {
            "neighbors": """def neighbors(vectors, k):
    return np.argsort(-cosines(vectors, vectors), axis=1, kind="stable")[:, :k]
"""
        },
        "loses": {"test_neighbors", "test_neighbors_twins"},
    },
    "the first of the list is dropped": {
        "cells": {
            "neighbors": """def neighbors(vectors, k):
    order = np.argsort(-cosines(vectors, vectors), axis=1, kind="stable")
    return order[:, 1 : k + 1]
"""
        },
        "loses": {"test_neighbors_twins"},
    },
    "neighbors by inner product": {
        "cells": {
            "neighbors": changed(
                NEIGHBORS, ("cosines(vectors, vectors)", "vectors @ vectors.T")
            )
        },
        "loses": {"test_neighbors"},
    },
    "the farthest first": {
        "cells": {"neighbors": changed(NEIGHBORS, ("argsort(-table", "argsort(table"))},
        "loses": {"test_neighbors", "test_neighbors_twins"},
    },
    "all genres have to agree": {
        "cells": {
            "agreement": """def agreement(near, genres):
    genres = np.asarray(genres, dtype=bool)
    return (genres[near] == genres[:, None]).all(axis=2).mean()
"""
        },
        "loses": {"test_agreement"},
    },
    "common genres counted": {
        "cells": {
            "agreement": """def agreement(near, genres):
    genres = np.asarray(genres, dtype=int)
    return (genres[near] * genres[:, None]).sum(axis=2).mean()
"""
        },
        "loses": {"test_agreement"},
    },
    "chance with each film beside itself": {
        "cells": {
            "chance": """def chance(genres):
    genres = np.asarray(genres, dtype=int)
    return (genres @ genres.T > 0).mean()
"""
        },
        "loses": {"test_chance"},
    },
    "chance as one in so many genres": {
        "cells": {
            "chance": "def chance(genres):\n    return 1 / np.shape(genres)[1]\n"
        },
        "loses": {"test_chance"},
    },
    "own numbers: centered by row": {
        "cells": {
            "own": changed(OWN, ("pooled.mean(axis=0)", "pooled.mean(axis=1)[:, None]"))
        },
        "loses": {"test_own_cosines"},
    },
    "own numbers: the film among its neighbors": {
        "cells": {"own": changed(OWN, ("    np.fill_diagonal(table, -5)\n", ""))},
        "loses": {"test_own_genres"},
    },
    "own numbers: a neighbor's": {
        "cells": {
            "own": 'own = {"raw": 0.2711, "centered": -0.0049, "title": 0.4411, '
            '"line": 0.7411,\n       "chance": 0.3011}\n'
        },
        "loses": {"test_own_cosines", "test_own_genres"},
    },
    "the same vector for every text": {
        "cells": {
            "mean_pool": """def mean_pool(states, mask):
    return np.zeros((len(states), np.shape(states)[2]))
""",
            "most_alike": """most_alike = (0, 1)
""",
            "reports": """names = ("right", "diagonal", "dot", "padding", "first")
reports = dict.fromkeys(names, "A")
""",
        },
        "loses": {
            "test_pool",
            "test_pool_anywhere",
            "test_most_alike",
            "test_report_mistakes",
        },
    },
}

RIGHT = {
    "loops": {
        "cells": {
            "cosines": """def cosines(a, b):
    def cosine(x, y):
        return sum(x * y) / (sum(x * x) * sum(y * y)) ** 0.5

    return np.array([[cosine(x, y) for y in b] for x in a])
""",
            "mean_pool": """def mean_pool(states, mask):
    return np.array(
        [s[m.astype(bool)].mean(axis=0) for s, m in zip(states, mask)]
    )
""",
            "mean_cosine": """def mean_cosine(vectors):
    values = [
        cosines(vectors[[i]], vectors[[j]])[0, 0]
        for i in range(len(vectors))
        for j in range(i)
    ]
    return sum(values) / len(values) if values else float("nan")
""",
            "center": """def center(train, vectors):
    mean = sum(train) / len(train)
    rows = [row - mean for row in vectors]
    return np.array([row / (row @ row) ** 0.5 for row in rows])
""",
            "neighbors": NEIGHBORS,
            "agreement": """def agreement(near, genres):
    hits = [
        any(a and b for a, b in zip(genres[film], genres[other]))
        for film, others in enumerate(near)
        for other in others
    ]
    return sum(hits) / len(hits)
""",
            "chance": """def chance(genres):
    hits, pairs = 0, 0
    for i in range(len(genres)):
        for j in range(i + 1, len(genres)):
            hits += bool(np.logical_and(genres[i], genres[j]).any())
            pairs += 1
    return hits / pairs
""",
            "reports": REPORTS,
            "own": OWN,
        }
    },
    "whitened by singular values, and the sum of all vectors": {
        "cells": {
            "mean_cosine": """def mean_cosine(vectors):
    n = len(vectors)
    units = vectors / np.linalg.norm(vectors, axis=1, keepdims=True)
    total = units.sum(axis=0)
    return (total @ total - n) / (n * (n - 1)) if n > 1 else np.nan
""",
            "whiten": """def whiten(train, vectors, d):
    mean = train.mean(axis=0)
    _, sizes, axes = np.linalg.svd(train - mean, full_matrices=False)
    scale = sizes[:d] / np.sqrt(len(train) - 1)
    return -(vectors - mean) @ axes[:d].T / scale
""",
            "neighbors": """def neighbors(vectors, k):
    table = cosines(vectors, vectors).astype(np.float32)
    table[np.diag_indices(len(table))] = -9
    return np.argsort(table, axis=1)[:, ::-1][:, :k]
""",
            "center": CENTER,
        }
    },
    "normalized before and after, in single precision": {
        "cells": {
            "own": changed(
                OWN,
                (
                    "mask.sum(1)\n",
                    "mask.sum(1)\npooled = pooled.astype(np.float32)\n",
                ),
                (
                    "pooled - pooled.mean(axis=0)",
                    "units - units.mean(axis=0)",
                ),
                (
                    "same = drawn",
                    "units = pooled / np.linalg.norm(pooled, axis=1)[:, None]\n"
                    "same = drawn",
                ),
            )
        }
    },
    "tables as lists of lists": {
        "cells": {
            "cosines": """def cosines(a, b):
    rows = []
    for x in a:
        long = np.sqrt(np.dot(x, x))
        rows.append(
            [float(np.dot(x, y) / long / np.sqrt(np.dot(y, y))) for y in b]
        )
    return rows
""",
            "mean_cosine": """def mean_cosine(vectors):
    table, n = cosines(vectors, vectors), len(vectors)
    pairs = [table[i][j] for i in range(n) for j in range(i)]
    return sum(pairs) / len(pairs) if pairs else float("nan")
""",
            "neighbors": """def neighbors(vectors, k):
    rows = []
    for i, near in enumerate(cosines(vectors, vectors)):
        others = [j for j in range(len(near)) if j != i]
        rows.append(sorted(others, key=near.__getitem__, reverse=True)[:k])
    return np.array(rows)
""",
        },
    },
}
