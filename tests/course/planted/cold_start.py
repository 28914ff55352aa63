"""What students of cold_start typically get wrong, and what it costs them."""

KNN = """def knn_scores(train):
    x = train.astype(float)
    long = np.sqrt(x.sum(axis=0))
    long[long == 0] = 1
    similarity = (x / long).T @ (x / long)
    similarity -= np.diag(np.diag(similarity))
    return x @ similarity
"""

CONTENT = """def content_scores(train, vectors, l2):
    known = np.flatnonzero(train.any(axis=0))
    x = vectors - vectors[known].mean(axis=0)
    inner = x[known].T @ x[known]
    inverse = np.linalg.inv(inner + l2 * np.eye(len(inner)))
    scores = []
    for row in train[:, known].astype(float):
        weights = inverse @ x[known].T @ (row - row.mean())
        scores.append(row.mean() + x @ weights)
    return np.array(scores)
"""

POPULAR = """def genre_popularity(train, genres):
    count = train.sum(axis=0)
    known = np.flatnonzero(count)
    values = []
    for film, mine in enumerate(genres):
        alike = [f for f in known if f != film and np.any(genres[f] & mine)]
        values.append(count[alike].mean() if alike else count[known].mean())
    return np.array(values)
"""

VALUES = """def user_values(scores, test, films, k, rng):
    values = []
    for mine, liked in zip(scores, test):
        films = rng.permutation(films)
        order = films[np.argsort(-mine[films], kind="stable")]
        n = liked[films].sum()
        hits = liked[order[:k]].sum()
        values.append(hits / min(n, k) if n else np.nan)
    return np.array(values)
"""

CHOOSE = """def choose_l2(train, vectors, validation, strengths):
    rest, held = withhold(train, validation)

    def mean(l2):
        scores = content_scores(rest, vectors, l2)
        rng = np.random.default_rng(0)
        return np.nanmean(user_values(scores, held, validation, 10, rng))

    return max(strengths, key=mean)
"""

INTERVAL = """def interval(a, b):
    gap = [x - y for x, y in zip(a, b) if not np.isnan(x - y)]
    mean = sum(gap) / len(gap)
    variance = sum((g - mean) ** 2 for g in gap) / (len(gap) - 1)
    half = 1.96 * np.sqrt(variance / len(gap))
    return [mean, mean - half, mean + half]
"""

OWN = """train, test = withhold(drawn.ratings, drawn.new)


def measure(scores):
    scores = scores + np.zeros(train.shape)
    rng = np.random.default_rng(0)
    return user_values(scores, test, drawn.new, 10, rng)


l2 = choose_l2(train, drawn.vectors, drawn.validation, drawn.strengths)
l2_genres = choose_l2(train, drawn.by_genre, drawn.validation, drawn.strengths)
final = train
values = {
    "content": measure(content_scores(final, drawn.vectors, l2)),
    "genres": measure(content_scores(final, drawn.by_genre, l2_genres)),
    "popular": measure(genre_popularity(train, drawn.genres)),
    "random": measure(np.zeros(400)),
}
own = {name: np.nanmean(value).round(4) for name, value in values.items()}
own["l2"] = l2
own["gain"] = interval(values["content"], values["popular"])
_measured = values
"""


def changed(source, *pairs):
    """Return a solution with some of its text replaced; each text stands there."""
    for old, new in pairs:
        assert old in source, f"{old!r} does not stand in the solution"
        source = source.replace(old, new)
    return source


WRONG = {
    "one rating of each new film left in": {
        "cells": {
            "withhold": """def withhold(ratings, films):
    train, test = ratings.copy(), np.zeros_like(ratings)
    for film in films:
        users = np.flatnonzero(ratings[:, film])
        train[users[1:], film] = False
        test[users[1:], film] = True
    return train, test
"""
        },
        "loses": {"test_withhold"},
    },
    "withheld in place": {
        "cells": {
            "withhold": """def withhold(ratings, films):
    test = np.zeros_like(ratings)
    test[:, films] = ratings[:, films]
    ratings[:, films] = False
    return ratings, test
"""
        },
        "loses": {"test_withhold"},
    },
    "the test holds all ratings": {
        "cells": {
            "withhold": """def withhold(ratings, films):
    train = ratings.copy()
    train[:, films] = False
    return train, ratings.copy()
"""
        },
        "loses": {"test_withhold"},
    },
    "the film is its own neighbor": {
        "cells": {
            "knn_scores": changed(
                KNN, ("    similarity -= np.diag(np.diag(similarity))\n", "")
            )
        },
        "loses": {"test_knn"},
    },
    "common users not divided": {
        "cells": {
            "knn_scores": changed(KNN, ("    long[long == 0] = 1", "    long[:] = 1"))
        },
        "loses": {"test_knn"},
    },
    "nothing divided by nothing": {
        "cells": {"knn_scores": changed(KNN, ("    long[long == 0] = 1\n", ""))},
        "loses": {"test_knn_new"},
    },
    "unrated new films taken for disliked": {
        "cells": {
            "content_scores": changed(
                CONTENT,
                ("np.flatnonzero(train.any(axis=0))", "np.arange(len(vectors))"),
            )
        },
        "loses": {"test_content", "test_content_new"},
    },
    "the mean of all films' vectors": {
        "cells": {
            "content_scores": changed(
                CONTENT, ("vectors[known].mean(axis=0)", "vectors.mean(axis=0)")
            )
        },
        "loses": {"test_content", "test_content_new"},
    },
    "no ridge": {
        "cells": {"content_scores": changed(CONTENT, ("+ l2 * np", "+ 1e-9 * np"))},
        "loses": {"test_content"},
    },
    "the user's mean forgotten": {
        "cells": {"content_scores": changed(CONTENT, ("row.mean() + x @", "x @"))},
        "loses": {"test_content"},
    },
    "a mean of vectors for a regression": {
        "cells": {
            "content_scores": changed(
                CONTENT, ("inverse @ x[known].T @ (row", "x[known].T @ (row")
            )
        },
        "loses": {"test_content"},
    },
    "the film counts in its own popularity": {
        "cells": {"genre_popularity": changed(POPULAR, ("f != film and ", ""))},
        "loses": {"test_genre_popularity"},
    },
    "new films counted as zeros": {
        "cells": {
            "genre_popularity": changed(
                POPULAR, ("np.flatnonzero(count)", "np.arange(len(count))")
            )
        },
        "loses": {"test_genre_popularity"},
    },
    "known films among the candidates": {
        "cells": {
            "user_values": changed(
                VALUES,
                (
                    "    values = []\n",
                    "    values, films = [], np.arange(test.shape[1])\n",
                ),
            )
        },
        "loses": {"test_candidates"},
    },
    "always divided by k": {
        "cells": {"user_values": changed(VALUES, ("min(n, k) if n", "k if n"))},
        "loses": {"test_users"},
    },
    "0 for who cannot be measured": {
        "cells": {"user_values": changed(VALUES, ("else np.nan", "else 0.0"))},
        "loses": {"test_users"},
    },
    "the worst first": {
        "cells": {"user_values": changed(VALUES, ("-mine[films]", "mine[films]"))},
        "loses": {"test_candidates", "test_users", "test_ties"},
    },
    "a mean over films in place of users": {
        "cells": {
            "user_values": """def user_values(scores, test, films, k, rng):
    luck = rng.random((len(scores), len(films)))
    order = np.lexsort((luck, -scores[:, films]), axis=1)[:, :k]
    hits = np.take_along_axis(test[:, films], order, axis=1).sum(axis=1)
    return hits / np.minimum(test[:, films].sum(axis=1), k).mean()
"""
        },
        "loses": {"test_users"},
    },
    "equal scores by number": {
        "cells": {
            "user_values": changed(
                VALUES, ("rng.permutation(films)", "np.array(films)")
            )
        },
        "loses": {"test_ties"},
    },
    "equal scores in one random order for all": {
        "cells": {
            "user_values": changed(
                VALUES,
                (
                    "    values = []\n",
                    "    values, films = [], rng.permutation(films)\n",
                ),
                ("        films = rng.permutation(films)\n", ""),
            )
        },
        "loses": {"test_ties"},
    },
    "validation left in the fit": {
        "cells": {
            "choose_l2": changed(
                CHOOSE, ("content_scores(rest,", "content_scores(train,")
            )
        },
        "loses": {"test_choose"},
    },
    "chosen on the test": {
        "cells": {
            "choose_l2": """def choose_l2(train, vectors, validation, strengths):
    _, held = withhold(drawn.ratings, drawn.new)

    def mean(l2):
        rng = np.random.default_rng(0)
        scores = content_scores(train, vectors, l2)
        return np.nanmean(user_values(scores, held, drawn.new, 10, rng))

    return max(strengths, key=mean)
"""
        },
        "loses": {"test_choose"},
    },
    "the worst strength chosen": {
        "cells": {"choose_l2": changed(CHOOSE, ("max(strengths", "min(strengths"))},
        "loses": {"test_choose"},
    },
    "two groups as if they were different users": {
        "cells": {
            "interval": """def interval(a, b):
    a, b = a[~np.isnan(a)], b[~np.isnan(b)]
    half = 1.96 * np.sqrt(a.var(ddof=1) / len(a) + b.var(ddof=1) / len(b))
    mean = a.mean() - b.mean()
    return mean, mean - half, mean + half
"""
        },
        "loses": {"test_interval"},
    },
    "the spread of users for the error of the mean": {
        "cells": {"interval": changed(INTERVAL, ("variance / len(gap)", "variance"))},
        "loses": {"test_interval"},
    },
    "own numbers: chosen among films of the fit": {
        "cells": {
            "own": changed(
                OWN,
                (
                    "l2 = choose_l2(train, drawn.vectors, drawn.validation, "
                    "drawn.strengths)",
                    "l2 = drawn.strengths[0]",
                ),
            )
        },
        "loses": {"test_own_l2"},
    },
    "own numbers: fitted without the validation films": {
        "cells": {
            "own": changed(
                OWN,
                ("final = train\n", "final, _ = withhold(train, drawn.validation)\n"),
            )
        },
        "loses": {"test_own_means"},
    },
    "own numbers: new films left in the fit": {
        "cells": {"own": changed(OWN, ("final = train\n", "final = drawn.ratings\n"))},
        "loses": {"test_own_means", "test_own_gain"},
    },
    "own numbers: compared with random alone": {
        "cells": {
            "own": changed(
                OWN,
                (
                    'interval(values["content"], values["popular"])',
                    'interval(values["content"], values["random"])',
                ),
            )
        },
        "loses": {"test_own_gain"},
    },
    "own numbers: a neighbor's": {
        "cells": {
            "own": 'own = {"l2": 0.1, "content": 0.2, "popular": 0.3,\n'
            '       "random": 0.1, "gain": (-0.1, -0.12, -0.08)}\n',
            "verdicts": 'verdicts = {"content over popular": "worse",\n'
            '            "content over genres": "open",\n'
            '            "popular over random": "better"}\n',
        },
        "loses": {
            "test_own_l2",
            "test_own_means",
            "test_own_gain",
            "test_verdicts",
        },
    },
    "everything is open": {
        "cells": {
            "verdicts": """verdicts = {
    "content over popular": "open",
    "content over genres": "open",
    "popular over random": "open",
}
"""
        },
        "loses": {"test_verdicts"},
    },
    "all neighbors silent": {
        "cells": {
            "knn_scores": """def knn_scores(train):
    return np.zeros(train.shape)
""",
        },
        "loses": {"test_knn", "test_knn_new"},
    },
    "always the strength in the middle": {
        "cells": {
            "choose_l2": """def choose_l2(train, vectors, validation, strengths):
    return strengths[len(strengths) // 2]
""",
        },
        "loses": {"test_choose"},
    },
}

RIGHT = {
    "loops": {
        "cells": {
            "withhold": """def withhold(ratings, films):
    train, test = ratings.copy(), ratings.copy()
    for film in range(ratings.shape[1]):
        (train if film in films else test)[:, film] = False
    return train, test
""",
            "knn_scores": KNN,
            "content_scores": CONTENT,
            "genre_popularity": POPULAR,
            "user_values": VALUES,
            "choose_l2": CHOOSE,
            "interval": INTERVAL,
            "own": OWN,
            "verdicts": """verdicts = {}
for first, second in (
    ("content", "popular"), ("content", "genres"), ("popular", "random")
):
    _, low, high = interval(values[first], values[second])
    inside = low <= 0 <= high
    verdicts[f"{first} over {second}"] = (
        "open" if inside else "better" if low > 0 else "worse"
    )
""",
        }
    },
    "by the weights of films, in single precision": {
        "cells": {
            "content_scores": """def content_scores(train, vectors, l2):
    known = train.sum(axis=0) > 0
    x = vectors - vectors[known].mean(axis=0)
    kernel = x[known] @ x[known].T
    ridge = kernel + l2 * np.eye(len(kernel))
    carry = np.linalg.solve(ridge, x[known] @ x.T)
    carry += (1 - carry.sum(axis=0)) / len(carry)
    return train[:, known] @ carry
""",
            "knn_scores": """def knn_scores(train):
    x = train.astype(np.float32)
    both = x.T @ x
    with np.errstate(invalid="ignore"):
        similarity = both / np.sqrt(np.outer(np.diag(both), np.diag(both)))
    similarity = np.nan_to_num(similarity)
    np.fill_diagonal(similarity, 0)
    return x @ similarity
""",
            "user_values": """def user_values(scores, test, films, k, rng):
    films = np.array(films)
    values = np.full(len(scores), np.nan)
    for user in np.flatnonzero(test[:, films].any(axis=1)):
        luck = rng.random(len(films))
        ranked = sorted(zip(-scores[user, films], luck, films))
        hits = sum(test[user, film] for _, _, film in ranked[:k])
        values[user] = hits / min(k, test[user, films].sum())
    return values
""",
        }
    },
}
