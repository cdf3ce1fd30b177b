"""The resident process: started once, asked by everybody, replaced when something changes, gone when nobody asks."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import stat
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import pytest

from kit.course.course import Course
from kit.errors import KitError
from kit.judge.judge import Judge
from kit.judge.resident import client as asking
from kit.judge.resident import server as serving
from kit.judge.resident.client import Client, Unavailable, connect, connection_file
from kit.judge.resident.remote import ResidentJudge
from kit.judge.trials.runners import ForkRunner
from kit.learner.doctor import Check, resident_judge
from kit.learner.tree import tree
from tests.support import fake_course

RIGHT = 'length = sum(1 for _ in word)\ncheck("00.01")'
WRONG = 'length = len(word) - 1\ncheck("00.01")'


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Course]:
    """A course whose process runs as long as these tests do."""
    patch = pytest.MonkeyPatch()
    patch.setenv(asking.SWITCH, "1")
    course = fake_course.make_repository(tmp_path_factory.mktemp("resident") / "course")
    yield course
    end(course)
    patch.undo()


@pytest.fixture
def alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Course]:
    """A course of a test's own."""
    monkeypatch.setenv(asking.SWITCH, "1")
    course = fake_course.make_course(tmp_path / "course")
    yield course
    end(course)


def pid_of(course: Course) -> int:
    """The process's id, as the connection file has it; 0 if there's none."""
    try:
        return int(json.loads(connection_file(course.root).read_text())["pid"])
    except OSError:
        return 0


def end(course: Course) -> None:
    """Kill the process, if there's one, and wait until it's gone."""
    if pid := pid_of(course):
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            return
        assert gone(pid)


def gone(pid: int, seconds: float = 20) -> bool:
    """Whether a process ends within so many seconds. If it's our child, it's waited for."""
    until = time.monotonic() + seconds
    while time.monotonic() < until:
        try:
            if os.waitpid(pid, os.WNOHANG)[0] == pid:
                return True
        except ChildProcessError:
            pass
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return True
        time.sleep(0.02)
    return False


def test_its_verdicts_are_those_of_a_judge_of_ones_own(made: Course) -> None:
    resident, warm = ResidentJudge(made.root), ForkRunner(made.root)
    own = Judge(warm)
    chapter, exercise = made.exercise("00.01")
    cells = [(chapter, exercise, text) for text in (RIGHT, WRONG, exercise.todo, "length = (", "raise KeyError")]
    theirs = [replace(verdict, seed=0) for verdict in resident.judge_all(cells)]
    assert theirs == [replace(verdict, seed=0) for verdict in own.judge_all(cells)]
    assert [verdict.outcome for verdict in theirs] == ["passed", "failed", "blank", "error", "error"]
    assert resident.own is None
    resident.close()
    warm.close()


def test_many_who_come_at_once_start_one(alone: Course) -> None:
    def ask(_: int) -> int:
        client = Client(alone.root)
        pid = client.ask("info")["pid"]
        client.close()
        return int(pid)

    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(ask, range(8)))) == 1
    second = subprocess.run([sys.executable, "-m", "kit.learner.service", str(alone.root)], timeout=60)
    assert second.returncode == 0 and ask(0) == pid_of(alone)


def test_who_asks_starts_no_process_for_a_blank(alone: Course) -> None:
    chapter, exercise = alone.exercise("00.01")
    assert ResidentJudge(alone.root).judge(chapter, exercise, exercise.todo).outcome == "blank"
    assert not connection_file(alone.root).exists()


def test_killed_at_any_moment_it_is_started_again(alone: Course) -> None:
    resident = ResidentJudge(alone.root)
    chapter, exercise = alone.exercise("00.01")
    assert resident.judge(chapter, exercise, RIGHT).outcome == "passed"
    first = pid_of(alone)
    os.kill(first, signal.SIGKILL)
    assert resident.judge(chapter, exercise, WRONG).outcome == "failed"
    assert pid_of(alone) not in (0, first) and resident.own is None
    sleeps = 'import time\ntime.sleep(3)\nlength = len(word)\ncheck("00.01")'
    with ThreadPoolExecutor(1) as pool:
        verdict = pool.submit(resident.judge, chapter, exercise, sleeps)
        time.sleep(1)
        os.kill(pid_of(alone), signal.SIGKILL)
        assert verdict.result().outcome == "passed"


def test_another_text_of_a_chapter_starts_another(alone: Course) -> None:
    client = Client(alone.root)
    assert client.ask("judge", cells=[["00.01", RIGHT]])[0]["outcome"] == "passed"
    first = pid_of(alone)
    path = alone.sources / "ch00_first.py"
    path.write_text(path.read_text().replace("length = len(word)", "length = len(word) + 1"))
    assert client.ask("judge", cells=[["00.01", RIGHT]])[0]["outcome"] == "failed"
    assert pid_of(alone) != first and gone(first)


def test_it_ends_when_nobody_asks(alone: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORKSHOP_RESIDENT_SECONDS", "0.5")
    Client(alone.root).ask("info")
    assert gone(pid_of(alone)) and not connection_file(alone.root).exists()
    assert list((alone.root / ".workshop").glob("*.sock")) == []


def test_what_goes_wrong_while_nobody_asks_keeps_it_from_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    connection_file(tmp_path).parent.mkdir()

    def between() -> bool:
        raise ValueError("a bug")

    server = serving.listen(tmp_path, {"add": lambda a, b: a + b}, between, idle=0.3)
    idle = threading.Thread(target=server.work_between)
    idle.start()
    asked = server.respond(b'{"id": 1, "method": "add", "params": {"a": 1, "b": 2}}')
    assert asked == {"jsonrpc": "2.0", "id": 1, "result": 3}
    server.serve_forever(poll_interval=0.01)  # until it has been idle for long enough
    idle.join()
    server.server_close()
    assert not connection_file(tmp_path).exists() and "a bug" in capsys.readouterr().err


def test_it_ends_when_the_checkout_is_deleted(alone: Course) -> None:
    Client(alone.root).ask("info")
    pid = pid_of(alone)
    shutil.rmtree(alone.root)
    assert gone(pid)


def test_the_doctor_knows_whether_it_runs(alone: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    assert resident_judge(alone.root) == Check("judge", "not running; the next check starts it")
    Client(alone.root).ask("info")
    assert f"running, process {pid_of(alone)}, " in resident_judge(alone.root).found
    monkeypatch.setenv(asking.SWITCH, "0")
    assert resident_judge(alone.root).found == "each command judges by itself"


def test_the_socket_is_the_users_alone(made: Course) -> None:
    Client(made.root).ask("info")
    path = Path(json.loads(connection_file(made.root).read_text())["socket"])
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(connection_file(made.root).stat().st_mode) == 0o600


def test_where_a_path_is_too_long_the_socket_is_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(asking.SWITCH, "1")
    course = fake_course.make_course(tmp_path / ("long" * 30) / "course")
    assert Client(course.root).ask("info")["pid"] == pid_of(course)
    path = Path(json.loads(connection_file(course.root).read_text())["socket"])
    assert path.parent == serving.private_folder() and stat.S_IMODE(path.parent.stat().st_mode) == 0o700
    end(course)
    path.unlink(missing_ok=True)


def test_a_connection_file_that_is_odd_is_as_good_as_none(tmp_path: Path) -> None:
    connection_file(tmp_path).parent.mkdir()
    for text in ("", "[]", '{"socket": 3}', '{"socket": "/nowhere"}', json.dumps({"socket": str(tmp_path)})):
        connection_file(tmp_path).write_text(text)
        assert connect(tmp_path) is None


def test_where_none_can_be_started_an_own_judge_judges(alone: Course, monkeypatch: pytest.MonkeyPatch) -> None:
    chapter, exercise = alone.exercise("00.01")
    for ruin in ("switch", "folder"):
        if ruin == "switch":
            monkeypatch.setenv(asking.SWITCH, "0")
        else:
            monkeypatch.setenv(asking.SWITCH, "1")
            shutil.rmtree(alone.root / ".workshop", ignore_errors=True)
            (alone.root / ".workshop").write_text("a file where a folder should be")
        resident = ResidentJudge(alone.root)
        assert resident.judge(chapter, exercise, RIGHT).outcome == "passed" and resident.own is not None
        resident.warm(chapter, exercise)
        resident.close()


def test_what_is_no_request_gets_an_error_and_the_next_one_an_answer(made: Course) -> None:
    Client(made.root).ask("info")
    link = connect(made.root)
    assert link is not None
    with link, link.makefile("rwb") as stream:
        for line, code in (
            (b"nonsense", -32600),
            (b"[]", -32600),
            (b'{"id": 1, "params": {}}', -32600),
            (b'{"id": 1, "method": "fly"}', -32601),
            (b'{"id": 1, "method": "hint"}', -32603),
            (b'{"id": 1, "method": "hint", "params": {"exercise": "77.01"}}', -32000),
        ):
            stream.write(line + b"\n")
            stream.flush()
            assert json.loads(stream.readline())["error"]["code"] == code
        stream.write(b'{"id": 7, "method": "hint", "params": {"exercise": "00.01", "rung": 1}}\n')
        stream.flush()
        found = json.loads(stream.readline())
    assert found["id"] == 7 and found["result"]["text"] == made.exercise("00.01")[1].hint


def test_an_error_for_a_person_arrives_as_one(made: Course) -> None:
    with pytest.raises(KitError) as raised:
        Client(made.root).ask("check", words=["00.99"])
    assert "00.99" in raised.value.what and raised.value.next
    with pytest.raises(Unavailable):
        Client(made.root).ask("fly")


def test_an_answer_that_nobody_waited_for_is_not_taken_for_the_next(made: Course) -> None:
    client = Client(made.root)
    client.ask("info")
    assert client.link is not None
    client.link.settimeout(0.01)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(socket.socket, "recv", lambda *_: (_ for _ in ()).throw(KeyboardInterrupt))
        with pytest.raises(KeyboardInterrupt):
            client.ask("status")
    assert set(client.ask("info")) == {"pid", "root", "memory"}


def test_what_an_editor_needs(made: Course) -> None:
    client = Client(made.root)
    wrong = 'first = word[1]\nlast = word[-1]\ncheck("00.02")'
    fake_course.write_pair(made, "00", {"00.01": RIGHT, "00.02": wrong}, ())
    found = client.ask("check", words=["00"])
    assert not found["passed"] and [row["outcome"] for row in found["exercises"]] == ["passed", "failed"]
    row = found["exercises"][1]
    script = made.root / row["file"]
    assert "first = word[1]" in script.read_text().split("\n")[row["line"] - 1] and row["cell_line"] == 1
    assert found["exercises"][0]["others"] == ["length = sum(1 for _ in word)  # how many letters?"]
    course = client.ask("status")
    assert course == json.loads(json.dumps(tree(made)))
    [section] = course["chapters"][0]["sections"]
    assert section["title"] == "Counting" and section["minutes"] == 10
    assert [(e["id"], e["outcome"], e["ticked"]) for e in section["exercises"]] == [
        ("00.01", "passed", False),
        ("00.02", "failed", False),
    ]
    assert [item["id"] for item in section["items"]] == ["00.r1"]
    for exercise in section["exercises"]:
        lines = script.read_text().split("\n")
        assert exercise["id"] in lines[exercise["item_line"] - 1] and lines[exercise["line"] - 2].startswith("# %%")
    assert client.ask("solution", exercise="00.02")["code"].startswith("first = word[0]")
    undone = client.ask("reset", exercise="00.01")
    assert "____" in script.read_text().split("\n")[course["chapters"][0]["sections"][0]["exercises"][0]["line"] - 1]
    assert len(undone["files"]) == 2 and undone["undo"].startswith("python scripts/")
    script.write_text(script.read_text().replace("- [ ] 00.r1", "- [x] 00.r1"))
    assert client.ask("sync", chapter="00") == {"wrote": ["notebook"], "clashes": []}
    assert "- [x] 00.r1" in script.with_suffix(".ipynb").read_text()
    assert client.ask("info")["memory"] > 0
