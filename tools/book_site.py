"""Sphinx extension: what the site needs beyond its theme."""

from docutils import nodes
from sphinx.application import Sphinx


def unique_section_ids(_app: Sphinx, document: nodes.document) -> None:
    """Give the body of each exercise and solution an id of its own.

    sphinx-exercise calls all of them "exercise-content".
    """
    for section in document.findall(nodes.section):
        if section["ids"] in (["exercise-content"], ["solution-content"]):
            section["ids"] = [f"{section.parent['ids'][0]}-content"]


def setup(app: Sphinx) -> dict[str, bool]:
    """Register the extension with Sphinx."""
    app.connect("doctree-read", unique_section_ids)
    return {"parallel_read_safe": True, "parallel_write_safe": True}
