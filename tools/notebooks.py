"""Execute the notebooks in place, or check their form: `--help` tells how.

The stored outputs are the expected outputs of `make test`, so they must not
carry what differs between two runs or two machines: normal form drops it.
"""

import argparse
import base64
import os
import struct
import sys
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from nbconvert.preprocessors import CoalesceStreamsPreprocessor
from nbformat import NotebookNode
from nbstripout import strip_output
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
TIMEOUT = 300  # seconds a cell
KERNEL = {"display_name": "Python 3", "language": "python", "name": "python3"}
VOLATILE = [
    f"cell.metadata.{key}"
    for key in ("ExecuteTime", "collapsed", "editable", "execution", "jupyter")
] + ["cell.metadata.scrolled", "cell.metadata.slideshow", "cell.metadata.vscode"]
PNG_SIGNATURE = b"\x89PNG\r\n\x1a\n"
PNG_COMMENTS = {b"tEXt", b"zTXt", b"iTXt", b"tIME", b"eXIf"}


class NotebookFailure(Exception):
    """A notebook that did not run; the message names notebook, cell and error."""


def all_notebooks() -> list[Path]:
    """Return the notebooks of the book, without Jupyter's own copies."""
    found = (ROOT / "chapters").rglob("*.ipynb")
    return sorted(path for path in found if ".ipynb_checkpoints" not in path.parts)


def execute(path: Path, progress: tqdm | None = None) -> NotebookNode:
    """Run a notebook from a clean slate, in its own folder.

    Raises:
        NotebookFailure: If a cell raises (unless it is tagged
            `raises-exception`), takes too long or kills the kernel.
    """
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    at = 0

    def started(cell: NotebookNode, cell_index: int) -> None:
        nonlocal at
        at = cell_index

    def finished(**_: object) -> None:
        if progress is not None:
            progress.update()

    client = NotebookClient(
        notebook,
        coalesce_streams=True,
        extra_arguments=["--IPKernelApp.log_level=40"],
        kernel_name=KERNEL["name"],
        on_cell_complete=finished,
        on_cell_start=started,
        record_timing=False,
        resources={"metadata": {"path": str(path.parent)}},
        timeout=TIMEOUT,
    )
    try:
        client.execute()
    except CellExecutionError as error:
        reason = f"{error.ename}: {error.evalue}"
    except CellTimeoutError:
        reason = f"took longer than {TIMEOUT} seconds"
    except DeadKernelError:
        reason = "killed the kernel"
    else:
        return notebook
    cell_id = notebook.cells[at].get("id", "none")
    raise NotebookFailure(f"{shown(path)}, cell {at + 1} (id {cell_id}): {reason}")


def normal_form(notebook: NotebookNode) -> str:
    """Return the text of a notebook without what varies between runs.

    Code, outputs, counts and cell ids stay. Metadata of editors, timings and
    comments inside PNG files go; neighbouring pieces of a stream are joined.
    """
    notebook = nbformat.from_dict(notebook)
    strip_output(
        notebook,
        keep_output=True,
        keep_count=True,
        keep_id=True,
        extra_keys=VOLATILE,
    )
    notebook.metadata = NotebookNode(kernelspec=NotebookNode(KERNEL))
    notebook.nbformat, notebook.nbformat_minor = 4, 5
    coalesce = CoalesceStreamsPreprocessor()
    for place, cell in enumerate(notebook.cells):
        cell.setdefault("id", f"cell-{place:03}")
        coalesce.preprocess_cell(cell, {}, place)
        for output in cell.get("outputs", []):
            data = output.get("data", {})
            if "image/png" in data:
                data["image/png"] = _plain_png(data["image/png"])
    return nbformat.writes(notebook).rstrip("\n") + "\n"


def problems(path: Path) -> list[str]:
    """Say what keeps a file from being executed and in normal form."""
    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    found = [
        f"cell {place} was never run"
        for place, cell in enumerate(notebook.cells, start=1)
        if cell.cell_type == "code"
        and cell.source.strip()
        and cell.execution_count is None
    ]
    if text != normal_form(notebook):
        found.append("not in normal form")
    return found


def shown(path: Path) -> Path:
    """Return a path as the reader of a message wants it: from the root."""
    return path.relative_to(ROOT) if path.is_relative_to(ROOT) else path


def _plain_png(encoded: str) -> str:
    """Drop the chunks of a PNG that name the software or the time."""
    image = base64.b64decode(encoded)
    if not image.startswith(PNG_SIGNATURE):
        return encoded
    kept, start = [PNG_SIGNATURE], len(PNG_SIGNATURE)
    while start < len(image):
        (length,) = struct.unpack(">I", image[start : start + 4])
        end = start + length + 12  # length, type and checksum: 4 bytes each
        if image[start + 4 : start + 8] not in PNG_COMMENTS:
            kept.append(image[start:end])
        start = end
    return base64.b64encode(b"".join(kept)).decode("ascii")


def _replace(path: Path, text: str) -> None:
    """Write a whole file or leave the old one."""
    draft = path.with_name(path.name + ".draft")
    try:
        draft.write_text(text, encoding="utf-8", newline="\n")
        os.replace(draft, path)
    finally:
        draft.unlink(missing_ok=True)


def _code_cells(path: Path) -> int:
    cells = nbformat.read(path, as_version=4).cells
    return sum(cell.cell_type == "code" for cell in cells)


def run(paths: list[Path]) -> list[str]:
    """Execute and rewrite files; return a message for each that failed."""
    failures = []
    total = sum(map(_code_cells, paths))
    with tqdm(total=total, unit="cell", disable=not paths) as progress:
        for path in paths:
            progress.set_description(path.stem)
            try:
                _replace(path, normal_form(execute(path, progress)))
            except NotebookFailure as failure:
                failures.append(str(failure))
    return failures


def check(paths: list[Path]) -> list[str]:
    """Return a message for each fault, and change nothing."""
    return [f"{shown(path)}: {fault}" for path in paths for fault in problems(path)]


def main(arguments: list[str] | None = None) -> int:
    """Run the command; return its exit status."""
    parser = argparse.ArgumentParser(
        description="Execute notebooks in place and bring them to normal form."
    )
    parser.add_argument(
        "files", nargs="*", type=Path, help="default: every notebook in chapters/"
    )
    parser.add_argument(
        "--check", action="store_true", help="change nothing, report what would change"
    )
    options = parser.parse_args(arguments)
    paths = [path.resolve() for path in options.files] or all_notebooks()
    messages = check(paths) if options.check else run(paths)
    for message in messages:
        print(message, file=sys.stderr)
    if messages and options.check:
        print("To mend: python tools/notebooks.py FILES", file=sys.stderr)
    return 1 if messages else 0


if __name__ == "__main__":
    sys.exit(main())
