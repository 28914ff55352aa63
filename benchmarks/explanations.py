"""Who says why a film was recommended, and is it so?

EASE is learned from the train part of the first published split of
MovieLens-100K. Two questions are asked of it:

- Everyone's whole history: how often does the film with the nearest text name
  what counted? Beside it genres, and two models of which one reads texts.
- Some users, of whom only the last ten films are known, so that all of a history
  fits into a prompt: what SmolLM2 writes as the reason, freely, with a list to
  choose from, and told what counted; and for the film that stands last in the
  user's list. The texts are in the file, so that every check can be repeated.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import asdict

import numpy as np
import protocol
import torch
from protocol import digits
from tqdm import tqdm

from recsys_ref.content.embed import embed_items
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.evaluation.significance import paired_bootstrap
from recsys_ref.explanation.checks import (
    TitleFinder,
    check_explanations,
    find_cited,
    short_title,
)
from recsys_ref.explanation.contributions import (
    additive_parts,
    concentration,
    leave_one_out,
)
from recsys_ref.explanation.nearest_text import agreement, nearest_in_history
from recsys_ref.explanation.written import (
    OPENING,
    TOKENS,
    Explanation,
    ask_why,
    template_explanation,
    write_explanation,
)
from recsys_ref.lm.chat import encode_prompt
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import TextModel, load_causal, load_encoder
from recsys_ref.lm.scoring import log_likelihood
from recsys_ref.profiles.behaviour import last_events
from recsys_ref.ranking import top_k
from recsys_ref.strategies.base import Recommender
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.item_knn import ItemKNN

SEED, L2, WINDOW, USERS, TOLD = 0, 500.0, 10, 40, 3
BATCH = 20  # free texts that are written at once
# How SmolLM2 is asked: form, whether it is told what counted, which film.
ASKED = {
    "free": ("free", False, "first"),
    "cited": ("cited", False, "first"),
    "free, told": ("free", True, "first"),
    "cited, told": ("cited", True, "first"),
    "free, last film": ("free", False, "last"),
}
DOUBT = re.compile(r"\b(not|no|never|nothing|although|however|but)\b|n't", re.I)


class Case:
    """The users, what is known of them, and what is to be explained.

    Attributes:
        items: Y.
        titles: `str[I]`, as they are shown to the language model.
        train: X, to learn from.
        recent: The last films of each user.
        model: EASE, serving `recent`.
        users: `int64[B]`.
        first: `int64[B]`, the best unseen film of each.
        last: `int64[B]`, the worst.
        history: For each of the B, `int64[n]`.
        parts: For each, `float64[n, I]`.
    """

    def __init__(self, n_users: int = USERS):
        self.items = load_movielens_100k().items
        self.titles = [short_title(title) for title in self.items.title]
        self.train = protocol.published_splits()[protocol.SEEDS[0]].train
        self.recent = last_events(self.train, WINDOW, rng=SEED)
        self.learned = EASE(l2=L2).fit(self.train)
        self.model = self.learned.fold_in(self.recent)
        order = np.random.default_rng(SEED).permutation(self.train.n_users)
        self.users = order[:n_users]
        scores = self.model.score(self.users)
        seen = self.train.matrix()[self.users]
        shared = {"users": self.users, "excluded": seen, "rng": SEED}
        self.first = top_k(scores, 1, **shared).items[:, 0]
        self.last = top_k(-scores, 1, **shared).items[:, 0]
        found = [additive_parts(self.model, user) for user in self.users]
        self.history = [items for items, _, _ in found]
        self.parts = [parts for _, parts, _ in found]

    def film(self, which: str) -> np.ndarray:
        """Return the films to be explained, `int64[B]`."""
        return self.first if which == "first" else self.last

    def counted(self, which: str = "first") -> list[np.ndarray]:
        """Return what each film of each history adds to the film's score."""
        films = self.film(which)
        return [part[:, film] for part, film in zip(self.parts, films, strict=True)]

    def names(self, row: int) -> list[str]:
        """Return the titles of one user's history, `str[n]`."""
        return [self.titles[item] for item in self.history[row]]


def asked(case: Case, row: int, name: str) -> dict:
    """Return what `write_explanation` is told about one user's film."""
    form, told, which = ASKED[name]
    names, counted = case.names(row), case.counted(which)[row]
    most = [names[place] for place in np.argsort(-counted, kind="stable")[:TOLD]]
    return {
        "titles": names,
        "recommended": case.titles[case.film(which)[row]],
        "told": most if told else (),
        "form": form,
    }


def write(model: TextModel, case: Case, row: int, name: str) -> Explanation:
    """Let the language model explain one film to one user."""
    return write_explanation(model, **asked(case, row, name))


def write_all(model: TextModel, case: Case, name: str) -> list[Explanation]:
    """Do as `write` for all users: free texts in batches, which is faster.

    The likeliest token is taken each time, so that the texts are those of
    `write` unless two tokens are as likely but for rounding.
    """
    rows = range(len(case.users))
    if ASKED[name][0] != "free":
        return [write(model, case, row, name) for row in tqdm(rows, desc=name)]
    texts = []
    for start in tqdm(rows[::BATCH], desc=name):
        prompts = [ask_why(**asked(case, r, name)) for r in rows[start : start + BATCH]]
        texts += continued(model, prompts)
    return [Explanation(f"{OPENING}{text}".strip()) for text in texts]


def continued(model: TextModel, prompts: Sequence[str]) -> list[str]:
    """Continue prompts together, each up to the end of its line."""
    ids = [encode_prompt(model.tokenizer, prompt) for prompt in prompts]
    longest = max(map(len, ids))
    padding = model.tokenizer.eos_token_id
    rows = torch.tensor([[padding] * (longest - len(row)) + row for row in ids])
    real = torch.tensor([[0] * (longest - len(row)) + [1] * len(row) for row in ids])
    with torch.inference_mode():
        written = model.model.generate(
            input_ids=rows,
            attention_mask=real,
            max_new_tokens=TOKENS,
            do_sample=False,
            pad_token_id=padding,
        )
    texts = model.tokenizer.batch_decode(
        written[:, longest:],
        skip_special_tokens=True,
        clean_up_tokenization_spaces=False,
    )
    return [text.split("\n")[0] for text in texts]


def interval(values: Sequence[float]) -> dict[str, float]:
    """Bound a mean over users, with 95 %: Wilson's for shares, else a bootstrap."""
    values = np.asarray(values, dtype=np.float64)
    p = values.mean()
    if np.isin(values, (0, 1)).all():
        low, high = protocol.wilson(values)
    else:
        bounds = paired_bootstrap(values, np.zeros(len(values)), rng=SEED)
        low, high = bounds.low, bounds.high
    return {"mean": digits(p), "low": digits(min(low, p)), "high": digits(max(high, p))}


def by_likeness(
    vectors: np.ndarray, history: Sequence[np.ndarray], films: np.ndarray
) -> list[int]:
    """Return the place of the nearest film in each history."""
    return [
        int(nearest_in_history(vectors, own, film, rng=SEED + row)[0])
        for row, (own, film) in enumerate(zip(history, films, strict=True))
    ]


def likenesses(items: Items, vectors: np.ndarray) -> dict[str, np.ndarray]:
    """Return what a film may be like another by."""
    return {
        "text": vectors,
        "text, centered": vectors - vectors.mean(axis=0),
        "genres": items.genres.astype(float),
    }


def whole_histories(case: Case, vectors: np.ndarray) -> dict:
    """Hold the nearest film against what counted, for everyone and three models."""
    train, everyone = case.train, np.arange(case.train.n_users)
    centered = vectors - vectors.mean(axis=0)
    models: dict[str, Recommender] = {
        "EASE": case.learned,
        "ItemKNN": ItemKNN("cosine").fit(train),
        "text profile": DotProduct(centered, cosine=True).fit(train),
    }
    found = {}
    for name, model in models.items():
        films = model.recommend(everyone, k=1, rng=SEED).items[:, 0]
        history, counted = [], []
        for user, film in zip(everyone, films, strict=True):
            items, parts, _ = additive_parts(model, user, train)
            history.append(items)
            counted.append(parts[:, film])
        by = {
            kind: agreement(counted, by_likeness(each, history, films))
            for kind, each in likenesses(case.items, vectors).items()
        }
        chance = by["text"]
        found[name] = {
            "films": int(np.median([len(items) for items in history])),
            "half": interval([concentration(c) / len(c) for c in counted]),
            "half_films": float(np.median([concentration(c) for c in counted])),
            "against": interval([np.mean(c < 0) for c in counted]),
            "chance": {
                "top 1": interval(chance["chance 1"]),
                "top 3": interval(chance["chance 3"]),
            },
        } | {
            kind: {
                column: interval(table[column])
                for column in ("top 1", "top 3", "beats", "speaks")
            }
            for kind, table in by.items()
        }
    return found


def all_explanations(
    case: Case, texts: Mapping[str, Sequence[Mapping]], vectors: np.ndarray
) -> dict[str, list[Explanation]]:
    """Return every kind of explanation of the first film, one a user."""
    said = {
        name: [Explanation(**each) for each in texts[name]]
        for name, (_, _, which) in ASKED.items()
        if which == "first"
    }
    centered = vectors - vectors.mean(axis=0)
    nearest = by_likeness(centered, case.history, case.first)
    genres = by_likeness(case.items.genres.astype(float), case.history, case.first)
    for name, places in (("nearest text", nearest), ("nearest genres", genres)):
        said[name] = [cite(case.names(row)[place]) for row, place in enumerate(places)]
    said["template"] = [
        template_explanation(case.names(row), counted, case.titles[case.first[row]])
        for row, counted in enumerate(case.counted())
    ]
    return said


def cite(title: str) -> Explanation:
    """Say that a film of the history is the reason, and no more."""
    return Explanation(f'Because you watched "{title}".', title)


def check(
    case: Case,
    explanations: Sequence[Explanation],
    finder: TitleFinder,
    which: str = "first",
):
    """Check one explanation a user; `ranks` is whether the film loses its place."""
    films, rows = case.film(which), range(len(explanations))
    cited = [
        find_cited(explanations[row], case.names(row), case.titles[films[row]], finder)
        for row in rows
    ]
    return cited, check_explanations(cited, case.counted(which)[: len(cited)])


def places_lost(case: Case, row: int) -> np.ndarray:
    """Return by how many places the first film falls without each: `float64[n]`."""
    user = case.users[row]
    seen = case.train.item[case.train.user == user]
    found = leave_one_out(
        case.model, only(case.recent, user), user, case.first[row], excluded=seen
    )
    return found["places"].to_numpy()


def only(events: Interactions, user: int) -> Interactions:
    """Keep one user's events."""
    return events.select(events.user == user)


def drawn(case: Case) -> dict:
    """Return what a film of the history drawn at random passes, on average."""
    shares = []
    for counted in case.counted():
        n = len(counted)
        table = agreement([counted] * n, range(n))
        passes = table["speaks"] & (table["beats"] > 0.5)
        shares.append(
            {
                "grounded": 1.0,
                "lowers": table["speaks"].mean(),
                "beats": table["beats"].mean(),
                "top 1": table["top 1"].mean(),
                "top 3": table["top 3"].mean(),
                "passes": passes.mean(),
            }
        )
    return {key: interval([each[key] for each in shares]) for key in shares[0]}


def fluency(model: TextModel, texts: Sequence[str]) -> list[float]:
    """Return how likely texts are to SmolLM2 on their own, in nats per token."""
    found = log_likelihood(
        model, "Why:", [f" {text}" for text in texts], normalize="tokens"
    )
    return [round(float(value), 4) for value in found]


def shuffled(text: str, rng: np.random.Generator) -> str:
    """Put the words of a text into a random order."""
    return " ".join(rng.permutation(text.split()))


def auc(nats: np.ndarray, passes: np.ndarray) -> float:
    """Return how often a text that passes is the more fluent one of a pair.

    Pairs are those of a text that passes and one that does not, asked for in the
    same way: forms differ in their words and in what passes. Equal ones count
    half; NaN if there is no pair.

    Args:
        nats: `float64[U, A]`, log-likelihood per token, one column a way of asking.
        passes: `bool[U, A]`.
    """
    wins = pairs = 0.0
    for values, yes in zip(nats.T, passes.T, strict=True):
        difference = np.subtract.outer(values[yes], values[~yes])
        wins += ((difference > 0) + 0.5 * (difference == 0)).sum()
        pairs += difference.size
    return float(wins / pairs) if pairs else float("nan")


def told_apart(nats: np.ndarray, passes: np.ndarray) -> dict[str, float]:
    """Bound how well fluency tells what passes from what does not, with 95 %.

    Users are resampled, each with all of his texts.
    """
    rng, n = np.random.default_rng(SEED), len(nats)
    draws = [auc(nats[i], passes[i]) for i in rng.integers(n, size=(2000, n))]
    low, high = np.nanquantile(draws, [0.025, 0.975])
    return {"mean": digits(auc(nats, passes)), "low": digits(low), "high": digits(high)}


def reason(text: str) -> str:
    """Return what an explanation says after the film that it cites."""
    return text.split('":', 1)[-1].strip() if '":' in text else ""


def swapped(
    reasons: Sequence[str], films: np.ndarray, encoder: TextModel, items: Items
) -> list[float]:
    """Put another user's film into each explanation: how often does it fit less?

    A reason fits a film as well as MiniLM holds the two texts for alike.

    Returns:
        For each reason that is not empty the share of the other users' films
        that are less like it than its own; equal ones count half. Chance: 0.5.
    """
    rows = [row for row, text in enumerate(reasons) if text]
    said = encode(encoder, [reasons[row] for row in rows])
    films_text = encode(encoder, items.text().tolist())
    likeness = (said @ films_text[films].T).round(6)
    shares = []
    for row, values in zip(rows, likeness, strict=True):
        other = values[films != films[row]]
        own = values[row]
        shares.append(float(((own > other) + 0.5 * (own == other)).mean()))
    return shares


def genre_reason(items: Items, film: int) -> str:
    """Say of a film what its genres are: a control that is about the film."""
    genres = zip(items.genre_names, items.genres[film], strict=True)
    names = [name for name, has in genres if has]
    return f"both are {' and '.join(names).lower()} films."


def collect() -> dict:
    """Do everything; return what the file holds."""
    case, causal, encoder = Case(), load_causal(), load_encoder()
    texts = {
        name: [asdict(said) for said in write_all(causal, case, name)] for name in ASKED
    }
    vectors = embed_items(encoder, case.items)
    return {
        "protocol": {
            "model": causal.name,
            "users": case.users.tolist(),
            "first": case.first.tolist(),
            "last": case.last.tolist(),
            "window": WINDOW,
            "l2": L2,
            "seed": SEED,
        },
        "whole_histories": whole_histories(case, vectors),
        "texts": texts,
        "checks": checks(case, texts, vectors),
        "last_film": last_film(case, texts),
        "fluency": fluencies(case, texts, causal),
        "swap": swaps(case, texts, encoder),
    }


def checks(
    case: Case, texts: Mapping[str, Sequence[Mapping]], vectors: np.ndarray
) -> dict:
    """Check every kind of explanation; whether the first place is lost, too."""
    finder = TitleFinder(case.items.title)
    lost = [places_lost(case, row) > 0 for row in range(len(case.users))]
    found = {}
    for name, said in all_explanations(case, texts, vectors).items():
        cited, table = check(case, said, finder)
        table["loses place"] = [
            float(each.place is not None and lost[row][each.place])
            for row, each in enumerate(cited)
        ]
        found[name] = {column: interval(table[column]) for column in table}
    chance = drawn(case)
    chance["loses place"] = interval([each.mean() for each in lost])
    return found | {"random film": chance}


def last_film(case: Case, texts: Mapping[str, Sequence[Mapping]]) -> dict:
    """Ask who has anything to say for the film that stands last."""
    scores = [counted.sum() for counted in case.counted("last")]
    template = [
        template_explanation(case.names(row), counted, case.titles[case.last[row]])
        for row, counted in enumerate(case.counted("last"))
    ]
    both = {"first": texts["free"], "last": texts["free, last film"]}
    return {
        "score_below_zero": interval([score <= 0 for score in scores]),
        "template_is_silent": interval([each.cited is None for each in template]),
        "gives_a_reason": {
            name: interval([bool(reason(each["text"])) for each in said])
            for name, said in both.items()
        },
        "sounds_a_doubt": {
            name: interval([bool(DOUBT.search(reason(e["text"]))) for e in said])
            for name, said in both.items()
        },
    }


def fluencies(
    case: Case, texts: Mapping[str, Sequence[Mapping]], model: TextModel
) -> dict:
    """Measure how fluent each text is, and whether that tells what passes."""
    finder, rng = TitleFinder(case.items.title), np.random.default_rng(SEED)
    nats = {
        name: fluency(model, [each["text"] for each in said])
        for name, said in texts.items()
    }
    words = [shuffled(each["text"], rng) for each in texts["free"]]
    passes = []
    firsts = [name for name, (_, _, which) in ASKED.items() if which == "first"]
    for name in firsts:
        _, table = check(case, [Explanation(**each) for each in texts[name]], finder)
        passes.append(table["passes"] > 0)
    every = np.array([nats[name] for name in firsts]).T
    first, last = np.array(nats["free"]), np.array(nats["free, last film"])
    gap = paired_bootstrap(last, first, rng=SEED)
    return {
        "nats": nats,
        "words_shuffled": fluency(model, words),
        "told_apart": told_apart(every, np.array(passes).T),
        "last_less_first": {
            key: digits(getattr(gap, key)) for key in ("mean", "low", "high")
        },
    }


def swaps(
    case: Case, texts: Mapping[str, Sequence[Mapping]], encoder: TextModel
) -> dict:
    """Measure whether a reason is about its film, and how often it is unique."""
    found = {}
    for name, (_, _, which) in ASKED.items():
        reasons = [reason(each["text"]) for each in texts[name]]
        fits = swapped(reasons, case.film(which), encoder, case.items)
        found[name] = {
            "fits_own": interval(fits),
            "distinct": len({text for text in reasons if text}),
            "reasons": sum(map(bool, reasons)),
        }
    genres = [genre_reason(case.items, film) for film in case.first]
    fits = swapped(genres, case.first, encoder, case.items)
    return found | {"genres, said": {"fits_own": interval(fits)}}


def report(results: Mapping) -> str:
    """Lay what passes beside what chance passes."""

    def words(value: Mapping[str, float]) -> str:
        return f"{value['mean']:.2f} [{value['low']:.2f}, {value['high']:.2f}]"

    lines = []
    for name, found in results["whole_histories"].items():
        lines.append(f"{name}: half of the score from {found['half_films']:g} films")
        for kind in ("chance", "text", "text, centered", "genres"):
            top = found[kind]
            lines.append(f"  {kind:16}{words(top['top 1'])}  {words(top['top 3'])}")
    for name, found in results["checks"].items():
        row = "  ".join(f"{c} {v['mean']:.2f}" for c, v in found.items())
        lines.append(f"{name:16}{row}")
    for key, value in results["last_film"].items():
        lines.append(f"last film, {key}: {value}")
    lines.append(f"fluency tells: {words(results['fluency']['told_apart'])}")
    for name, value in results["swap"].items():
        lines.append(f"fits its own film, {name}: {words(value['fits_own'])}")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
