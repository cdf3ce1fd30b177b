"""What GitHub lists, as records: the place that a SOURCE word names, and the repositories in it.

github:octo/course           --> GitHubPlace      a GraphQL node or a REST item       --> ListedRepository
github-org:classroom/gpt-    --> GitHubPlace      several, and where to find more      --> Page
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from kit.errors import KitError
from kit.git.address import redact
from kit.text import label

WORD = re.compile(
    r"github:(?P<owner>[\w.-]+)/(?P<name>[\w.-]+?)(?:\.git)?|github-org:(?P<org>[\w.-]+)/(?P<prefix>[\w.-]*)"
)


@dataclass(frozen=True, slots=True)
class GitHubPlace:
    """What a SOURCE word names: the forks of `owner/name`, or the repositories of `owner` that start with `prefix`."""

    owner: str
    name: str = ""
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.owner}/{self.name or self.prefix + '*'}"


@dataclass(frozen=True, slots=True)
class ListedRepository:
    """A repository as the API lists it. REST doesn't list the `tip`; `branch` is the default one."""

    full_name: str
    login: str
    url: str
    branch: str = ""
    tip: str = ""
    pushed_at: str = ""
    forks: int = 0
    empty: bool = False


@dataclass(frozen=True, slots=True)
class Page:
    """A page of a list, and where the next one is: a GraphQL cursor, a REST URL, or nothing.

    `total` is the length of the whole list, if known; `hidden` is how many on this page we can't see.
    """

    repositories: tuple[ListedRepository, ...]
    next: str
    total: int | None = None
    hidden: int = 0


def parse_place(word: str) -> GitHubPlace | None:
    """The place that a word names; None if it doesn't start with `github:` or `github-org:`.

    Raises:
        KitError: it does, but is misspelt.
    """
    if not word.startswith(("github:", "github-org:")):
        return None
    found = WORD.fullmatch(word)
    if found is None or {found["name"], found["prefix"]} & {".", ".."}:
        advice = "write github:OWNER/REPO or github-org:ORG/PREFIX"
        raise KitError("this doesn't name anything on GitHub", redact(label(word)), advice)
    if found["owner"]:
        return GitHubPlace(found["owner"], found["name"])
    return GitHubPlace(found["org"], prefix=found["prefix"])


def from_graphql(node: Mapping[str, Any]) -> ListedRepository:
    """A repository from a GraphQL node; raises KeyError, TypeError or ValueError if that has another form."""
    head = node.get("defaultBranchRef") or {}
    tip = (head.get("target") or {}).get("oid") or ""
    return ListedRepository(
        str(node["nameWithOwner"]),
        str(node["owner"]["login"]),
        f"{str(node['url']).removesuffix('.git')}.git",
        str(head.get("name") or ""),
        str(tip),
        str(node.get("pushedAt") or ""),
        int(node.get("forkCount") or 0),
        bool(node.get("isEmpty")),
    )


def from_rest(node: Mapping[str, Any]) -> ListedRepository:
    """A repository from a REST item; raises KeyError, TypeError or ValueError if that has another form."""
    return ListedRepository(
        str(node["full_name"]),
        str(node["owner"]["login"]),
        str(node["clone_url"]),
        str(node.get("default_branch") or ""),
        pushed_at=str(node.get("pushed_at") or ""),
        forks=int(node.get("forks_count") or 0),
    )
