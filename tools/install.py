"""Make the book's virtual environment: `python tools/install.py --help`.

Needs nothing but Python. PyTorch goes first, in the build that was asked for,
so that no later step can pull in gigabytes of GPU libraries:

- On Linux the package index's default build of PyTorch carries CUDA. The CPU
  build is called `X.Y.Z+cpu`. We ask for that by name; where the configured
  indexes do not offer it, `uv` is installed, which knows PyTorch's own index.
- On macOS (with MPS) and Windows the default build is the small one.
"""

import argparse
import importlib.util
import re
import subprocess
import sys
import venv
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
OLDEST = (3, 11)


def pinned_version(constraints: Path, package: str) -> str:
    """Return the exact version that a constraints file states for a package."""
    found = re.search(
        rf"(?mi)^{re.escape(package)}==([^\s;+]+)", constraints.read_text()
    )
    if not found:
        raise KeyError(f"{package}: no line '{package}==...' in {constraints.name}")
    return found[1]


def torch_commands(
    python: Path, version: str, build: str, platform: str
) -> list[list[str]]:
    """List the ways to install PyTorch, the preferred one first.

    Args:
        python: Interpreter of the virtual environment.
        version: Exact version, without a local part.
        build: `cpu`, or `default` for what the package index serves.
        platform: As in `sys.platform`.

    Returns:
        Commands to be tried in order until one succeeds.
    """
    pip = [str(python), "-m", "pip", "install", "--quiet"]
    if build == "default" or not platform.startswith("linux"):
        return [[*pip, f"torch=={version}"]]
    uv = [str(python), "-m", "uv", "pip", "install", "--python", str(python)]
    return [
        [*pip, f"torch=={version}+cpu"],
        [*uv, "--torch-backend=cpu", f"torch=={version}"],
    ]


def install_torch(python: Path, version: str, build: str) -> None:
    """Install PyTorch by the first way that works."""
    first, *others = torch_commands(python, version, build, sys.platform)
    if subprocess.run(first, check=False).returncode == 0:
        return
    for command in others:
        print("torch: not offered there, asking PyTorch's own index", flush=True)
        run(python, "-m", "pip", "install", "--quiet", "uv")
        if subprocess.run(command, check=False).returncode == 0:
            return
    raise SystemExit(f"torch {version}: no {build} build could be installed")


def has_pip(python: Path) -> bool:
    """Tell whether an environment is whole: one left half-way has no pip."""
    command = [str(python), "-m", "pip", "--version"]
    return not subprocess.run(command, capture_output=True, check=False).returncode


def create(environment: Path) -> None:
    """Create a virtual environment as `python -m venv` does."""
    if importlib.util.find_spec("ensurepip") is None:
        raise SystemExit(
            f"{sys.executable} cannot make a virtual environment: it has no ensurepip. "
            "On Debian and Ubuntu, install the package python3-venv."
        )
    print(f"Creating {environment.name}", flush=True)
    venv.create(environment, with_pip=True, symlinks=sys.platform != "win32")


def run(*command: str | Path) -> None:
    """Run a command; stop with its exit status if it fails."""
    done = subprocess.run([str(part) for part in command], check=False)
    if done.returncode:
        raise SystemExit(done.returncode)


def main() -> None:
    """Create or update the environment named on the command line."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--venv", type=Path, default=ROOT / ".venv")
    parser.add_argument("--constraints", type=Path, default=ROOT / "constraints.txt")
    parser.add_argument("--extras", default="lm,book,test,peers,privacy,course")
    parser.add_argument("--torch", choices=["cpu", "default", "none"], default="cpu")
    options = parser.parse_args()
    if sys.version_info < OLDEST:
        raise SystemExit(
            f"Python {'.'.join(map(str, OLDEST))} or newer is needed, this is "
            f"{sys.version.split()[0]}; try: make PYTHON=python3.12 book"
        )
    win = sys.platform == "win32"
    python = options.venv.absolute() / ("Scripts/python.exe" if win else "bin/python")
    if not python.exists():
        create(options.venv)
    if not has_pip(python):
        run(python, "-m", "ensurepip")
    if options.torch != "none":
        print(f"Installing PyTorch ({options.torch} build)", flush=True)
        version = pinned_version(options.constraints, "torch")
        install_torch(python, version, options.torch)
    print("Installing the package and its tools", flush=True)
    target = f"{ROOT}[{options.extras}]" if options.extras else str(ROOT)
    constraint = ("--constraint", options.constraints)
    run(python, "-m", "pip", "install", "--quiet", *constraint, "--editable", target)


if __name__ == "__main__":
    main()
