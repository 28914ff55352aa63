"""Check the answers to the exercises on GPT-2 from scratch.

Book section 5.1.
"""

import math
from collections.abc import Sequence

import numpy as np

from recsys_ref.check.verdict import Verdict, chooses, matches
from recsys_ref.lm.ngram import NGram
from recsys_ref.lm.tokenizer import ByteBPE

WORDS = [".", "alien", "of", "return", "the", "thing"]
TITLES = [
    "the thing",
    "alien",
    "return of the thing",
    "the return",
    "return of the alien",
]
SIZES = (257, 512, 1000)


def units(numbers: object, title: object) -> Verdict:
    """Check `ex-ch51-units`: a loss in other units, and the most surprising title.

    Args:
        numbers: Bits per token, perplexity, and nats per byte of a model with a
            loss of log 8 nats per token, where a token is 4 bytes long.
        title: The title of the six words that surprises the bigram most per token.

    Returns:
        The verdict. The numbers are looked at first.

    Examples:
        >>> units([2.0, 2.0, 2.0], "alien")
        Not yet. Bits count doublings, perplexity equally likely tokens, and a byte
        bears its part of a token's surprise.
    """
    loss = math.log(8)
    bits, perplexity, per_byte = loss / math.log(2), math.exp(loss), loss / 4
    found = matches(
        numbers,
        [bits, perplexity, per_byte],
        because="",
        hint="Bits count doublings, perplexity equally likely tokens, and a byte "
        "bears its part of a token's surprise.",
        mistakes=[
            (
                [bits, loss, per_byte],
                "The perplexity is the exponential of the loss, not the loss.",
            ),
            (
                [loss * math.log(2), perplexity, per_byte],
                "A bit is less than a nat. Are there more of them or fewer?",
            ),
            (
                [bits, perplexity, bits / 4],
                "This is bits per byte. The loss is in nats.",
            ),
            (
                [bits, perplexity, loss * 4],
                "The token's surprise is shared by its bytes. Is each one's larger?",
            ),
            (
                [bits, math.exp(bits), per_byte],
                "If the loss is in bits, the base of the power is another one.",
            ),
        ],
        tolerance=5e-3,
    )
    if not found:
        return found
    surprise = _surprise()
    right = max(surprise, key=surprise.get)
    least = min(surprise, key=surprise.get)
    hints = dict.fromkeys(
        (t for t in TITLES if t != right),
        "Others surprise more. Divide by the number of tokens, the end included.",
    )
    hints[least] = "This one surprises least per token."
    return chooses(
        title,
        right,
        because="Its last word goes on elsewhere, and it has few words to share that.",
        hints=hints,
    )


def vocabulary(per_byte: object, train: Sequence[str], held: Sequence[str]) -> Verdict:
    """Check `ex-ch51-vocabulary`: losses that compare across tokenizers.

    Args:
        per_byte: Held-out loss in nats per byte with 257, 512 and 1000 tokens.
        train: The training lines.
        held: The held-out lines.

    Returns:
        The verdict.

    Examples:
        >>> lines = ["Alien (1979): Horror", "Aliens (1986): Action", "Toys (1992)"]
        >>> vocabulary([[1.0, 2.0]], lines, lines[:1])
        Not yet. The answer should be numbers of the shape (3,); yours has the
        shape (1, 2).
    """
    losses, tokens = np.transpose([_trigram(size, train, held) for size in SIZES])
    n_bytes = sum(len(line.encode()) + 1 for line in held)
    whole = losses * tokens
    return matches(
        per_byte,
        whole / n_bytes,
        because="All three speak of the same bytes, so the losses compare.",
        hint="Multiply each loss by its number of held-out tokens, then divide by "
        "the bytes of the held-out lines, each end of text one byte.",
        mistakes=[
            (losses, "This is per token, and a token is not the same length in each."),
            (
                whole / sum(len(line.encode()) for line in held),
                "The end of each line is predicted too. Count a byte for it.",
            ),
            (whole / n_bytes / math.log(2), "This is in bits. The loss is in nats."),
        ],
    )


def memory(mebibytes: object, sequences: object) -> Verdict:
    """Check `ex-ch51-memory`: what the key-value cache of the smallest GPT-2 takes.

    Args:
        mebibytes: MiB of one full context, in float32.
        sequences: The least number of full contexts whose cache takes more
            memory than the model.

    Returns:
        The verdict.

    Examples:
        >>> memory(100, 3)
        Not yet. In each block, each token leaves one key and one value of the
        model's width. A number takes four bytes.
    """
    import torch  # here, since the other checks need none

    from recsys_ref.lm.gpt2 import GPT2, GPT2Config

    sizes = GPT2Config()
    with torch.device("meta"):  # sizes without memory
        model = GPT2(sizes)
        cache = model.new_cache(n_batch=1)
    numbers = sum(part.keys.numel() + part.values.numel() for part in cache)
    mib = numbers * 4 / 2**20
    found = matches(
        mebibytes,
        mib,
        because="",
        hint="In each block, each token leaves one key and one value of the model's "
        "width. A number takes four bytes.",
        mistakes=[
            (mib / 2, "Half of it is missing: a cache holds keys and values."),
            (mib / sizes.layers, "Each block has a cache of its own."),
            (numbers * 4 / 1e6, "A mebibyte is not a million bytes."),
            (numbers / 2**20, "These are millions of numbers. Each takes four bytes."),
            (mib / sizes.context, "This is one token. A full context has more."),
        ],
        tolerance=0.01,
    )
    if not found:
        return found
    right = model.num_parameters // numbers + 1
    return matches(
        sequences,
        right,
        because="Keys and values for every block and token: B times 2 N C D numbers.",
        hint="Divide the model's number of parameters by that of one cache.",
        mistakes=[
            (right - 1, "So many still fit below the model. When is it *more*?"),
            (
                model.num_parameters / numbers,
                "Sequences are whole. Which is the first whole number above?",
            ),
        ],
        tolerance=0.01,
    )


def mix(loss: object, network: np.ndarray, counts: np.ndarray) -> Verdict:
    """Check `ex-ch51-mix`: the loss of the mean of two models' chances.

    Args:
        loss: Of the mixture, in nats per token.
        network: `float[T]`, the network's chance of each held-out token.
        counts: `float[T]`, the trigram's, of the same tokens.

    Returns:
        The verdict.

    Examples:
        >>> mix(1.04, np.array([0.5, 0.25]), np.array([0.25, 0.5]))
        Not yet. This is the mean of two losses. Mix the chances, then take the
        logarithm.
    """
    mixed = (network + counts) / 2
    losses = -np.log(network).mean(), -np.log(counts).mean()
    return matches(
        loss,
        -np.log(mixed).mean(),
        because="The logarithm bends, so a mixture is at least as good as the mean.",
        hint="Take for each token the mean of the two chances, and of these the "
        "mean surprise.",
        mistakes=[
            (
                np.mean(losses),
                "This is the mean of two losses. Mix the chances, then take the "
                "logarithm.",
            ),
            (
                -np.log(mixed.mean()),
                "This is the surprise at the mean chance. Take the mean last.",
            ),
            (-np.log2(mixed).mean(), "This is in bits. The chapter counts in nats."),
            (np.log(mixed).mean(), "A surprise is not negative."),
            (losses[0], "This is the network alone."),
            (losses[1], "This is the trigram alone."),
        ],
    )


def _surprise() -> dict[str, float]:
    """Return the bigram's loss on each title of the six words, in nats per token."""
    text = ". " + " . ".join(TITLES) + " ."
    bigram = NGram(order=2, vocab_size=len(WORDS)).fit(_ids(text))
    return {title: bigram.loss(_ids(f". {title} .")) for title in TITLES}


def _ids(text: str) -> list[int]:
    return [WORDS.index(word) for word in text.split()]


def _trigram(size: int, train: Sequence[str], held: Sequence[str]) -> tuple[float, int]:
    """Return a trigram's held-out loss per token, and the number of these."""
    tokenizer = ByteBPE.train(train, vocab_size=size)
    streams = [
        [
            token
            for line in lines
            for token in [*tokenizer.encode(line), tokenizer.end_of_text]
        ]
        for lines in (train, held)
    ]
    return NGram(3, size).fit(streams[0]).loss(streams[1]), len(streams[1])
