"""Costs, with work of a known size."""

import subprocess
import sys
from time import process_time, sleep

import numpy as np
import pytest

from recsys_ref.evaluation import cost
from recsys_ref.evaluation.cost import measure_cost, pareto_front, peak_memory


def spin(seconds):
    """Keep the processor busy for a while."""
    start = process_time()
    while process_time() - start < seconds:
        pass
    return seconds


def test_time_is_the_processor_s_and_by_user():
    def serve(model):
        sleep(0.3)  # costs nothing
        spin(0.1)

    measured = measure_cost(lambda: spin(0.2), serve, n_users=10, repeats=3)
    assert measured.fit_seconds == pytest.approx(0.2, abs=0.05)
    assert measured.ms_per_user == pytest.approx(10, abs=3)
    assert measured.n_users == 10


SCRIPT = """
import numpy as np, torch
from recsys_ref.evaluation.cost import measure_cost
make = {make}
print(measure_cost(make, lambda model: model.sum(), n_users=1).added_mib)
"""


@pytest.mark.parametrize(
    "make",
    ["lambda: np.ones(2**23)", "lambda: torch.ones(2**24)"],
    ids=["NumPy", "torch"],
)
def test_memory_of_a_fresh_process_is_seen_whoever_takes_it(make):
    """64 MiB, under a parent that has held four times as much."""
    held = np.ones(2**25)
    done = subprocess.run(
        [sys.executable, "-c", SCRIPT.format(make=make)],
        capture_output=True,
        text=True,
        check=True,
    )
    assert float(done.stdout) == pytest.approx(64, abs=12)
    assert held[0] == 1


def test_the_peak_never_falls():
    before = peak_memory()
    big = np.ones(2**24)
    high = peak_memory()
    del big
    assert before <= high <= peak_memory()


def test_a_system_that_does_not_say_gives_nan(monkeypatch, tmp_path):
    monkeypatch.setattr(cost, "LINUX_STATUS", tmp_path / "none")
    assert peak_memory() > 1
    monkeypatch.setattr(cost, "resource", None)
    assert np.isnan(peak_memory())
    assert np.isnan(measure_cost(list, len, n_users=1).added_mib)


def test_the_front_agrees_with_a_plain_definition():
    rng = np.random.default_rng(0)
    for _ in range(50):
        values = rng.integers(0, 6, size=(7, 2))
        price = {str(n): float(v[0]) for n, v in enumerate(values)}
        worth = {str(n): float(v[1]) for n, v in enumerate(values)}
        wanted = set()
        for a in price:
            beaten = False
            for b in price:
                as_good = price[b] <= price[a] and worth[b] >= worth[a]
                better = price[b] < price[a] or worth[b] > worth[a]
                beaten = beaten or (as_good and better)
            if not beaten:
                wanted.add(a)
        front = pareto_front(price, worth)
        assert set(front) == wanted
        assert [price[n] for n in front] == sorted(price[n] for n in front)


def test_bad_input_is_refused():
    with pytest.raises(ValueError, match="n_users: must be at least 1, got 0"):
        measure_cost(list, len, n_users=0)
    with pytest.raises(ValueError, match="repeats: must be at least 1, got 0"):
        measure_cost(list, len, n_users=1, repeats=0)
    with pytest.raises(ValueError, match="quality: must name the methods of cost"):
        pareto_front({"a": 1.0}, {"b": 1.0})
    with pytest.raises(ValueError, match="got NaN for 'a'"):
        pareto_front({"a": 1.0}, {"a": float("nan")})
