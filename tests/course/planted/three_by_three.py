"""What students of three_by_three typically get wrong, and what it costs them."""

WRONG = {
    "a row times a row": {
        "cells": {
            "product": """def product(A, B):
    if len(A[0]) != len(B):
        raise ValueError("shapes do not match")
    return [[sum(a * b for a, b in zip(row, other)) for other in B] for row in A]
"""
        },
        "loses": {"test_product"},
    },
    "every correct rounding taken for an error": {
        "cells": {
            "wrong_cells": """def wrong_cells(printed, exact):
    wrong = set()
    for i, (row, other) in enumerate(zip(printed, exact)):
        for j, (p, e) in enumerate(zip(row, other)):
            if p != e:
                wrong.add((i + 1, j + 1))
    return wrong
"""
        },
        "loses": {"test_wrong_cells"},
    },
    "cells counted from 0": {
        "cells": {
            "wrong_cells": """def wrong_cells(printed, exact):
    off = np.abs(np.array(printed) - np.array(exact)) > 0.0051
    return set(zip(*np.nonzero(off)))
"""
        },
        "loses": {"test_wrong_cells"},
    },
    "the article's R mended with U V^T": {
        "cells": {
            "article_answers": """article_mended = (U @ V.T).round(2)
changed_users = set()
for u in range(3):
    if (np.argsort(printed[u]) != np.argsort(article_mended[u])).any():
        changed_users.add(u + 1)
row_sums = "b"
"""
        },
        "loses": {"test_article_mended", "test_article_lists"},
    },
    "row sums taken for a proof": {
        "cells": {
            "article_answers": """article_mended = U @ V
changed_users = {2}
row_sums = "a"
"""
        },
        "loses": {"test_article_lists"},
    },
    "the own erratum mended with U V": {
        "cells": {
            "own_erratum": """my_mended = drawn.square.U @ drawn.square.V
my_wrong = set()
for i in range(3):
    for j in range(3):
        if abs(my_mended[i, j] - drawn.printed[i, j]) > 0.006:
            my_wrong.add((i + 1, j + 1))
my_wrong = my_wrong or {(1, 1)}
"""
        },
        "loses": {"test_own_wrong", "test_own_mended"},
    },
    "another student's cells": {
        "cells": {
            "own_erratum": """my_mended = drawn.square.U @ drawn.square.V.T
my_wrong = {(1, 1), (1, 2), (1, 3), (2, 1)}
"""
        },
        "loses": {"test_own_wrong"},
    },
    "U V for U V^T": {
        "cells": {
            "scores": """def scores(U, V):
    return U @ V
"""
        },
        "loses": {"test_scores", "test_scores_square"},
    },
    "transposed only where it has to be": {
        "cells": {
            "scores": """def scores(U, V):
    if U.shape[1] == V.shape[0]:
        return np.dot(U, V)
    return np.dot(U, V.T)
"""
        },
        "loses": {"test_scores_square"},
    },
    "the longer row cut in silence": {
        "cells": {
            "scores": """def scores(U, V):
    return [[sum(a * b for a, b in zip(u, v)) for v in V] for u in U]
"""
        },
        "loses": {"test_scores"},
    },
    "columns divided by their lengths": {
        "cells": {
            "cosines": """def cosines(U, V):
    lengths = [np.linalg.norm(m, axis=0) for m in (U, V)]
    U = U / np.where(lengths[0] > 0, lengths[0], 1)
    V = V / np.where(lengths[1] > 0, lengths[1], 1)
    return U @ V.T
"""
        },
        "loses": {"test_cosines"},
    },
    "divided by the sum and not by the length": {
        "cells": {
            "cosines": """def cosines(U, V):
    U = U / np.maximum(np.abs(U).sum(axis=1, keepdims=True), 1e-12)
    V = V / np.maximum(np.abs(V).sum(axis=1, keepdims=True), 1e-12)
    return U @ V.T
"""
        },
        "loses": {"test_cosines"},
    },
    "a row of zeros becomes NaN": {
        "cells": {
            "cosines": """def cosines(U, V):
    with np.errstate(all="ignore"):
        U = U / np.sqrt((U ** 2).sum(axis=1))[:, None]
        V = V / np.sqrt((V ** 2).sum(axis=1))[:, None]
    return U @ V.T
"""
        },
        "loses": {"test_cosines"},
    },
    "softmax over users": {
        "cells": {
            "probabilities": """def probabilities(R, temperature, seen):
    scaled = np.where(seen == 1, -np.inf, R / temperature)
    top = scaled.max(axis=0)
    weight = np.exp(scaled - np.where(np.isinf(top), 0, top))
    return weight / np.maximum(weight.sum(axis=0), 1e-300)
"""
        },
        "loses": {"test_axis"},
    },
    "softmax over the whole table": {
        "cells": {
            "probabilities": """def probabilities(R, temperature, seen):
    scaled = np.where(seen == 1, -np.inf, R / temperature)
    top = scaled.max()
    weight = np.exp(scaled - (0 if np.isinf(top) else top))
    return weight / max(weight.sum(), 1e-300)
"""
        },
        "loses": {"test_axis", "test_temperature", "test_mask"},
    },
    "the temperature forgotten": {
        "cells": {
            "probabilities": """def probabilities(R, temperature, seen):
    scaled = np.where(seen == 1, -np.inf, R)
    top = scaled.max(axis=1, keepdims=True)
    weight = np.exp(scaled - np.where(np.isinf(top), 0, top))
    return weight / np.maximum(weight.sum(axis=1, keepdims=True), 1e-300)
"""
        },
        "loses": {"test_temperature"},
    },
    "the exponential overflows": {
        "cells": {
            "probabilities": """def probabilities(R, temperature, seen):
    with np.errstate(all="ignore"):
        weight = np.exp(R / temperature) * (seen == 0)
        total = weight.sum(axis=1, keepdims=True)
        return weight / np.where(total == 0, 1, total)
"""
        },
        "loses": {"test_temperature"},
    },
    "masked with 0 instead of minus infinity": {
        "cells": {
            "probabilities": """def probabilities(R, temperature, seen):
    scaled = np.where(seen == 1, 0, R / temperature)
    weight = np.exp(scaled - scaled.max(axis=1, keepdims=True))
    return weight / weight.sum(axis=1, keepdims=True)
"""
        },
        "loses": {"test_mask"},
    },
    "masked after the softmax and not divided again": {
        "cells": {
            "probabilities": """def probabilities(R, temperature, seen):
    weight = np.exp((R - R.max(axis=1, keepdims=True)) / temperature)
    P = weight / weight.sum(axis=1, keepdims=True)
    return P * (1 - seen)
"""
        },
        "loses": {"test_mask"},
    },
    "ranked over columns": {
        "cells": {
            "recommend": """def recommend(R, seen, k):
    order = np.argsort(-R, axis=0)
    return [
        [int(j) + 1 for j in row if j >= len(s) or not s[j]][:k]
        for row, s in zip(order, seen)
    ]
"""
        },
        "loses": {"test_order", "test_seen"},
    },
    "the worst first": {
        "cells": {
            "recommend": """def recommend(R, seen, k):
    return [
        [int(j) + 1 for j in np.argsort(row) if not s[j]][:k]
        for row, s in zip(R, seen)
    ]
"""
        },
        "loses": {"test_order", "test_seen"},
    },
    "rated items ranked again": {
        "cells": {
            "recommend": """def recommend(R, seen, k):
    return [[int(j) + 1 for j in np.argsort(-row)[:k]] for row in R]
"""
        },
        "loses": {"test_seen"},
    },
    "rated items scored 0": {
        "cells": {
            "recommend": """def recommend(R, seen, k):
    R = R * (1 - seen)
    return (np.argsort(-R, axis=1)[:, :k] + 1).tolist()
"""
        },
        "loses": {"test_seen"},
    },
    "the own lists without a mask": {
        "cells": {
            "own_lists": """R = drawn.wide.U @ drawn.wide.V.T
my_first = (np.argsort(R)[:, ::-1][:, :2] + 1).tolist()
my_lists = my_first
"""
        },
        "loses": {"test_own_lists"},
    },
    "another student's lists": {
        "cells": {
            "own_lists": """my_first = [[1, 2], [1, 2], [3, 2], [1, 2]]
my_lists = [[4, 5], [3, 1], [3, 2], [1, 2]]
"""
        },
        "loses": {"test_own_first", "test_own_lists"},
    },
    "the untransposed table taken for the right one": {
        "cells": {
            "tables": """A, B = drawn.square.U, drawn.square.V
A = A / np.linalg.norm(A, axis=1)[:, None]
B = B / np.linalg.norm(B, axis=1)[:, None]
T, X = TEMPERATURE, drawn.square.X


def P(R, axis=1, zero=0):
    W = np.where(X, zero, np.exp(R))
    return W / W.sum(axis=axis, keepdims=True)


mine = {
    "right": P(A @ B / T),
    "untransposed": P(A @ B.T / T),
    "lengths": P(drawn.square.U @ drawn.square.V.T / T),
    "temperature": P(A @ B.T),
    "axis": P(A @ B.T / T, axis=0),
    "mask": P(A @ B.T / T, zero=1),
}
tables = {}
for name, table in mine.items():
    for letter in drawn.tables:
        if np.allclose(drawn.tables[letter], table, atol=1e-3):
            tables[name] = letter
"""
        },
        "loses": {"test_table_right", "test_table_mistakes"},
    },
    "the largest exponent taken among seen items too": {
        "cells": {
            "probabilities": """def probabilities(R, temperature, seen):
    scaled = R / temperature
    weight = np.exp(scaled - scaled.max(axis=1, keepdims=True)) * (seen == 0)
    total = weight.sum(axis=1, keepdims=True)
    return weight / np.where(total == 0, 1, total)
"""
        },
        "loses": {"test_mask"},
    },
    "an item of zeros becomes NaN": {
        "cells": {
            "cosines": """def cosines(U, V):
    lengths = np.sqrt((U**2).sum(axis=1, keepdims=True))
    U = U / np.where(lengths == 0, 1, lengths)
    with np.errstate(all="ignore"):
        V = V / np.sqrt((V**2).sum(axis=1, keepdims=True))
    return U @ V.T
"""
        },
        "loses": {"test_cosines"},
    },
}

RIGHT = {
    "plain loops everywhere": {
        "cells": {
            "product": """def product(A, B):
    C = []
    for i in range(len(A)):
        if len(A[i]) != len(B):
            raise ValueError(f"row {i} of A has {len(A[i])} numbers, not {len(B)}")
        C.append([])
        for j in range(len(B[0])):
            entry = 0
            for k in range(len(B)):
                entry += A[i][k] * B[k][j]
            C[i].append(entry)
    return C
""",
            "wrong_cells": """def wrong_cells(printed, exact):
    return [
        (i, j)
        for i, (p, e) in enumerate(zip(printed, exact), start=1)
        for j in range(1, len(p) + 1)
        if abs(p[j - 1] - e[j - 1]) > 0.005000001
    ]
""",
            "scores": """def scores(U, V):
    if len(U[0]) != len(V[0]):
        raise ValueError("rows of U and V must be equally long")
    return np.array([[sum(u * v) for v in V] for u in U])
""",
            "cosines": """def cosines(U, V):
    table = []
    for u in U:
        row = []
        for v in V:
            lengths = sum(u * u) ** 0.5 * sum(v * v) ** 0.5
            row.append(sum(u * v) / lengths if lengths else 0.0)
        table.append(row)
    return table
""",
            "probabilities": """def probabilities(R, temperature, seen):
    P = np.zeros(np.shape(R))
    for i, row in enumerate(R):
        unseen = [j for j in range(len(row)) if not seen[i][j]]
        if unseen:
            best = max(row[j] for j in unseen)
            weight = {j: np.exp((row[j] - best) / temperature) for j in unseen}
            for j in unseen:
                P[i, j] = weight[j] / sum(weight.values())
    return P
""",
            "recommend": """def recommend(R, seen, k):
    lists = []
    for scores_of_one, seen_of_one in zip(R, seen):
        left = [j for j in range(len(scores_of_one)) if seen_of_one[j] == 0]
        best = []
        while left and len(best) < k:
            top = max(left, key=lambda j: scores_of_one[j])
            best.append(top + 1)
            left.remove(top)
        lists.append(best)
    return lists
""",
        },
    },
    "vectorized, with other names for the same": {
        "cells": {
            "product": """def product(A, B):
    columns = list(zip(*B))
    try:
        return [
            [sum(a * b for a, b in zip(row, c, strict=True)) for c in columns]
            for row in A
        ]
    except ValueError as error:
        raise ValueError("A must have as many columns as B has rows") from error
""",
            "scores": """def scores(U, V):
    return np.einsum("ik,jk->ij", U, V)
""",
            "cosines": """def cosines(U, V):
    lengths = np.outer(np.linalg.norm(U, axis=1), np.linalg.norm(V, axis=1))
    return np.divide(U @ V.T, lengths, out=np.zeros_like(lengths), where=lengths > 0)
""",
            "probabilities": """def probabilities(R, temperature, seen):
    R = np.ma.masked_array(np.float64(R) / temperature, mask=seen == 1)
    weight = np.ma.exp(R - R.max(axis=1, keepdims=True)).filled(0)
    total = weight.sum(axis=1, keepdims=True)
    return np.divide(weight, total, out=np.zeros_like(weight), where=total > 0)
""",
            "recommend": """def recommend(R, seen, k):
    masked = np.where(seen == 1, -np.inf, R)
    order = np.argsort(masked, axis=1)[:, ::-1] + 1
    left = (np.asarray(seen) == 0).sum(axis=1)
    return [row[: min(k, n)].tolist() for row, n in zip(order, left)]
""",
            "article_answers": """article_mended = np.array(
    [[0.44, 0.34, 0.22], [0.45, 0.39, 0.16], [0.46, 0.32, 0.22]]
)
changed_users = [2]
row_sums = "b"
""",
            "own_erratum": """exact = (drawn.square.U @ drawn.square.V.T).round(2)
my_mended = exact
my_wrong = set(zip(*(np.nonzero(exact != drawn.printed.round(2)))))
my_wrong = {(i + 1, j + 1) for i, j in my_wrong}
""",
            "own_lists": """R = drawn.wide.U @ drawn.wide.V.T
my_first = [tuple(row) for row in np.argsort(-R, axis=1)[:, :2] + 1]
my_lists = np.argsort(np.where(drawn.wide.X, np.inf, -R))[:, :2] + 1
""",
        },
    },
}
