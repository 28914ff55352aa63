"""What a language model adds in a made-up shop, and what it does not.

    python benchmarks/shop.py

writes `recsys_ref/results/shop.json`. Everything in it is a simulation.

Five shops (seeds 0 to 4) of 1,500 customers and 256 products. Each customer comes
once a day for 60 days and is shown 10 products drawn at random; the log has his
views, carts and purchases. Days 0 to 39 are for training, 40 to 49 for choosing
hyperparameters (by nDCG@10 of the purchases), 50 to 59 for the test, after a fit
on days 0 to 49. What a customer has bought already is on no list. Beside nDCG@10
stands what the simulation knows: the purchases that one visit with the list
brings on average, on day 50.

What is compared, each tuned on its own:

    weights     IALS on views, carts and purchases, weighted
    behavior    popularity in carts, IALS, and what is bought together
    + X         the same where products with like X lend each other purchases; X
                is MiniLM's vector of the title, the words of the title, the
                department, MiniLM's vectors dealt to other products, or the need
                itself, which only the simulation knows
    text        cosine of titles with those that he viewed, or that he bought

Then relations (which signal finds planted substitutes and complements), new
products (a fifth withheld from the log, ranked among themselves) and the margin.
"""

from collections.abc import Mapping
from itertools import product
from types import SimpleNamespace

import numpy as np
import pandas as pd
import protocol
from protocol import K, digits
from tqdm import tqdm

from recsys_ref.data.behaviors import weigh
from recsys_ref.data.interactions import Interactions
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import load_encoder
from recsys_ref.ranking import Ranking, top_k
from recsys_ref.simulate.products import NEEDS
from recsys_ref.simulate.shop import KINDS, Shop, expected_visit, make_shop
from recsys_ref.simulate.shop_log import DAY, record
from recsys_ref.strategies.bought_together import (
    BoughtTogether,
    pooled_lift,
    text_kernel,
)
from recsys_ref.strategies.cold_start import text_map
from recsys_ref.strategies.dot_product import DotProduct
from recsys_ref.strategies.hybrid import blend
from recsys_ref.strategies.ials import IALS
from recsys_ref.strategies.margin import by_margin, calibrate
from recsys_ref.strategies.popularity import Popularity
from recsys_ref.strategies.standardized import standardized

SEEDS, USERS, TRAIN, VALIDATION, TEST = range(5), 1500, 40, 50, 60
WEIGHTS = {
    "views": (1.0, 0.0, 0.0),
    "carts": (0.0, 1.0, 0.0),
    "purchases": (0.0, 0.0, 1.0),
    "all alike": (1.0, 1.0, 1.0),
    "0.1, 1, 1": (0.1, 1.0, 1.0),
    "0.1, 1, 3": (0.1, 1.0, 3.0),
    "0.03, 1, 0": (0.03, 1.0, 0.0),
}
FACTORS = ({"l2": 10.0, "alpha": 2.0}, {"l2": 30.0, "alpha": 2.0})
FACTORS += ({"l2": 100.0, "alpha": 10.0},)
BLENDS = list(product((0.0, 0.5, 1.0), (0.0, 0.3, 1.0, 2.0)))  # IALS, together
WIDTHS = (0.1, 0.2, 0.3)
LENT = ("MiniLM", "words", "department", "shuffled", "need")
GREED = (0.0, 0.25, 0.5, 1.0, 2.0, 4.0)
COLD_L2 = (0.1, 1.0, 10.0)


def word_vectors(titles: np.ndarray) -> np.ndarray:
    """Return which words a title has, `float64[I, D]`, rare ones counting more."""
    words = [set(title.lower().split()) for title in titles]
    every = sorted(set().union(*words))
    found = np.array([[word in title for word in every] for title in words], float)
    return found * np.log(len(titles) / found.sum(axis=0))


def product_vectors(shop: Shop, text: np.ndarray, seed: int) -> dict[str, np.ndarray]:
    """Return what may be known of the products, `float[I, D]` of each kind."""
    order = np.random.default_rng(seed).permutation(len(text))
    return {
        "MiniLM": text,
        "words": word_vectors(shop.world.titles),
        "department": np.eye(shop.world.n_topics)[shop.world.item_topic],
        "shuffled": text[order],
        "need": np.eye(shop.n_needs)[shop.need],
    }


class Case:
    """One shop, its log cut in three, and what is measured on it."""

    def __init__(self, seed: int) -> None:
        self.seed = seed
        self.shop = make_shop(USERS, rng=seed)
        log = record(self.shop, days=TEST, k=K, rng=seed + 100)
        self.users = np.arange(USERS)
        self.train, self.known = log.before(TRAIN), log.before(VALIDATION)
        self.test = log.since(VALIDATION)
        self.validation = {
            kind: x.select(x.timestamp >= TRAIN * DAY) for kind, x in self.known.items()
        }

    def owned(self, events: Mapping[str, Interactions]) -> np.ndarray:
        """Return which needs the purchases of some events have met, `bool[U, M]`."""
        owned, bought = self.shop.nothing_owned(), events["purchase"]
        owned[bought.user, self.shop.need[bought.item]] = True
        return owned

    def rank(
        self,
        scores: np.ndarray,
        events: Mapping[str, Interactions],
        candidates: np.ndarray | None = None,
    ) -> Ranking:
        """Rank all but what a customer has bought."""
        bought = events["purchase"].matrix()
        scores = np.asarray(scores, np.float32)
        return top_k(
            scores, K, users=self.users, excluded=bought, candidates=candidates
        )

    def validate(self, scores: np.ndarray) -> float:
        """Return nDCG@10 of the validation's purchases."""
        relevant = self.validation["purchase"].matrix()
        run = evaluate(self.rank(scores, self.train), relevant)
        return float(run.means()[f"ndcg@{K}"])

    def measure(
        self, scores: np.ndarray, candidates: np.ndarray | None = None
    ) -> Evaluation:
        """Return, for each user, nDCG@10 and what a visit brings on average."""
        ranking = self.rank(scores, self.known, candidates)
        relevant = self.test["purchase"]
        if candidates is not None:
            relevant = relevant.select(np.isin(relevant.item, candidates))
        run = evaluate(ranking, relevant.matrix()).per_user[[f"ndcg@{K}"]]
        truth = expected_visit(
            self.shop, self.users, ranking.items, self.owned(self.known)
        )
        return Evaluation(run.join(truth.set_index(run.index)))


def factors(events: Mapping[str, Interactions], chosen: Mapping) -> IALS:
    """Fit IALS to weighted behavior."""
    weights = dict(zip(KINDS, WEIGHTS[chosen["weights"]], strict=True))
    how = FACTORS[chosen["factors"]]
    return IALS(factors=16, use_values=True, **how).fit(weigh(events, weights))


def choose_factors(case: Case) -> dict[str, dict]:
    """Choose IALS' strengths for every weighting, on validation."""
    best = {}
    for name in WEIGHTS:
        trials = [{"weights": name, "factors": n} for n in range(len(FACTORS))]
        values = [
            case.validate(factors(case.train, trial).score(case.users))
            for trial in trials
        ]
        place = int(np.argmax(values))
        best[name] = trials[place] | {"mean": digits(values[place])}
    return best


def parts(
    case: Case,
    events: Mapping[str, Interactions],
    chosen: Mapping,
    vectors: np.ndarray | None,
    width: float | None,
) -> list[np.ndarray]:
    """Return the three parts' scores: popularity, IALS, bought together."""
    how = {} if vectors is None else {"item_vectors": vectors, "width": width}
    return [
        np.log1p(Popularity().fit(events["cart"]).score(case.users)),
        factors(events, chosen).score(case.users),
        BoughtTogether(**how).fit(events["purchase"]).score(case.users),
    ]


def choose_blend(case: Case, chosen: Mapping, vectors: np.ndarray | None) -> dict:
    """Choose weights, and the width if there are vectors, on validation."""
    best = {"mean": -1.0}
    for width in (None,) if vectors is None else WIDTHS:
        pieces = parts(case, case.train, chosen, vectors, width)
        for ials, together in BLENDS:
            value = case.validate(blend(pieces, (1.0, ials, together)))
            if value > best["mean"]:
                best = {"mean": digits(value), "width": width}
                best |= {"ials": ials, "together": together}
    return best


def blended(
    case: Case,
    events: Mapping[str, Interactions],
    chosen: Mapping,
    vectors: np.ndarray | None,
    how: Mapping,
) -> np.ndarray:
    """Return the scores of a chosen blend, `float32[U, I]`."""
    pieces = parts(case, events, chosen, vectors, how["width"])
    return blend(pieces, (1.0, how["ials"], how["together"]))


def average_precision(signal: np.ndarray, related: np.ndarray) -> float:
    """Rank all others for each item by a signal; mean of the average precision."""
    ties = np.random.default_rng(0).random(signal.shape)
    values = []
    for item, (row, wanted) in enumerate(zip(signal, related, strict=True)):
        order = np.lexsort((ties[item], -row))
        hits = wanted[order[order != item]]
        precision = np.cumsum(hits) / np.arange(1, hits.size + 1)
        values.append(precision[hits].mean())
    return float(np.mean(values))


def relations(case: Case, vectors: Mapping[str, np.ndarray]) -> dict[str, dict]:
    """Measure how well signals find what was planted."""
    shop, events = case.shop, case.known
    same = shop.need[:, None] == shop.need
    np.fill_diagonal(same, False)
    goes_with = shop.complement[shop.need][:, None] == shop.need
    viewed, bought = (events[kind].matrix() for kind in ("view", "purchase"))
    kernel = {name: text_kernel(vectors[name], 0.2) for name in vectors}
    cosine = {name: np.log(kernel[name] + 1e-12) for name in ("MiniLM", "words")}
    signals = {
        "chance": np.zeros(same.shape),
        "words of the title": cosine["words"],
        "MiniLM": cosine["MiniLM"],
        "viewed together": pooled_lift(viewed),
        "bought together": pooled_lift(bought),
        "bought together, lent by words": pooled_lift(bought, kernel["words"]),
        "bought together, lent by MiniLM": pooled_lift(bought, kernel["MiniLM"]),
        "bought together, lent by shuffled": pooled_lift(bought, kernel["shuffled"]),
    }
    return {
        name: {
            "substitutes": digits(average_precision(signal, same)),
            "complements": digits(average_precision(signal, goes_with)),
        }
        for name, signal in signals.items()
    }


def cold(
    case: Case, chosen: Mapping, vectors: Mapping[str, np.ndarray]
) -> dict[str, Evaluation]:
    """Withhold a fifth of the products; rank them by what is known of them.

    Strengths are chosen on a fifth of the rest, withheld in the same way.
    """
    n_items = case.shop.world.n_items
    order = np.random.default_rng(case.seed + 200).permutation(n_items)
    new, inner = np.sort(order[: n_items // 5]), np.sort(order[n_items // 5 :][:40])
    kinds = {
        **{name: vectors[name] for name in LENT},
        "department + MiniLM": np.hstack([vectors["department"], vectors["MiniLM"]]),
    }

    def scores(events, hidden, cold_items, vectors, l2):
        warm = np.setdiff1d(np.arange(n_items), hidden)
        kept = {k: x.select(np.isin(x.item, warm)) for k, x in events.items()}
        carry = text_map(vectors[warm], vectors[cold_items], l2=l2)
        total = np.zeros((USERS, n_items))
        ours = factors(kept, chosen).score(case.users)
        total[:, cold_items] = ours[:, warm] @ carry
        return total

    runs = {}
    for name, table in kinds.items():
        relevant = case.validation["purchase"]
        relevant = relevant.select(np.isin(relevant.item, inner)).matrix()
        both = np.union1d(new, inner)
        means = []
        for l2 in COLD_L2:
            inner_scores = scores(case.train, both, inner, table, l2)
            ranking = case.rank(inner_scores, case.train, inner)
            means.append(evaluate(ranking, relevant).means()[f"ndcg@{K}"])
        l2 = COLD_L2[int(np.argmax(means))]
        runs[name] = case.measure(scores(case.known, new, new, table, l2), new)
    warm = {k: x.select(~np.isin(x.item, new)) for k, x in case.known.items()}
    seen = DotProduct(vectors["MiniLM"] - vectors["MiniLM"].mean(axis=0))
    runs["cosine"] = case.measure(seen.fit(warm["view"]).score(case.users), new)
    runs["random"] = case.measure(np.zeros((USERS, n_items)), new)
    owned = case.owned(case.known)
    runs["truth"] = case.measure(case.shop.purchase_chance(case.users, owned), new)
    return runs


def margins(
    case: Case, validation_scores: np.ndarray, scores: np.ndarray
) -> dict[str, dict[str, dict[str, float]]]:
    """Trade purchases for margin, with true chances and with calibrated ones."""
    bought = case.validation["purchase"].matrix().toarray() > 0
    fresh = case.train["purchase"].matrix().toarray() == 0
    curve = calibrate(standardized(validation_scores)[fresh], bought[fresh])
    owned = case.owned(case.known)
    chances = {
        "true chances": case.shop.purchase_chance(case.users, owned),
        "estimated": curve(standardized(scores)),
    }
    return {
        name: {
            str(greed): {
                column: digits(mean)
                for column, mean in case.measure(
                    by_margin(chance, case.shop.margin, greed)
                )
                .means()
                .items()
            }
            for greed in GREED
        }
        for name, chance in chances.items()
    }


def run(seed: int, text: np.ndarray | None = None) -> SimpleNamespace:
    """Do everything for one shop."""
    case = Case(seed)
    if text is None:
        text = encode(load_encoder(), case.shop.world.titles.tolist())
    vectors = product_vectors(case.shop, text, seed)
    by_weight = choose_factors(case)
    runs = {
        f"weights: {name}": case.measure(factors(case.known, how).score(case.users))
        for name, how in by_weight.items()
    }
    chosen = max(by_weight.values(), key=lambda how: how["mean"])
    blends = {"behavior": choose_blend(case, chosen, None)}
    kept = {}
    for name in (None, *LENT):
        label = "behavior" if name is None else f"+ {name}"
        table = None if name is None else vectors[name]
        blends[label] = how = choose_blend(case, chosen, table)
        kept[label] = blended(case, case.known, chosen, table, how)
        runs[label] = case.measure(kept[label])
    runs["random"] = case.measure(np.zeros((USERS, len(text))))
    runs["popularity"] = case.measure(
        Popularity().fit(case.known["purchase"]).score(case.users)
    )
    raw = DotProduct(text, cosine=True)
    for kind in ("view", "purchase"):
        name = (
            "text, of what he viewed" if kind == "view" else "text, of what he bought"
        )
        runs[name] = case.measure(raw.fit(case.known[kind]).score(case.users))
    truth = case.shop.purchase_chance(case.users, case.owned(case.known))
    runs["truth"] = case.measure(truth)
    before = blended(case, case.train, chosen, None, blends["behavior"])
    return SimpleNamespace(
        runs=runs,
        chosen={"factors": chosen, "weights": by_weight, "blends": blends},
        relations=relations(case, vectors),
        cold=cold(case, chosen, vectors),
        margins=margins(case, before, kept["behavior"]),
        funnel={kind: digits(len(x) / USERS) for kind, x in case.known.items()},
    )


VERSUS = (
    ("+ MiniLM", "behavior"),
    ("+ MiniLM", "+ shuffled"),
    ("+ MiniLM", "+ words"),
    ("+ MiniLM", "+ department"),
    ("+ need", "+ MiniLM"),
    ("behavior", "popularity"),
    ("text, of what he viewed", "popularity"),
    ("text, of what he bought", "popularity"),
    ("text, of what he bought", "random"),
    ("weights: carts", "weights: views"),
    ("weights: carts", "weights: purchases"),
    ("weights: carts", "weights: all alike"),
)
COLD_VERSUS = (
    ("MiniLM", "random"),
    ("MiniLM", "shuffled"),
    ("MiniLM", "cosine"),
    ("MiniLM", "words"),
    ("MiniLM", "department"),
    ("department + MiniLM", "department"),
)


def gaps(runs: Mapping[str, Mapping[int, Evaluation]], pairs: tuple) -> dict:
    """Bound the differences of two measures, per seed and pooled."""
    return {
        f"{a} less {b}": {
            metric: protocol.versus(runs[a], runs[b], metric)
            for metric in (f"ndcg@{K}", "purchases")
        }
        for a, b in pairs
    }


def collect() -> dict:
    """Run all shops, and lay out what the file holds."""
    done = {seed: run(seed) for seed in tqdm(SEEDS, desc="shops")}

    def turned(what: str) -> dict[str, dict[int, Evaluation]]:
        names = getattr(done[0], what)
        return {
            name: {s: getattr(d, what)[name] for s, d in done.items()} for name in names
        }

    def averaged(what: str) -> dict:
        """Average the leaves of nested dictionaries over the seeds."""

        def mean(tables: list) -> object:
            if not isinstance(tables[0], dict):
                return digits(np.mean(tables))
            return {name: mean([t[name] for t in tables]) for name in tables[0]}

        return mean([getattr(d, what) for d in done.values()])

    runs, new = turned("runs"), turned("cold")
    return {
        "protocol": {
            "seeds": list(SEEDS),
            "users": USERS,
            "days": [TRAIN, VALIDATION, TEST],
            "weights": {name: list(w) for name, w in WEIGHTS.items()},
            "needs_of_a_department": NEEDS,
        },
        "funnel": averaged("funnel"),
        "chosen": {str(seed): d.chosen for seed, d in done.items()},
        "seeds": {name: protocol.seed_means(r) for name, r in runs.items()},
        "versus": gaps(runs, VERSUS),
        "relations": averaged("relations"),
        "relations_by_seed": {str(s): d.relations for s, d in done.items()},
        "cold": {name: protocol.seed_means(r) for name, r in new.items()},
        "cold_versus": gaps(new, COLD_VERSUS),
        "margins": averaged("margins"),
        "margins_by_seed": {str(s): d.margins for s, d in done.items()},
    }


def report(results: Mapping) -> str:
    """Lay out the means over the shops."""
    lines = []
    for what in ("seeds", "cold"):
        for name, seeds in results[what].items():
            table = pd.DataFrame(seeds).T
            row = table[[f"ndcg@{K}", "purchases", "margin", "surplus"]].mean()
            lines.append(f"{name:32s}" + "".join(f"{value:9.4f}" for value in row))
    for what in ("versus", "cold_versus"):
        for name, gap in results[what].items():
            for metric, table in gap.items():
                lines.append(f"{name}, {metric}: {protocol.in_words(table['pooled'])}")
    for name, row in results["relations"].items():
        lines.append(f"{name:36s}{row['substitutes']:7.3f}{row['complements']:7.3f}")
    for name, curve in results["margins"].items():
        for greed, row in curve.items():
            lines.append(
                f"{name} {greed}: {row['purchases']:.4f} {row['margin']:.3f} "
                f"{row['surplus']:.4f}"
            )
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
