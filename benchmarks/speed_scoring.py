"""Time 20 candidates scored after one prompt: the prompt read once, or 20 times.

Run by `make bench`, or in an environment with the extra `lm`:

    python benchmarks/speed_scoring.py

The bound is the ratio of the tokens that the network reads: C (P + t) one by
one, P + C t with the prompt shared. Both sides use SmolLM2, two threads, and
look at the vocabulary only where a candidate's token is predicted.
"""

import numpy as np
import torch
from timing import compare, versions

from recsys_ref.data.movielens import load_movielens_100k
from recsys_ref.lm.pretrained import load_causal
from recsys_ref.lm.scoring import log_likelihood, tokenize

CANDIDATES, PROMPTS, ROUNDS = 20, (100, 300, 600), 7


def main() -> None:
    """Print the ratios, and their shares of the bound."""
    torch.set_num_threads(2)
    model = load_causal()
    titles = [f" {title}" for title in load_movielens_100k().items.title]
    chosen = np.random.default_rng(0).permutation(titles).tolist()
    candidates, history = chosen[:CANDIDATES], chosen[CANDIDATES:]
    print(versions("torch", "transformers"), model)
    for length in PROMPTS:
        prompt = "I liked these films:"
        for title in history:
            longer = f"{prompt}{title},"
            if len(model.tokenizer.encode(longer)) > length:
                break
            prompt = longer
        start, continuations = tokenize(model, prompt, candidates)
        read = sum(map(len, continuations))
        bound = (CANDIDATES * len(start) + read) / (len(start) + read)
        jobs = {
            how: lambda p=prompt, h=how: log_likelihood(model, p, candidates, how=h)
            for how in ("naive", "batched", "shared")
        }
        scores = {how: job() for how, job in jobs.items()}
        for how in ("batched", "shared"):
            np.testing.assert_allclose(scores[how], scores["naive"], atol=1e-4, rtol=0)
        timing = compare(jobs, rounds=ROUNDS)
        low, middle, high = (r / bound for r in timing.ratio("naive", "shared"))
        print(f"prompt {len(start)}, candidates {read / CANDIDATES:.1f} tokens:")
        print(" ", timing.report("naive", "shared"))
        print(" ", timing.report("naive", "batched"))
        print(
            f"  bound {bound:.2f}, share of it {middle:.0%} ({low:.0%} to {high:.0%}), "
            f"largest difference {np.abs(scores['shared'] - scores['naive']).max():.0e}"
        )


if __name__ == "__main__":
    main()
