"""Fuse what is known of films, and of users: early, late and by a gate.

    python benchmarks/multimodal.py

writes `recsys_ref/results/multimodal.json`.

New films: a fifth of the films is withheld with all ratings, seeds 42 to 44,
as in `cold_items.py`. Four modalities: genres, year, MiniLM's vector of the
title and SmolLM2's state at the end of a question about it. Both models read the
title alone, so that no modality repeats another. Every seed chooses
everything (ridges, widths, weights, the gate) on films withheld once more from
its own train part, two cuts; the ridge of the gate on the second cut after
learning from the first.

Ablation: without one modality the weights of late fusion, ridge and width of
early fusion are chosen anew from where they stood, and the gate learns anew. In
the shuffled control a modality's rows are dealt to other films, with what was
chosen for the true ones.

A modality missing: each is taken away from a random share of the withheld
films, each by itself. No choice is made anew, but for the remedies: copies of
the warm films that lack modalities (early), such copies of the lessons
(gate), or a map for each pattern of what a film has (early).

New users: a fifth of the users is held out, as in `cold_users.py`, with the
first 0, 5 or 20 ratings known. Their age band, gender and occupation are
carried over by the same map as films' descriptions; the ridge and, for each
number of ratings, the weight beside `ConditionalMean` are chosen on users held
out once more, two cuts.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import protocol
from cold_items import QUESTION, Task, split_of
from cold_users import SHARE as USER_SHARE
from cold_users import VALIDATION_CUTS, VALIDATION_SHARE, Cold
from protocol import K, digits
from tqdm import tqdm

from recsys_ref.content.blocks import stack_blocks, year_bumps
from recsys_ref.content.demographics import demographic_blocks
from recsys_ref.content.embed import embed_items
from recsys_ref.data.interactions import Interactions
from recsys_ref.data.items import Items
from recsys_ref.data.movielens import MovieLens, load_movielens_100k
from recsys_ref.evaluation.evaluate import Evaluation
from recsys_ref.evaluation.seeds import over_seeds, pool_seeds
from recsys_ref.lm.pretrained import load_causal, load_encoder
from recsys_ref.strategies.cold_start import text_map
from recsys_ref.strategies.conditional import ConditionalMean
from recsys_ref.strategies.fusion import (
    Parts,
    drop_blocks,
    early_map,
    late_fusion,
    late_parts,
)
from recsys_ref.strategies.gate import Asked, Gate

SEEDS, CUTS = (42, 43, 44), (100, 101)
TITLE = "{natural_title}"
MODALITIES = ("genres", "year", "MiniLM", "SmolLM2")
SPACE = {"l2": [0.1, 0.5], "width": [0.6, 1.2, 2.4]}
STEPS = {"l2": (0.3, 3.0), "width": (0.6, 1.7), "weight": (0.0, 0.4, 2.5)}
EARLY_START = {"l2": 0.3, "width": 2.0}
GATE_L2 = (0.01, 0.1)
SHARES = (0.25, 0.5, 0.75)
DROPOUT = 0.5
REMEDIES = [
    ("early, dropout", "early"),
    ("early, a map a pattern", "early"),
    ("gated, dropout", "gated"),
    ("late", "early"),
    ("gated", "early"),
]
KNOWN = (0, 5, 20)
USER_L2 = [30.0, 100.0, 300.0, 1000.0]
USER_WEIGHTS = [0.0, 0.25, 0.5, 1.0]
NOISE = 1.0  # of ConditionalMean, chosen by cold_users.py on most seeds
METRIC = f"ndcg@{K}"
PAIRS = [
    ("early", "best alone"),
    ("late", "best alone"),
    ("gated", "best alone"),
    ("late", "equal weights"),
    ("late", "early"),
    ("gated", "early"),
    ("gated", "late"),
    ("gated", "gated, items only"),
    ("gated", "gated, users only"),
    ("gated", "gated, blind"),
    ("gated, items only", "gated, blind"),
    ("gated, users only", "gated, blind"),
]


def item_blocks(items: Items, *, smol: bool = True) -> dict[str, np.ndarray]:
    """Describe films in each modality; both models read the title alone."""
    blocks = {
        "genres": items.genres.astype(float),
        "year": year_bumps(items.year),
        "MiniLM": embed_items(load_encoder(), items, template=TITLE),
    }
    if smol:
        causal = load_causal()
        state = embed_items(causal, items, template=QUESTION, pooling="last")
        blocks["SmolLM2"] = state
    return blocks


def climb(
    measure: Callable[..., float], start: Mapping, steps: Mapping, rounds: int = 2
) -> tuple[dict, float]:
    """Change one number at a time by factors, and keep what is better."""
    best, chosen = measure(**start), dict(start)
    for _ in range(rounds):
        before = best
        for name in start:
            for factor in steps[name]:
                tried = chosen | {name: round(chosen[name] * factor, 4)}
                value = measure(**tried) if tried != chosen else best
                if value > best:
                    best, chosen = value, tried
        if best == before:
            break
    return chosen, best


def mean(task_scores: Sequence[tuple[Task, np.ndarray]]) -> float:
    """Average the metric over tasks."""
    return float(np.mean([task.rank(s).means()[METRIC] for task, s in task_scores]))


@dataclass
class Chosen:
    """What one seed chose for one set of modalities."""

    names: tuple[str, ...]
    maps: dict[str, dict[str, float]]
    early: dict[str, float]
    late: list[float]
    gate: Gate

    def early_how(self) -> dict:
        """Return the arguments of `early_map`."""
        weights = {name: self.early[name] for name in self.names}
        how = {key: self.early[key] for key in ("l2", "width")}
        return {"weights": weights} | how


def some(blocks: Mapping, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Keep some blocks."""
    return {name: blocks[name] for name in names}


def parts_of(task: Task, blocks: Mapping, maps: Mapping) -> Parts:
    """Let each modality score the cold films of a task."""
    return late_parts(task.scores, blocks, task.warm, task.split.cold, maps)


def asked(task: Task, parts: Parts, *, users: bool = True, items: bool = True) -> Asked:
    """Put what a gate learns from together; it can be kept blind."""
    known = np.diff(task.split.train.matrix().indptr)
    of_users = np.column_stack([np.log1p(known), parts.spread])
    return Asked(
        parts.scores,
        of_users if users else of_users[:, :0],
        parts.focus if items else parts.focus[:, :0],
        parts.present,
        task.split.test.matrix()[:, task.split.cold].toarray() > 0,
    )


def early_scores(task: Task, blocks: Mapping, **how) -> np.ndarray:
    """Carry the scores over by one map of all blocks."""
    carried = early_map(blocks, task.warm, task.split.cold, **how)
    return task.scores @ carried.astype(np.float32)


def choose_maps(cuts: Sequence[Task], blocks: Mapping) -> dict:
    """Choose ridge and width of each modality's own map."""
    return {
        name: protocol.tune(
            lambda task, name=name, **how: task.carry(
                stack_blocks({name: blocks[name]}), **how
            ),
            SPACE,
            cuts,
        ).best
        for name in blocks
    }


def choose_early(
    cuts: Sequence[Task], blocks: Mapping, start: Mapping | None = None
) -> dict[str, float]:
    """Choose ridge, width and weights of the joined blocks.

    With a start its weights are kept, and a round is made of the other two.
    """

    def measure(l2: float, width: float, **weights: float) -> float:
        if not any(weights.values()):
            return -np.inf
        how = {"l2": l2, "width": width, "weights": weights}
        return mean([(task, early_scores(task, blocks, **how)) for task in cuts])

    if start:
        start = {name: start[name] for name in (*EARLY_START, *blocks)}
        return climb(measure, start, STEPS | dict.fromkeys(blocks, ()), 1)[0]
    steps = STEPS | dict.fromkeys(blocks, STEPS["weight"])
    return climb(measure, EARLY_START | dict.fromkeys(blocks, 1.0), steps)[0]


def choose_late(
    cuts: Sequence[Task], parts: Sequence[Parts], start: Mapping | None = None
) -> list[float]:
    """Choose the weights of the sum; from a start, in one round."""

    def measure(**weights: float) -> float:
        values = list(weights.values())
        return mean(
            [
                (task, late_fusion(part.scores, values))
                for task, part in zip(cuts, parts, strict=True)
            ]
        )

    names = parts[0].names
    factors = dict.fromkeys(names, (0.0, 0.6, 1.5))
    begin = {name: start[name] if start else 1.0 for name in names}
    return list(climb(measure, begin, factors, 1 if start else 3)[0].values())


def choose_gate(cuts: Sequence[Task], lessons: Sequence[Asked]) -> Gate:
    """Choose the ridge on the last cut, then learn from all."""

    def value(l2: float) -> float:
        gate = Gate(l2=l2).fit(lessons[:-1])
        return cuts[-1].rank(gate.fuse(lessons[-1])).means()[METRIC]

    return Gate(l2=max(GATE_L2, key=value)).fit(lessons)


def choose(
    cuts: Sequence[Task],
    blocks: Mapping,
    maps: Mapping,
    before: Chosen | None = None,
) -> Chosen:
    """Choose everything for some modalities; each has its map already.

    For fewer of them than `before`, begin where that stood.
    """
    names = tuple(blocks)
    maps = {name: maps[name] for name in names}
    parts = [parts_of(task, blocks, maps) for task in cuts]
    lessons = [asked(task, part) for task, part in zip(cuts, parts, strict=True)]
    if before is None:
        gate = choose_gate(cuts, lessons)
        early, late = choose_early(cuts, blocks), choose_late(cuts, parts)
    else:
        gate = Gate(l2=before.gate.l2).fit(lessons)
        early = choose_early(cuts, blocks, before.early)
        weights = dict(zip(before.names, before.late, strict=True))
        late = choose_late(cuts, parts, weights)
    return Chosen(names, maps, early, late, gate)


def fused(task: Task, blocks: Mapping, chosen: Chosen) -> dict[str, np.ndarray]:
    """Score the cold films by each fusion."""
    blocks = some(blocks, chosen.names)
    parts = parts_of(task, blocks, chosen.maps)
    return {
        "early": early_scores(task, blocks, **chosen.early_how()),
        "late": late_fusion(parts.scores, chosen.late),
        "gated": chosen.gate.fuse(asked(task, parts)),
    }


def by_pattern(task: Task, blocks: Mapping, chosen: Chosen) -> np.ndarray:
    """Learn a map for each pattern of what a cold film has, for early fusion."""
    has = np.stack([blocks[name].any(axis=1) for name in chosen.names], axis=1)
    how, cold = chosen.early_how(), task.split.cold
    scores = np.zeros((len(task.scores), len(cold)), dtype=np.float32)
    scores += task.scores.mean(axis=1, keepdims=True)
    for pattern in np.unique(has[cold], axis=0):
        rows = np.flatnonzero((has[cold] == pattern).all(axis=1))
        names = [
            name for name, there in zip(chosen.names, pattern, strict=True) if there
        ]
        if names:
            use = how | {"weights": {name: how["weights"][name] for name in names}}
            carried = early_map(some(blocks, names), task.warm, cold[rows], **use)
            scores[:, rows] = task.scores @ carried.astype(np.float32)
    return scores


def missing(task: Task, cuts, blocks: Mapping, chosen: Chosen, seed: int) -> dict:
    """Take modalities away from the cold films, and measure with remedies."""
    parts = [parts_of(cut, blocks, chosen.maps) for cut in cuts]
    lessons = [asked(cut, part) for cut, part in zip(cuts, parts, strict=True)]
    trained = replace(chosen.gate, dropout=DROPOUT, rng=seed).fit(lessons)
    how = chosen.early_how() | {"copies": 1, "share": DROPOUT, "rng": seed}
    found = {}
    for share in SHARES:
        less = drop_blocks(blocks, share=share, rng=seed, rows=task.split.cold)
        scores = fused(task, less, chosen)
        left = asked(task, parts_of(task, less, chosen.maps))
        scores["gated, dropout"] = trained.fuse(left)
        if share == DROPOUT:
            scores["early, dropout"] = early_scores(task, less, **how)
            scores["early, a map a pattern"] = by_pattern(task, less, chosen)
        found |= {f"{name} @ {share}": task.rank(s) for name, s in scores.items()}
    full = early_scores(task, blocks, **how)
    found["early, dropout @ 0"] = task.rank(full)
    whole = asked(task, parts_of(task, blocks, chosen.maps))
    found["gated, dropout @ 0"] = task.rank(trained.fuse(whole))
    return found


def run_items(x: Interactions, blocks: Mapping, seed: int) -> tuple[dict, dict]:
    """Choose and measure everything about new films on one seed."""
    split = split_of(x, seed)
    cuts = [Task.of(split_of(split.train, cut)) for cut in CUTS]
    task = Task.of(split)
    maps = choose_maps(cuts, blocks)
    chosen = choose(cuts, blocks, maps)
    parts = parts_of(task, blocks, maps)
    found = {
        f"only {name}": task.carry(stack_blocks({name: blocks[name]}), **maps[name])
        for name in blocks
    }
    validation = {
        name: np.mean(
            [
                cut.carry(stack_blocks({name: blocks[name]}), **maps[name]).means()[
                    METRIC
                ]
                for cut in cuts
            ]
        )
        for name in blocks
    }
    alone = max(validation, key=validation.get)
    found["best alone"] = found[f"only {alone}"]
    found["equal weights"] = task.rank(late_fusion(parts.scores, np.ones(len(blocks))))
    found |= {n: task.rank(s) for n, s in fused(task, blocks, chosen).items()}
    lessons = [parts_of(cut, blocks, maps) for cut in cuts]
    for name, sees in {
        "gated, blind": {"users": False, "items": False},
        "gated, users only": {"items": False},
        "gated, items only": {"users": False},
    }.items():
        gate = Gate(l2=chosen.gate.l2).fit(
            [asked(cut, part, **sees) for cut, part in zip(cuts, lessons, strict=True)]
        )
        found[name] = task.rank(gate.fuse(asked(task, parts, **sees)))
    record = {
        "maps": maps,
        "early": chosen.early,
        "late": chosen.late,
        "gate_l2": chosen.gate.l2,
        "best_alone": alone,
        "gate": gate_record(chosen.gate, task, parts),
    }
    for name in blocks:
        rest = {other: block for other, block in blocks.items() if other != name}
        less = choose(cuts, rest, maps, chosen)
        record[f"minus {name}"] = {"early": less.early, "late": less.late}
        for fusion, scores in fused(task, rest, less).items():
            found[f"{fusion} minus {name}"] = task.rank(scores)
        rows = np.random.default_rng(seed).permutation(len(blocks[name]))
        wrong = {**blocks, name: blocks[name][rows]}
        for fusion, scores in fused(task, wrong, chosen).items():
            found[f"{fusion}, {name} shuffled"] = task.rank(scores)
    found |= missing(task, cuts, blocks, chosen, seed)
    return found, record


def gate_record(gate: Gate, task: Task, parts: Parts) -> dict:
    """Say what the gate learned, and how it weighs the modalities."""
    weights = gate.weights(asked(task, parts))
    names = [*parts.names, "none"]
    return {
        "mean": dict(zip(names, map(digits, weights.mean(axis=(0, 1))), strict=True)),
        "sd_over_items": dict(
            zip(names, map(digits, weights.mean(axis=0).std(axis=0)), strict=True)
        ),
        "sd_over_users": dict(
            zip(names, map(digits, weights.mean(axis=1).std(axis=0)), strict=True)
        ),
    }


def carry_users(cold: Cold, vectors: np.ndarray, l2: float) -> np.ndarray:
    """Predict cold users' shares of each film by a map from their description."""
    warm = np.unique(cold.warm.user)
    carried = text_map(vectors[warm], vectors[cold.cold], l2=l2)
    return carried.T @ cold.warm.matrix()[warm].toarray()


USER_SETS = {
    "only age": ("age",),
    "only gender": ("gender",),
    "only occupation": ("occupation",),
    "all": ("age", "gender", "occupation"),
    "minus age": ("gender", "occupation"),
    "minus gender": ("age", "occupation"),
    "minus occupation": ("age", "gender"),
}


def run_users(
    x: Interactions, blocks: Mapping, seed: int
) -> tuple[dict[str, dict[int, Evaluation]], dict]:
    """Choose and measure what descriptions of new users are worth, on one seed."""
    place = Cold.of(x, USER_SHARE, seed)
    cuts = [
        Cold.of(place.warm, VALIDATION_SHARE, 1000 * cut + seed)
        for cut in VALIDATION_CUTS
    ]
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(blocks["age"]))
    base = {
        id(cold): {
            n: cold.scored(model, n)
            for n in KNOWN
            for model in [ConditionalMean(NOISE).fit(cold.warm)]
        }
        for cold in (place, *cuts)
    }
    found = {"Conditional": {n: place.measure(base[id(place)][n]) for n in KNOWN}}
    record = {}

    def scores(cold: Cold, vectors, l2: float, weight: float, n: int) -> np.ndarray:
        share = cold.warm.matrix().sum(axis=0) / np.unique(cold.warm.user).size
        return base[id(cold)][n] + weight * (carry_users(cold, vectors, l2) - share)

    for name, used in USER_SETS.items():
        vectors = stack_blocks(some(blocks, used))
        l2 = protocol.tune(
            lambda cut, l2, v=vectors: cut.measure(scores(cut, v, l2, 1.0, 0)),
            {"l2": USER_L2},
            cuts,
        ).best["l2"]
        weights = {
            n: protocol.tune(
                lambda cut, weight, v=vectors, l2=l2, n=n: cut.measure(
                    scores(cut, v, l2, weight, n)
                ),
                {"weight": USER_WEIGHTS},
                cuts,
            ).best["weight"]
            for n in KNOWN[1:]
        } | {0: 1.0}
        record[name] = {"l2": l2, "weights": {str(n): w for n, w in weights.items()}}
        for label, rows in {
            name: vectors,
            f"{name}, shuffled": vectors[order],
        }.items():
            found[label] = {
                n: place.measure(scores(place, rows, l2, weights[n], n)) for n in KNOWN
            }
    return found, record


def groups(x: Interactions) -> dict[str, np.ndarray]:
    """Part users in three by their number of ratings."""
    count = np.bincount(x.user, minlength=x.n_users)
    low, high = np.quantile(count, [1 / 3, 2 / 3])
    return {
        "light": np.flatnonzero(count <= low),
        "middle": np.flatnonzero((count > low) & (count <= high)),
        "heavy": np.flatnonzero(count > high),
    }


def within(runs: Mapping[int, Evaluation], users: np.ndarray) -> dict[int, Evaluation]:
    """Keep some users of each seed's evaluation."""
    return {
        seed: Evaluation(run.per_user.loc[run.per_user.index.isin(users)])
        for seed, run in runs.items()
    }


def pooled(a: Mapping, b: Mapping) -> dict[str, float]:
    """Bound the difference over users, pooled over seeds."""
    return protocol.bound(pool_seeds(a), pool_seeds(b), METRIC)


def summary(runs: Mapping) -> dict:
    """Average over seeds; the spread is that of the seeds."""
    return {
        name: {
            key: digits(value)
            for key, value in over_seeds(by_seed).loc[METRIC].items()
            if key in ("mean", "std", "min", "max")
        }
        for name, by_seed in runs.items()
    }


def item_results(x: Interactions, blocks: Mapping) -> dict:
    """Measure new films on all seeds."""
    runs: dict[str, dict[int, Evaluation]] = {}
    chosen = {}
    for seed in tqdm(SEEDS, desc="films"):
        found, chosen[str(seed)] = run_items(x, blocks, seed)
        for name, run in found.items():
            runs.setdefault(name, {})[seed] = run
    fusions = ("early", "late", "gated")
    by_group = {
        group: {
            **{
                f"{fusion} less minus {name}": pooled(
                    within(runs[fusion], users),
                    within(runs[f"{fusion} minus {name}"], users),
                )
                for fusion in fusions
                for name in blocks
            },
            **{
                f"{a} less {b}": pooled(within(runs[a], users), within(runs[b], users))
                for a, b in PAIRS[:7]
            },
        }
        for group, users in groups(x).items()
    }
    return {
        "over_seeds": summary(runs),
        "seeds": {
            name: {str(s): digits(r.means()[METRIC]) for s, r in by_seed.items()}
            for name, by_seed in runs.items()
        },
        "versus": {
            f"{a} less {b}": protocol.versus(runs[a], runs[b], METRIC) for a, b in PAIRS
        },
        "ablation": {
            fusion: {
                name: {
                    "less minus": pooled(runs[fusion], runs[f"{fusion} minus {name}"]),
                    "shuffled less minus": pooled(
                        runs[f"{fusion}, {name} shuffled"],
                        runs[f"{fusion} minus {name}"],
                    ),
                }
                for name in blocks
            }
            for fusion in fusions
        },
        "groups": by_group,
        "missing": {
            str(share): {
                f"{a} less {b}": pooled(runs[f"{a} @ {share}"], runs[f"{b} @ {share}"])
                for a, b in REMEDIES
                if f"{a} @ {share}" in runs
            }
            for share in SHARES
        },
        "chosen": chosen,
    }


def user_results(x: Interactions, blocks: Mapping) -> dict:
    """Measure new users on all seeds."""
    runs: dict[tuple[str, int], dict[int, Evaluation]] = {}
    chosen = {}
    for seed in tqdm(SEEDS, desc="users"):
        found, chosen[str(seed)] = run_users(x, blocks, seed)
        for name, by_n in found.items():
            for n, run in by_n.items():
                runs.setdefault((name, n), {})[seed] = run
    names = sorted({name for name, _ in runs})
    return {
        "over_seeds": {
            str(n): summary({name: runs[name, n] for name in names}) for n in KNOWN
        },
        "less conditional": {
            name: {str(n): pooled(runs[name, n], runs["Conditional", n]) for n in KNOWN}
            for name in names
            if name != "Conditional"
        },
        "less minus": {
            name: {
                str(n): pooled(runs["all", n], runs[f"minus {name}", n]) for n in KNOWN
            }
            for name in ("age", "gender", "occupation")
        },
        "chosen": chosen,
    }


def collect() -> dict:
    """Do everything; return what the file holds."""
    movielens: MovieLens = load_movielens_100k()
    x = movielens.interactions
    return {
        "protocol": {
            "text": " ".join(__doc__.split("\n\n", 2)[2].split()),
            "k": K,
            "seeds": list(SEEDS),
            "title": TITLE,
            "question": QUESTION,
            "groups": {name: len(users) for name, users in groups(x).items()},
            "cold_items": len(split_of(x, SEEDS[0]).cold),
        },
        "items": item_results(x, item_blocks(movielens.items)),
        "users": user_results(x, demographic_blocks(movielens.users)),
    }


def report(results: Mapping) -> str:
    """Lay the means and the differences under each other."""
    items, users = results["items"], results["users"]
    lines = [f"{'new films':34}{'mean':>8}{'std':>8}"]
    lines += [
        f"{name:34}{row['mean']:8.4f}{row['std']:8.4f}"
        for name, row in items["over_seeds"].items()
    ]
    for name, row in items["versus"].items():
        lines.append(f"{name:50} {protocol.in_words(row['pooled'])}")
    for fusion, rows in items["ablation"].items():
        for name, row in rows.items():
            for what, gap in row.items():
                title = f"{fusion}, {name}: {what}"
                lines.append(f"{title:50} {protocol.in_words(gap)}")
    for share, rows in items["missing"].items():
        for name, gap in rows.items():
            lines.append(f"{share} {name:50} {protocol.in_words(gap)}")
    for group, rows in items["groups"].items():
        for name, gap in rows.items():
            lines.append(f"{group:8}{name:42} {protocol.in_words(gap)}")
    for name, rows in users["less conditional"].items():
        for n, gap in rows.items():
            lines.append(f"{name:30} {n:>3} known {protocol.in_words(gap)}")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
