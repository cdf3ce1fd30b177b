"""Feedback posted on GitHub: an issue in the student's fork, and the next time a comment on that issue. Where issues
are off, as in most forks, it's a comment on the commit that was read.

    Round --post_all--> Outcome, Outcome, ...

What we post carries the id of its round, out of sight. Before we post, and after a request of which nobody knows
whether it arrived, we look for that id: nothing is posted twice, however a run ends. Unless `send` is set, we
only look.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal
from urllib.parse import urlsplit

from kit.errors import KitError
from kit.instructor.feedback import Letter, Round, store_round, text_of
from kit.sources.github_api import Api, web_host
from kit.sources.github_lists import next_link
from kit.sources.quota import HttpAnswer
from kit.text import label

TITLE = "Feedback on your work"
MARK = "workshop-feedback"
PAUSE = 1.0  # seconds between two posts, as GitHub asks
PAGES = 20  # of a list, a hundred entries each
LONGEST = 60_000  # characters of one post; GitHub takes 65,536
REPOSITORY = re.compile(r"/([\w.-]+)/([\w.-]+?)(?:\.git)?/?")

Kind = Literal["posted", "already posted", "would be posted", "not posted"]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one student's feedback: where it is or would be, or why it's nowhere."""

    letter: Letter
    kind: Kind
    where: str = ""


@dataclass(frozen=True, slots=True)
class Place:
    """Where in a fork to post: the path that lists what's there and takes more, and how to say it."""

    path: str
    words: str
    title: str = ""


class Stop(Exception):
    """Why one student's feedback isn't posted."""


def post_all(api: Api, round_: Round, *, send: bool, public: bool) -> Iterator[Outcome]:
    """Post each student's feedback, or say what would be posted. What's posted is noted in the folder at once.

    Raises:
        KitError: the API asks for too long a pause, or the folder can't be written.
    """
    letters = list(round_.letters)
    for place, letter in enumerate(letters):
        if letter.posted:
            yield Outcome(letter, "already posted", letter.posted)
            continue
        try:
            outcome = Poster(api, round_.id, public).post(letter, text_of(round_, letter), send)
        except Stop as why:
            outcome = Outcome(letter, "not posted", str(why))
        if outcome.kind in ("posted", "already posted"):
            letters[place] = replace(letter, posted=outcome.where)
            if send:
                store_round(replace(round_, letters=tuple(letters)))
        yield outcome


@dataclass(frozen=True, slots=True)
class Poster:
    """Posts feedback of one round."""

    api: Api
    id: str
    public: bool

    @property
    def mark(self) -> str:
        """What our posts carry."""
        return f"<!-- {MARK} {self.id} -->"

    def post(self, letter: Letter, text: str, send: bool) -> Outcome:
        """Post one student's feedback.

        Raises:
            Stop: it can't be posted.
        """
        if not text:
            raise Stop("its file is empty or gone")
        if len(text) > LONGEST:
            raise Stop(f"it's longer than {LONGEST:,} characters")
        repository = self.repository(letter)
        if not repository.get("private") and not self.public:
            raise Stop("everybody can read this fork; --public posts there all the same")
        there, place = self.look(repository, letter)
        if there:
            return Outcome(letter, "already posted", there)
        if not send:
            return Outcome(letter, "would be posted", place.words)
        body = {"body": f"{text}\n\n{self.mark}"} | ({"title": place.title} if place.title else {})
        self.api.sleep(PAUSE)

        def arrived() -> HttpAnswer | None:
            url = self.look(repository, letter)[0]
            return HttpAnswer(201, data={"html_url": url}) if url else None

        answer = self.api.post(place.path, body, arrived)
        if answer.status != 201:
            raise Stop(why_not(answer))
        return Outcome(letter, "posted", address_in(answer.data))

    def repository(self, letter: Letter) -> Mapping[str, Any]:
        """The student's repository, as the API describes it."""
        try:
            parts = urlsplit(letter.source)
        except ValueError:
            raise Stop("it wasn't read from a web address") from None
        found = REPOSITORY.fullmatch(parts.path)
        if not parts.netloc:
            raise Stop("it wasn't read from a web address")
        if found is None or parts.netloc.casefold() != web_host(self.api.base).casefold():
            raise Stop(f"it isn't a repository on {web_host(self.api.base)}")
        answer = self.api.get(f"/repos/{found[1]}/{found[2]}")
        if answer.status != 200 or not isinstance(answer.data, dict) or "full_name" not in answer.data:
            raise Stop(why_not(answer))
        if answer.data.get("archived"):
            raise Stop("this repository is archived")
        return answer.data

    def look(self, repository: Mapping[str, Any], letter: Letter) -> tuple[str, Place]:
        """Where this round's feedback is already, or empty; and where to post it if it isn't."""
        name = str(repository["full_name"])
        if not repository.get("has_issues"):
            if not letter.commit:
                raise Stop("issues are turned off there, and no commit was read")
            comments = Place(
                f"/repos/{name}/commits/{letter.commit}/comments", f"a comment on {name}@{letter.commit[:10]}"
            )
            return self.marked(self.listed(comments.path), self.mark), comments
        issues = [
            issue
            for issue in self.listed(f"/repos/{name}/issues?state=all&sort=created&direction=asc")
            if "pull_request" not in issue and f"<!-- {MARK} " in str(issue.get("body") or "")
        ]
        there = self.marked(issues, self.mark)
        for issue in issues:
            path = f"/repos/{name}/issues/{int(issue['number'])}/comments"
            there = there or self.marked(self.listed(path), self.mark)
        if issues:
            number = int(issues[0]["number"])
            return there, Place(f"/repos/{name}/issues/{number}/comments", f"a comment on {name}#{number}")
        return there, Place(f"/repos/{name}/issues", f"a new issue in {name}", TITLE)

    def listed(self, path: str) -> list[Mapping[str, Any]]:
        """Everything that's in a list."""
        url = f"{path}{'&' if '?' in path else '?'}per_page=100"
        found: list[Mapping[str, Any]] = []
        for _ in range(PAGES):
            answer = self.api.get(url)
            if answer.status != 200 or not isinstance(answer.data, list):
                raise Stop(why_not(answer))
            found += [each for each in answer.data if isinstance(each, dict)]
            url = next_link(answer)
            if not url:
                return found
        raise Stop(f"there are more than {PAGES * 100:,} entries to look through")

    @staticmethod
    def marked(entries: list[Mapping[str, Any]], mark: str) -> str:
        """The address of the first entry that carries a mark; empty if none does."""
        return next((address_in(each) for each in entries if mark in str(each.get("body") or "")), "")


def address_in(data: Any) -> str:
    """The address of a page, from the API's answer."""
    return label(str(data.get("html_url") or "posted")) if isinstance(data, dict) else "posted"


def why_not(answer: HttpAnswer) -> str:
    """Why a request was of no use."""
    said = {401: "the token isn't accepted", 404: "the server knows no such repository, or this token may not see it"}
    return said.get(answer.status) or label(answer.message or answer.broken or f"status {answer.status}")


def connected(api: Api) -> Api:
    """The session, if it can post.

    Raises:
        KitError: there's no token.
    """
    if not api.token:
        raise KitError("posting needs a token", web_host(api.base), "set GITHUB_TOKEN, or run gh auth login")
    return api
