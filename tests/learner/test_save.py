from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Iterable
from pathlib import Path
from threading import Timer
from typing import Any

import pytest

from kit.course.answers import read_file
from kit.course.cells import to_percent
from kit.course.course import Course
from kit.course.render import learner_cells
from kit.errors import KitError
from kit.git import committer
from kit.git.worktree import open_clone
from kit.judge.records import Verdict
from kit.judge.resident.remote import ResidentJudge
from kit.judge.trials import runners
from kit.judge.trials.runners import ReplayRunner
from kit.judge.verdict_cache import verdict_cache
from kit.learner import changes
from kit.learner import save as saving
from kit.learner.check import Finding
from kit.learner.save import Edit, save
from kit.pairs import convert
from kit.pairs.pair import Pair, read_pair
from kit.pairs.sync import sync
from scripts.save import main
from tests.support import fake_course
from tests.support.fake_course import git

RIGHT = {"00.01": 'length = len(word)\ncheck("00.01")', "00.02": 'first = word[0]\nlast = word[-1]\ncheck("00.02")'}
JUDGE = saving.judge_edits
WRONG = {"00.01": 'length = len(word) - 1\ncheck("00.01")'}


@pytest.fixture
def here(repository: Course, monkeypatch: pytest.MonkeyPatch) -> Course:
    """The repository as the current folder, with git knowing who its user is and nothing else."""
    monkeypatch.chdir(repository.root)
    monkeypatch.setenv("HOME", str(repository.root.parent))
    monkeypatch.setenv("GIT_CONFIG_NOSYSTEM", "1")
    for name in [name for name in os.environ if name.startswith(("GIT_AUTHOR", "GIT_COMMITTER", "XDG_CONFIG"))]:
        monkeypatch.delenv(name)
    (repository.root / ".gitignore").write_text(".workshop/\n__pycache__/\n")
    git(repository.root, "config", "user.name", "student-01")
    git(repository.root, "config", "user.email", "student-01@example.org")
    git(repository.root, "add", "-A")
    git(repository.root, "commit", "-q", "-m", "who")
    return repository


@pytest.fixture
def by_text(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Verdicts by comparison with `RIGHT`, where a test is about git; the ids that were asked for."""
    asked: list[str] = []

    def judge_edits(course: Course, edits: Iterable[Edit], *given: object) -> dict[Pair, list[Finding]]:
        found: dict[Pair, list[Finding]] = {}
        for edit in edits:
            asked.extend(edit.answers)
            found[edit.pair] = []
            for item_id, answer in edit.answers.items():
                outcome = "passed" if answer.source == RIGHT.get(item_id) else "failed" if answer.filled else "blank"
                found[edit.pair].append(Finding(Verdict(item_id, outcome), edit.pair.id, ()))  # type: ignore[arg-type]
        return found

    class Nobody:
        def close(self) -> None:
            raise AssertionError

    monkeypatch.setattr(saving, "judge_edits", judge_edits)
    monkeypatch.setattr(runners, "shared_runner", lambda root: Nobody())
    return asked


def ticks(course: Course) -> set[str]:
    """What's ticked in both files of chapter 00; they must agree."""
    pair = Pair(course.root, "en", "ch00_first")
    works = (read_file(path) for path in (pair.script, pair.notebook))
    one, two = ({item_id for item_id, item in work.items.items() if item.ticked} for work in works)
    assert one == two
    return one


def write(course: Course, answers: dict[str, str], ticked: tuple[str, ...] = (), side: str = ".py") -> None:
    """Edit one side of chapter 00, like a person who works only in that file."""
    path = course.pairs() / "ch00_first"
    other = path.with_suffix(".ipynb" if side == ".py" else ".py")
    kept = other.read_bytes()
    fake_course.write_pair(course, "00", answers, ticked)
    other.write_bytes(kept)


def subjects(course: Course) -> list[str]:
    return git(course.root, "log", "--format=%s").splitlines()


@pytest.mark.parametrize("side", [".py", ".ipynb"])
def test_one_command_one_commit(here: Course, side: str) -> None:
    write(here, RIGHT, side=side)
    done = save(here)
    assert (done.ticked, done.unticked) == (("00.01", "00.02"), ())
    assert [f.verdict.outcome for f in done.findings] == ["passed", "passed"]
    assert ticks(here) == {"00.01", "00.02"}
    assert git(here.root, "status", "--porcelain") == ""
    assert len(subjects(here)) == 3 and done.commit == git(here.root, "rev-parse", "--short", "HEAD").strip()
    sides = read_pair(Pair(here.root, "en", "ch00_first"))
    assert convert.keys(sides.script or ()) == convert.keys(sides.notebook or ()) != []
    head = git(here.root, "rev-parse", "HEAD")
    again = save(here)
    assert again == saving.Saved(()) and git(here.root, "rev-parse", "HEAD") == head


def test_a_wrong_answer_in_the_notebook_is_named_in_both_files(here: Course) -> None:
    write(here, RIGHT | {"00.02": 'first = word[0]\nlast = word[-2]\ncheck("00.02")'}, side=".ipynb")
    done = save(here)
    [(script, notebook)] = [f.places for f in done.findings if f.verdict.outcome == "failed"]
    lines = (here.pairs() / "ch00_first.py").read_text().split("\n")
    cells = json.loads((here.pairs() / "ch00_first.ipynb").read_bytes())["cells"]
    assert script.cell is None and lines[script.line - 1] == "last = word[-2]"
    assert (
        notebook.cell
        and "".join(cells[notebook.cell - 1]["source"]).split("\n")[notebook.line - 1] == "last = word[-2]"
    )


def test_what_is_known_to_pass_is_not_judged_again(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    verdict_cache(here).keep([(Verdict("00.01", "passed"), RIGHT["00.01"])])
    started: list[Path] = []
    monkeypatch.setattr(runners, "shared_runner", lambda root: started.append(root) or ReplayRunner(root))
    write(here, {"00.01": RIGHT["00.01"]})
    assert save(here).ticked == ("00.01",) and started == []
    write(here, RIGHT, ("00.01",))
    assert save(here).ticked == ("00.02",) and started != []
    assert verdict_cache(here).outcome("00.02", RIGHT["00.02"]) == "passed"
    (here.root / "nanogpt").mkdir(exist_ok=True)
    (here.root / "nanogpt" / "first.py").write_text("# another package, so other verdicts\n")
    assert verdict_cache(here).outcome("00.02", RIGHT["00.02"]) is None


def test_the_judge_is_started_if_an_edited_answer_is_not_known_to_pass(here: Course) -> None:
    repository, cache = open_clone(here.root), verdict_cache(here)

    def needed() -> bool:
        done = sync(here, Pair(here.root, "en", "ch00_first"))
        return saving.needs_judge(saving.edit_of(here, repository, done), cache)

    assert not needed()
    write(here, {}, ("00.01",))
    assert not needed()
    for side in (".py", ".ipynb"):
        write(here, WRONG, side=side)
        assert needed()
    (here.pairs() / "ch00_first.ipynb").write_bytes(b"{")
    assert needed()
    cache.keep([(Verdict("00.01", "passed"), WRONG["00.01"])])
    assert not needed()


def test_the_judge_starts_before_other_chapters_are_synced(here: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    steps: list[str] = []
    fake_course.write_pair(here, "01", {"01.01": 'doubled = x + x\ncheck("01.01")'}, ())
    monkeypatch.setattr(saving, "sync", lambda course, pair: steps.append(pair.stem) or sync(course, pair))
    monkeypatch.setattr(runners, "shared_runner", lambda root: steps.append("judge") or ReplayRunner(root))
    assert save(here).ticked == ("01.01",)
    assert steps == ["ch01_second", "judge", "ch00_first"]


@pytest.mark.parametrize("both", [False, True])
def test_what_is_edited_while_it_is_judged_waits_for_the_next_save(
    here: Course, by_text: list[str], monkeypatch: pytest.MonkeyPatch, both: bool
) -> None:
    write(here, {"00.01": RIGHT["00.01"]})
    judge = saving.judge_edits

    def judge_slowly(*given: Any) -> dict[Pair, list[Finding]]:
        found = judge(*given)
        if both:
            fake_course.write_pair(here, "00", WRONG, ())
        else:
            write(here, RIGHT)
        return found

    monkeypatch.setattr(saving, "judge_edits", judge_slowly)
    done = save(here)
    assert done.commit == "" and "workshop/en/ch00_first.py" in done.postponed
    monkeypatch.setattr(saving, "judge_edits", judge)
    done = save(here)
    assert done.commit and done.postponed == () and ticks(here) == (set() if both else {"00.01", "00.02"})


def test_what_broke_loses_its_tick_and_is_saved_all_the_same(here: Course, by_text: list[str]) -> None:
    write(here, RIGHT)
    save(here)
    write(here, RIGHT | WRONG, ("00.01", "00.02", "00.r1"))
    done = save(here)
    assert (done.ticked, done.unticked) == ((), ("00.01",))
    assert ticks(here) == {"00.02", "00.r1"}
    assert WRONG["00.01"].split("\n")[0] in git(here.root, "show", "HEAD:workshop/en/ch00_first.py")


def test_only_what_changed_is_judged(here: Course, by_text: list[str]) -> None:
    write(here, {"00.01": RIGHT["00.01"]})
    save(here)
    by_text.clear()
    write(here, RIGHT, ("00.01",))
    assert save(here).ticked == ("00.02",)
    assert by_text == ["00.02"]


def test_a_tick_set_by_hand_stays(here: Course, by_text: list[str]) -> None:
    write(here, {}, ("00.02", "00.r1"))
    done = save(here)
    assert (done.findings, ticks(here)) == ((), {"00.02", "00.r1"})
    assert done.commit and by_text == []


def test_the_commit_names_what_passes_whoever_ticked_it(here: Course, by_text: list[str]) -> None:
    write(here, RIGHT, ("00.02",))
    assert re.findall(r"\d\d\.\d\d", save(here).message) == ["00.01", "00.02"]
    write(here, {}, ("00.01", "00.02"))
    save(here)
    write(here, {"00.02": RIGHT["00.02"]}, ("00.02",))
    done = save(here)
    assert (done.ticked, re.findall(r"\d\d\.\d\d", done.message)) == ((), ["00.02"])
    assert subjects(here)[0] == done.message
    write(here, WRONG | {"00.02": RIGHT["00.02"]}, ("00.02",))
    assert re.findall(r"\d\d\.\d\d", save(here).message) == []


def test_outputs_do_not_reach_the_commit_and_the_file_changes_in_size(here: Course, by_text: list[str]) -> None:
    path = here.pairs() / "ch00_first.ipynb"
    fake_course.write_pair(here, "00", RIGHT, ())
    document = json.loads(path.read_text())
    for cell in document["cells"]:
        if cell["cell_type"] == "code":
            cell["outputs"] = [{"output_type": "stream", "name": "stdout", "text": ["canary"]}]
    path.write_text(json.dumps(document))
    sizes = {file: file.stat().st_size for file in (path, path.with_suffix(".py"))}
    save(here)
    assert "canary" not in path.read_text() + git(here.root, "show", "HEAD:workshop/en/ch00_first.ipynb")
    assert all(file.stat().st_size != size for file, size in sizes.items())


def test_ticks_alone_change_the_size_of_both_files(here: Course, by_text: list[str]) -> None:
    fake_course.write_pair(here, "00", RIGHT, ())
    pair = Pair(here.root, "en", "ch00_first")
    sizes = [path.stat().st_size for path in (pair.script, pair.notebook)]
    assert save(here).ticked == ("00.01", "00.02")
    assert all(path.stat().st_size != size for path, size in zip((pair.script, pair.notebook), sizes, strict=True))
    assert git(here.root, "status", "--porcelain") == ""


def test_other_files_stay_as_they_are(here: Course, by_text: list[str]) -> None:
    (here.root / "notes.md").write_text("mine")
    (here.root / "chapters.toml").write_text(fake_course.SYLLABUS + "\n")
    git(here.root, "add", "notes.md")
    write(here, RIGHT)
    done = save(here, "my words")
    assert done.left.others == ("chapters.toml", "notes.md") and subjects(here)[0] == "my words"
    assert git(here.root, "show", "--name-only", "--format=").split() == [
        "workshop/en/ch00_first.ipynb",
        "workshop/en/ch00_first.py",
    ]
    assert git(here.root, "status", "--porcelain").splitlines() == [" M chapters.toml", "A  notes.md"]


def test_in_the_middle_of_a_merge_nothing_happens(here: Course, by_text: list[str]) -> None:
    git(here.root, "switch", "-q", "-c", "other")
    (here.root / "a.txt").write_text("one")
    git(here.root, "add", "a.txt")
    git(here.root, "commit", "-q", "-m", "one")
    git(here.root, "switch", "-q", "main")
    (here.root / "a.txt").write_text("two")
    git(here.root, "add", "a.txt")
    git(here.root, "commit", "-q", "-m", "two")
    with pytest.raises(Exception):  # noqa: B017, PT011 - git's own exit code
        git(here.root, "merge", "other")
    write(here, RIGHT)
    before = (here.pairs() / "ch00_first.py").read_bytes()
    with pytest.raises(KitError):
        save(here)
    assert (here.pairs() / "ch00_first.py").read_bytes() == before and subjects(here)[0] == "two"


def test_what_a_killed_git_has_left_stops_a_save_and_is_named(
    here: Course, by_text: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, RIGHT)
    lock = here.root / ".git" / "index.lock"
    lock.touch()
    before = (here.pairs() / "ch00_first.ipynb").read_bytes()
    monkeypatch.setattr(committer, "PATIENCE", 0.1)
    assert main([]) == 2
    assert str(lock) in capsys.readouterr().err
    assert (here.pairs() / "ch00_first.ipynb").read_bytes() == before
    monkeypatch.setattr(committer, "PATIENCE", 30.0)
    Timer(0.3, lock.unlink).start()  # a git that was busy, and is now done
    assert main([]) == 0 and git(here.root, "status", "--porcelain") == ""


def test_git_must_know_who_saves(here: Course, by_text: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    git(here.root, "config", "--unset", "user.email")
    write(here, RIGHT)
    assert main([]) == 2 and len(subjects(here)) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
    git(here.root, "config", "user.email", "student-01@example.org")
    assert main([]) == 0 and len(subjects(here)) == 3


def test_no_branch_no_commit(here: Course, by_text: list[str]) -> None:
    git(here.root, "switch", "-q", "--detach")
    write(here, RIGHT)
    with pytest.raises(KitError):
        save(here)


def test_no_repository_at_all(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course.root)
    assert main([]) == 2


def test_pushing(here: Course, by_text: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    write(here, RIGHT)
    assert main(["--push"]) == 1  # nowhere to push to: the commit is there
    assert len(subjects(here)) == 3
    git(here.root, "remote", "add", "origin", str(tmp_path / "gone.git"))
    assert main(["--push"]) == 1
    assert "git push --set-upstream origin main" in capsys.readouterr().err
    git(here.root.parent, "init", "-q", "--bare", "gone.git")
    assert main(["--push"]) == 0
    assert git(tmp_path / "gone.git", "log", "--format=%s", "main").splitlines() == subjects(here)
    write(here, RIGHT, ("00.01", "00.02", "00.r1"))
    assert main(["-m", "read it all", "--push"]) == 0
    assert git(tmp_path / "gone.git", "log", "-1", "--format=%s", "main").strip() == "read it all"


def test_two_versions_are_both_saved(here: Course, by_text: list[str]) -> None:
    pair = Pair(here.root, "en", "ch00_first")
    fake_course.write_pair(here, "00", RIGHT | WRONG, ())
    wrong = pair.notebook.read_bytes()
    fake_course.write_pair(here, "00", RIGHT, ())
    pair.notebook.write_bytes(wrong)
    assert main([]) == 1
    text = git(here.root, "show", "HEAD:workshop/en/ch00_first.py")
    assert all(version["00.01"].split("\n")[0] in text for version in (RIGHT, WRONG))


def test_the_first_commit_of_all(course: Course, by_text: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    git(course.root, "init", "-q", "-b", "main")
    git(course.root, "config", "user.name", "student-01")
    git(course.root, "config", "user.email", "student-01@example.org")
    monkeypatch.chdir(course.root)
    write(course, RIGHT)
    assert save(course).ticked == ("00.01", "00.02") and by_text == ["00.01", "00.02"]
    assert len(subjects(course)) == 1


def committed(course: Course) -> list[str]:
    """What the last commit changed."""
    return git(course.root, "show", "--name-only", "--format=", "-z").split("\0")[:-1]


def test_what_is_not_the_courses_is_never_committed_and_is_named_with_its_size(
    here: Course, by_text: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    folder = here.pairs()
    with (folder / "data.bin").open("wb") as file:
        file.truncate(120_000_000)
    (folder / ".env").write_text("KEY=1\n")
    (folder / "deeper").mkdir()
    (folder / "deeper" / "ch00_first.py").write_text("")
    copies = ["ch00_first-Copy1.ipynb", "ch00_first (1).ipynb", "ch00_first_mine.ipynb", "ch00_start.ipynb"]
    for name in copies:
        shutil.copy(folder / "ch00_first.ipynb", folder / name)
    write(here, RIGHT)
    assert main([]) == 0
    ours = ["workshop/en/ch00_first.ipynb", "workshop/en/ch00_first.py"]
    assert committed(here) == ours and not (folder / "ch00_first_mine.py").exists()
    said = capsys.readouterr().out
    for name in (".env", "data.bin", "deeper/ch00_first.py", *copies):
        assert said.count(f"workshop/en/{name} (") == 1
    assert "data.bin (120 MB)" in said and ".env (6 bytes)" in said
    # what was committed before, by hand or by an older version, can be deleted; a change to it isn't the save's
    git(here.root, "add", "-f", "workshop/en/.env", f"workshop/en/{copies[0]}")
    git(here.root, "commit", "-q", "-m", "by hand")
    (folder / copies[0]).unlink()
    (folder / ".env").write_text("KEY=2\n")
    done = save(here)
    assert committed(here) == [f"workshop/en/{copies[0]}"] and "workshop/en/.env" in done.left.strays


def test_a_folder_of_ones_own_with_chapters_of_the_course_is_saved(here: Course, by_text: list[str]) -> None:
    own = here.root / "workshop" / "again"
    own.mkdir()
    shutil.copy(here.pairs() / "ch00_first.ipynb", own)
    save(here)
    assert committed(here) == ["workshop/again/ch00_first.ipynb", "workshop/again/ch00_first.py"]


def test_a_chapter_too_large_for_a_server_waits(
    here: Course, by_text: list[str], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, RIGHT)
    size = (here.pairs() / "ch00_first.py").stat().st_size
    monkeypatch.setattr(changes, "MOST_BYTES", size + 100)  # the notebook, say with a picture pasted into its text
    assert main([]) == 0
    assert committed(here) == ["workshop/en/ch00_first.py"]
    assert capsys.readouterr().out.count("workshop/en/ch00_first.ipynb (") == 1


def test_names_that_git_would_take_for_patterns(here: Course, by_text: list[str]) -> None:
    own = here.root / "workshop" / ":(top)*"
    own.mkdir()
    (here.root / "notes.md").write_text("mine")
    shutil.copy(here.pairs() / "ch00_first.ipynb", own)
    save(here)
    assert committed(here) == ["workshop/:(top)*/ch00_first.ipynb", "workshop/:(top)*/ch00_first.py"]


def test_the_first_commit_after_a_download_has_the_whole_course(
    course: Course, by_text: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (course.root / ".gitignore").write_text(".workshop/\n__pycache__/\n")
    (course.root / "kit").mkdir()
    (course.root / "kit" / "tool.py").write_text("one = 1\n")
    wanted = {path.relative_to(course.root).as_posix() for path in course.root.rglob("*") if path.is_file()}
    for name in (".env", "workshop/en/data.bin", "workshop/en/ch00_first-Copy1.ipynb", ".workshop/cache"):
        (course.root / name).parent.mkdir(exist_ok=True)
        (course.root / name).write_text("mine")
    git(course.root, "init", "-q", "-b", "main")
    git(course.root, "config", "user.name", "student-01")
    git(course.root, "config", "user.email", "student-01@example.org")
    monkeypatch.chdir(course.root)
    save(course)
    assert set(committed(course)) == wanted and {"kit/tool.py", "chapters.toml"} < wanted
    (course.root / "kit" / "tool.py").write_text("one = 2\n")
    assert save(course).commit == ""


def test_a_first_commit_without_the_course_is_made_up_for(here: Course, by_text: list[str]) -> None:
    """As an older version left it: only the chapters were committed."""
    git(here.root, "rm", "-q", "-r", "--cached", "chapters.toml", "checkpoints")
    git(here.root, "commit", "-q", "-m", "chapters alone")
    write(here, {}, ("00.r1",))
    save(here)
    assert git(here.root, "status", "--porcelain") == "" and "chapters.toml" in committed(here)


def test_ones_own_nbstripout_is_not_started_for_every_notebook(
    here: Course, by_text: list[str], tmp_path: Path
) -> None:
    starts = tmp_path / "starts"
    git(here.root, "config", "filter.nbstripout.clean", f"sh -c 'echo x >> {starts}; cat'")
    git(here.root, "config", "filter.nbstripout.required", "true")
    (here.root / ".git" / "info").mkdir(exist_ok=True)
    (here.root / ".git" / "info" / "attributes").write_text("*.ipynb filter=nbstripout\n")
    write(here, RIGHT)
    assert save(here).ticked == ("00.01", "00.02")
    assert not starts.exists()
    assert git(here.root, "status", "--porcelain") == ""


def test_what_the_chapter_lost_is_named_with_its_line(
    here: Course, by_text: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    write(here, RIGHT, ("00.01", "00.02"))
    save(here)
    path = here.pairs() / "ch00_first.py"
    text = (
        path.read_text()
        .replace("# - [x] 00.01", "# [x] 00.01")
        .replace("# - [ ] 00.r1 I know where positions start\n", "")
    )
    path.write_text(text)
    assert main([]) == 0
    said = capsys.readouterr().out
    line = next(number for number, line in enumerate(text.split("\n"), 1) if "[x] 00.01" in line)
    assert f"workshop/en/ch00_first.py:{line}: " in said and "00.r1" in said
    path.write_text(
        text.replace("# [x] 00.01", "# - [X] ~~*00.01").replace("letters\n", "letters*~~ [2026-03-14]\n", 1)
    )
    (other,) = save(here).no_items
    assert "00.r1" in other and ticks(here) == {"00.01", "00.02"}


def test_an_exercise_that_has_gone_is_named_and_loses_its_tick(here: Course, by_text: list[str]) -> None:
    chapter = here.chapter("00")
    write(here, RIGHT, ("00.01", "00.02"))
    save(here)
    cells = [cell for cell in learner_cells(chapter, RIGHT, ("00.01", "00.02")) if cell.exercise != "00.02"]
    (here.pairs() / "ch00_first.py").write_text(to_percent(cells))
    edit = saving.edit_of(here, open_clone(here.root), sync(here, Pair(here.root, "en", "ch00_first")))
    assert edit.gone == ("00.02",)
    found = JUDGE(here, [edit], verdict_cache(here), ResidentJudge(here.root))[edit.pair]
    assert [(one.verdict.id, one.verdict.outcome) for one in found] == [("00.02", "error")]
    assert saving.ticks_to_change(edit, found) == {"00.02": False}
    assert "python scripts/reset_to_todo.py 00.02" in found[0].verdict.message
