"""Check the answers to the exercises on what a pre-trained model knows.

Book section 5.2.
"""

from collections.abc import Mapping, Sequence
from functools import cache

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.content.whiten import Centring, Whitening, mean_cosine
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.parts import Split
from recsys_ref.data.split import stratified_split
from recsys_ref.data.vectors import unit_rows
from recsys_ref.evaluation.evaluate import evaluate
from recsys_ref.evaluation.metrics import ndcg
from recsys_ref.lm.encode import encode
from recsys_ref.lm.text_model import TextModel
from recsys_ref.strategies.dot_product import DotProduct

SEED = 0
LAYER = 16
KINDS = [
    "horror",
    "comedy",
    "romantic",
    "war",
    "documentary",
    "western",
    "musical",
    "crime",
    "science fiction",
    "animated",
]
WORDINGS = ["anything but {} films", "no {} films, please", "I hate {} films"]


def sink(what: object, causal: TextModel) -> Verdict:
    """Check `ex-ch52-sink`: whether the word or the place makes the sink.

    Args:
        what: `word` or `place`.
        causal: What `load_causal` gave.

    Returns:
        The verdict.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal
        >>> sink("mask", load_causal())
        Not yet. 'mask' is none of the choices: place, word.
    """
    first = _norms(causal, ["The film", "See The film"], "cls")
    (second,) = _norms(causal, ["See The"], "last")
    by_place = first.min() > 10 * second
    right, wrong = ("place", "word") if by_place else ("word", "place")
    return chooses(
        what,
        right,
        because="The long vector stays in front when another word comes first.",
        hints={wrong: "Put a word before the sink. Which of the two is long then?"},
    )


def encoder(cones: object, texts: Sequence[str], model: TextModel) -> Verdict:
    """Check `ex-ch52-encoder`: the mean cosine of texts at each layer of MiniLM.

    Args:
        cones: `float[7]`, from layer 0 to 6.
        texts: The texts, at least two.
        model: What `load_encoder` gave.

    Returns:
        The verdict.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_encoder
        >>> encoder([0.5] * 6, ["a war film", "a comedy"], load_encoder())
        Not yet. The answer should be numbers of the shape (7,); yours has the
        shape (6,).
    """
    depths = range(model.network.config.num_hidden_layers + 1)
    layers = [encode(model, texts, layer=depth) for depth in depths]
    right = np.array([mean_cosine(layer) for layer in layers])
    n = len(texts)
    with_itself = (right * (n - 1) + 1) / n
    centered = [mean_cosine(Centring().fit(v).transform(v)) for v in layers]
    return matches(
        cones,
        right,
        because="The cone opens where MiniLM was trained to hold texts apart.",
        hint="Encode the titles with `layer=depth`, mean pooling, and take the mean "
        "cosine of all pairs.",
        mistakes=[
            (right[::-1], "Layer 0, the word vectors, comes first."),
            (with_itself, "A text is not a pair with itself. Leave out the diagonal."),
            (centered, "The question is about the vectors as they are, not centered."),
        ],
    )


def no(shares: object, encoder: TextModel, causal: TextModel) -> Verdict:
    """Check `ex-ch52-no`: how often a refusal lies next to what it refuses.

    Args:
        shares: `float[3, 2]`: for each wording the share of the ten kinds whose
            refusal is nearest to the love of the same kind, with MiniLM and with
            SmolLM2.
        encoder: What `load_encoder` gave.
        causal: What `load_causal` gave.

    Returns:
        The verdict.

    Examples:
        >>> from recsys_ref.lm.pretrained import load_causal, load_encoder
        >>> no([0, 0, 0], load_encoder(), load_causal())
        Not yet. The answer should be numbers of the shape (3, 2); yours has the
        shape (3,).
    """
    read = (
        lambda texts: encode(encoder, texts),
        lambda texts: encode(causal, texts, layer=LAYER, drop_first=True),
    )
    loved = [vectors([f"I love {kind} films" for kind in KINDS]) for vectors in read]
    right, raw = np.zeros((3, 2)), np.zeros((3, 2))
    for row, wording in enumerate(WORDINGS):
        for column, vectors in enumerate(read):
            refused = vectors([wording.format(kind) for kind in KINDS])
            right[row, column] = _same(_around(refused), _around(loved[column]))
            raw[row, column] = _same(refused, loved[column])
    return matches(
        shares,
        right,
        because="Both sentences are about the same films, and the vector says that.",
        hint="Set refusals and loves each around their own mean, and count the kinds "
        "whose refusal is nearest to the same kind's love.",
        mistakes=[
            (raw, "The vectors are not centered. What do all ten have in common?"),
            (1 - right, "This counts the refusals that are understood."),
            (right[:, ::-1], "MiniLM is the first column, SmolLM2 the second."),
        ],
        tolerance=0.01,
    )


def both(mean: object, vectors: Mapping[str, np.ndarray]) -> Verdict:
    """Check `ex-ch52-both`: what two models side by side reach on validation.

    Args:
        mean: Mean nDCG@10 on `inner`, both models whitened to 16 axes.
        vectors: Two models' `float[I, D]`, as they come: `V` of the chapter.

    Returns:
        The verdict.

    Examples:
        >>> rng = np.random.default_rng(0)
        >>> both("good", {name: rng.normal(size=(1682, 20)) for name in "ab"})
        Not yet. The answer should be a single number; yours is 'good'.
    """
    split, inner = _splits()
    raw = list(vectors.values())
    alone = [Whitening(16).fit(v).transform(v) for v in raw]
    pair, stacked = np.column_stack(alone), np.column_stack(raw)
    at_once = Whitening(32).fit(stacked).transform(stacked)
    return matches(
        mean,
        _mean(pair, inner),
        because="Each model brings 16 axes of its own, with equal weight.",
        hint="Whiten each model on its own to 16 axes, put the columns side by side, "
        "and measure on `inner`.",
        mistakes=[
            (_mean(pair, split), "This is the test part. First look at validation."),
            (_mean(stacked, inner), "Neither model is whitened here."),
            (
                _mean(at_once, inner),
                "This whitens the pair as one. Whiten each model on its own.",
            ),
            *((_mean(v, inner), "This is one of the two alone.") for v in alone),
        ],
    )


def _norms(model: TextModel, texts: Sequence[str], pooling: str) -> np.ndarray:
    """Return the length of one token's state of each text, at layer 16."""
    states = encode(model, texts, layer=LAYER, pooling=pooling, unit=False)
    return np.linalg.norm(states, axis=1)


def _around(vectors: np.ndarray) -> np.ndarray:
    return unit_rows(vectors - vectors.mean(axis=0))


def _same(refused: np.ndarray, loved: np.ndarray) -> float:
    """Return the share of rows whose nearest row of the other set is the same one."""
    return float(((refused @ loved.T).argmax(axis=1) == np.arange(len(loved))).mean())


@cache
def _splits() -> tuple[Split, Split]:
    """Return the chapter's split, and the one inside its training part."""
    split = stratified_split(load_movielens_100k().interactions)
    return split, stratified_split(split.train, seed=1)


def _mean(vectors: np.ndarray, part: Split) -> float:
    """Return the mean nDCG@10 of inner products."""
    strategy = DotProduct(vectors).fit(part.train)
    lists = strategy.recommend(np.arange(part.train.n_users), k=10, rng=SEED)
    found = evaluate(lists, part.test.matrix(), metrics=[ndcg])
    return float(found.means()["ndcg@10"])
