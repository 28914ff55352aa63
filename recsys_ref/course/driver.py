"""Run a notebook's cells in a fresh kernel: the program inside the sandbox.

It reads one job as JSON from standard input and writes what happened as JSON to
standard output. It trusts nothing that the cells do: each has a time limit, all
together have one, what they print is cut, and a kernel that dies takes the
remaining cells with it and nothing else.

Before each test stands a canary, a cell that must fail. If it does not fail, the
cells before it have changed how cells run, what an assertion does, or whose
notebook it is.

Book section 11.
"""

import base64
import json
import os
import queue
import resource
import secrets
import signal
import sys
import time
from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TextIO

from jupyter_client.manager import KernelManager

from recsys_ref.course.student import GRADED_STUDENT

MIB = 2**20
MAX_OUTPUT = 100_000  # characters a cell
SHOWN = {  # what a notebook keeps of each message of a kernel
    "stream": ("name", "text"),
    "display_data": ("data", "metadata"),
    "execute_result": ("data", "metadata", "execution_count"),
    "error": ("ename", "evalue", "traceback"),
}
TAMPERED = "an earlier cell changed how tests are run, or for whom"


def main() -> None:
    """Run the job on standard input; the limits hold for every child as well."""
    out, sys.stderr = _private(1), _private(2)
    job = json.load(sys.stdin)
    _limit(**job["limits"])
    for name, content in job["files"].items():
        Path(name).write_bytes(base64.b64decode(content))
    results = run_cells(
        job["cells"],
        canaries=set(job["canaries"]),
        cell_seconds=job["cell_seconds"],
        seconds=job["seconds"],
    )
    with out:
        json.dump(results, out)


def _private(stream: int) -> TextIO:
    """Keep a standard stream for this process; its children get the null device."""
    kept = os.fdopen(os.dup(stream), "w", encoding="utf-8")
    null = os.open(os.devnull, os.O_WRONLY)
    os.dup2(null, stream)
    os.close(null)
    return kept


def _limit(memory: int, processes: int, file_size: int) -> None:
    """Bound this process and its children; memory and sizes in MiB.

    Linux exempts root from the bound on processes; whoever started this counts too.
    """
    for kind, most in (
        (resource.RLIMIT_AS, memory * MIB),
        (resource.RLIMIT_FSIZE, file_size * MIB),
        (resource.RLIMIT_NPROC, processes),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (most, most))


def run_cells(
    cells: Sequence[str | None],
    *,
    canaries: Collection[int] = (),
    cell_seconds: float = 30.0,
    seconds: float = 300.0,
) -> list[dict]:
    """Run cells in order, in one kernel; a cell that fails stops nothing.

    Args:
        cells: The source of each; None for one that is not code.
        canaries: Places of the cells before which a canary is run.
        cell_seconds: Wall-clock limit of a cell.
        seconds: Wall-clock limit of all cells.

    Returns:
        One entry a cell, in order: `status`, one of "ok", "error", "timeout",
        "tampered", "not run" and "text"; `message`, empty where it is ok; and
        `outputs`, as a notebook holds them.
    """
    end = time.monotonic() + seconds
    results = [_result("text") for _ in cells]
    lost = ""
    with _Kernel() as kernel:
        for place, source in enumerate(cells):
            if source is None:
                continue
            if not lost and time.monotonic() > end:
                lost = f"the notebook took longer than {seconds:g} s"
            if lost:
                results[place] = _result("not run", lost)
                continue
            limit = min(cell_seconds, max(end - time.monotonic(), 1.0))
            try:
                if place in canaries and not kernel.fails_as_it_should():
                    results[place] = _result("tampered", TAMPERED)
                    continue
                results[place] = kernel.run(source, limit)
            except _Dead as death:
                lost = f"the notebook's process ended in an earlier cell: {death}"
                results[place] = _result("error", str(death))
    return results


def _result(status: str, message: str = "", outputs: Sequence[dict] = ()) -> dict:
    return {"status": status, "message": message, "outputs": list(outputs)}


def _hint(message: object) -> str:
    """Return an error's message without the values that NumPy's tests print."""
    return " ".join(str(message).partition("\nMismatched")[0].split())[:500]


class _Dead(Exception):
    """The kernel is gone."""


class _Kernel:
    """A kernel of this Python, in the current folder."""

    def __enter__(self) -> "_Kernel":
        # Where the interrupt is ignored, as in the background of a shell, a kernel
        # would ignore it too.
        signal.signal(signal.SIGINT, signal.default_int_handler)
        self._manager = KernelManager(kernel_name="python3")
        self._manager.start_kernel(
            extra_arguments=["--HistoryManager.enabled=False"], cwd=os.getcwd()
        )
        self._client = self._manager.blocking_client()
        self._client.start_channels()
        self._client.wait_for_ready(timeout=60)
        return self

    def __exit__(self, *_: object) -> None:
        self._client.stop_channels()
        self._manager.shutdown_kernel(now=True)

    def run(self, source: str, seconds: float) -> dict:
        outputs: list[dict] = []
        size = 0

        def keep(kind: str, content: dict) -> None:
            nonlocal size
            if kind not in SHOWN:
                return
            size += len(json.dumps(content, default=str))
            if size <= MAX_OUTPUT:
                kept = {name: content.get(name) for name in SHOWN[kind]}
                outputs.append({"output_type": kind, **kept})

        reply = self._execute(source, seconds, keep)
        if reply is None:
            return _result("timeout", f"took longer than {seconds:g} s", outputs)
        if reply["status"] == "ok":
            return _result("ok", outputs=outputs)
        name, message = reply.get("ename", "Error"), _hint(reply.get("evalue", ""))
        if name != "AssertionError" or not message:
            message = f"{name}: {message}".removesuffix(": ")
        return _result("error", message, outputs)

    def fails_as_it_should(self) -> bool:
        """Return whether a false assertion stops a cell with its message.

        The message holds whose notebook it is, which cells must not change either.
        """
        secret = secrets.token_hex(8) + os.environ.get(GRADED_STUDENT, "")
        whose = f"__import__('os').environ.get({GRADED_STUDENT!r}, '')"
        for code in (
            f"assert 1 + 1 == 3, {secret[:16]!r} + {whose}",
            f"__import__('numpy').testing.assert_allclose(1, 2, err_msg={secret!r})",
        ):
            reply = self._execute(code, 10.0, lambda *_: None)
            failed = reply is not None and reply["status"] == "error"
            if not failed or secret not in str(reply.get("evalue", "")):
                return False
        return True

    def _execute(
        self, code: str, seconds: float, keep: Callable[[str, dict], None]
    ) -> dict | None:
        """Return the kernel's reply, None if it took too long and was interrupted."""
        end, interrupted = time.monotonic() + seconds, False
        sent = self._client.execute(code, allow_stdin=False, stop_on_error=False)
        while True:
            if not self._manager.is_alive():
                raise _Dead("it ended by itself")
            if time.monotonic() > end:
                if interrupted:
                    self._manager.shutdown_kernel(now=True)
                    raise _Dead("it did not stop when its time was over")
                self._manager.interrupt_kernel()
                interrupted, end = True, time.monotonic() + 5
            try:
                message = self._client.get_iopub_msg(timeout=0.2)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") != sent:
                continue
            keep(message["header"]["msg_type"], message["content"])
            if (
                message["header"]["msg_type"] == "status"
                and message["content"]["execution_state"] == "idle"
            ):
                break
        reply = self._reply(sent)
        return None if interrupted else reply

    def _reply(self, sent: str) -> dict:
        end = time.monotonic() + 10
        while time.monotonic() < end and self._manager.is_alive():
            try:
                message = self._client.get_shell_msg(timeout=1)
            except queue.Empty:
                continue
            if message["parent_header"].get("msg_id") == sent:
                return message["content"]
        raise _Dead("it gave no reply")


if __name__ == "__main__":
    main()
