"""What the tests of the book share: its tools, its pages, its site."""

import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# The tools are scripts, not a package.
sys.path.insert(0, str(ROOT / "tools"))


@pytest.fixture(scope="session")
def site():
    """Return the folder of the built site."""
    folder = ROOT / "_build/html"
    if not (folder / "index.html").exists():
        pytest.fail("there is no site to test; run: make book", pytrace=False)
    return folder
