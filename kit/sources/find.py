"""A search for forks: SOURCE words in, origins out, and a way to fetch each. A killed run is picked up again.

words --find_forks--> Origin, ... --fetch, many at a time--> Fetched
           |                          |
      GitHub's lists            only what has something new
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from kit.forks.records import Fetched, ForkTrouble, ListedState, Origin
from kit.git.address import Address, parse_address, redact, refusal
from kit.sources.fetch import fetch
from kit.sources.rate_limit import PauseGate
from kit.sources.resume import UnfinishedRun
from kit.sources.words import find_forks, natural_order
from kit.text import label

if TYPE_CHECKING:
    from kit.sources.github_records import GitHubPlace, ListedRepository


@dataclass(frozen=True, slots=True)
class Search:
    """The forks that were found, and a function that fetches one from its address."""

    origins: tuple[Origin, ...]
    fetch: Callable[[Address], Fetched]


def login_of(place: GitHubPlace, listed: ListedRepository) -> str:
    """Whose repository this is: a fork's owner; in an organisation, what follows the prefix, as in `gpt-octo`."""
    return listed.login if place.name else listed.full_name.partition("/")[2][len(place.prefix) :].lstrip("-")


def listed_origin(place: GitHubPlace, listed: ListedRepository, host: str, token: str) -> Origin:
    """The origin of a listed repository. The token goes with it to the API's own `host`, and nowhere else."""
    login = label(login_of(place, listed))
    name = label(listed.full_name)
    known = ListedState(listed.branch, listed.tip, listed.pushed_at)
    found = Origin(login or name, label(redact(listed.url)), login=login, known=known)
    why = refusal(listed.url)
    if why:
        return replace(found, trouble=ForkTrouble("refused", why))
    address = parse_address(listed.url)
    if token and address.url.startswith(f"https://{host}/"):
        address = replace(address, user="x-access-token", secret=token)
    found = replace(found, shown=label(address.url), address=address)
    if listed.empty:
        return replace(found, trouble=ForkTrouble("empty", "not started: the repository has no commit"))
    return found


def list_github(word: str, kept: UnfinishedRun) -> list[Origin]:
    """The origins that a `github:` or `github-org:` word names, by name.

    Raises:
        KitError: there's no such place, or the API can't be asked.
    """
    from kit.sources.github_api import connect, web_host
    from kit.sources.github_lists import GitHub
    from kit.sources.github_records import parse_place

    place = parse_place(word)
    assert place is not None
    kept.begin()
    with connect() as api:
        host = web_host(api.base)
        found = [listed_origin(place, one, host, api.token) for one in GitHub(api, kept).repositories(place)]
    times = Counter(one.name for one in found)
    named = [replace(one, name=one.address.name) if times[one.name] > 1 and one.address else one for one in found]
    return sorted(named, key=lambda one: natural_order(one.name))


def list_server(word: str, kept: UnfinishedRun) -> list[Origin]:
    """The origins that a word for a server names, by name.

    Raises:
        KitError: there's no such place, or the server can't be asked.
    """
    from kit.sources.forges import FORGE_WORDS, list_forge

    return sorted(list_forge(word), key=by_name) if word.startswith(FORGE_WORDS) else list_github(word, kept)


def by_name(origin: Origin) -> list[tuple[int, int, str]]:
    """What origins are sorted by."""
    return natural_order(origin.name)


@contextmanager
def searching(words: Sequence[str], cache: Path, seconds: float) -> Iterator[Search]:
    """A search for the forks that words name. What the API said is kept until the body has run to its end.

    Raises:
        KitError: a word is unusable, or the cache can't be written.
    """
    kept = UnfinishedRun(cache, words)
    origins = find_forks(words, lambda word: list_server(word, kept))
    if any(origin.address for origin in origins):
        kept.begin()
    since = kept.since if kept.resumed else math.inf
    known = {origin.address.url: origin.known for origin in origins if origin.address and origin.known}
    gate = PauseGate()

    def fetch_one(address: Address) -> Fetched:
        return fetch(address, cache, seconds, known=known.get(address.url), since=since, gate=gate)

    yield Search(origins, fetch_one)
    kept.end()
