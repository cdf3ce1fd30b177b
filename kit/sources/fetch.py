"""Forks on a server: fetched with git into a cache, one bare repository each, and only what's new.

Address --list_remote--> RemoteRefs --other than the cache's?--> fetch --> Fetched (a path in the cache)
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
from kit.sources.quota import LONGEST, retry_after
from kit.sources.rate_limit import PauseGate
from kit.text import label

T = TypeVar("T")
NO_BRANCH = "refs/heads/.none"  # what HEAD of a cached fork names if the server has no default branch
TEMPORARY = ("timed out", "unreachable", "rate limited", "too large")  # such a fork is shown as last fetched
TRIES = 4  # with a server that asks for pauses
PAUSE = 30.0  # seconds for the first pause if the server doesn't name a time
MOVED = re.compile(r"redirecting to (\S+)")
DEFAULT = re.compile(r"^ref: (refs/heads/\S+)\tHEAD$", re.MULTILINE)
TIP = re.compile(r"^([0-9a-f]{40,64})\t(?:HEAD|refs/heads/(\S+))$", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class RemoteRefs:
    """What a server has: its HEAD as git writes it, the tip of each branch, and where it redirected us, if it did."""

    head: str
    tips: Mapping[str, str]
    moved: str = ""


def list_remote(address: Address, seconds: float = SECONDS) -> RemoteRefs:
    """What the server has, in one request.

    Raises:
        ForkTrouble: the server doesn't say.
    """
    out, errors = git(["ls-remote", "--symref", "--", address.url, "HEAD", "refs/heads/*"], address, seconds)
    tips = {name: oid for oid, name in TIP.findall(out) if name}
    detached = [oid for oid, name in TIP.findall(out) if not name]
    default = DEFAULT.search(out)
    moved = MOVED.search(errors)
    head = f"ref: {default[1]}" if default else detached[0] if detached else f"ref: {NO_BRANCH}"
    return RemoteRefs(head, tips, label(redact(moved[1], address.secret, address.user)) if moved else "")


def cache_folder(address: Address, cache: Path) -> Path:
    """The folder of an address in the cache."""
    readable = re.sub(r"[^A-Za-z0-9.-]+", "-", address.name)[-60:].strip("-.")
    return cache / f"{readable}-{hashlib.sha256(address.url.encode()).hexdigest()[:16]}.git"


def cached_tips(folder: Path) -> dict[str, str] | None:
    """The tip of each branch in a folder of the cache; None if it can't be read."""
    try:
        return ForkRepository(folder).branches()
    except ForkTrouble:
        return None


def cached_head(folder: Path) -> tuple[str, str]:
    """The default branch of a fork in the cache and its tip; empty if it has none.

    Reading two small files takes 50 µs; the repository is opened only if git has packed its branches.
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


def fetch_into(folder: Path, address: Address, seconds: float) -> None:
    """Fetch all branches into the bare repository `folder`, which is made if it doesn't exist.

    If the server can, it leaves out blobs that are too large for us to read anyway.
    """
    if not (folder / "HEAD").exists():
        git(["init", "--quiet", "--bare", "--template=", str(folder)], address, seconds)
    remove_leftovers(folder)
    options = ("--quiet", "--no-tags", "--prune", "--no-write-fetch-head", "--no-recurse-submodules")
    words = ["--git-dir", str(folder), "fetch", *options, f"--filter=blob:limit={LARGEST_BLOB + 1}"]
    try:
        git([*words, "--", address.url, "+refs/heads/*:refs/heads/*"], address, seconds, folder)
    except ForkTrouble:
        remove_leftovers(folder)
        raise


def remove_leftovers(folder: Path) -> None:
    """Remove the unfinished packs of a fetch that was stopped."""
    for path in folder.glob("objects/pack/tmp_*"):
        path.unlink(missing_ok=True)


def ask_retry_after(address: Address, seconds: float) -> float | None:
    """How many seconds the server says to wait, None if it doesn't say. We ask without git, which wouldn't tell us."""
    if not address.url.startswith(("https://", "http://")):
        return None
    import httpx

    login = (address.user, address.secret or "x-oauth-basic") if address.user or address.secret else None
    url = f"{address.url.rstrip('/')}/info/refs?service=git-upload-pack"
    try:
        with httpx.stream("GET", url, auth=login, timeout=seconds, follow_redirects=False) as response:
            if response.status_code not in (403, 429, 503):
                return None
            return retry_after({name.lower(): text for name, text in response.headers.items()}, time.time())
    except (httpx.HTTPError, httpx.InvalidURL):
        return None


def with_pauses(address: Address, gate: PauseGate, seconds: float, body: Callable[[], T]) -> T:
    """The result of `body`, which asks a server; if the server wants a pause, we wait and try again.

    Raises:
        ForkTrouble: whatever `body` raises; "rate limited" if the server keeps asking for pauses.
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
            if not gate.shut(host, lambda: ask_retry_after(address, seconds), PAUSE * 2**attempt, LONGEST):
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
    """The fork at `address`, in the cache and up to date. If nothing is new, nothing is transferred.

    The server isn't even asked if a list says that nothing is new (`known`), or if git asked it at or after `since`, in
    seconds since 1970. If the server can't be reached for now, you get the fork as last fetched, with a status that
    says so. A damaged cache is thrown away and fetched again.

    Raises:
        ForkTrouble: there's nothing to read.
        KitError: git isn't installed, or the cache can't be written.
    """
    folder = cache_folder(address, cache)
    state = read_fetch_state(folder)
    if state and (state.checked >= since or unchanged(known, state, lambda: cached_head(folder))):
        return fetched_from(folder, state.moved)
    gate = gate or PauseGate()
    began = time.time()
    try:
        remote = with_pauses(address, gate, seconds, lambda: list_remote(address, seconds))
        if not remote.tips:
            raise ForkTrouble("empty", "not started: the repository has no commit")
        if cached_tips(folder) != remote.tips:
            try:
                with_pauses(address, gate, seconds, lambda: fetch_into(folder, address, seconds))
            except ForkTrouble as error:
                if error.status != "unreadable" or not folder.exists():
                    raise
                shutil.rmtree(folder)
                with_pauses(address, gate, seconds, lambda: fetch_into(folder, address, seconds))
        (folder / "HEAD").write_text(f"{remote.head}\n", encoding="utf-8")
        write_fetch_state(folder, FetchState(began, known.pushed_at if known else "", remote.moved))
    except ForkTrouble as error:
        if error.status in TEMPORARY and (folder / "HEAD").exists() and cached_tips(folder) != {}:
            return Fetched(folder, error.status, f"{error.reason}; shown as last fetched")
        raise
    except OSError as error:
        what = f"the cache can't be written: {error.strerror}"
        raise KitError(what, str(folder), "name another folder with --cache") from error
    return fetched_from(folder, remote.moved)


def fetched_from(folder: Path, moved: str) -> Fetched:
    """A fork that's up to date in the cache; `moved` is where the server redirected us."""
    return Fetched(folder, "moved", f"it moved to {moved}") if moved else Fetched(folder)


@contextmanager
def fetching(
    origins: Sequence[Origin], fetch: Callable[[Address], Fetched], jobs: int = 8
) -> Iterator[Callable[[Origin], Fetched | None]]:
    """Fetch each address once, `jobs` at a time, in the background; yields a function that waits for one of them.

    Fetches that haven't begun are dropped at the end.
    """
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
