"""An engine fills what's empty: it times out, limits, is cut off, answers nonsense, is killed; people's work stays."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest

from kit import files
from kit.course.course import ROOT, Course
from kit.errors import KitError
from kit.translation import fill
from kit.translation.catalogue import is_machines, path_of, read, to_bytes
from kit.translation.engine import Engine
from kit.translation.language import Glossary, Language
from kit.translation.update import start_language, update
from scripts.translate import main
from tests.support import fake_course
from tests.support.mock_engine import MockEngine, mock_engine

GLOSSARY = Glossary("Warm.", ("GPT",), {"letters": "Buchstaben", "gradient": "Gradient"})
PROSE = "\n\n# %% [markdown]\n" + "#\n".join(
    f"# Paragraph {n} says that {n} is a number, and no other.\n" for n in range(50)
)


@pytest.fixture
def course(tmp_path: Path) -> Course:
    """The fake course with much more text."""
    root = fake_course.make_course(tmp_path / "course").root
    path = root / "checkpoints" / "ch00_first.py"
    path.write_text(path.read_text() + PROSE)
    return Course(root)


@pytest.fixture
def german(course: Course) -> Language:
    """A language with empty catalogues."""
    language = start_language(course, "de")
    list(update(course, language))
    return language


@pytest.fixture
def small_batches(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(fill, "MOST", 8)
    return iter(())


def all_in(course: Course) -> list[polib.POEntry]:
    return [
        entry
        for chapter in course.chapters
        for entry in read(path_of(course.root, "de", chapter.entry.stem), course.root)
    ]


def run(
    course: Course, language: Language, server: MockEngine, timeout: float = 10
) -> tuple[list[fill.Step], list[float]]:
    """The steps of a run, and how long it waited."""
    waits: list[float] = []
    engine = Engine(server.address, "mock-1", "secret", timeout, waits.append)
    return list(fill.fill(course, language, GLOSSARY, engine, fill.to_fill(course, language))), waits


@pytest.mark.parametrize(
    ("moods", "waited"),
    [
        ([], []),
        (["limit", "limit"], [7, 7]),
        (["busy", "limit", "busy"], [1, 7, 4]),
        (["late"], [1]),
        (["cut"], []),
        (["nonsense", "nonsense"], []),
        (["odd"], []),
        (["empty"], []),
        (["wrong"], []),
        (["late", "limit", "cut", "nonsense", "busy", "empty"], [1, 7, 1]),
    ],
)
def test_all_is_filled_whatever_the_server_does_at_first(
    course: Course, german: Language, moods: list[str], waited: list[float]
) -> None:
    with mock_engine(*moods) as server:
        steps, waits = run(course, german, server, timeout=0.5 if "late" in moods else 10)
    entries = all_in(course)
    assert sum(step.stored for step in steps) == sum(step.asked for step in steps) == len(entries) > 60
    assert all(entry.msgstr and is_machines(entry) and not entry.fuzzy for entry in entries)
    assert waits == waited
    assert set(server.keys) == {"Bearer secret"}


def test_what_never_passes_stays_empty_and_is_told(course: Course, german: Language, small_batches: None) -> None:
    with mock_engine(*["wrong"] * 9) as server:
        steps, _ = run(course, german, server)
    refused = [entry.key for step in steps for entry, why in step.refused if "4711" in why]
    assert len(refused) == 8
    assert [(entry.msgctxt, entry.msgid) for entry in all_in(course) if not entry.msgstr] == refused
    with mock_engine() as server:
        run(course, german, server)
    assert len(server.asked) == 1
    assert all(entry.msgstr for entry in all_in(course))


def test_a_server_that_only_talks_fills_nothing_and_breaks_nothing(course: Course, german: Language) -> None:
    with mock_engine(*["nonsense"] * 400) as server:
        steps, _ = run(course, german, server)
    assert sum(step.stored for step in steps) == 0
    assert sum(len(step.refused) for step in steps) == len(all_in(course))


@pytest.mark.parametrize("moods", [["refuse"], ["busy"] * 6, ["limit"] * 6])
def test_a_server_that_refuses_or_stays_busy_is_an_error_and_what_is_stored_stays(
    course: Course, german: Language, small_batches: None, moods: list[str]
) -> None:
    with mock_engine("good", "good", *moods) as server, pytest.raises(KitError):
        run(course, german, server)
    assert sum(bool(entry.msgstr) for entry in all_in(course)) == 16


def test_nobody_there_is_an_error(course: Course, german: Language) -> None:
    for address in ("http://127.0.0.1:9/v1", "nonsense", "http://[", "ftp://127.0.0.1"):
        engine = Engine(address, "mock-1", timeout=1, pause=lambda seconds: None)
        with pytest.raises(KitError):
            list(fill.fill(course, german, GLOSSARY, engine, fill.to_fill(course, german)))


def test_a_persons_entry_is_never_touched(course: Course, german: Language) -> None:
    """Whole, fuzzy, or begun by a machine: it stays. One that only a machine has written is made anew if it's fuzzy."""
    path = path_of(course.root, "de", course.chapters[0].entry.stem)
    with mock_engine() as server:
        run(course, german, server)
    catalogue = read(path, course.root)
    whole, fuzzy, edited, outdated = catalogue[:4]
    whole.msgstr, whole.tcomment = "von Hand", ""
    fuzzy.msgstr, fuzzy.tcomment, fuzzy.fuzzy = "auch von Hand", "", True
    edited.msgstr, edited.fuzzy = f"{edited.msgstr}, verbessert", True
    outdated.fuzzy = True
    path.write_bytes(to_bytes(catalogue))
    with mock_engine() as server:
        run(course, german, server)
    again = read(path, course.root)
    assert [entry.msgstr for entry in again[:3]] == ["von Hand", "auch von Hand", edited.msgstr]
    assert server.asked == [[outdated.msgid]]
    assert not again[3].fuzzy


def test_what_somebody_writes_during_the_run_stays(course: Course, german: Language) -> None:
    chapter = course.chapters[0]
    path = path_of(course.root, "de", chapter.entry.stem)

    class Colleague(Engine):
        def ask(self, messages: object) -> str:
            catalogue = read(path, course.root)
            if not catalogue[0].msgstr:
                catalogue[0].msgstr = "inzwischen von Hand"
                path.write_bytes(to_bytes(catalogue))
            return super().ask(messages)  # type: ignore[arg-type]

    with mock_engine() as server:
        engine = Colleague(server.address, "mock-1")
        list(fill.fill(course, german, GLOSSARY, engine, fill.to_fill(course, german)))
    assert read(path, course.root)[0].msgstr == "inzwischen von Hand"
    assert all(entry.msgstr for entry in all_in(course))


def test_the_prompt_has_the_tone_and_the_terms_that_occur(course: Course, german: Language) -> None:
    with mock_engine() as server:
        run(course, german, server)
    assert all("Warm." in prompt and "GPT" in prompt for prompt in server.prompts)
    assert any("letters: Buchstaben" in prompt for prompt in server.prompts)
    assert not any("gradient: Gradient" in prompt for prompt in server.prompts)


def test_killed_in_the_middle_and_resumed(course: Course, german: Language) -> None:
    words = [sys.executable, str(ROOT / "scripts" / "translate.py"), "de", "--engine", "--model", "mock-1"]
    with mock_engine("good", "good", "hang") as server:
        process = subprocess.Popen(
            [*words, "--address", server.address],
            cwd=course.root,
            env=os.environ | {"PYTHONPATH": os.pathsep.join([str(ROOT), *sys.path])},
            stdout=subprocess.DEVNULL,
        )
        assert server.hanging.wait(60)
        process.send_signal(signal.SIGKILL)
        process.wait()
        first = [text for texts in server.asked[:2] for text in texts]
    filled = [entry for entry in all_in(course) if entry.msgstr]
    assert [entry.msgid for entry in filled] == first
    assert 0 < len(filled) < len(all_in(course))
    with mock_engine() as server:
        run(course, german, server)
    asked = [text for texts in server.asked for text in texts]
    assert [*first, *asked] == [entry.msgid for entry in all_in(course)]
    assert all(entry.msgstr for entry in all_in(course))


def test_the_command_says_its_size_fills_and_counts(
    course: Course, german: Language, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.chdir(course.root)
    for name in ("OPENAI_BASE_URL", "OPENAI_MODEL", "OPENAI_API_KEY"):
        monkeypatch.delenv(name, raising=False)
    with mock_engine() as server:
        engine = ["de", "--engine", "--address", server.address]
        assert main(engine) == 2  # no model
        assert main([*engine, "--estimate"]) == 0
        assert f"{len(all_in(course))} entries in" in capsys.readouterr().out
        assert server.asked == []
        assert main([*engine, "--model", "mock-1"]) == 0
        assert main([*engine, "--model", "mock-1"]) == 0
    assert sum(map(len, server.asked)) == len(all_in(course))
    assert not Path(course.root / ".env").exists()


def test_a_file_that_changes_while_it_is_written_is_read_again(
    course: Course, german: Language, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = path_of(course.root, "de", course.chapters[0].entry.stem)
    first, second = read(path, course.root)[:2]
    real = files.write

    def late(target: Path, data: bytes, root: Path, **more: bytes | None) -> bool:
        monkeypatch.setattr(files, "write", real)
        catalogue = read(path, course.root)
        catalogue[0].msgstr = "von Hand"
        path.write_bytes(to_bytes(catalogue))
        return real(target, data, root, **more)

    monkeypatch.setattr(files, "write", late)
    good = {(each.msgctxt, each.msgid): "von der Maschine" for each in (first, second)}
    assert fill.store(path, course.root, good, "mock-1") == 1
    assert [entry.msgstr for entry in read(path, course.root)[:2]] == ["von Hand", "von der Maschine"]
