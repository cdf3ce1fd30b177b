"""scripts/release.py on real repositories: what a new cohort forks contains nothing from the previous one."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

import pytest

from kit.course.build import derived_files, drifted_files, write_derived
from kit.course.course import Course
from kit.course.home import Home
from kit.errors import KitError
from kit.instructor.release import passes, plain, release
from scripts import release as script
from tests.support import fake_course

SECRET = "student-07 was here"
MAKEFILE = "test:\n\t@test ! -e learner && grep -q ____ workshop/en/ch00_first.py && echo $(CURDIR) >> $(LOG)\n"


@pytest.fixture
def course(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Course:
    """A course with an earlier cohort's work in its history, in a branch, a tag, a stash and its logs; clean now."""
    made = fake_course.make_repository(tmp_path / "course")
    for role in ("AUTHOR", "COMMITTER"):
        monkeypatch.setenv(f"GIT_{role}_NAME", "Instructor")
        monkeypatch.setenv(f"GIT_{role}_EMAIL", "instructor@example.org")
    monkeypatch.setenv("LOG", str(tmp_path / "log"))
    root = made.root
    (root / "Makefile").write_text(MAKEFILE)
    (root / ".gitignore").write_text(".workshop/\n")
    (root / "run.sh").write_text("#!/bin/sh\n")
    (root / "run.sh").chmod(0o755)
    write_derived(made, derived_files(made))
    commit(made, "the course")
    for place in ("old", "side"):
        fake_course.git(root, "switch", "-q", "-c", place)
        (root / f"{place}.md").write_text(f"{SECRET}, {place}")
        commit(made, place)
        fake_course.git(root, "switch", "-q", "main")
    fake_course.git(root, "merge", "-q", "--no-ff", "-m", "old", "old")
    fake_course.git(root, "rm", "-q", "old.md")
    commit(made, "away with it")
    fake_course.git(root, "tag", "spring")
    (root / "run.sh").write_text(SECRET)
    fake_course.git(root, "stash", "-q")
    monkeypatch.chdir(root)
    return Course(root)


def commit(course: Course, message: str) -> None:
    fake_course.git(course.root, "add", "-A")
    fake_course.git(course.root, "commit", "-q", "-m", message)


def everything(repository: Path) -> bytes:
    """All objects in a repository, reachable or not."""
    oids = plain(repository, "cat-file", "--batch-all-objects", "--batch-check=%(objectname)")
    return plain(repository, "cat-file", "--batch", given=f"{oids}\n").encode()


def test_one_commit_and_nothing_of_the_earlier_cohort(course: Course, tmp_path: Path) -> None:
    assert SECRET.encode() in everything(course.root)
    done = release(course, tmp_path / "new")
    assert SECRET.encode() not in everything(done.folder)
    assert plain(done.folder, "rev-list", "--all", "--reflog").split() == [done.commit]
    assert plain(done.folder, "for-each-ref", "--format=%(refname)") == "refs/heads/main"
    assert plain(done.folder, "log", "-1", "--format=%P%an") == "Instructor"
    assert plain(done.folder, "rev-parse", "HEAD^{tree}") == plain(course.root, "rev-parse", "HEAD^{tree}")
    assert plain(done.folder, "status", "--porcelain") == ""
    assert plain(done.folder, "remote") == ""
    git_folder = done.folder / ".git"
    assert {path.name for path in git_folder.iterdir()} <= {"HEAD", "config", "objects", "refs", "index"}
    assert not [path for path in git_folder.rglob("*") if path.is_file() and SECRET.encode() in path.read_bytes()]
    assert os.access(done.folder / "run.sh", os.X_OK)
    assert done.files == len(plain(course.root, "ls-files").split("\n"))
    assert [path.name for path in tmp_path.iterdir() if path.name.startswith(".")] == []


def test_the_fresh_clone_is_tested_and_goes(course: Course, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert script.main([str(tmp_path / "new")]) == 0
    (clone,) = (tmp_path / "log").read_text().split()
    assert clone not in (str(course.root), str(tmp_path / "new"))
    assert not Path(clone).exists()
    assert str(tmp_path / "new") in capfd.readouterr().out
    assert script.main([str(tmp_path / "other"), "--no-test"]) == 0
    assert len((tmp_path / "log").read_text().split()) == 1


def test_a_clone_that_fails_leaves_nothing(course: Course, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (course.root / "Makefile").write_text("test:\n\t@exit 3\n")
    commit(course, "broken")
    assert script.main([str(tmp_path / "new")]) == 2
    assert {path.name for path in tmp_path.iterdir()} == {"course"}


def test_an_empty_folder_is_filled(course: Course, tmp_path: Path) -> None:
    (tmp_path / "new").mkdir()
    assert release(course, tmp_path / "new").folder == tmp_path / "new"
    assert release(course, tmp_path / "deep" / "er").files > 5


@pytest.mark.parametrize("kind", ["full", "file", "link", "inside", "itself"])
def test_folders_that_are_refused(course: Course, tmp_path: Path, kind: str) -> None:
    target = {"inside": course.root / "new", "itself": course.root}.get(kind, tmp_path / "new")
    if kind == "full":
        target.mkdir()
        (target / ".keep").write_text("")
    elif kind == "file":
        target.write_text("")
    elif kind == "link":
        (tmp_path / "real").mkdir()
        target.symlink_to(tmp_path / "real")
    before = sorted(tmp_path.rglob("*"))
    with pytest.raises(KitError):
        release(course, target)
    assert sorted(tmp_path.rglob("*")) == before


def change(course: Course, kind: str) -> str:
    """Spoil the course in some way, and name the file that is to blame."""
    pairs = course.pairs()
    match kind:
        case "edited":
            (course.root / "Makefile").write_text("x")
            return "Makefile"
        case "staged":
            (course.root / "Makefile").write_text("x")
            fake_course.git(course.root, "add", "-A")
            return "Makefile"
        case "untracked":
            (course.root / "note s.md").write_text("x")
            return "note s.md"
        case "work":
            fake_course.write_pair(course, "01", {"01.01": 'doubled = x + x\ncheck("01.01")'}, ())
            commit(course, kind)
            return "workshop/en/ch01_second"
        case "tick":
            fake_course.write_pair(course, "01", {}, ("01.r1",))
            commit(course, kind)
            return "workshop/en/ch01_second"
        case "drift":
            path = course.root / "nanogpt" / "__init__.py"
            path.write_text(path.read_text() + "# more\n")
            commit(course, kind)
            return "nanogpt/__init__.py"
        case "missing":
            fake_course.git(course.root, "rm", "-q", "workshop/en/ch00_first.ipynb")
            commit(course, kind)
            return "workshop/en/ch00_first.ipynb"
        case "archive":
            (pairs / "archive.md").write_text(SECRET)
            commit(course, kind)
            return "workshop/en/archive.md"
        case "ignored":
            (course.root / ".workshop").mkdir()
            (course.root / ".workshop" / "passed.json").write_text("{}")
            fake_course.git(course.root, "add", "-f", ".workshop/passed.json")
            commit(course, kind)
            return ".workshop/passed.json"
        case "unseen":
            clean = (pairs / "ch01_second.py").read_bytes()
            fake_course.write_pair(course, "01", {"01.01": 'doubled = x + x\ncheck("01.01")'}, ())
            commit(course, kind)
            fake_course.write_pair(course, "01", {}, ())
            assert (pairs / "ch01_second.py").read_bytes() == clean
            for suffix in ("py", "ipynb"):
                fake_course.git(course.root, "update-index", "--assume-unchanged", f"workshop/en/ch01_second.{suffix}")
            return "workshop/en/ch01_second"
        case _:
            (course.root / "workshop" / "ja").mkdir()
            for path in pairs.iterdir():
                (course.root / "workshop" / "ja" / path.name).write_bytes(path.read_bytes())
            for suffix in ("py", "ipynb"):
                path = course.root / "workshop" / "ja" / f"ch00_first.{suffix}"
                path.write_text(path.read_text().replace("- [ ] 00.01", "- [x] 00.01"))
            commit(course, kind)
            return "workshop/ja/ch00_first"


KINDS = [
    "edited",
    "staged",
    "untracked",
    "work",
    "tick",
    "drift",
    "missing",
    "archive",
    "ignored",
    "unseen",
    "language",
]


@pytest.mark.parametrize("kind", KINDS)
def test_a_course_that_is_not_clean_is_refused(course: Course, tmp_path: Path, kind: str) -> None:
    blamed = change(course, kind)
    with pytest.raises(KitError) as caught:
        release(Course(course.root), tmp_path / "new")
    assert blamed in caught.value.where
    assert caught.value.next
    assert {path.name for path in tmp_path.iterdir()} == {"course"}


def test_without_a_repository(tmp_path: Path) -> None:
    plain_folder = fake_course.make_course(tmp_path / "course")
    with pytest.raises(KitError):
        release(plain_folder, tmp_path / "new")


def test_settings_and_hooks_of_the_person_stay_out(
    course: Course, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "template" / "hooks").mkdir(parents=True)
    (tmp_path / "template" / "hooks" / "post-checkout").write_text(f"#!/bin/sh\ntouch {tmp_path}/ran\n")
    (tmp_path / "template" / "hooks" / "post-checkout").chmod(0o755)
    settings = f"[init]\n templateDir = {tmp_path}/template\n[core]\n autocrlf = true\n[commit]\n gpgSign = true\n"
    (tmp_path / "gitconfig").write_text(settings)
    monkeypatch.setenv("GIT_CONFIG_GLOBAL", str(tmp_path / "gitconfig"))
    done = release(course, tmp_path / "new")
    assert not (tmp_path / "ran").exists()
    assert not (done.folder / ".git" / "hooks").exists()
    assert b"\r" not in (done.folder / "Makefile").read_bytes()


def test_a_course_in_a_folder_of_a_repository(course: Course, tmp_path: Path) -> None:
    outer = tmp_path / "outer"
    outer.mkdir()
    fake_course.git(outer, "init", "-q", "-b", "main")
    fake_course.git(course.root, "archive", "--format=tar", "-o", str(tmp_path / "x.tar"), "--prefix=inner/", "HEAD")
    subprocess.run(["tar", "-xf", str(tmp_path / "x.tar")], cwd=outer, check=True)
    (outer / "grades.csv").write_text(SECRET)
    fake_course.git(outer, "add", "-A")
    fake_course.git(outer, "commit", "-q", "-m", "all")
    done = release(Course(outer / "inner"), tmp_path / "new")
    assert (done.folder / "chapters.toml").exists()
    assert SECRET.encode() not in everything(done.folder)


def test_the_tests_of_a_clone_run_in_surroundings_of_their_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "Makefile").write_text("test:\n\t@env > seen\n")
    monkeypatch.delenv("WORKSHOP_VENV", raising=False)
    monkeypatch.setenv("PYTHONPATH", "/elsewhere")
    monkeypatch.setenv("VIRTUAL_ENV", "/elsewhere")
    assert passes(tmp_path)
    assert "elsewhere" not in (tmp_path / "seen").read_text()
    monkeypatch.setenv("WORKSHOP_VENV", "/opt/venv")
    assert passes(tmp_path)
    assert f"PYTHONPATH={tmp_path}\n" in (tmp_path / "seen").read_text()
    (tmp_path / "Makefile").write_text("test:\n\t@false\n")
    assert not passes(tmp_path)


def test_links_lead_to_the_new_repository(course: Course, tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    syllabus = course.root / "chapters.toml"
    syllabus.write_text(f'# here\nrepository = "https://github.com/old/course"  # last year\n{syllabus.read_text()}')
    (course.root / "README.md").write_text("# The course\n\n| chapter | title | minutes |\n| --- | --- | ---: |\n")
    now = Course(course.root)
    write_derived(now, derived_files(now))
    commit(now, "published")
    new = tmp_path / "new"
    words = ["--no-test", "--repository", "https://github.com/new/course.git", "--tag", "spring-2"]
    assert script.main([str(new), *words]) == 0
    assert "push https://github.com/new/course main spring-2" in capfd.readouterr().out
    assert plain(new, "for-each-ref", "--format=%(refname)").split() == ["refs/heads/main", "refs/tags/spring-2"]
    assert plain(new, "rev-parse", "spring-2") == plain(new, "rev-parse", "HEAD")
    assert b"old/course" not in everything(new)
    assert drifted_files(Course(new), derived_files(Course(new))) == []
    assert Course(new).home == Home("https://github.com/new/course", "spring-2")
    assert "# here\n" in (new / "chapters.toml").read_text()
    for name in ("README.md", "workshop/en/ch01_second.py", "workshop/en/ch01_second.ipynb"):
        assert "github/new/course/blob/spring-2/workshop/en/ch01_second.ipynb" in (new / name).read_text(), name
    assert (
        "https://github.com/new/course/raw/spring-2/workshop/fetch.py"
        in (new / "workshop/en/ch01_second.py").read_text()
    )
    assert syllabus.read_text().count("old/course") == 1
    assert plain(new, "status", "--porcelain") == ""


@pytest.mark.parametrize("words", [["--repository", "new/course"], ["--repository", "https://x.y/a/b", "--tag", "a b"]])
def test_links_that_would_lead_nowhere(course: Course, tmp_path: Path, words: list[str]) -> None:
    assert script.main([str(tmp_path / "new"), "--no-test", *words]) == 2
    assert not (tmp_path / "new").exists()
