"""Forks on a server: fetched with git into a cache, one bare repository each, and only what is new.

Address --ls-remote--> Heads --other than the cache's?--> fetch --> Fetched (a path in the cache)
"""

from __future__ import annotations

import hashlib
import math
import re
import shutil
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TypeVar

from kit.errors import KitError
from kit.forks.objects import LARGEST_BLOB
from kit.forks.records import Fetched, ForkTrouble, ListedState, Origin
from kit.forks.repository import ForkRepository
from kit.git.address import Address, redact
from kit.sources.fetch_state import FetchState, read_fetch_state, unchanged, write_fetch_state
from kit.sources.git_transport import HALT, SECONDS, git
from kit.sources.quota import LONGEST, told_after
from kit.sources.rate_limit import PauseGate
from kit.text import label

T = TypeVar("T")
BEFORE_HEAD = "refs/heads/.none"  # what HEAD of a cached fork names where the server has no default branch
FOR_NOW = ("timed out", "unreachable", "rate limited", "too large")  # such a fork is shown as it was last fetched
TRIES = 4  # of a server that asks for pauses
PAUSE = 30.0  # seconds for the first pause where the server names no time
MOVED = re.compile(r"redirecting to (\S+)")
DEFAULT = re.compile(r"^ref: (refs/heads/\S+)\tHEAD$", re.MULTILINE)
TIP = re.compile(r"^([0-9a-f]{40,64})\t(?:HEAD|refs/heads/(\S+))$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Heads:
    """What a server has: what its HEAD says, the tip of each branch, and the address to which it sent us, if it did."""

    head: str
    tips: Mapping[str, str]
    moved: str = ""


def heads_of(address: Address, seconds: float = SECONDS) -> Heads:
    """What the server has, in one request.

    Raises:
        ForkTrouble: it does not say.
    """
    out, errors = git(["ls-remote", "--symref", "--", address.url, "HEAD", "refs/heads/*"], address, seconds)
    tips = {name: oid for oid, name in TIP.findall(out) if name}
    detached = [oid for oid, name in TIP.findall(out) if not name]
    default = DEFAULT.search(out)
    moved = MOVED.search(errors)
    head = f"ref: {default[1]}" if default else detached[0] if detached else f"ref: {BEFORE_HEAD}"
    return Heads(head, tips, label(redact(moved[1], address.secret, address.user)) if moved else "")


def place_of(address: Address, cache: Path) -> Path:
    """The folder of an address in the cache."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", address.name)[-60:].strip("-.")
    return cache / f"{readable}-{hashlib.sha256(address.url.encode()).hexdigest()[:16]}.git"


def has(folder: Path, heads: Heads) -> bool:
    """Whether the cache holds exactly these branches already."""
    try:
        return ForkRepository(folder).branches() == dict(heads.tips)
    except ForkTrouble:
        return False


def head_of(folder: Path) -> tuple[str, str]:
    """The default branch of a fork in the cache and its tip; empty where it has none.

    Two small files say so in 50 µs; the repository is opened only where git has packed its branches.
    """
    try:
        name = (folder / "HEAD").read_text().removeprefix("ref: ").strip()
        if name.startswith("refs/heads/") and ".." not in name:
            return name.removeprefix("refs/heads/"), (folder / name).read_text().strip()
    except (OSError, UnicodeDecodeError):
        pass
    try:
        tip = ForkRepository(folder).tip()
    except ForkTrouble:
        return "", ""
    return tip.branch, tip.oid


def bring(address: Address, folder: Path, seconds: float) -> None:
    """Fetch all branches into the bare repository `folder`, made if it is not there.

    A server that can leaves out what is larger than is ever read.
    """
    if not (folder / "HEAD").exists():
        git(["init", "--quiet", "--bare", "--template=", str(folder)], address, seconds)
    sweep(folder)
    options = ("--quiet", "--no-tags", "--prune", "--no-write-fetch-head", "--no-recurse-submodules")
    words = ["--git-dir", str(folder), "fetch", *options, f"--filter=blob:limit={LARGEST_BLOB + 1}"]
    try:
        git([*words, "--", address.url, "+refs/heads/*:refs/heads/*"], address, seconds, folder)
    except ForkTrouble:
        sweep(folder)
        raise


def sweep(folder: Path) -> None:
    """Remove what a fetch that was stopped has left half done."""
    for path in folder.glob("objects/pack/tmp_*"):
        path.unlink(missing_ok=True)


def told(address: Address, seconds: float) -> float | None:
    """How long the server says to wait, in seconds, when it is asked without git, which keeps that to itself."""
    if not address.url.startswith(("https://", "http://")):
        return None
    import httpx

    login = (address.user, address.secret or "x-oauth-basic") if address.user or address.secret else None
    url = f"{address.url.rstrip('/')}/info/refs?service=git-upload-pack"
    try:
        with httpx.stream("GET", url, auth=login, timeout=seconds, follow_redirects=False) as response:
            if response.status_code not in (403, 429, 503):
                return None
            return told_after({name.lower(): text for name, text in response.headers.items()}, time.time())
    except (httpx.HTTPError, httpx.InvalidURL):
        return None


def patiently(address: Address, gate: PauseGate, seconds: float, body: Callable[[], T]) -> T:
    """What `body` gives, which asks a server; where that asks for a pause, after the pause.

    Raises:
        ForkTrouble: what `body` raises; "rate limited" where the server asks for pauses again and again.
    """
    host = "/".join(address.url.split("/")[:3])
    for attempt in range(TRIES):
        if not gate.enter(host):
            raise ForkTrouble("timed out", "stopped while waiting for the server")
        try:
            return body()
        except ForkTrouble as error:
            if error.status != "rate limited" or attempt == TRIES - 1:
                raise
            if not gate.shut(host, lambda: told(address, seconds), PAUSE * 2**attempt, LONGEST):
                raise ForkTrouble(error.status, f"{error.reason}, for more than an hour") from error
    raise AssertionError  # the last attempt returns or raises


def fetch(
    address: Address,
    cache: Path,
    seconds: float = SECONDS,
    *,
    known: ListedState | None = None,
    since: float = math.inf,
    gate: PauseGate | None = None,
) -> Fetched:
    """The fork at `address` in the cache, with what is new there; nothing is transferred when nothing is.

    Nothing is asked either where a list says that there is nothing new (`known`), or where git has asked at or after
    `since`, in seconds since 1970. A server that cannot be reached for now leaves the fork as it was last fetched, with
    the status that says so. A cache that is damaged is thrown away and fetched anew.

    Raises:
        ForkTrouble: there is nothing to read.
        KitError: git is not installed, or the cache cannot be written.
    """
    folder = place_of(address, cache)
    mark = read_fetch_state(folder)
    if mark and (mark.checked >= since or unchanged(known, mark, lambda: head_of(folder))):
        return Fetched(folder, "moved", f"it moved to {mark.moved}") if mark.moved else Fetched(folder)
    gate = gate or PauseGate()
    began = time.time()
    try:
        heads = patiently(address, gate, seconds, lambda: heads_of(address, seconds))
        if not heads.tips:
            raise ForkTrouble("empty", "not started: the repository has no commit")
        if not has(folder, heads):
            try:
                patiently(address, gate, seconds, lambda: bring(address, folder, seconds))
            except ForkTrouble as error:
                if error.status != "unreadable" or not folder.exists():
                    raise
                shutil.rmtree(folder)
                patiently(address, gate, seconds, lambda: bring(address, folder, seconds))
        (folder / "HEAD").write_text(f"{heads.head}\n", encoding="utf-8")
        write_fetch_state(folder, FetchState(began, known.pushed_at if known else "", heads.moved))
    except ForkTrouble as error:
        if error.status in FOR_NOW and (folder / "HEAD").exists() and has_any(folder):
            return Fetched(folder, error.status, f"{error.reason}; shown as last fetched")
        raise
    except OSError as error:
        raise KitError(
            f"the cache cannot be written: {error.strerror}", str(folder), "name another with --cache"
        ) from error
    return Fetched(folder, "moved", f"it moved to {heads.moved}") if heads.moved else Fetched(folder)


def has_any(folder: Path) -> bool:
    """Whether something was ever fetched into a folder of the cache."""
    try:
        return bool(ForkRepository(folder).branches())
    except ForkTrouble:
        return True


@contextmanager
def fetching(
    origins: Sequence[Origin], fetch: Callable[[Address], Fetched], jobs: int = 8
) -> Iterator[Callable[[Origin], Fetched | None]]:
    """Fetches under way: each address once, `jobs` at a time. What has not begun is dropped at the end."""
    addresses = {origin.address.url: origin.address for origin in origins if origin.address and not origin.trouble}
    if not addresses:
        yield lambda origin: None
        return
    pool = ThreadPoolExecutor(jobs)
    try:
        futures = {url: pool.submit(fetch, address) for url, address in addresses.items()}
        yield lambda origin: futures[origin.address.url].result() if origin.address else None
    except BaseException:
        HALT.set()
        raise
    finally:
        pool.shutdown(cancel_futures=True)
        HALT.clear()
