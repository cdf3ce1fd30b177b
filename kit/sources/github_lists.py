"""Repositories that GitHub lists: the forks of one, forks of forks, and those of an organisation.

    GitHubPlace --> pages (GraphQL, else REST) --> ListedRepository, ListedRepository, ...

GraphQL lists a hundred forks at a time with the tip of each, so a fork with nothing new costs no request to git. It
needs a token. Without one, or if GraphQL doesn't answer, REST lists the same without tips.
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from typing import Any

import httpx

from kit.errors import KitError
from kit.git.address import redact
from kit.sources.github_api import Api, origin_of, web_host
from kit.sources.github_records import WORD, GitHubPlace, ListedRepository, Page, from_graphql, from_rest
from kit.sources.quota import HttpAnswer, Quota
from kit.sources.resume import UnfinishedRun
from kit.text import label

PAGE = 100  # repositories on one page, the most that GitHub gives
FIELDS = "nameWithOwner url pushedAt isEmpty forkCount owner { login } defaultBranchRef { name target { oid } }"
LIST = f"totalCount pageInfo {{ hasNextPage endCursor }} nodes {{ {FIELDS} }}"
ORDER = "first: $first, after: $after, orderBy: {field: CREATED_AT, direction: ASC}"  # new ones come last
LOGIN = "if it is private, set GITHUB_TOKEN or run gh auth login"
RATE = "rateLimit { limit remaining resetAt }"
ASK_FORKS = f"""query($owner: String!, $name: String!) {{ {RATE}
  repository(owner: $owner, name: $name) {{ nameWithOwner forkCount }} }}"""
ASK_OWNER = f"""query($owner: String!) {{ {RATE}
  repositoryOwner(login: $owner) {{ login repositories(ownerAffiliations: [OWNER]) {{ totalCount }} }} }}"""
FORKS = f"""query($owner: String!, $name: String!, $first: Int!, $after: String) {{ {RATE}
  repository(owner: $owner, name: $name) {{ nameWithOwner forks({ORDER}) {{ {LIST} }} }} }}"""
OWNED = f"""query($owner: String!, $first: Int!, $after: String) {{ {RATE}
  repositoryOwner(login: $owner) {{ repositories({ORDER}, ownerAffiliations: [OWNER]) {{ {LIST} }} }} }}"""


def next_link(answer: HttpAnswer) -> str:
    """The address of the next page, from the `Link` header; empty on the last page."""
    links = httpx.Response(200, headers={"Link": answer.headers.get("link", "")}).links
    return str(links.get("next", {}).get("url", ""))


class GitHub:
    """GitHub's lists; each page is read once in a run. `rest` is set as soon as GraphQL turns out to be unusable."""

    def __init__(self, api: Api, kept: UnfinishedRun) -> None:
        self.api = api
        self.kept = kept
        self.rest = not api.token

    def repositories(self, place: GitHubPlace) -> Iterator[ListedRepository]:
        """The repositories at a place, each once, forks of forks included.

        Raises:
            KitError: there's no such place, or the API can't be asked.
        """
        place = self.find_place(place)
        if not place.name:
            for listed in self.all_pages(place):
                if listed.full_name.partition("/")[2].casefold().startswith(place.prefix.casefold()):
                    yield listed
            return
        seen = {str(place).casefold()}
        waiting = [place]
        while waiting:
            inner = waiting.pop(0)
            for listed in self.all_pages(inner):
                if listed.full_name.casefold() in seen:
                    continue
                seen.add(listed.full_name.casefold())
                if listed.forks and WORD.fullmatch(f"github:{listed.full_name}"):
                    owner, _, name = listed.full_name.partition("/")
                    waiting.append(GitHubPlace(owner, name))
                yield listed

    def find_place(self, place: GitHubPlace) -> GitHubPlace:
        """The place under its current name, after one request. Also prints what all the other requests will cost.

        Raises:
            KitError: there's no such place.
        """
        key = f"place {place}"
        held = self.kept.page(key)
        if not isinstance(held, dict):
            held = self.place_by_graphql(place) if not self.rest else None
            held = held or self.place_by_rest(place)
            self.kept.keep(key, held)
        name, count = str(held["name"]), int(held["count"])
        if place.name and name.casefold() != str(place).casefold():
            self.api.tell(f"{place} is {label(name)} now")
            owner, _, rest = name.partition("/")
            place = GitHubPlace(owner, rest)
        self.api.tell(cost(place, count, self.api.quota, self.rest))
        return place

    def place_by_graphql(self, place: GitHubPlace) -> dict[str, Any] | None:
        """The name of a place and its number of repositories; None if GraphQL can't be used."""
        given = {"owner": place.owner} | ({"name": place.name} if place.name else {})
        answer = self.api.graphql(ASK_FORKS if place.name else ASK_OWNER, given)
        data = self.useful(answer)
        if data is None:
            return None
        found = data.get("repository" if place.name else "repositoryOwner")
        if not isinstance(found, dict):
            raise missing(place, self.api)
        if place.name:
            return {"name": found.get("nameWithOwner"), "count": found.get("forkCount") or 0}
        return {"name": found.get("login"), "count": (found.get("repositories") or {}).get("totalCount") or 0}

    def place_by_rest(self, place: GitHubPlace) -> dict[str, Any]:
        """The name of a place and its number of repositories."""
        path = f"/repos/{place.owner}/{place.name}" if place.name else f"/users/{place.owner}"
        answer = self.api.get(path)
        data = answer.data if isinstance(answer.data, dict) else {}
        if answer.status != 200 or not ("full_name" in data or "login" in data):
            raise refused(answer, place, self.api)
        if place.name:
            return {"name": data["full_name"], "count": data.get("forks_count") or 0}
        return {"name": data["login"], "count": data.get("public_repos") or 0}

    def useful(self, answer: HttpAnswer) -> Mapping[str, Any] | None:
        """The data of a GraphQL answer; None if GraphQL can't be used, and then it's REST from now on.

        Raises:
            KitError: the token isn't accepted.
        """
        if answer.status == 401:
            raise refused(answer, None, self.api)
        data = answer.data.get("data") if isinstance(answer.data, dict) else None
        if answer.status == 200 and isinstance(data, dict):
            gone = not answer.errors or any(error.get("type") == "NOT_FOUND" for error in answer.errors)
            if gone or any(data.get(key) for key in ("repository", "repositoryOwner")):
                return data
        why = label(answer.message or answer.broken or f"status {answer.status}")
        self.api.tell(f"{web_host(self.api.base)}: GraphQL can't be used here ({why}); going on with REST")
        self.rest = True
        return None

    def all_pages(self, place: GitHubPlace) -> Iterator[ListedRepository]:
        """The repositories of one list, page by page.

        Raises:
            KitError: we can't get a page; those before it are kept for the next run.
        """
        cursor, asked, found, total, hidden = "", set[str](), set[str](), None, 0
        while cursor not in asked:
            asked.add(cursor)
            page = self.page(place, cursor)
            if page is None:  # GraphQL failed in the middle, and its cursors mean nothing to REST
                cursor, asked = "", set()
                continue
            for listed in page.repositories:
                if listed.full_name not in found:
                    found.add(listed.full_name)
                    yield listed
            total, hidden = page.total, hidden + page.hidden
            cursor = page.next
            if not cursor:
                break
        else:
            self.api.tell(f"{web_host(self.api.base)}: the list of {place} repeats itself; we read it once")
        lost = max(hidden, (total or 0) - len(found))
        if lost > 0:
            self.api.tell(f"{place}: {lost} of {total} can't be seen with this token, or have been deleted")

    def page(self, place: GitHubPlace, cursor: str) -> Page | None:
        """One page, kept or requested; None if GraphQL was asked and can't be used."""
        key = f"{'REST' if self.rest else 'GraphQL'} {place} {cursor}"
        held = self.kept.page(key)
        with suppress(KeyError, TypeError):  # nothing was kept, or another version kept it in a different form
            repositories = tuple(ListedRepository(**one) for one in held["repositories"])
            return Page(repositories, held["next"], held["total"], held["hidden"])
        page = self.page_by_rest(place, cursor) if self.rest else self.page_by_graphql(place, cursor)
        if page is not None:
            self.kept.keep(key, asdict(page))
        return page

    def page_by_graphql(self, place: GitHubPlace, cursor: str) -> Page | None:
        """One page from GraphQL."""
        answer = self.api.graphql(
            FORKS if place.name else OWNED,
            {"owner": place.owner, "first": PAGE, "after": cursor or None}
            | ({"name": place.name} if place.name else {}),
        )
        data = self.useful(answer)
        if data is None:
            return None
        outer = data.get("repository" if place.name else "repositoryOwner")
        if not isinstance(outer, dict):
            return Page((), "")  # it has been deleted since it was listed
        try:
            inner = outer["forks" if place.name else "repositories"]
            nodes = inner["nodes"]
            info = inner["pageInfo"]
            found = tuple(from_graphql(node) for node in nodes if node)
            cursor = str(info["endCursor"] or "") if info["hasNextPage"] else ""
            return Page(found, cursor, int(inner["totalCount"]), sum(not node for node in nodes))
        except (KeyError, TypeError, ValueError) as error:
            raise unknown_form(self.api) from error

    def page_by_rest(self, place: GitHubPlace, cursor: str) -> Page:
        """One page from REST."""
        if place.name:
            answer = self.api.get(cursor or f"/repos/{place.owner}/{place.name}/forks?per_page={PAGE}&sort=oldest")
        else:
            order = f"repos?per_page={PAGE}&sort=created&direction=asc"
            answer = self.api.get(cursor or f"/orgs/{place.owner}/{order}&type=all")
            if answer.status == 404:  # a person's account, whose private repositories are on no list
                answer = self.api.get(f"/users/{place.owner}/{order}&type=owner")
        if answer.status in (404, 410, 451) and place.name:
            return Page((), "")
        if answer.status != 200 or not isinstance(answer.data, list):
            raise refused(answer, place, self.api)
        try:
            found = tuple(from_rest(node) for node in answer.data)
        except (KeyError, TypeError, ValueError) as error:
            raise unknown_form(self.api) from error
        following = next_link(answer)
        if following and origin_of(following) != origin_of(self.api.base):
            raise KitError("the API's next page is on another server", redact(label(following)), "check GITHUB_API_URL")
        return Page(found, following)


def cost(place: GitHubPlace, count: int, quota: Quota | None, rest: bool) -> str:
    """What it will cost to read a list of `count` repositories, as a sentence."""
    pages = max(1, math.ceil(count / PAGE))
    left = ""
    if quota:
        reset = f"{datetime.fromtimestamp(quota.reset):%H:%M}"
        left = f"; {quota.remaining} of {quota.limit} left until {reset}"
    kind = "forks" if place.name else "repositories"
    least = f"{count} to" if rest else "none (if nothing is new) to"
    return (
        f"{place}: {count} {kind}; about {pages} request{'' if pages == 1 else 's'} to the API{left}; "
        f"{least} {2 * count} calls of git"
    )


def missing(place: GitHubPlace, api: Api) -> KitError:
    """The error for a place that doesn't exist."""
    more = "check its spelling, and that your token can see it" if api.token else "check its spelling; " + LOGIN
    return KitError("GitHub doesn't have this, or won't show it", f"{place} on {web_host(api.base)}", more)


def refused(answer: HttpAnswer, place: GitHubPlace | None, api: Api) -> KitError:
    """The error for an answer that can't be used."""
    if answer.status == 401:
        return KitError("GitHub doesn't accept the token", web_host(api.base), "renew GITHUB_TOKEN or gh auth login")
    if answer.status in (404, 410) and place:
        return missing(place, api)
    why = label(redact(answer.message or answer.broken or f"status {answer.status}", api.token))
    return KitError(f"the API gave no list: {why}", f"{place} on {web_host(api.base)}", "run the same command again")


def unknown_form(api: Api) -> KitError:
    """The error for an answer in an unknown form."""
    return KitError("the API's answer is in an unknown form", web_host(api.base), "check GITHUB_API_URL")
