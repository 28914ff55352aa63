"""Time the book's GPT-2 against transformers, on shared random weights.

Run by `make bench`, or in an environment with the extra `lm`:

    python benchmarks/speed_gpt2.py

The sizes are those of the smallest GPT-2, in float32 on the CPU. transformers
runs with each of its attention settings, every model with a configuration of
its own, since one shared by two models switches the attention of both. The
better setting, job by job, is the one to compare with. Answers are checked to
be the same before they are timed: logits within 1e-4 of numbers up to 10, and
the same greedy tokens. Decoding starts from an empty cache and includes the
prompt; transformers decodes by its own `generate`, and beside it by the plain
loop that a reader would write around its cache.
"""

import sys
import tempfile

import torch
from timing import compare, versions
from transformers import GPT2Config, GPT2LMHeadModel
from transformers.utils import logging

from recsys_ref.lm.gpt2 import GPT2

SETTINGS = ("eager", "sdpa")
READ = ((1, 16), (1, 256), (4, 64))  # sequences, tokens in each
WRITE = ((1, 16, 32), (4, 64, 16))  # sequences, prompt, new tokens


def models() -> tuple[GPT2, dict[str, GPT2LMHeadModel]]:
    """Return ours and theirs, all with the same weights."""
    torch.manual_seed(0)
    with tempfile.TemporaryDirectory() as folder:
        start = GPT2LMHeadModel(GPT2Config())
        with torch.no_grad():  # larger than initial weights, so that errors show
            for weight in start.parameters():
                weight.add_(0.03 * torch.randn_like(weight))
        start.save_pretrained(folder)
        theirs = {
            setting: GPT2LMHeadModel.from_pretrained(
                folder, attn_implementation=setting
            ).eval()
            for setting in SETTINGS
        }
        return GPT2.from_pretrained(folder), theirs


@torch.inference_mode()
def write_by_loop(model: GPT2LMHeadModel, ids: torch.Tensor, n: int) -> torch.Tensor:
    """Decode greedily around transformers' cache, with nothing else."""
    out, past = [ids], None
    for _ in range(n):
        answer = model(out[-1], past_key_values=past, use_cache=True, logits_to_keep=1)
        past = answer.past_key_values
        out.append(answer.logits[:, -1].argmax(-1, keepdim=True))
    return torch.cat(out, dim=1)


def write_by_generate(
    model: GPT2LMHeadModel, ids: torch.Tensor, n: int
) -> torch.Tensor:
    """Decode greedily as transformers does."""
    return model.generate(
        ids,
        attention_mask=torch.ones_like(ids),
        max_new_tokens=n,
        do_sample=False,
        eos_token_id=None,
        pad_token_id=0,
    )


def report(title: str, jobs: dict, rounds: int) -> None:
    """Print the ratio of ours to the best of the others."""
    timing = compare(jobs, rounds=rounds)
    best = min((name for name in jobs if name != "ours"), key=timing.__getitem__)
    print(f"{title}: {timing.report('ours', best)}", flush=True)


@torch.inference_mode()
def main(rounds: int) -> None:
    """Print ratios of reading and of cached decoding, by size."""
    print(versions("torch", "transformers"), f"threads {torch.get_num_threads()}")
    ours, theirs = models()
    generator = torch.Generator().manual_seed(1)
    worst = 0.0
    for batch, length in READ:
        ids = torch.randint(50257, (batch, length), generator=generator)
        answer = ours(ids)
        for model in theirs.values():
            worst = max(worst, (model(ids).logits - answer).abs().max().item())
        jobs = {"ours": lambda ids=ids: ours(ids)}
        for setting, model in theirs.items():
            jobs[setting] = lambda model=model, ids=ids: model(ids, use_cache=False)
        report(f"read {batch} x {length}", jobs, rounds)
    print(f"logits: largest difference {worst:.1e}, spread {answer.std():.1f}")
    for batch, length, new in WRITE:
        ids = torch.randint(50257, (batch, length), generator=generator)
        written = ours.generate(ids, max_tokens=new)
        jobs = {"ours": lambda ids=ids, new=new: ours.generate(ids, max_tokens=new)}
        for setting, model in theirs.items():
            for way in (write_by_loop, write_by_generate):
                assert torch.equal(way(model, ids, new), written), "other tokens"
                jobs[f"{setting} {way.__name__}"] = (
                    lambda way=way, model=model, ids=ids, new=new: way(model, ids, new)
                )
        report(f"write {new} after {batch} x {length}", jobs, rounds)


if __name__ == "__main__":
    logging.disable_progress_bar()
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 7)
