"""pyproject.toml, constraints.txt and environment.yml say the same."""

import importlib.metadata
import sys
import tomllib
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
# What `make setup` installs.
EXTRAS = ("lm", "book", "test", "peers", "privacy", "course")
CONDA_NAMES = {"pytorch-cpu": "torch"}


def wanted() -> dict[str, Requirement]:
    """Return the direct requirements of pyproject.toml by name."""
    lines = list(PROJECT["dependencies"])
    for extra in EXTRAS:
        lines += PROJECT["optional-dependencies"][extra]
    return {canonicalize_name(r.name): r for r in map(Requirement, lines)}


def pins(file: str) -> dict[str, str]:
    """Return the exact versions that a constraints file states, by name."""
    found = {}
    for line in (ROOT / file).read_text().splitlines():
        if line and not line.startswith("#"):
            name, version = line.split("==")
            found[canonicalize_name(name)] = version
    return found


def conda_requirements() -> dict[str, Requirement]:
    """Return what environment.yml asks for, by pip's names."""
    entries = yaml.safe_load((ROOT / "environment.yml").read_text())["dependencies"]
    lines = [entry for entry in entries if isinstance(entry, str)]
    (from_pip,) = (entry["pip"] for entry in entries if isinstance(entry, dict))
    assert from_pip[-1] == "--editable .", "the package itself comes last"
    requirements = map(Requirement, lines + from_pip[:-1])
    return {CONDA_NAMES.get(r.name, canonicalize_name(r.name)): r for r in requirements}


@pytest.mark.parametrize(
    ("file", "extras"),
    [("constraints.txt", EXTRAS), ("constraints-bench.txt", ("bench",))],
)
def test_every_requirement_is_pinned_within_its_range(file, extras):
    pinned = pins(file)
    lines = PROJECT["dependencies"] + [
        line for extra in extras for line in PROJECT["optional-dependencies"][extra]
    ]
    for requirement in map(Requirement, lines):
        name = canonicalize_name(requirement.name)
        if name == "pip":  # comes with Python; pinning it would replace it
            continue
        assert name in pinned, f"{file} lacks {name}"
        assert requirement.specifier.contains(pinned[name]), (
            f"{file} has {name} {pinned[name]}, pyproject.toml wants {requirement}"
        )


def test_environment_yml_asks_for_the_same():
    conda, project = conda_requirements(), wanted()
    assert str(conda.pop("python").specifier) == PROJECT["requires-python"]
    assert conda.keys() == project.keys()
    for name, requirement in project.items():
        assert conda[name].specifier == requirement.specifier, name


def closure() -> set[str]:
    """Return the names of all installed packages that the project needs."""
    seen, todo = set(), list(wanted().values())
    while todo:
        requirement = todo.pop()
        name = canonicalize_name(requirement.name)
        if name in seen:
            continue
        seen.add(name)
        for line in importlib.metadata.requires(name) or []:
            child = Requirement(line)
            extras = requirement.extras or {""}
            if child.marker is None or any(
                child.marker.evaluate({"extra": extra}) for extra in extras
            ):
                todo.append(child)
    return seen


@pytest.mark.skipif(
    sys.platform != "linux" or sys.version_info[:2] != (3, 11),
    reason="constraints.txt was made on Linux with Python 3.11, as CI runs it",
)
def test_what_runs_here_is_exactly_what_is_pinned():
    pinned = pins("constraints.txt")
    for name in closure() - {"pip", "setuptools", "wheel"}:  # not in a freeze
        installed = importlib.metadata.version(name).split("+")[0]
        assert pinned.get(name) == installed, (
            f"{name} {installed} runs here, constraints.txt says {pinned.get(name)}"
        )


def test_no_gpu_libraries_came_along():
    torch = importlib.metadata.version("torch")
    names = {d.metadata["Name"].lower() for d in importlib.metadata.distributions()}
    heavy = sorted(n for n in names if n.startswith(("nvidia-", "triton")))
    if heavy and "+cpu" not in torch:
        pytest.skip("torch's default build was asked for (make TORCH=default)")
    assert not heavy
