"""What a student's code may not do costs him, and nobody else.

Those marked `sandbox` need bubblewrap, see `conftest.py`.
"""

import os
import socket
import time

import pytest
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

from recsys_ref.course import sandbox

SHORT = sandbox.Limits(cell_seconds=5, seconds=40)


def run(*sources, **how):
    notebook = new_notebook(cells=[new_code_cell(source) for source in sources])
    return sandbox.run(notebook, "ada", **{"limits": SHORT, **how})


def statuses(found):
    return [result["status"] for result in found.results]


def printed(found, place):
    return "".join(o.get("text", "") for o in found.notebook.cells[place].outputs)


def test_cells_run_in_order_and_a_failing_one_stops_nothing():
    notebook = new_notebook(
        cells=[
            new_code_cell("a = 1"),
            new_markdown_cell("text"),
            new_code_cell("1 / 0"),
            new_code_cell("print(a)"),
        ]
    )
    found = sandbox.run(notebook, "ada", sandboxed=False)
    assert statuses(found) == ["ok", "text", "error", "ok"]
    assert found.results[2]["message"] == "ZeroDivisionError: division by zero"
    assert printed(found, 3) == "1\n"
    assert notebook.cells[3].outputs == []


def test_a_message_does_not_tell_what_would_be_right():
    compare = "numpy.testing.assert_allclose([0.5], [0.1234], err_msg='divide by k')"
    found = run(f"import numpy.testing\n{compare}", sandboxed=False)
    assert "divide by k" in found.results[0]["message"]
    assert "0.1234" not in found.results[0]["message"]


def test_the_student_and_his_files_are_there():
    found = run(
        "import os\nprint(os.environ['RECSYS_REF_STUDENT'], open('data.csv').read())",
        files={"data.csv": b"user,item"},
        sandboxed=False,
    )
    assert printed(found, 0) == "ada user,item\n"


@pytest.mark.parametrize(
    "loop",
    [
        "while True: pass",
        "import time\ntime.sleep(1000)",
        "while True: print('x' * 1000)",
    ],
    ids=["busy", "asleep", "talking"],
)
def test_an_endless_cell_is_stopped_and_the_next_one_runs(loop):
    found = run(loop, "print(2)", sandboxed=False)
    assert statuses(found) == ["timeout", "ok"]
    assert found.results[0]["message"] == "took longer than 5 s"
    assert len(printed(found, 0)) <= 100_000


def test_a_loop_that_cannot_be_interrupted_ends_the_notebook():
    stubborn = "import signal\nsignal.signal(signal.SIGINT, signal.SIG_IGN)\n"
    found = run("print(1)", stubborn + "while True: pass", "1", sandboxed=False)
    assert statuses(found) == ["ok", "error", "not run"]


def test_a_crash_takes_the_following_cells_and_no_others():
    found = run("print(1)", "import os\nos._exit(0)", "print(2)", sandboxed=False)
    assert statuses(found) == ["ok", "error", "not run"]
    assert "ended in an earlier cell" in found.results[2]["message"]


def test_the_whole_notebook_has_a_limit():
    limits = sandbox.Limits(cell_seconds=30, seconds=6)
    found = run(*["import time\ntime.sleep(4)"] * 3, limits=limits, sandboxed=False)
    assert statuses(found)[0] == "ok"
    assert statuses(found)[2] == "not run"
    assert "longer than 6 s" in found.results[2]["message"]


def test_nobody_answers_questions():
    found = run("input()", sandboxed=False)
    assert "StdinNotImplementedError" in found.results[0]["message"]


def test_what_a_cell_writes_past_jupyter_is_not_taken_for_the_result():
    found = run("import os\nos.write(1, b'{' * 10)", "print(2)", sandboxed=False)
    assert not found.problem
    assert printed(found, 1) == "2\n"


@pytest.mark.parametrize(
    "trick",
    [
        "get_ipython().run_cell_async = None",
        "get_ipython().run_cell = lambda *a, **k: None",
        "import numpy.testing\nnumpy.testing.assert_allclose = print",
        "import os\nos.environ['RECSYS_REF_STUDENT'] = 'ben'",
        "get_ipython().ast_transformers.append(type('T', (), {'visit':"
        " lambda self, node: type(node)([], [])})())",
    ],
)
def test_a_canary_notices_that_tests_were_disarmed(trick):
    found = run(trick, "assert False", canaries=[1], sandboxed=False)
    assert statuses(found)[1] in ("tampered", "error")
    fair = run("1", "assert True", canaries=[1], sandboxed=False)
    assert statuses(fair) == ["ok", "ok"]


@pytest.mark.sandbox
def test_there_is_a_sandbox():
    assert sandbox.missing() == ""


@pytest.mark.sandbox
def test_it_writes_nowhere_but_in_its_folder(tmp_path):
    target = tmp_path / "target"
    home = os.path.expanduser("~/planted")
    found = run(
        "open('mine', 'w').write('x')\nprint(open('mine').read())",
        f"open({str(target)!r}, 'w')",
        f"open({home!r}, 'w')",
        "import recsys_ref, pathlib\n"
        "pathlib.Path(recsys_ref.__file__).with_name('planted.py').touch()",
        "open('/usr/planted', 'w')",
    )
    assert statuses(found) == ["ok", *["error"] * 4]
    assert not target.exists()
    assert not os.path.exists(home)


@pytest.mark.sandbox
def test_it_reads_no_other_file_and_sees_no_other_process(tmp_path):
    (tmp_path / "other").write_text("grades")
    found = run(
        f"open({str(tmp_path / 'other')!r})",
        "import os\nprint(sum(name.isdigit() for name in os.listdir('/proc')))",
        f"import os\nos.kill({os.getpid()}, 15)",
    )
    assert statuses(found)[0] == "error"
    assert int(printed(found, 1)) < 10
    assert statuses(found)[2] == "error"


@pytest.mark.sandbox
def test_it_has_no_network():
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        found = run(
            f"import socket\nsocket.create_connection(('127.0.0.1', {port}), 2)",
            "import socket\nsocket.create_connection(('192.0.2.1', 80), 2)",
        )
    assert statuses(found) == ["error", "error"]


@pytest.mark.sandbox
def test_a_fork_bomb_is_defused():
    begun = time.monotonic()
    bomb = "import os\nwhile True:\n    try:\n        os.fork()\n    except OSError: 0"
    found = run(bomb, "1")
    assert statuses(found) == ["not run", "not run"]
    assert "processes" in found.problem or "memory" in found.problem
    assert time.monotonic() - begun < 30
    time.sleep(0.5)
    again = run("print(1)")
    assert printed(again, 0) == "1\n"


@pytest.mark.sandbox
def test_memory_is_bounded():
    limits = sandbox.Limits(cell_seconds=20, seconds=30, memory=300)
    found = run("x = b'1' * (600 * 2**20)\nimport time\ntime.sleep(5)", limits=limits)
    assert found.problem == "it used more than 300 MiB of memory"
    limits = sandbox.Limits(cell_seconds=20, seconds=30, address_space=2048)
    found = run("bytearray(4 * 2**30)", "print(1)", limits=limits)
    assert statuses(found) == ["error", "ok"]
    assert "MemoryError" in found.results[0]["message"]


@pytest.mark.sandbox
def test_the_folder_is_bounded():
    limits = sandbox.Limits(cell_seconds=10, seconds=30, disk=16)
    found = run(
        "for n in range(40): open(str(n), 'wb').write(b'1' * 2**20)",
        "import os\nos.remove('0')",
        limits=limits,
    )
    assert statuses(found) == ["error", "ok"]
    assert "No space left" in found.results[0]["message"]


@pytest.mark.sandbox
def test_the_book_data_are_there():
    found = run(
        "from recsys_ref.data.movielens import load_movielens_100k\n"
        "print(len(load_movielens_100k().interactions))",
        limits=sandbox.Limits(),
    )
    assert printed(found, 0) == "100000\n"


def test_a_machine_without_the_sandbox_is_told_what_to_install(monkeypatch):
    monkeypatch.setattr(sandbox.shutil, "which", lambda name: None)
    if sandbox.sys.platform.startswith("linux"):
        assert "install bubblewrap" in sandbox.missing()
    monkeypatch.setattr(sandbox.sys, "platform", "darwin")
    assert "Linux only" in sandbox.missing()
