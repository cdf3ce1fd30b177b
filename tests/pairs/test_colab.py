"""A notebook that Colab has saved to GitHub: `sync`, `update.py`, the committed form and reports take it in whole."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from kit.course.build import derived_files
from kit.course.cells import Cell, from_percent, is_colab_link, to_percent
from kit.course.chapter import Chapter
from kit.course.course import Course
from kit.course.notebook import normalise, to_notebook
from kit.course.render import finished, learner_cells, setup_cell
from kit.pairs import convert
from kit.pairs.pair import Pair
from kit.pairs.sync import sync
from scripts.save import main as save_command
from scripts.update import main as update
from tests.support import colab, fake_course, upstreams
from tests.support.cell_edits import answers, code, put, tick, ticked
from tests.support.fake_course import git
from tests.support.forks import make_fork, path_of, read_one
from tests.support.pair_files import agree, cells, pair, save

HOME = 'repository = "https://github.com/OWNER/REPO"\nversion = "v1"\n'
MINE = (code("01.01", "doubled = x + x"), code("01.02", "def total(values):\n    return sum(values)"))
OWN = (Cell("markdown", "My own words: naïve ☕"), Cell("code", "%timeit 1 + 1"))
REAL = Course()
SECOND = "ch01_second"


def save_in_colab(course: Course, new: tuple[Cell, ...], link: bool = True) -> bytes:
    """Commit this notebook the way Colab does, and nothing else of the pair."""
    text = to_notebook([convert.for_notebook(cell) for cell in new], "01").encode()
    data = colab.saved(text, link)
    pair(course).notebook.write_bytes(data)
    git(course.root, "commit", "-q", "-am", "Created using Colab")
    return data


@pytest.fixture
def published(tmp_path: Path) -> Course:
    """The fake course with an address, in a repository."""
    course = fake_course.make_repository(tmp_path / "course")
    (course.root / "chapters.toml").write_text(HOME + fake_course.SYLLABUS)
    course = Course(course.root)
    for path, text in derived_files(course).items():
        path.parent.mkdir(exist_ok=True)
        path.write_text(text)
    git(course.root, "add", "-A")
    git(course.root, "commit", "-q", "-m", "published")
    return course


@pytest.mark.parametrize("link", [True, False])
def test_what_was_done_in_colab_reaches_both_files(published: Course, link: bool) -> None:
    todo = cells(published)
    done = (*tick(put(todo, *MINE), _01=True, r1=True), *OWN)
    save_in_colab(published, done, link)
    assert sync(published, pair(published)).clashes == ()
    found = agree(published)
    assert convert.keys(found) == convert.keys(map(convert.for_script, done))
    assert (answers(found), ticked(found)) == (answers(put(todo, *MINE)), {"01.01", "01.r1"})


def test_the_script_was_changed_at_home_meanwhile(published: Course) -> None:
    todo = cells(published)
    save_in_colab(published, tick(put(todo, MINE[0]), _01=True))
    save(published, "script", tick(put(todo, MINE[1]), r1=True))
    assert sync(published, pair(published)).clashes == ()
    found = agree(published)
    assert {MINE[0].source, MINE[1].source} == set(answers(found).values())
    assert ticked(found) == {"01.01", "01.r1"}


def test_the_committed_form_is_as_if_it_had_never_left(published: Course) -> None:
    done = tick(put(cells(published), *MINE), _01=True)
    data = save_in_colab(published, done)
    assert normalise(data.decode()) == to_notebook(done, "01")


def test_a_link_that_somebody_wrote_more_into_is_theirs(published: Course) -> None:
    document = json.loads(save_in_colab(published, cells(published)))
    assert is_colab_link(document["cells"][0])
    document["cells"][0]["source"].append("\n\nRemember to buy milk.")
    pair(published).notebook.write_text(json.dumps(document))
    sync(published, pair(published))
    assert "Remember to buy milk." in pair(published).script.read_text()
    assert "Remember to buy milk." in normalise(pair(published).notebook.read_text())


@pytest.mark.parametrize("chapter", REAL.chapters, ids=lambda chapter: chapter.id)
def test_every_chapter_comes_back_unchanged(chapter: Chapter) -> None:
    made = learner_cells(chapter, finished(chapter), tuple(item.id for item in chapter.items))
    text = to_notebook(made, chapter.id)
    data = colab.saved(text.encode())
    assert convert.keys(convert.notebook_cells(data, "")) == convert.keys(from_percent(to_percent(made)))
    assert normalise(data.decode()) == text


def test_a_report_sees_it(published: Course, tmp_path: Path) -> None:
    chapter = published.chapter("01")
    done = tick(put(cells(published), MINE[0]), _01=True, r1=True)
    data = colab.saved(to_notebook(done, "01").encode())
    fork = read_one(published, make_fork(tmp_path / "student-01.git", published, {path_of(chapter, ".ipynb"): data}))
    progress = fork.chapters["01"]
    assert (progress.ticked, progress.filled) == (("01.01", "01.r1"), ("01.01",))
    assert [flag.word for flag in progress.flags] == ["pair stale"]


def test_a_save_at_home_ticks_it_and_commits_it(published: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(published.root)
    monkeypatch.setenv("HOME", str(published.root.parent))
    (published.root / ".gitignore").write_text(".workshop/\n")
    for word in ("name", "email"):
        git(published.root, "config", f"user.{word}", "student-01")
    done = (*tick(put(cells(published), *MINE), r1=True), *OWN)
    save_in_colab(published, done)
    assert save_command([]) == 0
    assert git(published.root, "status", "--porcelain", "workshop") == ""
    found = agree(published)
    assert ticked(found) == {"01.01", "01.02", "01.r1"}
    assert convert.keys(found[-2:]) == convert.keys(map(convert.for_script, OWN))
    ids = {cell["id"] for cell in json.loads(pair(published).notebook.read_bytes())["cells"]}
    before = json.loads(git(published.root, "show", "HEAD~2:workshop/en/ch01_second.ipynb"))["cells"]
    assert {cell["id"] for cell in before} <= ids
    assert "outputId" not in pair(published).notebook.read_text()


# An update that brings the first cell and the badges -----------------------------------------------------------------


def older(root: Path, course: Course) -> None:
    """Rewrite a course's pairs as they were before: the origin above the heading, no cell that fetches anything."""
    for chapter in course.chapters:
        first, *rest = learner_cells(chapter)
        heading, origin, *lines = first.source.split("\n")
        made = [Cell("markdown", "\n".join([origin, heading, *lines])), *rest]
        stem = root / "workshop" / "en" / chapter.entry.stem
        stem.with_suffix(".py").write_text(to_percent(made))
        stem.with_suffix(".ipynb").write_text(to_notebook(made, chapter.id))


@pytest.mark.parametrize("related", [True, False])
@pytest.mark.parametrize("where", ["colab", "home"])
def test_an_old_fork_gets_the_cell_and_keeps_its_answers(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, where: str, related: bool
) -> None:
    teacher = upstreams.publish(tmp_path / "teacher")
    older(teacher.root, teacher)
    upstreams.commit(teacher.root, "as it was")
    student = upstreams.fork(tmp_path / "student", teacher.root, related)
    monkeypatch.chdir(student.root)
    todo = cells(student)
    assert not setup_cell(student.home)
    done = (*tick(put(todo, *MINE), _01=True, r1=True), *OWN)
    if where == "colab":
        save_in_colab(student, done)
    else:
        save(student, "script", done)
        sync(student, pair(student))
        git(student.root, "commit", "-q", "-am", "mine")
    upstreams.write(teacher.root, {**upstreams.START, "chapters.toml": HOME + fake_course.SYLLABUS})
    upstreams.commit(teacher.root, "published")
    assert update([]) == 0
    found = agree(student)
    newest = learner_cells(Course(teacher.root).chapter("01"))
    assert convert.keys(found) == convert.keys(
        map(convert.for_script, (*tick(put(newest, *MINE), _01=True, r1=True), *OWN))
    )
    assert found[0].source.startswith("# 01 Second steps\n<!--")
    (cell,) = setup_cell(Course(teacher.root).home)
    assert [each.kind for each in found[:3]] == ["markdown", "code", "code"]
    assert found[1].source == cell.source
    assert git(student.root, "status", "--porcelain") == ""
    notebook = Pair(student.root, "en", SECOND).notebook.read_text()
    assert "colab.research.google.com/assets" in notebook
    assert "view-in-github" not in notebook
    assert notebook.count('"cellView": "form"') == 1


def test_a_newer_version_moves_the_cell_along(published: Course) -> None:
    """The next release has another address in it; whoever hasn't touched the cell gets that one."""
    from kit.learner.update.revise import revise

    base, mine = cells(published), put(cells(published), *MINE)
    (published.root / "chapters.toml").write_text(HOME.replace("v1", "v2") + fake_course.SYLLABUS)
    theirs = learner_cells(Course(published.root).chapter("01"))
    found = revise(base, mine, theirs)
    assert convert.keys(found.cells) == convert.keys(put(theirs, *MINE))
    assert (found.clashes, found.removed) == ((), ())
