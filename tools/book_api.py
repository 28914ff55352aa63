"""Sphinx extension: an API page lists the modules that there are.

Where a page says `<!-- modules of recsys_ref.data -->`, a section for each
module of that package takes its place; sub-packages have pages of their own.
"""

import importlib
import pkgutil
import re

from sphinx.application import Sphinx
from sphinx.environment import BuildEnvironment

_MARK = re.compile(r"^<!-- modules of ([\w.]+) -->$", re.MULTILINE)
_SECTION = """## `{name}`

```{{eval-rst}}
.. automodule:: {module}
```
"""


def modules_of(package: str) -> list[str]:
    """Return the names of a package's public modules, those it holds itself."""
    folders = importlib.import_module(package).__path__
    return [
        found.name
        for found in pkgutil.iter_modules(folders)
        if not found.name.startswith("_") and not _has_parts(f"{package}.{found.name}")
    ]


def _has_parts(module: str) -> bool:
    """Say whether a module is a package that holds modules."""
    folders = getattr(importlib.import_module(module), "__path__", [])
    return any(pkgutil.iter_modules(folders))


def with_modules(text: str) -> str:
    """Put the sections of the modules where a page asks for them."""

    def sections(mark: re.Match) -> str:
        return "\n".join(
            _SECTION.format(name=name, module=f"{mark[1]}.{name}")
            for name in modules_of(mark[1])
        )

    return _MARK.sub(sections, text)


def _read(app: Sphinx, document: str, source: list[str]) -> None:
    marks = _MARK.findall(source[0])
    if marks:
        source[0] = with_modules(source[0])
        _listed(app.env)[document] = {mark: modules_of(mark) for mark in marks}


def _outdated(_app: Sphinx, env: BuildEnvironment, *_: object) -> list[str]:
    """Read a page again when its package has gained or lost a module."""
    return [
        document
        for document, packages in _listed(env).items()
        if any(modules_of(package) != names for package, names in packages.items())
    ]


def _listed(env: BuildEnvironment) -> dict[str, dict[str, list[str]]]:
    if not hasattr(env, "book_api_listed"):
        env.book_api_listed = {}
    return env.book_api_listed


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("source-read", _read)
    app.connect("env-get-outdated", _outdated)
    return {"parallel_read_safe": False, "parallel_write_safe": True}
