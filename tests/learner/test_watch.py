from __future__ import annotations

import json
import os
import select
import shlex
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from queue import SimpleQueue

import pytest

from kit.course.course import ROOT, Course
from kit.judge.judge import Judge
from kit.judge.trials.runners import ForkRunner
from kit.learner import file_events as watched
from kit.learner.file_events import Event, events_arrive
from kit.learner.hints import RUNGS
from kit.learner.watch import Watch, progress
from kit.learner.watch_terminal import BEGIN, END
from kit.learner.watch_terminal import gather as next_event
from scripts.check import main
from tests.support import fake_course

RIGHT = {"00.01": 'length = len(word)\ncheck("00.01")', "00.02": 'first = word[0]\nlast = word[-1]\ncheck("00.02")'}
WRONG = {"00.01": 'length = len(word) - 1\ncheck("00.01")'}


@pytest.fixture(scope="module")
def watch(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Watch]:
    """A watch over the fake course, with a warm judge."""
    course = fake_course.make_course(tmp_path_factory.mktemp("watch") / "course")
    found = Watch(course, "en", Judge(ForkRunner(course.root)))
    found.begin()
    yield found
    found.judge.close()


@pytest.fixture(autouse=True)
def fresh(request: pytest.FixtureRequest) -> None:
    """The watch with nothing done in any file."""
    if "watch" in request.fixturenames:
        watch: Watch = request.getfixturevalue("watch")
        for chapter in watch.course.chapters:
            fake_course.write_pair(watch.course, chapter.id, {}, ())
        watch.findings.clear()
        (watch.course.root / ".workshop" / "hints.json").unlink(missing_ok=True)
        watch.begin()


def script(watch: Watch) -> Path:
    return watch.folder / "ch00_first.py"


def outcomes(watch: Watch, *paths: Path) -> dict[str, str]:
    return {finding.verdict.id: finding.verdict.outcome for finding in watch.saved(paths)}


def test_what_was_saved_is_judged_and_nothing_else(watch: Watch) -> None:
    assert watch.at == "00.01"
    fake_course.write_pair(watch.course, "00", WRONG, ())
    assert outcomes(watch, script(watch)) == {"00.01": "failed"}
    assert outcomes(watch, script(watch)) == {}
    fake_course.write_pair(watch.course, "00", RIGHT, ())
    assert outcomes(watch, script(watch)) == {"00.01": "passed", "00.02": "passed"}


def test_a_problem_names_the_blanks_line_and_goes_when_it_is_mended(watch: Watch) -> None:
    fake_course.write_pair(watch.course, "00", WRONG, ())
    watch.saved([script(watch)])
    [problem] = watch.problems
    assert script(watch).read_text().split("\n")[problem.places[0].line - 1] == WRONG["00.01"].split("\n")[0]
    fake_course.write_pair(watch.course, "00", RIGHT, ())
    watch.saved([script(watch)])
    assert watch.problems == []


def test_a_wrong_answer_in_a_notebook_is_at_a_line_of_its_cell(watch: Watch) -> None:
    notebook = script(watch).with_suffix(".ipynb")
    fake_course.write_pair(watch.course, "00", RIGHT, ())
    watch.saved([script(watch), notebook])
    right = script(watch).read_bytes()
    fake_course.write_pair(watch.course, "00", RIGHT | {"00.01": "# so far\n" + WRONG["00.01"]}, ())
    wrong = script(watch).read_text().split("\n").index(WRONG["00.01"].split("\n")[0]) + 1
    script(watch).write_bytes(right)
    [found] = watch.saved([notebook])
    [place] = found.places
    cells = json.loads(notebook.read_bytes())["cells"]
    assert (found.verdict.outcome, place.file.endswith("ch00_first.ipynb")) == ("failed", True)
    assert place.cell and "".join(cells[place.cell - 1]["source"]).split("\n")[place.line - 1] in WRONG["00.01"]
    fake_course.write_pair(watch.course, "00", RIGHT | {"00.01": "# so far\n" + WRONG["00.01"]}, ())
    [found] = watch.saved([script(watch)])
    assert [(place.line, place.cell) for place in found.places] == [(wrong, None), (2, place.cell)]


def test_a_finished_chapter_gives_way_to_the_next(watch: Watch) -> None:
    fake_course.write_pair(watch.course, "00", {"00.01": RIGHT["00.01"]}, ())
    watch.saved([script(watch)])
    where, finished = watch.advance()
    assert (finished, watch.following(where)) == ("", "00.02")
    assert progress(where, "00").startswith("chapter 00: 1 of 2 ")
    fake_course.write_pair(watch.course, "00", RIGHT, ())
    watch.saved([script(watch)])
    where, finished = watch.advance()
    assert (finished, watch.following(where)) == ("00", "01.01")
    assert watch.advance()[1] == ""


def test_keys(watch: Watch) -> None:
    said = [watch.hint() for _ in range(5)]
    assert len(set(said)) == RUNGS and "len(word)" in said[-1]
    assert "length = len(word)" in watch.solution()
    assert [line.split()[1:3] for line in watch.list().split("\n")] == [["00.01", "blank"], ["00.02", "blank"]]
    fake_course.write_pair(watch.course, "00", {"00.01": RIGHT["00.01"]}, ())
    watch.saved([script(watch)])
    assert watch.next().startswith("next: 00.02, ") and watch.at == "00.02"
    assert [line.split()[1:3] for line in watch.list().split("\n")] == [["00.01", "passed"], ["00.02", "blank"]]


def test_a_half_written_file_is_no_news(watch: Watch) -> None:
    whole = script(watch).read_text()
    script(watch).write_text("")
    assert watch.saved([script(watch)]) == []
    script(watch).write_text(whole)
    assert watch.saved([script(watch)]) == []
    script(watch).unlink()
    assert watch.saved([script(watch)]) == []


def test_saves_that_wait_are_taken_together_and_keys_are_not_lost() -> None:
    queue: SimpleQueue[Event] = SimpleQueue()
    for event in ({Path("a")}, {Path("b")}, "h", {Path("c")}):
        queue.put(event)
    assert next_event(queue) == {Path("a"), Path("b")}
    assert {str(next_event(queue)) for _ in range(2)} == {str({Path("c")}), "h"}


@pytest.mark.parametrize("polling", [False, True])
def test_a_save_is_reported_with_events_and_without(course: Course, polling: bool) -> None:
    queue: SimpleQueue[Event] = SimpleQueue()
    stop = threading.Event()
    target = course.pairs() / "ch00_first.py"
    thread = threading.Thread(target=watched.report_saves, args=(course.pairs(), polling, queue, stop), daemon=True)
    thread.start()
    end = time.monotonic() + 20
    while queue.empty() and time.monotonic() < end:
        target.write_text(target.read_text() + "\n")
        (course.pairs() / "other.txt").write_text("no chapter")
        time.sleep(0.4)
    stop.set()
    assert queue.get(timeout=1) == {target}
    thread.join(5)


def test_looking_misses_no_save_of_the_same_second_and_size(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(watched, "POLL", 10)
    stop, target = threading.Event(), course.pairs() / "ch00_first.py"
    target.write_text("0")
    looks = watched.poll(course.pairs(), stop)
    threading.Timer(0.1, lambda: target.write_text("1")).start()
    assert next(looks) == {target}
    for number in range(2, 6):
        target.write_text(str(number))
        assert next(looks) == {target}
    stop.set()
    assert list(looks) == []


def test_whether_events_arrive_is_found_out_and_leaves_nothing(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    assert events_arrive(course.root, 20)
    monkeypatch.setattr(watched, "watch", lambda *_, stop_event, **__: iter(stop_event.wait, True))
    assert not events_arrive(course.root, 0.2)
    assert not (course.root / ".workshop" / "probe").exists()


LIMITED = """
import sys
import threading
from pathlib import Path
from queue import SimpleQueue
from kit.learner.file_events import events_arrive, report_saves

folder, queue, stop = Path(sys.argv[1]), SimpleQueue(), threading.Event()
print(bool(events_arrive(folder.parent)), events_arrive(folder.parent).remedy)
threading.Thread(target=report_saves, args=(folder, False, queue, stop), daemon=True).start()
while queue.empty():
    (folder / "ch00_first.py").write_text("saved")
    stop.wait(0.4)
print(*(path.name for path in queue.get()))
"""


@pytest.mark.parametrize("limit", ["watches", "instances"])
def test_where_a_limit_is_reached_the_watch_looks_by_itself_and_names_the_command(course: Course, limit: str) -> None:
    """The limit of a user namespace of this test's own is set to none."""
    own = ["unshare", "--user", "--map-root-user", "sh", "-c"]
    if (
        not shutil.which("unshare")
        or subprocess.run([*own, "test -w /proc/sys/user/max_inotify_watches"], capture_output=True).returncode
    ):
        pytest.skip("there are no user namespaces here")
    watch = shlex.join([sys.executable, "-c", LIMITED, str(course.pairs())])
    code = f"echo 0 >/proc/sys/user/max_inotify_{limit} && exec {watch}"
    done = subprocess.run([*own, code], capture_output=True, text=True, timeout=60, cwd=ROOT)
    assert done.stderr == ""
    arrive, saved = done.stdout.splitlines()
    assert arrive.startswith("False sudo sysctl fs.inotify.max_user_" + limit)
    assert saved == "ch00_first.py"


def test_the_command_reports_a_cycle_for_an_editor_and_ends(course: Course) -> None:
    command = [sys.executable, str(ROOT / "scripts" / "check.py"), "--watch", "--format", "problems"]
    process = subprocess.Popen(command, cwd=course.root, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, bufsize=0)
    assert process.stdout is not None

    def cycle() -> list[bytes]:
        lines: list[bytes] = []
        end = time.monotonic() + 60
        while END.encode() not in lines:
            assert process.stdout is not None and time.monotonic() < end
            if select.select([process.stdout], [], [], 1)[0]:
                lines.append(os.fsencode(process.stdout.readline()).rstrip())
        return lines[lines.index(BEGIN.encode()) :]  # what comes before it is for a person

    try:
        assert cycle() == [BEGIN.encode(), END.encode()]
        fake_course.write_pair(course, "00", WRONG, ())
        _, problem, _ = cycle()
        assert problem.startswith(b"workshop/en/ch00_first.py:") and b" 00.01 failed: " in problem
        fake_course.write_pair(course, "00", RIGHT, ())
        assert cycle() == [BEGIN.encode(), END.encode()]
    finally:
        process.terminate()
        process.wait(10)


def test_it_goes_with_no_words(course: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(course.root)
    assert main(["--watch", "--lang", "xx"]) == 2
    with pytest.raises(SystemExit):
        main(["--watch", "00"])
