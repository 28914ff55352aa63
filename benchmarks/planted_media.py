"""Check on generated posters and sounds that pictures and sound reach the list.

    python benchmarks/planted_media.py

writes `recsys_ref/results/planted_media.json`. A simulation: see
`recsys_ref.data.planted_media`.

Each film of MovieLens-100K gets a generated poster and a generated sound that
tell one of its genres with probability `strength`, drawn for poster and sound
each by itself. The encoders are a CLIP and a CLAP with random weights, and,
without any model, histograms of colors and statistics of the spectrogram;
"look" is the genre that was drawn, as an indicator, known without error.

A fifth of the films is withheld as in `cold_items.py`, seeds 42 to 44; posters
and sounds are drawn anew for each. The map is linear, its ridge chosen on films
withheld once more from the train part.
"""

import tempfile
from collections.abc import Mapping

import numpy as np
import protocol
from cold_items import Task, split_of
from multimodal import METRIC, pooled, summary
from protocol import K, digits
from tqdm import tqdm

from recsys_ref.content.audio import encode_sounds, load_audio_model
from recsys_ref.content.blocks import stack_blocks
from recsys_ref.content.image import (
    color_histogram,
    encode_images,
    load_image_model,
)
from recsys_ref.content.random_towers import RATE, random_clap, random_clip
from recsys_ref.content.spectrogram import mel_statistics
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.data.planted_media import (
    planted_looks,
    planted_posters,
    planted_sounds,
)
from recsys_ref.evaluation.evaluate import Evaluation

SEEDS, CUT, STRENGTHS = (42, 43, 44), 100, (0.0, 0.5, 1.0)
L2 = (3.0, 30.0, 300.0)
SETS = {  # method: its blocks
    "poster: look": ("poster look",),
    "poster: histogram": ("histogram",),
    "poster: random CLIP": ("CLIP",),
    "sound: look": ("sound look",),
    "sound: statistics": ("statistics",),
    "sound: random CLAP": ("CLAP",),
    "both: look": ("poster look", "sound look"),
    "both: no model": ("histogram", "statistics"),
    "both: random": ("CLIP", "CLAP"),
}
SHUFFLED = ("both: no model", "both: random")


def generate(genres: np.ndarray, strength: float, seed: int, towers) -> dict:
    """Draw posters and sounds, and describe them in every way."""
    clip, clap = towers
    looks = {
        name: planted_looks(genres, strength=strength, rng=[seed, place])
        for place, name in enumerate(("poster", "sound"))
    }
    posters = planted_posters(looks["poster"], rng=seed)
    sounds = planted_sounds(looks["sound"], rate=RATE, rng=seed)
    known = np.eye(genres.shape[1])
    return {
        "poster look": known[looks["poster"]],
        "histogram": color_histogram(posters),
        "CLIP": encode_images(clip, posters),
        "sound look": known[looks["sound"]],
        "statistics": mel_statistics(sounds, rate=RATE),
        "CLAP": encode_sounds(clap, sounds, rate=RATE),
    }


def load_random(folder: str) -> tuple:
    """Write and load the two models with random weights."""
    return (
        load_image_model(random_clip(folder, seed=0)),
        load_audio_model(random_clap(folder, seed=0)),
    )


def measure(task: Task, cut: Task, vectors: np.ndarray) -> Evaluation:
    """Choose the ridge on the cut, and rank the withheld films."""
    best = max(L2, key=lambda l2: cut.carry(vectors, l2=l2).means()[METRIC])
    return task.carry(vectors, l2=best)


def run(x, genres: np.ndarray, seed: int, towers) -> dict[str, Evaluation]:
    """Measure everything on one seed."""
    task = Task.of(split_of(x, seed))
    cut = Task.of(split_of(task.split.train, CUT))
    found = {
        "random": task.rank(np.zeros(len(task.split.cold))),
        "genres": measure(task, cut, stack_blocks({"genres": genres.astype(float)})),
    }
    for strength in STRENGTHS:
        blocks = generate(genres, strength, seed, towers)
        for name, used in SETS.items():
            vectors = stack_blocks({block: blocks[block] for block in used})
            found[f"{name} @ {strength:g}"] = measure(task, cut, vectors)
            if strength == 1 and name in SHUFFLED:
                rows = np.random.default_rng(seed).permutation(len(vectors))
                found[f"{name}, shuffled"] = measure(task, cut, vectors[rows])
    return found


def collect() -> dict:
    """Do everything; return what the file holds."""
    movielens = load_movielens_100k()
    runs: dict[str, dict[int, Evaluation]] = {}
    with tempfile.TemporaryDirectory() as folder:
        towers = load_random(folder)
    for seed in tqdm(SEEDS, desc="seeds"):
        found = run(movielens.interactions, movielens.items.genres, seed, towers)
        for name, result in found.items():
            runs.setdefault(name, {})[seed] = result
    return {
        "protocol": {
            "text": " ".join(__doc__.split("\n\n", 2)[2].split()),
            "k": K,
            "seeds": list(SEEDS),
            "strengths": list(STRENGTHS),
        },
        "over_seeds": summary(runs),
        "seeds": {
            name: {str(s): digits(r.means()[METRIC]) for s, r in by_seed.items()}
            for name, by_seed in runs.items()
        },
        "less random": {
            name: pooled(by_seed, runs["random"])
            for name, by_seed in runs.items()
            if name != "random"
        },
        "less genres": {
            name: pooled(by_seed, runs["genres"])
            for name, by_seed in runs.items()
            if name != "genres"
        },
    }


def report(results: Mapping) -> str:
    """Lay the means and the differences under each other."""
    lines = []
    for name, row in results["over_seeds"].items():
        gap = results["less random"].get(name)
        words = protocol.in_words(gap) if gap else ""
        lines.append(f"{name:32}{row['mean']:8.4f}{row['std']:8.4f}  {words}")
    return "\n".join(lines)


if __name__ == "__main__":
    protocol.main(__file__, collect, report)
