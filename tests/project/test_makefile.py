"""The commands that the README, CI and the workflow promise exist and can fail."""

import re
import shutil
import subprocess
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
MAKEFILE = (ROOT / "Makefile").read_text()
TARGETS = set(re.findall(r"^([a-z]+):", MAKEFILE, flags=re.MULTILINE))
PROMISED = set(
    ["book", "test", "lab", "serve", "notebooks", "lint", "bench", "clean", "help"]
)
WORKFLOWS = sorted((ROOT / ".github" / "workflows").glob("*.yml"))


def test_every_promised_target_exists_and_is_phony():
    (phony,) = re.findall(r"^\.PHONY: (.*)$", MAKEFILE, flags=re.MULTILINE)
    assert PROMISED <= TARGETS
    assert set(phony.split()) == TARGETS


def test_help_lists_every_target():
    done = subprocess.run(
        ["make", "-s", "help"], cwd=ROOT, capture_output=True, text=True
    )
    assert {line.split()[0] for line in done.stdout.splitlines()} == TARGETS


@pytest.mark.parametrize("file", WORKFLOWS, ids=lambda p: p.name)
def test_workflows_run_make_targets_and_nothing_else(file):
    jobs = yaml.safe_load(file.read_text())["jobs"]
    commands = [s["run"] for job in jobs.values() for s in job["steps"] if "run" in s]
    assert commands
    for command in commands:
        target = re.fullmatch(r"make ([a-z]+)", command)
        assert target, f"{file.name} runs {command!r}, which is not a make target"
        assert target[1] in TARGETS


def test_ci_runs_the_readmes_commands():
    script = (ROOT / ".ci" / "run").read_text()
    (called,) = re.findall(r"^for target in ([a-z ]+); do$", script, flags=re.MULTILINE)
    assert called.split() == ["book", "test", "lint"]
    readme = (ROOT / "README.md").read_text()
    for target in re.findall(r"\bmake ([a-z]+)\b", readme):
        assert target in TARGETS, f"README.md names make {target}"


def test_ci_fails_if_any_target_fails(tmp_path):
    (tmp_path / ".ci").mkdir()
    shutil.copy(ROOT / ".ci" / "run", tmp_path / ".ci" / "run")
    for broken in ("", "book", "test", "lint"):
        rules = [
            f"{t}:\n\t@echo {t}; {'false' if t == broken else 'true'}\n"
            for t in ("book", "test", "lint")
        ]
        (tmp_path / "Makefile").write_text("\n".join(rules))
        path = f"{tmp_path}:/usr/bin:/bin"
        browser = tmp_path / "chromium"
        browser.write_text("#!/bin/sh\n")
        browser.chmod(0o755)
        done = subprocess.run(
            ["bash", ".ci/run"], cwd=tmp_path, capture_output=True, env={"PATH": path}
        )
        assert (done.returncode == 0) == (broken == ""), broken
        assert done.stdout.count(b"== make") == 3, "the others run all the same"


def test_pre_commit_hooks_are_local():
    config = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text())
    assert {repo["repo"] for repo in config["repos"]} == {"local"}
