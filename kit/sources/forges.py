"""The forks that GitLab, Gitea or Forgejo list, and forks of those.

    gitlab:GROUP/PROJECT      --parse_forge--> ForgePlace --list_forge--> Origin, Origin, ...
    gitea:HOST/OWNER/REPO

What these servers say about the last push may be an hour old, so git asks each fork for its tip.
"""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import quote, urlsplit

from kit.errors import KitError
from kit.forks.records import ForkTrouble, Origin
from kit.git.address import parse_address, redact, refusal
from kit.sources.credentials import SOUND
from kit.sources.github_api import LOOPBACK, Api, origin_of
from kit.sources.github_lists import next_link
from kit.terminal import say
from kit.text import label

FORGE_WORDS = ("gitlab:", "gitea:")
NAME = r"[\w.-]+"
GITLAB = re.compile(rf"gitlab:(?P<path>{NAME}(?:/{NAME})+)")
GITEA = re.compile(rf"gitea:(?P<host>[\w.-]+(?::\d+)?)/(?P<path>{NAME}/{NAME})")
PAGES = 200  # of one list


@dataclass(frozen=True, slots=True)
class Forge:
    """A kind of server: where its API is, how it takes a token, and how it describes a repository."""

    name: str
    api: str  # below the server's address
    scheme: str  # of the header with the token
    setting: str  # the variable with the server's address; the one with the token goes to that server only
    token: str
    page: str  # what asks for a page of the longest size
    repository: Callable[[str], str]
    fields: tuple[str, str, str]  # full name, address to clone, whether it's empty


FORGES = {
    "gitlab": Forge(
        "GitLab",
        "/api/v4",
        "Bearer",
        "GITLAB_URL",
        "GITLAB_TOKEN",
        "per_page=100",
        lambda path: f"/projects/{quote(path, safe='')}",
        ("path_with_namespace", "http_url_to_repo", "empty_repo"),
    ),
    "gitea": Forge(
        "Gitea",
        "/api/v1",
        "token",
        "GITEA_URL",
        "GITEA_TOKEN",
        "limit=50",
        lambda path: f"/repos/{path}",
        ("full_name", "clone_url", "empty"),
    ),
}


@dataclass(frozen=True, slots=True)
class ForgePlace:
    """What a word names: a repository on a server whose forks are wanted."""

    forge: Forge
    server: str  # https://host
    path: str


@dataclass
class ForgeApi(Api):
    """A session with such a server: requests, pauses, limits and redirects as with GitHub's."""

    scheme: str = "Bearer"
    setting: str = ""

    def headers(self) -> dict[str, str]:
        """What each request says about itself."""
        own = {"Accept": "application/json", "User-Agent": "workshop-kit"}
        return own | ({"Authorization": f"{self.scheme} {self.token}"} if self.token else {})


def server_of(text: str, setting: str) -> str:
    """A server's address, `https://host`.

    Raises:
        KitError: it isn't one, or it contains a user or password.
    """
    parts = urlsplit(text.strip().rstrip("/"))
    if parts.scheme not in ("https", "http") or not parts.netloc or "@" in parts.netloc or parts.query:
        raise KitError(f"{setting} isn't a server's address", redact(label(text)), "make it https://HOST")
    return parts.geturl()


def parse_forge(word: str) -> ForgePlace:
    """The place that a word names.

    Raises:
        KitError: it's misspelt, or the server's address in the environment is unusable.
    """
    gitlab, gitea = GITLAB.fullmatch(word), GITEA.fullmatch(word)
    found = gitlab or gitea
    if found is None or {".", ".."}.intersection(found["path"].split("/")):
        advice = "write gitlab:GROUP/PROJECT or gitea:HOST/OWNER/REPO"
        raise KitError("this doesn't name a repository", redact(label(word)), advice)
    forge = FORGES["gitlab" if gitlab else "gitea"]
    if gitea:
        plain = gitea["host"].rpartition(":")[0] or gitea["host"]
        server = f"{'http' if plain in LOOPBACK else 'https'}://{gitea['host']}"
    else:
        server = server_of(os.environ.get(forge.setting, "") or "https://gitlab.com", forge.setting)
    return ForgePlace(forge, server, found["path"].removesuffix(".git"))


def token_of(place: ForgePlace) -> str:
    """The token for a server, from the environment; empty if there's none, or if it's for another server.

    Raises:
        KitError: it isn't a token, or it would be sent unencrypted.
    """
    forge = place.forge
    token = os.environ.get(forge.token, "").strip()
    own = os.environ.get(forge.setting, "").strip() or ("https://gitlab.com" if forge.name == "GitLab" else "")
    if not token or not own or origin_of(server_of(own, forge.setting)) != origin_of(place.server):
        return ""
    if not SOUND.fullmatch(token):
        raise KitError(f"{forge.token} isn't a token", "", "set it again, or unset it")
    if origin_of(place.server)[0] == "http" and urlsplit(place.server).hostname not in LOOPBACK:
        raise KitError("the token won't be sent unencrypted", label(place.server), f"make {forge.setting} https")
    return token


def list_forge(word: str, tell: Callable[[str], None] = say) -> list[Origin]:
    """The forks that a word names, forks of forks included.

    Raises:
        KitError: there's no such place, or the server can't be asked.
    """
    place = parse_forge(word)
    token = token_of(place)
    base = f"{place.server}{place.forge.api}"
    with ForgeApi(base, token, tell, scheme=place.forge.scheme, setting=place.forge.setting) as api:
        return [origin for listed in forks_of(api, place) if (origin := to_origin(listed, place, token))]


def forks_of(api: Api, place: ForgePlace) -> Iterator[Mapping[str, Any]]:
    """The repositories that were forked from a place, and from its forks, each once."""
    name = place.forge.fields[0]
    seen = {place.path.casefold()}
    waiting = [place.path]
    while waiting:
        for listed in pages(api, place, waiting.pop(0)):
            full = str(listed.get(name) or "")
            if not full or full.casefold() in seen:
                continue
            seen.add(full.casefold())
            if listed.get("forks_count"):
                waiting.append(full)
            yield listed


def pages(api: Api, place: ForgePlace, path: str) -> Iterator[Mapping[str, Any]]:
    """The direct forks of one repository.

    Raises:
        KitError: the server doesn't list them.
    """
    url = f"{place.forge.repository(path)}/forks?{place.forge.page}"
    asked: set[str] = set()
    while url and url not in asked and len(asked) < PAGES:
        asked.add(url)
        answer = api.get(url)
        if answer.status == 404 and path != place.path:
            return  # a fork that has gone since it was listed
        if answer.status != 200 or not isinstance(answer.data, list):
            why = answer.message or answer.broken or f"status {answer.status}"
            login = f"if it is private, set {place.forge.token}"
            login += f" and {place.forge.setting}" if place.forge.name == "Gitea" else ""
            raise KitError(f"{place.forge.name} lists no forks: {label(redact(why, api.token))}", label(path), login)
        yield from (each for each in answer.data if isinstance(each, dict))
        url = next_link(answer)


def to_origin(listed: Mapping[str, Any], place: ForgePlace, token: str) -> Origin:
    """The origin of a listed repository. The token goes with it to the same server, encrypted, and nowhere else."""
    full, clone, empty = (listed.get(name) for name in place.forge.fields)
    url = str(clone or "")
    login = label(str(full).rpartition("/")[0])
    found = Origin(login or label(str(full)), label(redact(url)), login=login)
    why = refusal(url)
    if why:
        return replace(found, trouble=ForkTrouble("refused", why))
    address = parse_address(url)
    if token and origin_of(address.url) == origin_of(place.server) and address.url.startswith("https://"):
        address = replace(address, user="oauth2", secret=token)
    found = replace(found, shown=label(address.url), address=address)
    return replace(found, trouble=ForkTrouble("empty", "not started: no commit")) if empty else found
