"""How PyTorch is chosen, and what set-up says to an old Python."""

import importlib.util
import subprocess
import sys
import venv
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
SPEC = importlib.util.spec_from_file_location("install", ROOT / "tools" / "install.py")
install = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(install)


def targets(build, platform):
    commands = install.torch_commands(Path("py"), "2.13.0", build, platform)
    return [
        [part for part in c if part.startswith(("torch", "--torch"))] for c in commands
    ]


def test_linux_takes_the_cpu_build_and_never_the_default_one():
    assert targets("cpu", "linux") == [
        ["torch==2.13.0+cpu"],
        ["--torch-backend=cpu", "torch==2.13.0"],
    ]


@pytest.mark.parametrize("platform", ["darwin", "win32"])
def test_macos_and_windows_take_the_default_build(platform):
    assert targets("cpu", platform) == [["torch==2.13.0"]]


def test_a_reader_who_asks_gets_the_default_build_on_linux():
    assert targets("default", "linux") == [["torch==2.13.0"]]


def test_the_pinned_version_is_read_and_its_absence_named(tmp_path):
    file = tmp_path / "constraints.txt"
    file.write_text("torchvision==0.1\nTorch==2.9.1 ; python_version > '3'\n")
    assert install.pinned_version(file, "torch") == "2.9.1"
    with pytest.raises(KeyError, match=r"numpy: no line .* in constraints.txt"):
        install.pinned_version(file, "numpy")


@pytest.mark.skipif(sys.platform == "win32", reason="the stand-in is a shell script")
def test_a_failing_step_fails_the_command(tmp_path):
    environment = tmp_path / "venv"
    (environment / "bin").mkdir(parents=True)
    pip = environment / "bin" / "python"
    whole = 'test "$3" = --version && exit 0'  # so that it is taken as it is
    pip.write_text(f"#!/bin/sh\n{whole}\necho no space left >&2\nexit 3\n")
    pip.chmod(0o755)
    command = [sys.executable, ROOT / "tools" / "install.py", "--torch", "none"]
    done = subprocess.run(
        [*command, "--venv", environment], capture_output=True, text=True
    )
    assert done.returncode == 3
    assert "no space left" in done.stderr


def test_an_environment_left_half_way_is_completed(tmp_path, monkeypatch):
    environment = tmp_path / "venv"
    venv.create(environment, with_pip=False)
    folder = "Scripts" if sys.platform == "win32" else "bin"
    python = next((environment / folder).glob("python*"))
    assert not install.has_pip(python)
    command = ["install.py", "--torch", "none", "--venv", str(environment)]
    monkeypatch.setattr(sys, "argv", command)
    monkeypatch.setattr(install, "run", lambda *c: steps.append(list(map(str, c[1:]))))
    steps = []
    install.main()
    assert steps[0] == ["-m", "ensurepip"]
    assert steps[1][:3] == ["-m", "pip", "install"]


def test_a_python_that_cannot_make_environments_is_told(tmp_path, monkeypatch):
    monkeypatch.setattr(install.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match=r"no ensurepip.*python3-venv"):
        install.create(tmp_path / "venv")
    assert not (tmp_path / "venv").exists()
