"""Feedback for each student: written, edited, and posted at most once, whatever fails."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from markdown_it import MarkdownIt

from kit.course.course import Course
from kit.course.outline import outline_of
from kit.errors import KitError
from kit.forks.cohort import Cohort
from kit.forks.records import Fork
from kit.instructor.feedback import Letter, Round, load_round, store_round, write_feedback
from kit.instructor.post import MARK, Outcome, post_all
from kit.pairs.progress import EQUAL, ChapterProgress, Flag
from kit.report.feedback import to_feedback
from kit.sources.github_api import Api
from scripts import feedback
from tests.report.test_formats import NOW, TIP
from tests.support.forks import answers, make_fork, pair
from tests.support.mock_github import TOKEN
from tests.support.mock_issues import Posts, serving

WRONG = ChapterProgress(
    3,
    ("00.01",),
    ("00.01", "00.02"),
    ("00.01",),
    (Flag(EQUAL), Flag("late", ("00.02",))),
    {"00.02": "it's @octo <b>`x`"},
)


@pytest.fixture
def cohort(course: Course) -> Cohort:
    outlines = tuple(map(outline_of, course.chapters))
    forks = (
        Fork("Cat, Octo", "https://github.com/octo/course", "ok", "", TIP, {"00": WRONG, "01": ChapterProgress(3)}),
        Fork("cat/octo", "clones/octo", "ok", "", TIP, {"00": ChapterProgress(3), "01": ChapterProgress(3)}),
        Fork("../../joe", "", "missing", "in the roster, without a fork"),
    )
    return Cohort(NOW, outlines, forks)


def test_a_letter(cohort: Cohort) -> None:
    text = to_feedback(cohort, cohort.forks[0])
    assert "| 00 First steps | 2 | 2 | 1 |" in text
    assert "python scripts/hint.py 00.02" in text
    assert "late 00.02" in text
    assert "Next: 01.01" in text
    assert "finished" not in text  # whether somebody copied is nothing to say by letter
    html = MarkdownIt("commonmark", {"html": True}).render(text)
    assert "<b>" not in html
    assert "@octo" not in text


def test_letters_for_who_has_not_begun_or_cannot_be_read(cohort: Cohort) -> None:
    assert "Next: 00.01" in to_feedback(cohort, cohort.forks[1])
    assert "missing" in to_feedback(cohort, cohort.forks[2])


def test_each_has_a_file_and_what_was_edited_stays(cohort: Cohort, tmp_path: Path) -> None:
    folder = tmp_path / "week"
    first = write_feedback(folder, cohort)
    assert (first.files, first.kept) == (("Cat-Octo.md", "cat-octo-2.md", "joe.md"), ())
    (folder / "Cat-Octo.md").write_text("Well done.\n")
    changed = Cohort(cohort.generated_at, cohort.outlines, cohort.forks[::-1])
    again = write_feedback(folder, changed)
    assert again.kept == ("Cat-Octo.md",)
    assert (folder / "Cat-Octo.md").read_text() == "Well done.\n"
    assert again.round.id == first.round.id
    assert {x.name: x.file for x in again.round.letters} == {x.name: x.file for x in first.round.letters}
    (folder / "mine.md").write_text("a note of mine")
    other = Cohort(cohort.generated_at, cohort.outlines, (Fork("mine", "m", "empty"),))
    assert write_feedback(folder, other).kept == ("mine.md",)
    assert (folder / "mine.md").read_text() == "a note of mine"


@pytest.mark.parametrize(
    "text", ["[]", "{", '{"kind": "x"}', '{"kind": "feedback of a class", "id": "1", "letters": [1]}']
)
def test_another_list(tmp_path: Path, text: str) -> None:
    (tmp_path / "feedback.json").write_text(text)
    with pytest.raises(KitError):
        load_round(tmp_path)


@pytest.fixture
def posts() -> Iterator[Posts]:
    """Three students' forks; issues are off in the last."""
    with serving() as running:
        for login in ("octo", "ann"):
            running.add(f"{login}/course")
        running.add("joe/course", has_issues=False)
        yield running


class Session:
    """A folder with feedback for the three, and a way to post it."""

    def __init__(self, posts: Posts, folder: Path, number: str = "1") -> None:
        self.posts, self.folder = posts, folder
        self.told: list[str] = []
        self.slept: list[float] = []
        folder.mkdir(exist_ok=True)
        letters = []
        for login in ("octo", "ann", "joe"):
            (folder / f"{login}.md").write_text(f"For {login}, {number}.\n")
            letters.append(Letter(login, f"{login}.md", f"{posts.url}/{login}/course.git", "c" * 40, ""))
        store_round(Round(folder, f"round{number}", tuple(letters)))

    def post(self, send: bool = True, public: bool = False) -> list[Outcome]:
        round_ = load_round(self.folder)
        assert round_
        with Api(self.posts.url, TOKEN, self.told.append, self.slept.append, lambda: 1_000_000.0, 5) as api:
            return list(post_all(api, round_, send=send, public=public))

    def kinds(self, send: bool = True, public: bool = False) -> list[str]:
        return [outcome.kind for outcome in self.post(send, public)]


def test_first_we_only_look(posts: Posts, tmp_path: Path) -> None:
    session = Session(posts, tmp_path / "w")
    before = {path.name: path.read_bytes() for path in session.folder.iterdir()}
    outcomes = session.post(send=False)
    assert [(each.kind, each.where) for each in outcomes] == [
        ("would be posted", "a new issue in octo/course"),
        ("would be posted", "a new issue in ann/course"),
        ("would be posted", "a comment on joe/course@cccccccccc"),
    ]
    assert not posts.bodies()
    assert not any(line.startswith("POST") for line in posts.requests)
    assert {path.name: path.read_bytes() for path in session.folder.iterdir()} == before


def test_each_gets_it_once(posts: Posts, tmp_path: Path) -> None:
    session = Session(posts, tmp_path / "w")
    assert session.kinds() == ["posted"] * 3
    assert [body.split("\n")[0] for body in posts.bodies()] == ["For octo, 1.", "For ann, 1.", "For joe, 1."]
    assert list(posts.lists) == [
        "/repos/octo/course/issues",
        "/repos/ann/course/issues",
        f"/repos/joe/course/commits/{'c' * 40}/comments",
    ]
    posts.requests.clear()
    assert session.kinds() == ["already posted"] * 3
    assert posts.requests == []


def test_without_the_list_of_what_was_posted_it_is_found(posts: Posts, tmp_path: Path) -> None:
    assert Session(posts, tmp_path / "w").kinds() == ["posted"] * 3
    assert Session(posts, tmp_path / "v").kinds() == ["already posted"] * 3  # the same round, from a copy of its folder
    assert len(posts.bodies()) == 3


@pytest.mark.parametrize("faults", [["lost"], [502, "lost"], [502, 502, 503], ["limit"], ["limit", "lost", 502]])
def test_a_request_that_fails_is_made_again_but_never_twice(
    posts: Posts, tmp_path: Path, faults: list[int | str]
) -> None:
    posts.faults = faults
    session = Session(posts, tmp_path / "w")
    assert session.kinds() == ["posted"] * 3
    assert sorted(body.split(",")[0] for body in posts.bodies()) == ["For ann", "For joe", "For octo"]


def test_a_run_that_was_killed_goes_on(posts: Posts, tmp_path: Path) -> None:
    session = Session(posts, tmp_path / "w")
    round_ = load_round(session.folder)
    assert round_
    with Api(posts.url, TOKEN, session.told.append, session.slept.append, lambda: 1e6, 5) as api:
        assert next(post_all(api, round_, send=True, public=False)).kind == "posted"
    assert session.kinds() == ["already posted", "posted", "posted"]
    assert len(posts.bodies()) == 3


def test_the_next_round_is_a_comment_on_the_same_issue(posts: Posts, tmp_path: Path) -> None:
    Session(posts, tmp_path / "w").post()
    outcomes = Session(posts, tmp_path / "v", "2").post()
    assert [each.kind for each in outcomes] == ["posted"] * 3
    assert len(posts.lists["/repos/octo/course/issues"]) == 1
    assert posts.lists["/repos/octo/course/issues/1/comments"][0]["body"].startswith("For octo, 2.")
    assert Session(posts, tmp_path / "u", "2").kinds() == ["already posted"] * 3


def test_it_is_looked_for_on_every_page(posts: Posts, tmp_path: Path) -> None:
    posts.page = 2
    issues = [{"number": n, "body": "mine", "html_url": f"{posts.url}/{n}"} for n in range(1, 5)]
    posts.lists["/repos/octo/course/issues"] = issues
    issues.append({"number": 9, "body": f"x <!-- {MARK} round1 -->", "html_url": f"{posts.url}/9"})
    assert Session(posts, tmp_path / "w").post()[0] == Outcome(
        Letter("octo", "octo.md", f"{posts.url}/octo/course.git", "c" * 40, ""), "already posted", f"{posts.url}/9"
    )


def test_what_everybody_can_read_is_left_alone_unless_told(posts: Posts, tmp_path: Path) -> None:
    posts.add("octo/course", private=False)
    session = Session(posts, tmp_path / "w")
    assert session.kinds() == ["not posted", "posted", "posted"]
    assert session.kinds(public=True) == ["posted", "already posted", "already posted"]


@pytest.mark.parametrize("more", [{"archived": True}, None])
def test_one_that_cannot_be_posted_stops_no_other(posts: Posts, tmp_path: Path, more: dict[str, bool] | None) -> None:
    if more:
        posts.add("octo/course", **more)
    else:
        del posts.repositories["octo/course"]
    assert Session(posts, tmp_path / "w").kinds() == ["not posted", "posted", "posted"]


@pytest.mark.parametrize("source", ["clones/octo", "", "https://elsewhere/octo/course", "http://[", "git@host:a/b.git"])
def test_it_goes_to_the_apis_own_server_only(posts: Posts, tmp_path: Path, source: str) -> None:
    session = Session(posts, tmp_path / "w")
    store_round(Round(session.folder, "r", (Letter("octo", "octo.md", source, "c" * 40, ""),)))
    assert session.kinds() == ["not posted"]
    assert posts.requests == []


@pytest.mark.parametrize("text", ["", "x" * 70_000])
def test_an_empty_file_and_one_that_is_too_long(posts: Posts, tmp_path: Path, text: str) -> None:
    session = Session(posts, tmp_path / "w")
    (session.folder / "octo.md").write_text(text)
    assert session.kinds() == ["not posted", "posted", "posted"]


def test_the_command(
    course: Course, posts: Posts, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    monkeypatch.setenv("GITHUB_API_URL", posts.url)
    monkeypatch.setenv("GITHUB_TOKEN", TOKEN)
    monkeypatch.setattr("kit.instructor.post.PAUSE", 0.0)
    chapter = course.chapter("00")
    make_fork(course.root / "clones" / "student-01.git", course, pair(chapter, answers(chapter, "00.01"), ["00.01"]))
    assert feedback.main(["clones", "--output", "out"]) == 0
    assert "First steps | 2 | 1" in Path("out/student-01.md").read_text()
    row = json.loads(Path("out/feedback.json").read_text())
    assert row["letters"][0]["source"] == "clones/student-01.git"
    row["letters"][0]["source"] = f"{posts.url}/octo/course"
    Path("out/feedback.json").write_text(json.dumps(row))
    assert feedback.main(["--post", "out"]) == 0
    assert not posts.bodies()
    assert "Nothing was posted" in capsys.readouterr().out
    assert feedback.main(["--post", "out", "--send"]) == 0
    assert len(posts.bodies()) == 1
    assert TOKEN not in "".join(path.read_text() for path in Path("out").iterdir())
    assert feedback.main(["--post", "nowhere"]) == 2
    monkeypatch.delenv("GITHUB_TOKEN")
    monkeypatch.setenv("PATH", "")
    assert feedback.main(["--post", "out"]) == 2


@pytest.mark.parametrize(
    "words", [[], ["clones"], ["--post", "x", "clones", "--output", "y"], ["c", "--output", "x", "--send"]]
)
def test_bad_usage(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        feedback.main(words)
    assert caught.value.code == 2


def test_a_tip_is_where_a_comment_goes(posts: Posts, tmp_path: Path) -> None:
    session = Session(posts, tmp_path / "w")
    store_round(Round(session.folder, "r", (Letter("joe", "joe.md", f"{posts.url}/joe/course", "", ""),)))
    assert session.kinds() == ["not posted"]
