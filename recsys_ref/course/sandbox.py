"""Run what a student wrote where it can harm nobody.

The code sees the system's programs, this Python, this package and its assets,
all read-only; an empty folder in memory; no network; no other process, file or
submission. Time, memory, processes and what it says are bounded. What it does
beyond that is lost with it. Linux only, through bubblewrap.

Book section 11.

References:
    bubblewrap, https://github.com/containers/bubblewrap
"""

import base64
import contextlib
import copy
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import nbformat
import psutil
from nbformat import NotebookNode

from recsys_ref import assets
from recsys_ref.course.student import GRADED_STUDENT

MIB = 2**20
PACKAGE = Path(__file__).resolve().parents[1]
# What a process may need of the system; no home, no mount, no run-time folder.
SYSTEM = ("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32")
SYSTEM_FILES = (
    "/etc/alternatives",
    "/etc/fonts",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/localtime",
    "/etc/group",
    "/etc/passwd",
)
_UNREADABLE = (  # what JSON of another make can raise
    *(ValueError, KeyError, TypeError, AttributeError, RecursionError),
    nbformat.ValidationError,
)
INSIDE = "/tmp/work"  # the folder of the notebook, in the sandbox
USUAL = 4  # processes of a well-behaved run: walls (two), driver, kernel
GRACE = 30.0  # seconds to start and to end


@dataclass(frozen=True)
class Limits:
    """What one submission may use.

    Attributes:
        cell_seconds: Wall-clock seconds of one cell.
        seconds: Wall-clock seconds of the whole notebook.
        memory: MiB of all its processes together.
        address_space: MiB that one process may reserve; libraries reserve far
            more than they use.
        processes: Processes and threads at once.
        disk: MiB of the folder in memory that it may write to.
        output: MiB of the executed notebook.
    """

    cell_seconds: float = 60.0
    seconds: float = 300.0
    memory: int = 3072
    address_space: int = 12_288
    processes: int = 96
    disk: int = 256
    output: int = 32


@dataclass(frozen=True)
class Run:
    """What became of a notebook.

    Attributes:
        notebook: The notebook with its outputs; as it came if nothing came back.
        results: One entry a cell with `status` and `message`, see
            `recsys_ref.course.driver.run_cells`.
        problem: Why it was stopped as a whole; empty if it was not.
    """

    notebook: NotebookNode
    results: list[dict]
    problem: str


def missing() -> str:
    """Return why there is no sandbox on this machine; empty if there is one."""
    if not sys.platform.startswith("linux"):
        return (
            "grading runs students' code in a sandbox that exists on Linux only; "
            "use a Linux machine, WSL 2 or a virtual machine"
        )
    if shutil.which("bwrap") is None:
        return (
            "grading runs students' code in a sandbox: install bubblewrap, "
            "for example with 'apt-get install bubblewrap'"
        )
    command = ["bwrap", *_walls(64), "--", "/bin/true"]
    tried = subprocess.run(command, capture_output=True, text=True, check=False)
    if tried.returncode:
        return f"bubblewrap does not work here: {tried.stderr.strip()}"
    return ""


def run(
    notebook: NotebookNode,
    student: str,
    *,
    canaries: Collection[int] = (),
    files: Mapping[str, bytes] | None = None,
    limits: Limits | None = None,
    sandboxed: bool = True,
) -> Run:
    """Run a notebook in the sandbox.

    Args:
        notebook: What to run; it is not changed.
        student: Whose it is; the cells find it through
            `recsys_ref.course.student.student_id`.
        canaries: Places of the cells before which a canary is run.
        files: What lies beside the notebook, by name.
        limits: What it may use.
        sandboxed: False runs it on this machine as it is, under the same limits,
            in a temporary folder: for solutions of one's own.

    Returns:
        What became of it. Never raises for what the notebook does.
    """
    limits = limits or Limits()
    job = {
        "cells": [
            cell.source if cell.cell_type == "code" else None for cell in notebook.cells
        ],
        "files": {
            name: base64.b64encode(content).decode()
            for name, content in (files or {}).items()
        },
        "canaries": sorted(canaries),
        "cell_seconds": limits.cell_seconds,
        "seconds": limits.seconds,
        "limits": {
            "memory": limits.address_space,
            "processes": limits.processes,
            "file_size": limits.disk,
        },
    }
    command = [sys.executable, "-P", "-m", "recsys_ref.course.driver"]
    with tempfile.TemporaryDirectory() as folder:
        if sandboxed:
            command = ["bwrap", *_walls(limits.disk), "--", *command]
        process = subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=_environment(student, INSIDE if sandboxed else folder),
            cwd=folder,
        )
        said, problem = _watched(process, json.dumps(job).encode(), limits)
    return _understood(notebook, said, problem)


def _walls(disk: int) -> list[str]:
    """Return bubblewrap's arguments; `disk` in MiB."""
    here = [*SYSTEM, *SYSTEM_FILES, sys.base_prefix, sys.prefix]
    here += [str(PACKAGE), str(assets.home())]
    here = [path for path in dict.fromkeys(here) if os.path.exists(path)]
    size = str(disk * MIB)
    return [
        "--unshare-all",
        *("--die-with-parent", "--new-session"),
        *("--cap-drop", "ALL"),
        *("--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev"),
        *("--size", size, "--perms", "1777", "--tmpfs", "/dev/shm"),
        *("--size", size, "--perms", "1777", "--tmpfs", "/tmp"),
        *("--perms", "0777", "--dir", INSIDE),
        *(argument for path in here for argument in ("--ro-bind", path, path)),
        *("--remount-ro", "/", "--chdir", INSIDE),
    ]


def _environment(student: str, folder: str) -> dict[str, str]:
    """Return all that the student's code learns from its environment."""
    return {
        "PATH": os.pathsep.join([str(Path(sys.prefix) / "bin"), os.defpath]),
        "LANG": "C.UTF-8",
        "HOME": folder,
        "TMPDIR": folder,
        "MPLBACKEND": "Agg",
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYTHONPATH": str(PACKAGE.parent),
        "RECSYS_REF_HOME": str(assets.home()),
        GRADED_STUDENT: student,
    }


def _watched(
    process: subprocess.Popen, job: bytes, limits: Limits
) -> tuple[bytes, str]:
    """Give a process its job; return what it said and why it was stopped, if it was."""
    said, errors = bytearray(), bytearray()
    threads = [
        threading.Thread(target=_write, args=(process.stdin, job), daemon=True),
        threading.Thread(
            target=_read, args=(process.stdout, said, limits.output * MIB), daemon=True
        ),
        threading.Thread(target=_read, args=(process.stderr, errors, MIB), daemon=True),
    ]
    for thread in threads:
        thread.start()
    end, problem = time.monotonic() + limits.seconds + GRACE, ""
    while process.poll() is None and not problem:
        time.sleep(0.05)
        if time.monotonic() > end:
            problem = f"it took longer than {limits.seconds:g} s"
        else:
            problem = _excess(process, limits, len(said))
    if problem:
        _kill(process)
    process.wait()
    for thread in threads:
        thread.join(timeout=5)
    if process.returncode and not problem:
        last = errors.decode(errors="replace").strip().splitlines()[-1:]
        problem = " ".join(["the process that ran it ended", *last])
    return bytes(said), problem


def _write(pipe: IO[bytes], job: bytes) -> None:
    with contextlib.suppress(BrokenPipeError), pipe:
        pipe.write(job)


def _read(pipe: IO[bytes], into: bytearray, most: int) -> None:
    with pipe:
        while piece := pipe.read(65_536):
            if len(into) <= most:
                into += piece


def _excess(process: subprocess.Popen, limits: Limits, said: int) -> str:
    """Return which limit the process and its descendants exceed; empty if none."""
    family = _family(process)
    if len(family) > limits.processes:
        return f"it started more than {limits.processes} processes"
    memory = 0
    for each in family:
        with contextlib.suppress(psutil.Error):
            memory += each.memory_info().rss
    if memory > limits.memory * MIB:
        among = f"in {len(family)} processes" if len(family) > USUAL else ""
        return f"it used more than {limits.memory} MiB of memory {among}".strip()
    if said > limits.output * MIB:
        return f"it said more than {limits.output} MiB"
    return ""


def _family(process: subprocess.Popen) -> list[psutil.Process]:
    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(process.pid)
        return [*parent.children(recursive=True), parent]
    return []


def _kill(process: subprocess.Popen) -> None:
    """End a process, the parent first: with a sandbox's parent all in it ends."""
    family = _family(process)
    process.kill()
    for each in family:
        with contextlib.suppress(psutil.Error):
            each.kill()


def _understood(notebook: NotebookNode, said: bytes, problem: str) -> Run:
    """Read what came out of the sandbox, as something that nobody vouches for."""
    if problem:
        return _nothing(notebook, problem)
    executed = copy.deepcopy(notebook)
    try:
        answers = json.loads(said)
        results = []
        for cell, answer in zip(executed.cells, answers, strict=True):
            results.append({name: str(answer[name]) for name in ("status", "message")})
            if cell.cell_type == "code":
                cell.outputs = nbformat.from_dict(answer["outputs"])
        nbformat.validate(executed)
    except _UNREADABLE as error:
        return _nothing(notebook, f"what came back cannot be read: {error!r:.100}")
    return Run(executed, results, "")


def _nothing(notebook: NotebookNode, problem: str) -> Run:
    """Return a run of which nothing came back."""
    results = [
        {"status": "not run", "message": problem}
        if cell.cell_type == "code"
        else {"status": "text", "message": ""}
        for cell in notebook.cells
    ]
    return Run(notebook, results, problem)
