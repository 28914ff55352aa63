"""Which label is ranked for, and what variety costs: chapter 6.3 on real ratings.

    python benchmarks/video.py

writes `recsys_ref/results/video.json`.

The splits are those of `movielens_100k.py`: seeds 42 to 46, everyone gets 10 of the
films that he has not rated in train. What is chosen is chosen on five cuts of a tenth
of the train part of seed 42, and kept for all seeds.

Labels. A film is *watched* if it is rated, *liked* if the rating is 4 or 5. Graded
nDCG counts a rating of 5 as 2, of 4 as 1, of less as nothing. Each method is fitted
to one of the labels, tuned for that label, and measured by all three. What a user has
rated in train is off his list, liked or not.

Variety. MMR and a determinantal point process re-rank the 50 best films of EASE and
of Prior EASE (which reads the films with language models, see `warm.py`). Two films
are alike by their genres (a film without a genre has one of its own) or by MiniLM's
centered vectors. The dial is the weight of relevance. Two settings are chosen on the
cuts: the one of the highest nDCG, and the one of the highest diversity of genres that
keeps 98 % of the first stage's nDCG. The control deals the genres to other films and
re-ranks at the second setting.
"""

from collections.abc import Callable, Mapping, Sequence

import numpy as np
import pandas as pd
import protocol
import torch
import warm
from protocol import SEEDS, K, digits
from tqdm import tqdm

import recsys_ref.results
from recsys_ref.content.embed import embed_items
from recsys_ref.content.whiten import Centring
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.parts import Split
from recsys_ref.evaluation import beyond_accuracy, metrics
from recsys_ref.evaluation.evaluate import Evaluation, evaluate
from recsys_ref.evaluation.graded import graded_ndcg
from recsys_ref.evaluation.seeds import pool_seeds
from recsys_ref.lm.pretrained import load_encoder
from recsys_ref.ranking import Ranking, top_k
from recsys_ref.strategies.dpp import dpp
from recsys_ref.strategies.ease import EASE
from recsys_ref.strategies.hybrid import blend
from recsys_ref.strategies.mmr import mmr
from recsys_ref.strategies.prior_ease import PriorEASE

LIKED = 4.0
GAIN_FROM = 3.0  # a rating gains what it has above this
DAMPING = 10.0  # ratings of the mean film that an item's mean starts with
LABELS = ("watched", "liked", "graded")
L2 = [200.0, 300.0, 400.0, 500.0]
SPACES = {
    "EASE, liked": {"l2": L2},
    "Prior EASE, liked": {"strength": [0.35, 0.5, 0.7], "l2": L2},
}
BLENDS = {  # the first part has the weight 1; the others are chosen from these
    "EASE, watched + liked": ("EASE, liked", [0.25, 0.5, 1.0, 2.0, 4.0]),
    "EASE, watched + mean rating": ("Mean rating", [0.05, 0.1, 0.2, 0.3, 0.4]),
}
METHODS = (
    "Mean rating",
    "EASE, watched",
    "EASE, liked",
    *BLENDS,
    "Prior EASE, watched",
    "Prior EASE, liked",
)
TUNED_FOR = {name: "liked" for name in SPACES} | {name: "graded" for name in BLENDS}
BASE = "EASE, watched"

CANDIDATES = 50
WEIGHTS = [1.0, 0.95, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2]
KEEP = 0.98  # of the first stage's nDCG
STAGES = ("EASE", "Prior EASE")
RERANKERS: dict[str, Callable[..., Ranking]] = {"MMR": mmr, "DPP": dpp}
ALIKE = ("genres", "text")
CURVES = [(stage, how, by) for stage in STAGES for how in RERANKERS for by in ALIKE]
COLUMNS = ("ndcg", "liked", "genre_diversity", "text_diversity", "genres", "coverage")


def genre_flags() -> np.ndarray:
    """Return the genres and one more, of having none, `float32[I, 19]`."""
    genres = warm.films().genres
    return np.c_[genres, ~genres.any(axis=1)].astype(np.float32)


def likeness() -> dict[str, np.ndarray]:
    """Return what two films are compared by."""
    text = embed_items(load_encoder(), warm.films())
    return {"genres": genre_flags(), "text": Centring().fit(text).transform(text)}


def liked(events: Interactions) -> Interactions:
    """Keep the ratings of 4 and 5."""
    return events.select(events.value >= LIKED)


def mean_ratings(events: Interactions) -> np.ndarray:
    """Return each film's mean rating, drawn towards that of all, `float64[I]`."""
    mean = events.value.mean()
    above = np.bincount(events.item, events.value - mean, minlength=events.n_items)
    count = np.bincount(events.item, minlength=events.n_items)
    return mean + above / (count + DAMPING)


class LabelBench:
    """One split, the scores of models fitted to it, and their measures."""

    def __init__(self, split: Split) -> None:
        self.split = split
        self.users = np.arange(split.train.n_users)
        self.kept: dict[str, np.ndarray] = {}
        test = split.test
        gains = np.maximum(test.value - GAIN_FROM, 0)
        self.watched, self.liked = test.matrix(), liked(test).matrix()
        self.gains = test.matrix(gains)
        self.ratings = test.matrix(test.value)

    def scores(self, name: str, chosen: Mapping[str, Mapping]) -> np.ndarray:
        """Score all films for all users; each method is fitted once."""
        if name not in self.kept:
            self.kept[name] = self._scores(name, chosen)
        return self.kept[name]

    def _scores(self, name: str, chosen: Mapping[str, Mapping]) -> np.ndarray:
        train = self.split.train
        if name == "Mean rating":
            return np.tile(mean_ratings(train), (len(self.users), 1))
        if name in BLENDS:
            parts = [self.scores(part, chosen) for part in (BASE, BLENDS[name][0])]
            return blend(parts, [1.0, chosen[name]["weight"]])
        kind, label = name.split(", ")
        events = liked(train) if label == "liked" else train
        model = (
            EASE(**chosen[name])
            if kind == "EASE"
            else PriorEASE(warm.item_vectors()["text"], **chosen[name])
        )
        return model.fit(events).score(self.users)

    def measure(self, scores: np.ndarray) -> Evaluation:
        """Rank what is not rated in train, and compare with all labels."""
        ranking = top_k(scores, K, users=self.users, excluded=self.split.train.matrix())
        values = {
            label: evaluate(ranking, relevant, metrics=[metrics.ndcg])
            .per_user.iloc[:, 0]
            .to_numpy()
            for label, relevant in (("watched", self.watched), ("liked", self.liked))
        }
        values["graded"] = graded_ndcg(ranking, self.gains)
        stars = self.ratings[self.users[:, None], ranking.items].toarray()
        hits = np.maximum((stars > 0).sum(axis=1), 1)
        values["hits"] = (stars > 0).sum(axis=1)
        values["rating_of_hits"] = np.where(
            values["hits"] > 0, stars.sum(axis=1) / hits, np.nan
        )
        index = pd.Index(self.users, name="user")
        return Evaluation(pd.DataFrame(values, index=index))


def search_labels(cuts: list[Split]) -> tuple[dict[str, dict], dict[str, dict]]:
    """Choose what has to be chosen, each for its own label."""
    before = recsys_ref.results.load("warm")["chosen"]
    chosen = {
        BASE: dict(before["EASE"]),
        "Prior EASE, watched": dict(before["Prior EASE"]),
    }
    benches, record = [LabelBench(cut) for cut in cuts], {}

    def search(name: str, space: Mapping, parameters: Callable[..., dict]) -> None:
        def measure(bench: LabelBench, **tried: object) -> Evaluation:
            bench.kept.pop(name, None)
            return bench.measure(
                bench.scores(name, chosen | {name: parameters(**tried)})
            )

        found = protocol.tune(measure, space, benches, TUNED_FOR[name])
        chosen[name] = parameters(**found.best)
        record[name] = protocol.search_record(found, space)
        for bench in benches:
            bench.kept.pop(name, None)

    for name, space in SPACES.items():
        fixed = (
            {"neighbours": before["Prior EASE"]["neighbours"]}
            if "Prior" in name
            else {}
        )
        search(name, space, lambda fixed=fixed, **tried: fixed | tried)
    for name, (_, weights) in BLENDS.items():
        search(name, {"weight": weights}, dict)
    return chosen, record


def run_labels(splits: Mapping[int, Split], chosen: Mapping) -> dict[str, dict]:
    """Measure every method by every label on every split."""
    runs: dict[str, dict[int, Evaluation]] = {name: {} for name in METHODS}
    for seed, split in tqdm(splits.items(), desc="labels"):
        bench = LabelBench(split)
        for name in METHODS:
            runs[name][seed] = bench.measure(bench.scores(name, chosen))
    return runs


def labels_record(splits: Mapping[int, Split], cuts: list[Split]) -> dict:
    """Return what the file holds on labels."""
    chosen, record = search_labels(cuts)
    runs = run_labels(splits, chosen)
    share = np.mean([(s.test.value >= LIKED).mean() for s in splits.values()])
    return {
        "search": record,
        "chosen": chosen,
        "seeds": {name: protocol.seed_means(by) for name, by in runs.items()},
        "minus_watched": {
            name: {label: protocol.versus(by, runs[BASE], label) for label in LABELS}
            for name, by in runs.items()
            if name != BASE
        },
        "hits": {name: hits_record(by) for name, by in runs.items()},
        "liked_share_of_test": digits(share),
    }


def hits_record(runs: Mapping[int, Evaluation]) -> dict[str, float]:
    """Return hits a list, and the mean rating of all hits."""
    tables = [run.per_user for run in runs.values()]
    hits = np.mean([table["hits"].mean() for table in tables])
    rating = np.mean(
        [
            (table["rating_of_hits"] * table["hits"]).sum() / table["hits"].sum()
            for table in tables
        ]
    )
    return {"per_list": digits(hits), "mean_rating": digits(rating)}


class VarietyBench:
    """One split, the candidates of each first stage, and how lists are measured."""

    def __init__(
        self,
        split: Split,
        alike: Mapping[str, np.ndarray],
        stages: Sequence[str] = STAGES,
    ) -> None:
        self.split, self.alike = split, alike
        chosen = recsys_ref.results.load("warm")["chosen"]
        text = any(stage != "EASE" for stage in stages)
        bench = warm.Bench(split, warm.item_vectors() if text else {})
        self.candidates = {
            stage: top_k(
                bench.scores(stage, chosen[stage]),
                CANDIDATES,
                users=np.arange(split.train.n_users),
                excluded=split.train.matrix(),
            )
            for stage in stages
        }

    def rerank(
        self, stage: str, how: str, by: str, weight: float, deal: int | None = None
    ) -> Ranking:
        """Re-rank a stage's candidates; with a seed, by vectors of other films."""
        vectors = self.alike[by]
        if deal is not None:
            vectors = vectors[np.random.default_rng(deal).permutation(len(vectors))]
        return RERANKERS[how](self.candidates[stage], vectors, k=K, weight=weight)

    def measure(self, ranking: Ranking) -> Evaluation:
        """Measure accuracy by both labels, and variety by both vectors."""
        test, genres = self.split.test, warm.films().genres
        table = {
            "ndcg": evaluate(ranking, test.matrix(), metrics=[metrics.ndcg]),
            "liked": evaluate(ranking, liked(test).matrix(), metrics=[metrics.ndcg]),
        }
        values = {name: each.per_user.iloc[:, 0] for name, each in table.items()}
        diversity = beyond_accuracy.intra_list_diversity
        values["genre_diversity"] = diversity(ranking, self.alike["genres"])
        values["text_diversity"] = diversity(ranking, self.alike["text"])
        values["genres"] = beyond_accuracy.attribute_coverage(ranking, genres)
        values["coverage"] = beyond_accuracy.coverage(ranking, len(genres))
        index = pd.Index(ranking.users, name="user")
        return Evaluation(pd.DataFrame(values, index=index))


def curve(
    benches: Mapping[int, VarietyBench], stage: str, how: str, by: str
) -> dict[float, dict[int, Evaluation]]:
    """Measure one dial at all settings on all splits."""
    return {
        weight: {
            seed: bench.measure(bench.rerank(stage, how, by, weight))
            for seed, bench in benches.items()
        }
        for weight in WEIGHTS
    }


def means(runs: Mapping[int, Evaluation]) -> dict[str, float]:
    """Return the mean of each measure over users and splits."""
    pooled = pd.DataFrame([run.means() for run in runs.values()]).mean()
    return {name: digits(pooled[name]) for name in COLUMNS}


def choose(on_cuts: Mapping[float, Mapping[str, float]]) -> dict[str, float]:
    """Choose the two settings of a dial by its curve on the cuts."""
    first = on_cuts[1.0]["ndcg"]
    kept = [weight for weight, row in on_cuts.items() if row["ndcg"] >= KEEP * first]
    return {
        "accurate": max(on_cuts, key=lambda weight: on_cuts[weight]["ndcg"]),
        "bargain": max(kept, key=lambda weight: on_cuts[weight]["genre_diversity"]),
    }


def at_loss(curves: Mapping[float, Mapping[int, Evaluation]], seed: int) -> float:
    """Interpolate the diversity of genres where nDCG is `KEEP` times the first."""
    rows = pd.DataFrame({w: by[seed].means() for w, by in curves.items()}).T
    kept = rows["ndcg"].to_numpy() / rows["ndcg"].iloc[0]
    below = int(np.argmax(kept < KEEP))
    share = (kept[below - 1] - KEEP) / (kept[below - 1] - kept[below])
    before, after = rows["genre_diversity"].iloc[[below - 1, below]]
    return digits(before + share * (after - before))


def variety_record(splits: Mapping[int, Split], cuts: list[Split]) -> dict:
    """Return what the file holds on variety."""
    alike = likeness()
    tests = {seed: VarietyBench(split, alike) for seed, split in splits.items()}
    validation = {i: VarietyBench(cut, alike) for i, cut in enumerate(cuts)}
    record = {}
    for stage, how, by in tqdm(CURVES, desc="curves"):
        on_cuts = {
            weight: means(runs)
            for weight, runs in curve(validation, stage, how, by).items()
        }
        chosen = choose(on_cuts)
        on_test = curve(tests, stage, how, by)
        control = {
            seed: bench.measure(bench.rerank(stage, how, by, chosen["bargain"], seed))
            for seed, bench in tests.items()
        }
        first = on_test[1.0]
        record[f"{stage}, {how}, {by}"] = {
            "validation": {str(weight): row for weight, row in on_cuts.items()},
            "chosen": chosen,
            "test": {str(weight): means(runs) for weight, runs in on_test.items()},
            "seeds": {
                str(weight): protocol.seed_means(runs)
                for weight, runs in on_test.items()
                if weight in (1.0, *chosen.values())
            },
            "minus_first": {
                name: {
                    metric: protocol.versus(on_test[weight], first, metric)
                    for metric in COLUMNS[:-1]
                }
                for name, weight in chosen.items()
            },
            "control": means(control),
            "control_minus_first": {
                metric: protocol.bound(pool_seeds(control), pool_seeds(first), metric)
                for metric in ("ndcg", "genre_diversity")
            },
            "diversity_at_98": {str(seed): at_loss(on_test, seed) for seed in SEEDS},
        }
    return record


def collect() -> dict:
    """Do everything; return what the file holds."""
    torch.set_num_threads(1)
    splits = protocol.published_splits()
    cuts = protocol.validation_cuts(splits[SEEDS[0]].train)
    return {
        "protocol": {
            "split": "stratified_split(ratings, ratio=0.75, by='item', seed=seed)",
            "k": K,
            "seeds": list(SEEDS),
            "chosen_on": "five cuts of a tenth of the train part of seed 42",
            "candidates": CANDIDATES,
            "liked_from": LIKED,
            "gain_above": GAIN_FROM,
            "kept_ndcg": KEEP,
        },
        "labels": labels_record(splits, cuts),
        "variety": variety_record(splits, cuts),
    }


def report(results: Mapping) -> str:
    """Lay out the labels, then the bargains."""
    labels = results["labels"]
    lines = [f"{'nDCG@10 by label':30}" + "".join(f"{name:>9}" for name in LABELS)]
    lines[0] += f"{'hits':>7}{'stars':>7}"
    for name in METHODS:
        rows = pd.DataFrame(labels["seeds"][name]).T[list(LABELS)].mean()
        hits = labels["hits"][name]
        lines.append(
            f"{name:30}"
            + "".join(f"{rows[label]:9.4f}" for label in LABELS)
            + f"{hits['per_list']:7.2f}{hits['mean_rating']:7.3f}"
        )
    lines.append("")
    for name, row in labels["minus_watched"].items():
        gaps = [protocol.in_words(row[label]["pooled"]) for label in LABELS]
        lines.append(f"{name:30}" + "  ".join(gaps))
    lines += ["", f"{'at least 98 % on the cuts':28}{'w':>5}  nDCG, genre diversity"]
    for name, row in results["variety"].items():
        for kind in ("accurate", "bargain"):
            gaps = row["minus_first"][kind]
            lines.append(
                f"{name:28}{row['chosen'][kind]:5.2f}"
                f"  {protocol.in_words(gaps['ndcg']['pooled'])}"
                f"  {protocol.in_words(gaps['genre_diversity']['pooled'])}"
            )
        at = list(row["diversity_at_98"].values())
        lines.append(f"{'':28} at 98 %: {np.mean(at):.4f}")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
