"""What students of attention typically get wrong, and what it costs them."""

SOFTMAX = """def softmax(scores):
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    return powers / powers.sum(axis=-1, keepdims=True)
"""

CAUSAL = """def causal_attention(query, key, value):
    scores = query @ key.T / np.sqrt(query.shape[1])
    start = len(key) - len(query)
    mask = np.triu(np.ones(scores.shape, dtype=bool), start + 1)
    scores[mask] = -np.inf
    return softmax(scores) @ value
"""

READ = """def read(films, model, cache=None):
    n_old = cache[0].shape[1] if cache else 0
    places = np.arange(n_old, n_old + len(films))
    x = model.films[films] + model.places[places]
    width = x.shape[1]
    projected = x @ model.w_qkv
    query = split_heads(projected[:, :width], model.n_heads)
    key = split_heads(projected[:, width : 2 * width], model.n_heads)
    value = split_heads(projected[:, 2 * width :], model.n_heads)
    if cache:
        key = np.concatenate([cache[0], key], axis=1)
        value = np.concatenate([cache[1], value], axis=1)
    heads = zip(query, key, value)
    out = [causal_attention(*head) for head in heads]
    x = x + join_heads(np.array(out)) @ model.w_out
    return x @ model.films.T, (key, value)
"""

MULTI_HEAD = """def multi_head(x, w_qkv, w_out, n_heads):
    width = x.shape[1]
    both = x @ w_qkv
    query = split_heads(both[:, :width], n_heads)
    key = split_heads(both[:, width : 2 * width], n_heads)
    value = split_heads(both[:, 2 * width :], n_heads)
    heads = [causal_attention(*each) for each in zip(query, key, value)]
    return join_heads(np.array(heads)) @ w_out
"""

COST = """s = drawn.sizes
numbers = 2 * s.layers * s.width
mib = numbers * s.number_bytes / 1024**2
cost = {
    "history": mib * s.history,
    "copied": mib * s.candidates * (s.history + s.title),
    "shared": mib * (s.history + s.candidates * s.title),
    "positions without": s.written * s.history + s.written * (s.written - 1) // 2,
    "positions with": s.history + s.written - 1,
}
"""


def changed(source, *pairs):
    """Return a solution with some of its text replaced; each text stands there."""
    for old, new in pairs:
        assert old in source, f"{old!r} does not stand in the solution"
        source = source.replace(old, new)
    return source


WRONG = {
    "pencil: not divided by the root of d": {
        "cells": {
            "pencil_weights": """pencil = drawn.pencil
raw = np.exp([pencil.query @ key for key in pencil.keys[:3]])
pencil_weights = [*(raw / raw.sum()), 0]
"""
        },
        "loses": {"test_pencil_weights"},
    },
    "pencil: the fourth token is seen": {
        "cells": {
            "pencil_weights": """pencil = drawn.pencil
raw = np.exp(pencil.keys @ pencil.query / 2)
pencil_weights = raw / raw.sum()
"""
        },
        "loses": {"test_pencil_weights"},
    },
    "pencil: the token does not see itself": {
        "cells": {
            "pencil_output": """pencil = drawn.pencil
raw = np.exp(pencil.keys[:2] @ pencil.query / 2)
pencil_output = raw / raw.sum() @ pencil.values[:2]
"""
        },
        "loses": {"test_pencil_output"},
    },
    "pencil: the example's numbers": {
        "cells": {
            "pencil_weights": "pencil_weights = [0.378, 0.622, 0, 0]\n",
            "pencil_output": "pencil_output = [1.510, 1.245]\n",
        },
        "loses": {"test_pencil_weights", "test_pencil_output"},
    },
    "softmax along the first axis": {
        "cells": {
            "softmax": """def softmax(scores):
    powers = np.exp(scores - scores.max(axis=0, keepdims=True))
    return powers / powers.sum(axis=0, keepdims=True)
"""
        },
        "loses": {"test_softmax"},
    },
    "softmax without subtracting the maximum": {
        "cells": {
            "softmax": """def softmax(scores):
    powers = np.exp(scores)
    return powers / powers.sum(axis=-1, keepdims=True)
"""
        },
        "loses": {"test_softmax_large"},
    },
    "softmax with one maximum for all rows": {
        "cells": {
            "softmax": """def softmax(scores):
    powers = np.exp(scores - scores.max())
    return powers / powers.sum(axis=-1, keepdims=True)
"""
        },
        "loses": {"test_softmax_large"},
    },
    "softmax that writes into its input": {
        "cells": {
            "softmax": """def softmax(scores):
    scores -= scores.max(axis=-1, keepdims=True)
    return np.exp(scores) / np.exp(scores).sum(axis=-1, keepdims=True)
"""
        },
        "loses": {"test_softmax"},
    },
    "no root of the head's width": {
        "cells": {
            "causal_attention": changed(CAUSAL, (" / np.sqrt(query.shape[1])", ""))
        },
        "loses": {"test_causal"},
    },
    "divided by the width, not by its root": {
        "cells": {
            "causal_attention": changed(
                CAUSAL, ("np.sqrt(query.shape[1])", "query.shape[1]")
            )
        },
        "loses": {"test_causal"},
    },
    "mask after the softmax": {
        "cells": {
            "causal_attention": changed(
                CAUSAL,
                ("    scores[mask] = -np.inf\n", ""),
                ("softmax(scores)", "np.where(mask, 0, softmax(scores))"),
            )
        },
        "loses": {"test_causal", "test_no_peeking"},
    },
    "masked scores set to zero": {
        "cells": {
            "causal_attention": changed(CAUSAL, ("= -np.inf", "= 0"), ("+ 1)", "+ 1)"))
        },
        "loses": {"test_causal", "test_no_peeking"},
    },
    "the next token is seen": {
        "cells": {"causal_attention": changed(CAUSAL, ("start + 1", "start + 2"))},
        "loses": {"test_causal", "test_no_peeking"},
    },
    "the token does not see itself": {
        "cells": {"causal_attention": changed(CAUSAL, ("start + 1", "start"))},
        "loses": {"test_causal", "test_no_peeking", "test_last_queries"},
    },
    "softmax over queries": {
        "cells": {
            "causal_attention": changed(
                CAUSAL, ("softmax(scores) @", "softmax(scores.T).T @")
            )
        },
        "loses": {"test_causal", "test_no_peeking", "test_last_queries"},
    },
    "mask without the offset": {
        "cells": {"causal_attention": changed(CAUSAL, ("start + 1", "1"))},
        "loses": {"test_last_queries"},
    },
    "two tables confused": {
        "cells": {
            "tables": """mask = np.tril(np.ones((6, 6)))
raw = np.exp(drawn.query @ drawn.key.T / np.sqrt(8))
sums = {c: t.sum(axis=1) for c, t in drawn.tables.items()}
causal = [c for c, t in drawn.tables.items() if not np.triu(t, 1).any()]
want = raw * mask / (raw * mask).sum(axis=1, keepdims=True)
tables = {"right": min(causal, key=lambda c: np.ptp(drawn.tables[c] - want))}
tables["peeks"] = next(c for c in "ABCDE" if c not in causal)
whole = [c for c in causal if np.allclose(sums[c], 1, atol=0.01)]
tables["unscaled"] = next(c for c in whole if c != tables["right"])
rest = [c for c in causal if c not in whole]
rest.sort(key=lambda c: abs(drawn.tables[c].sum(axis=0) - 1).max())
tables["late mask"], tables["over queries"] = rest
"""
        },
        "loses": {"test_table_mistakes"},
    },
    "the sharp table taken for the right one": {
        "cells": {
            "tables": """raw = np.tril(np.exp(drawn.query @ drawn.key.T))
want = raw / raw.sum(axis=1, keepdims=True)
best = min("ABCDE", key=lambda c: np.ptp(drawn.tables[c] - want))
tables = {"right": best}
rest = [c for c in "ABCDE" if c != best]
for name in ("unscaled", "late mask", "over queries", "peeks"):
    tables[name] = rest.pop()
"""
        },
        "loses": {"test_table_right", "test_table_mistakes"},
    },
    "heads split by the wrong reshape": {
        "cells": {
            "split_heads": """def split_heads(x, n_heads):
    return x.reshape(n_heads, len(x), -1)
"""
        },
        "loses": {"test_split"},
    },
    "heads take every other number": {
        "cells": {
            "split_heads": """def split_heads(x, n_heads):
    return np.array([x[:, head::n_heads] for head in range(n_heads)])
"""
        },
        "loses": {"test_split"},
    },
    "heads joined by the wrong reshape": {
        "cells": {
            "join_heads": """def join_heads(x):
    return x.reshape(x.shape[1], -1)
"""
        },
        "loses": {"test_join"},
    },
    "the last matrix forgotten": {
        "cells": {"multi_head": changed(MULTI_HEAD, (" @ w_out", ""))},
        "loses": {"test_multi_head"},
    },
    "keys and values exchanged": {
        "cells": {
            "multi_head": changed(
                MULTI_HEAD, ("zip(query, key, value)", "zip(query, value, key)")
            )
        },
        "loses": {"test_multi_head"},
    },
    "the cache keeps the query": {
        "cells": {
            "read": changed(
                READ,
                (
                    "np.concatenate([cache[0], key], axis=1)",
                    "np.concatenate([cache[0], query], axis=1)",
                ),
            )
        },
        "loses": {"test_cache_equals", "test_cache_holds"},
    },
    "the cache keeps the new tokens only": {
        "cells": {
            "read": changed(
                READ,
                ("    if cache:\n", "    new = (key, value)\n    if cache:\n"),
                ("model.films.T, (key, value)", "model.films.T, new"),
                (
                    "n_old = cache[0].shape[1] if cache else 0",
                    "n_old = getattr(model, '_n_old', 0) if cache else 0\n"
                    "    object.__setattr__(model, '_n_old', n_old + len(films))",
                ),
            )
        },
        "loses": {"test_cache_equals", "test_cache_holds"},
    },
    "new tokens see each other without a mask": {
        "cells": {
            "read": changed(
                READ,
                (
                    "causal_attention(*head) for head in heads",
                    "\n        np.concatenate([causal_attention(r[None], k, v)"
                    " for r in q])\n        for q, k, v in heads\n    ",
                ),
            )
        },
        "loses": {"test_cache_equals"},
    },
    "places counted from zero again": {
        "cells": {
            "read": changed(
                READ, ("np.arange(n_old, n_old + len(films))", "np.arange(len(films))")
            )
        },
        "loses": {"test_positions"},
    },
    "places one too late": {
        "cells": {
            "read": changed(
                READ,
                (
                    "np.arange(n_old, n_old + len(films))",
                    "np.arange(n_old, n_old + len(films)) + 1",
                ),
            )
        },
        "loses": {"test_positions"},
    },
    "the given cache grows in place": {
        "cells": {
            "read": changed(
                READ,
                (
                    "    if cache:\n",
                    "    if cache is None:\n        cache = [key, value]\n    else:\n",
                ),
                (
                    "        key = np.concatenate([cache[0]",
                    "        key = cache[0] = np.concatenate([cache[0]",
                ),
                (
                    "        value = np.concatenate([cache[1]",
                    "        value = cache[1] = np.concatenate([cache[1]",
                ),
                ("(key, value)\n", "cache\n"),
            )
        },
        "loses": {"test_cache_holds"},
    },
    "keys counted, values forgotten": {
        "cells": {"cost": changed(COST, ("2 * s.layers", "s.layers"))},
        "loses": {"test_cost_history"},
    },
    "width taken for the width of a head": {
        "cells": {"cost": changed(COST, ("* s.width", "* s.width * s.heads"))},
        "loses": {"test_cost_history"},
    },
    "titles forgotten in the shared cache": {
        "cells": {
            "cost": changed(
                COST, ("(s.history + s.candidates * s.title)", "(s.history + s.title)")
            )
        },
        "loses": {"test_cost_shared"},
    },
    "the last token is read as well": {
        "cells": {
            "cost": changed(
                COST, ("s.history + s.written - 1", "s.history + s.written")
            )
        },
        "loses": {"test_cost_positions"},
    },
    "each token receives its own value": {
        "cells": {
            "causal_attention": """def causal_attention(query, key, value):
    return value[-len(query) :]
"""
        },
        "loses": {"test_causal", "test_no_peeking", "test_last_queries"},
    },
    "the plain mean, as in the example": {
        "cells": {
            "causal_attention": """def causal_attention(query, key, value):
    mean = np.cumsum(value, axis=0) / np.arange(1, len(value) + 1)[:, None]
    return mean[-len(query) :]
"""
        },
        "loses": {"test_causal", "test_no_peeking", "test_last_queries"},
    },
    "another student's id, set where it is not asked for": {
        "cells": {
            "pencil_weights": """STUDENT = "zoe"
other = draw(student_rng(COURSE, "attention", STUDENT)).pencil
raw = np.exp(other.keys[:3] @ other.query / 2)
pencil_weights = [*(raw / raw.sum()), 0]
"""
        },
        "loses": {"test_pencil_weights"},
    },
}

RIGHT = {
    "loops": {
        "cells": {
            "softmax": """import math


def softmax(scores):
    if scores.ndim > 1:
        return np.array([softmax(row) for row in scores])
    top = max(scores)
    powers = [math.exp(score - top) for score in scores]
    return np.array([power / math.fsum(powers) for power in powers])
""",
            "causal_attention": """def causal_attention(query, key, value):
    received = []
    for row in range(len(query)):
        n_seen = len(key) - len(query) + row + 1
        scores = [query[row] @ k / len(k) ** 0.5 for k in key[:n_seen]]
        weights = softmax(np.array(scores))
        received.append(sum(w * v for w, v in zip(weights, value)))
    return np.array(received)
""",
            "split_heads": """def split_heads(x, n_heads):
    width = x.shape[1] // n_heads
    return np.stack(
        [x[:, h * width : (h + 1) * width] for h in range(n_heads)]
    )
""",
            "join_heads": "def join_heads(x):\n    return np.hstack(list(x))\n",
            "multi_head": MULTI_HEAD,
            "read": READ,
            "cost": COST,
        }
    },
    "all heads at once": {
        "cells": {
            "causal_attention": CAUSAL,
            "softmax": SOFTMAX,
            "split_heads": """def split_heads(x, n_heads):
    return np.einsum("thd->htd", x.reshape(len(x), n_heads, -1))
""",
            "read": """def read(films, model, cache=None):
    n_heads, new = model.n_heads, len(films)
    old = 0 if cache is None else cache[0].shape[1]
    x = model.films[np.array(films)] + model.places[old : old + new]
    parts = (x @ model.w_qkv).reshape(new, 3, n_heads, -1)
    query, key, value = parts.transpose(1, 2, 0, 3)
    if old:
        key = np.append(cache[0], key, axis=1)
        value = np.append(cache[1], value, axis=1)
    scores = np.einsum("htd,hsd->hts", query, key) / query.shape[2] ** 0.5
    mask = np.tri(new, old + new, old, dtype=bool)
    scores = np.where(mask, scores, -np.inf)
    weights = np.exp(scores - scores.max(axis=2, keepdims=True))
    weights /= weights.sum(axis=2, keepdims=True)
    mixed = np.einsum("hts,hsd->thd", weights, value).reshape(new, -1)
    return (x + mixed @ model.w_out) @ model.films.T, (key, value)
""",
        }
    },
    "rounded on paper": {
        "cells": {
            "pencil_weights": """pencil = drawn.pencil
raw = np.exp(pencil.query @ pencil.keys[:3].T * 0.5)
pencil_weights = (np.append(raw, 0) / raw.sum()).round(3)
""",
            "pencil_output": """pencil = drawn.pencil
raw = np.exp(pencil.query @ pencil.keys[:3].T * 0.5)
weights = (raw / raw.sum()).round(3)
pencil_output = (weights @ pencil.values[:3]).round(3)
""",
        }
    },
    "an attention that takes all heads, called by name": {
        "cells": {
            "causal_attention": """def causal_attention(query, key, value):
    scores = query @ np.swapaxes(key, -1, -2) / np.sqrt(query.shape[-1])
    n_queries, n_keys = scores.shape[-2:]
    sees = np.tri(n_queries, n_keys, n_keys - n_queries, dtype=bool)
    return softmax(scores=np.where(sees, scores, -np.inf)) @ value
""",
            "multi_head": """def multi_head(x, w_qkv, w_out, n_heads):
    query, key, value = (
        split_heads(x=part, n_heads=n_heads)
        for part in np.split(x @ w_qkv, 3, axis=-1)
    )
    heads = causal_attention(query=query, key=key, value=value)
    return join_heads(x=heads) @ w_out
""",
            "read": """def read(films, model, cache=None):
    keys, values = cache or (np.zeros((model.n_heads, 0, 4)),) * 2
    places = np.arange(len(films)) + keys.shape[1]
    x = model.films[films] + model.places[places]
    query, key, value = (
        split_heads(x=part, n_heads=model.n_heads)
        for part in np.split(x @ model.w_qkv, 3, axis=-1)
    )
    keys = np.concatenate([keys, key], axis=1)
    values = np.concatenate([values, value], axis=1)
    heads = causal_attention(query=query, key=keys, value=values)
    x = x + join_heads(x=heads) @ model.w_out
    return x @ model.films.T, (keys, values)
""",
        }
    },
}
