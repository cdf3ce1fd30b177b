"""Forks on GitLab, Gitea and Forgejo."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.sources.forges import ForgeApi, list_forge, parse_forge
from scripts import progress
from tests.support.forks import answers, make_fork, pair
from tests.support.git_server import serve
from tests.support.mock_forge import Forge, forging

TOKEN = "glpat-0123456789abcdefghij"
NAMES = ["s0", "s1", "s2", "s3", "t0"]


@pytest.fixture(params=["gitlab", "gitea"])
def kind(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def forge(monkeypatch: pytest.MonkeyPatch) -> Iterator[Forge]:
    """Four forks of one repository, one of which has a fork, two to a page."""
    for name in ("GITLAB_TOKEN", "GITEA_TOKEN", "GITEA_URL"):
        monkeypatch.delenv(name, raising=False)
    with forging() as running:
        running.parents = {"class/course": "", "t0/course": "s1/course"}
        running.parents |= {f"s{number}/course": "class/course" for number in range(4)}
        monkeypatch.setenv("GITLAB_URL", running.url)
        yield running


def word(kind: str, forge: Forge, path: str = "class/course") -> str:
    return f"gitlab:{path}" if kind == "gitlab" else f"gitea:{forge.host}/{path}"


def test_forks_and_forks_of_forks_on_every_page(kind: str, forge: Forge) -> None:
    found = list_forge(word(kind, forge))
    assert sorted(origin.login for origin in found) == NAMES
    assert all(origin.address and origin.address.url == f"{forge.url}/{origin.name}/course.git" for origin in found)
    assert forge.tokens == [""] * 3
    first = "/api/v4/projects/class%2Fcourse/forks" if kind == "gitlab" else "/api/v1/repos/class/course/forks"
    assert forge.requests[0].startswith(first)


def test_nested_groups(forge: Forge) -> None:
    forge.parents |= {"uni/cs/course": "", "ann/course": "uni/cs/course"}
    assert [origin.name for origin in list_forge("gitlab:uni/cs/course.git")] == ["ann"]


def test_a_list_that_goes_round(kind: str, forge: Forge) -> None:
    forge.parents |= {"class/course": "t0/course"}
    assert sorted(origin.login for origin in list_forge(word(kind, forge))) == NAMES


def test_an_empty_fork_and_an_unsafe_address(kind: str, forge: Forge) -> None:
    forge.empty = {"s0/course"}
    forge.clones = {"s2/course": "ext::sh -c id"}
    troubles = {o.login: o.trouble.status if o.trouble else "" for o in list_forge(word(kind, forge))}
    assert troubles == {"s0": "empty", "s1": "", "s2": "refused", "s3": "", "t0": ""}


@pytest.mark.parametrize("status", [404, 401, 403])
def test_a_place_that_cannot_be_listed(kind: str, forge: Forge, status: int) -> None:
    forge.faults = [(status, {})]
    with pytest.raises(KitError) as caught:
        list_forge(word(kind, forge))
    assert "GITHUB" not in str(caught.value)


def test_a_pause_is_kept(kind: str, forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    forge.faults = [(429, {"Retry-After": "9"})]
    slept: list[float] = []
    original = ForgeApi.__post_init__

    def prepared(self: ForgeApi) -> None:
        self.sleep = slept.append
        original(self)

    monkeypatch.setattr(ForgeApi, "__post_init__", prepared)
    assert len(list_forge(word(kind, forge), lambda text: None)) == 5
    assert slept == [9.0]


def test_a_redirect_elsewhere_is_not_followed(kind: str, forge: Forge) -> None:
    forge.faults = [(302, {"Location": "http://localhost:9/api"})]
    with pytest.raises(KitError) as caught:
        list_forge(word(kind, forge))
    assert "GITHUB" not in str(caught.value)


def test_the_token_goes_to_its_own_server(kind: str, forge: Forge, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    monkeypatch.setenv("GITEA_TOKEN", TOKEN)
    found = list_forge(word(kind, forge))
    assert set(forge.tokens) == ({f"Bearer {TOKEN}"} if kind == "gitlab" else {""})  # no GITEA_URL: whose is it?
    forge.tokens.clear()
    monkeypatch.setenv("GITEA_URL", forge.url)
    found += list_forge(word(kind, forge))
    assert set(forge.tokens) == {f"{'Bearer' if kind == 'gitlab' else 'token'} {TOKEN}"}
    assert not any(origin.address and origin.address.secret for origin in found)  # git would send it unencrypted
    monkeypatch.setenv("GITEA_URL", "https://elsewhere.example")
    forge.tokens.clear()
    list_forge(word("gitea", forge))
    assert set(forge.tokens) == {""}


def test_git_gets_the_token_on_the_same_server_only(monkeypatch: pytest.MonkeyPatch) -> None:
    from kit.sources.forges import to_origin

    monkeypatch.setenv("GITLAB_URL", "https://gitlab.example")
    place = parse_forge("gitlab:class/course")
    for url, secret in (("https://gitlab.example/a/b.git", TOKEN), ("https://other.example/a/b.git", "")):
        listed = {"path_with_namespace": "a/b", "http_url_to_repo": url, "empty_repo": False}
        origin = to_origin(listed, place, TOKEN)
        assert origin.address
        assert origin.address.secret == secret
        assert TOKEN not in repr(origin)


@pytest.mark.parametrize(
    "text",
    ["gitlab:", "gitlab:course", "gitlab:a/../b", "gitea:host/course", "gitea:/a/b", "gitea:u@h/a/b", "gitlab:a/b c"],
)
def test_misspelt(text: str) -> None:
    with pytest.raises(KitError):
        parse_forge(text)


@pytest.mark.parametrize("url", ["ftp://x", "https://user:secret@host", "nonsense"])
def test_a_server_that_cannot_be_one(url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_URL", url)
    with pytest.raises(KitError) as caught:
        parse_forge("gitlab:a/b")
    assert "secret" not in str(caught.value)


def test_a_token_is_not_sent_unencrypted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("GITLAB_URL", "http://gitlab.example")
    monkeypatch.setenv("GITLAB_TOKEN", TOKEN)
    with pytest.raises(KitError):
        list_forge("gitlab:a/b")


def test_the_command_reads_them_with_a_roster(
    kind: str,
    forge: Forge,
    course: Course,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(course.root)
    chapter = course.chapter("00")
    make_fork(course.root / "served" / "s1.git", course, pair(chapter, answers(chapter, "00.01")))
    forge.parents = {"class/course": "", "s1/course": "class/course"}
    Path("roster.csv").write_text("Name,Username\nAnn Fox,s1\nJoe Gone,s9\n")
    with serve(course.root / "served") as server:
        forge.clones = {"s1/course": f"{server.url}/s1.git"}
        assert progress.main([word(kind, forge), "roster.csv", "--format", "json"]) == 0
    forks = json.loads(capsys.readouterr().out)["forks"]
    assert [(fork["name"], fork["status"]) for fork in forks] == [("Ann Fox", "ok"), ("Joe Gone", "missing")]
    assert forks[0]["chapters"]["00"]["filled"] == 1
