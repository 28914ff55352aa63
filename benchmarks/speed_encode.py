"""Time `encode` against sentence-transformers on the catalogue of MovieLens-100K.

Run by `make bench`, or in an environment with the extra `peers`:

    python benchmarks/speed_encode.py

Both run the same MiniLM on the same 1,682 texts in the same process, and give
unit vectors. Ours keeps nothing on disk. The peer runs as it does by default, in
batches of 32, and in batches of 64 as ours; both with one thread, then two. The
look-up of the same texts in the store is timed beside them, and how long a
fresh process takes to load SmolLM2, already converted.
"""

import subprocess
import sys
from statistics import median

import numpy as np
import torch
from sentence_transformers import SentenceTransformer
from timing import compare, versions

from recsys_ref import assets
from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.lm.encode import encode
from recsys_ref.lm.pretrained import load_causal, load_encoder

LOAD = """
from time import perf_counter
from recsys_ref.lm.pretrained import load_causal
start = perf_counter()
load_causal()
print(perf_counter() - start)
"""


def seconds_to_load(times: int = 5) -> list[float]:
    """Load SmolLM2 in fresh processes, the imports not counted."""
    load_causal()  # converts, the first time
    command = [sys.executable, "-c", LOAD]
    runs = [
        subprocess.run(command, capture_output=True, text=True, check=True)
        for _ in range(times)
    ]
    return [float(run.stdout) for run in runs]


def main(rounds: int = 5) -> None:
    """Print the ratios of times, and how alike the vectors are."""
    texts = load_movielens_100k().items.text().tolist()
    model = load_encoder()
    peer = SentenceTransformer(str(assets.fetch("all-minilm-l6-v2")), device="cpu")
    peer_name = "sentence-transformers"
    jobs = {
        "ours": lambda: encode(model, texts, cache=False),
        peer_name: lambda: peer.encode(texts, show_progress_bar=False),
        f"{peer_name}, 64": lambda: peer.encode(
            texts, batch_size=64, show_progress_bar=False
        ),
        "ours, remembered": lambda: encode(model, texts),
    }
    print(versions("torch", "transformers", "sentence-transformers"))
    apart = np.abs(jobs["ours"]() - jobs[peer_name]()).max()
    print(f"{len(texts):,} texts, largest difference {apart:.1e}")
    for threads in (1, 2):
        torch.set_num_threads(threads)
        timing = compare(jobs, rounds=rounds)
        for name, to in (
            ("ours", peer_name),
            ("ours", f"{peer_name}, 64"),
            ("ours, remembered", "ours"),
        ):
            print(f"threads {threads}:", timing.report(name, to))
    loads = seconds_to_load()
    print(
        f"SmolLM2 loads in {median(loads):.2f} s ({min(loads):.2f} to {max(loads):.2f})"
    )


if __name__ == "__main__":
    main()
