"""`tools/notebooks.py` runs notebooks, and keeps or reports their form."""

import base64
import json
import struct
import subprocess
import sys
import zlib
from pathlib import Path

import nbformat
import notebooks
import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook, new_output

TOOL = Path(notebooks.__file__)


def tool(*arguments):
    command = [sys.executable, TOOL, *arguments]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def write(path, *cells):
    nbformat.write(new_notebook(cells=list(cells)), path)
    return path


def png(*chunks):
    """Return a PNG signature and chunks with their checksums."""
    data = notebooks.PNG_SIGNATURE
    for kind, content in chunks:
        check = struct.pack(">I", zlib.crc32(kind + content))
        data += struct.pack(">I", len(content)) + kind + content + check
    return base64.b64encode(data).decode()


@pytest.fixture
def good(tmp_path):
    return write(
        tmp_path / "good.ipynb",
        new_markdown_cell("# Title"),
        new_code_cell("import os\nprint('a')\nprint('b')"),
        new_code_cell("os.path.basename(os.getcwd())"),
        new_code_cell(""),
    )


def test_running_stores_outputs_in_normal_form_and_a_second_run_changes_nothing(good):
    ids = [cell.id for cell in nbformat.read(good, 4).cells]
    assert "never run" in tool("--check", good).stderr
    assert tool(good).returncode == 0
    once = good.read_bytes()
    assert tool("--check", good).returncode == 0
    assert tool(good).returncode == 0
    assert good.read_bytes() == once
    notebook = nbformat.read(good, as_version=4)
    assert [cell.id for cell in notebook.cells] == ids
    assert [cell.get("execution_count") for cell in notebook.cells] == [
        None,
        1,
        2,
        None,
    ]
    (stream,) = notebook.cells[1].outputs
    assert stream.text == "a\nb\n"
    (folder,) = notebook.cells[2].outputs
    assert folder.data["text/plain"] == repr(good.parent.name)


def test_a_failure_names_notebook_cell_and_error_and_leaves_the_file(tmp_path):
    bad = write(
        tmp_path / "bad.ipynb",
        new_code_cell("1"),
        new_code_cell("raise ValueError('of no use')", id="the-bad-one"),
    )
    before = bad.read_bytes()
    done = tool(bad)
    assert done.returncode == 1
    assert "bad.ipynb, cell 2 (id the-bad-one): ValueError: of no use" in done.stderr
    assert bad.read_bytes() == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.ipynb"]


def test_checking_changes_nothing(good):
    before = good.read_bytes()
    assert tool("--check", good).returncode == 1
    assert good.read_bytes() == before


def test_normal_form_drops_what_varies_and_keeps_the_rest():
    cell = new_code_cell(
        "1",
        id="kept",
        execution_count=3,
        outputs=[
            new_output("stream", name="stdout", text="one\n"),
            new_output("stream", name="stdout", text="two\n"),
            new_output("stream", name="stderr", text="three\n"),
        ],
        metadata={
            "tags": ["hide-input"],
            "execution": {"iopub.execute_input": "now"},
            "collapsed": False,
        },
    )
    notebook = new_notebook(
        cells=[cell], metadata={"language_info": {"name": "python"}}
    )
    plain = json.loads(notebooks.normal_form(notebook))
    (result,) = plain["cells"]
    assert result["metadata"] == {"tags": ["hide-input"]}
    assert (result["id"], result["execution_count"]) == ("kept", 3)
    assert [output["text"] for output in result["outputs"]] == [
        ["one\n", "two\n"],
        ["three\n"],
    ]
    assert plain["metadata"] == {"kernelspec": notebooks.KERNEL}


def test_normal_form_is_a_fixed_point_that_ends_in_one_newline(good):
    once = notebooks.normal_form(nbformat.read(good, as_version=4))
    assert notebooks.normal_form(nbformat.reads(once, as_version=4)) == once
    assert once.endswith("}\n")
    assert not once.endswith("\n\n")


def test_normal_form_drops_comments_from_pictures_and_nothing_else():
    header, body, end = (b"IHDR", b"size"), (b"IDAT", b"pixels"), (b"IEND", b"")
    comment, time = (b"tEXt", b"Software\0x 1.0"), (b"tIME", b"now")
    image = png(header, comment, body, time, end)
    output = new_output("display_data", {"image/png": image})
    notebook = new_notebook(cells=[new_code_cell("1", outputs=[output])])
    plain = json.loads(notebooks.normal_form(notebook))
    (stored,) = plain["cells"][0]["outputs"]
    assert stored["data"]["image/png"] == png(header, body, end)
