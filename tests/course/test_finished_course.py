"""The real course as data: every chapter, every exercise."""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import jupytext
import nbformat
import pytest

from benchmarks import notebooks
from kit.course.build import derived_files, drifted_files
from kit.course.cells import from_percent
from kit.course.chapter import Chapter, Code, Text
from kit.course.course import ROOT, Course
from kit.course.render import finished, learner_cells
from kit.judge.judge import Judge
from kit.judge.proof.mutation import digest, mutate, read_report
from kit.judge.proof.prove import prove
from kit.judge.trials.runners import ForkRunner
from tests.support.kernel_free import run_cells
from tests.support.proofs import Proof, chapter_files
from workshop import rehearsal

COURSE = Course()
CHAPTERS = pytest.mark.parametrize("chapter", COURSE.chapters, ids=lambda chapter: chapter.id)
SECTION = re.compile(r"^## .+ · (\d+) min$", re.MULTILINE)
ADDED_UP = {  # exercises and blanks, at least
    "00": (10, 19),
    "01": (18, 47),
    "02": (11, 26),
    "03": (11, 26),
    "04": (7, 18),
    "05": (13, 30),
    "06": (28, 69),
    "07": (13, 29),
    "08": (12, 25),
    "09": (8, 23),
    "10": (11, 28),
    "11": (17, 46),
    "12": (13, 51),
    "13": (14, 38),
    "14": (14, 30),
}
IN_A_KERNEL = ("00", "06")
OWN = "tests/course/test_finished_course.py"


@contextmanager
def uncounted() -> Iterator[None]:
    """Coverage doesn't follow processes started here: thousands of trials would each write a file."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith("COV")]:
            patch.delenv(name)
        yield


@pytest.fixture(scope="module")
def judge() -> Iterator[Judge]:
    with uncounted():
        warm = ForkRunner(ROOT)
    yield Judge(warm)
    warm.close()


def test_nothing_has_drifted() -> None:
    assert drifted_files(COURSE, derived_files(COURSE)) == []


def test_the_build_is_the_same_in_another_process() -> None:
    code = (
        "from kit.course.course import Course; from kit.course.build import derived_files; import hashlib\n"
        "print(hashlib.sha256(repr(sorted(derived_files(Course()).items())).encode()).hexdigest())"
    )
    runs = {
        subprocess.run(
            [sys.executable, "-c", code],
            cwd=ROOT,
            env={"PYTHONHASHSEED": seed, "LC_ALL": "C", "PATH": "/usr/bin"},
            capture_output=True,
            text=True,
            check=True,
        ).stdout
        for seed in ("1", "2")
    }
    assert len(runs) == 1


@CHAPTERS
def test_every_exercise_is_proven(proof: Proof, request: pytest.FixtureRequest, chapter: Chapter) -> None:
    def body() -> None:
        assert prove(request.getfixturevalue("judge"), chapter) == []

    proof.once(chapter_files(ROOT, chapter, OWN), body)


@CHAPTERS
def test_every_mutant_fails_or_is_listed(proof: Proof, request: pytest.FixtureRequest, chapter: Chapter) -> None:
    """Tried only where the chapter or the rules have changed since `build.py --prove`, and by `make test-all`."""
    report = read_report(ROOT).get(chapter.id, {})
    if proof.again or report.get("digest") != digest(chapter):
        found = mutate(request.getfixturevalue("judge"), chapter)
        assert (found.survivors, found.needless) == ((), ())
        assert report.get("digest") == digest(chapter), f"python scripts/build.py --prove {chapter.id}"
        assert (report["made"], report["equivalent"]) == (found.made, found.equivalent)
    made, killed, equivalent = (int(report[name]) for name in ("made", "killed", "equivalent"))
    assert made == killed + equivalent and killed > 5 * len(chapter.exercises)


@CHAPTERS
def test_enough_to_do(chapter: Chapter) -> None:
    exercises, blanks = ADDED_UP.get(chapter.id, (4, 8))
    assert len(chapter.exercises) >= exercises
    assert sum(len(exercise.blanks) for exercise in chapter.exercises) >= blanks
    assert all(len(exercise.mistakes) >= 2 for exercise in chapter.exercises)


@CHAPTERS
def test_sections_add_up_to_the_syllabus(chapter: Chapter) -> None:
    text = "\n".join(cell.source for cell in chapter.cells if isinstance(cell, Text))
    assert sum(map(int, SECTION.findall(text))) == chapter.entry.minutes
    first = chapter.cells[0]
    assert isinstance(first, Text)
    assert first.source.startswith(f"# {chapter.id} {chapter.entry.title}\n")
    assert f"{chapter.entry.minutes} minutes" in first.source


@CHAPTERS
def test_each_section_ends_with_its_checklist(chapter: Chapter) -> None:
    open_ids: list[str] = []
    for cell in chapter.cells:
        if isinstance(cell, Code) and cell.exercise:
            open_ids.append(cell.exercise.id)
        if isinstance(cell, Text):
            if SECTION.search(cell.source) or cell.source.startswith("## "):
                assert open_ids == [], f"{chapter.path}:{cell.line}"
            ticked = {item.id for item in cell.items}
            open_ids = [exercise_id for exercise_id in open_ids if exercise_id not in ticked]
    assert open_ids == []


@CHAPTERS
def test_every_figure_has_an_alternative_text(chapter: Chapter) -> None:
    for cell in chapter.cells:
        if not isinstance(cell, Code):
            continue
        for node in ast.walk(ast.parse(cell.code)):
            if isinstance(node, ast.Call) and ast.unparse(node.func).startswith("draw."):
                given = {keyword.arg: keyword.value for keyword in node.keywords}
                assert {"alt", "title"} <= set(given), f"{chapter.path}:{cell.line}"
                assert len(ast.unparse(given["alt"])) > 60, f"{chapter.path}:{cell.line}"


@CHAPTERS
def test_both_files_are_small_and_paired(chapter: Chapter) -> None:
    stem = COURSE.pairs() / chapter.entry.stem
    text = stem.with_suffix(".py").read_text(encoding="utf-8")
    notebook = nbformat.read(stem.with_suffix(".ipynb"), as_version=4)
    nbformat.validate(notebook)
    assert len(text) < 100_000
    assert stem.with_suffix(".ipynb").stat().st_size < 200_000
    want = [(cell.kind, cell.source) for cell in from_percent(text)]
    assert [(cell.cell_type, cell.source) for cell in notebook.cells] == want
    assert [(cell.cell_type, cell.source) for cell in jupytext.reads(text, fmt="py:percent").cells] == want


@CHAPTERS
def test_a_finished_notebook_runs(proof: Proof, chapter: Chapter) -> None:
    """From top to bottom, figures and all. The proofs above give the verdicts, and `bench.py notebooks` shows them."""

    def body() -> None:
        cells = [cell.source for cell in learner_cells(chapter, finished(chapter)) if cell.kind == "code"]
        with uncounted():
            shown = run_cells(cells, COURSE.pairs(), {"WORKSHOP_JUDGE": "1", rehearsal.STEPS: "20"})
        assert any("<figure" in html for html in shown)

    proof.once(chapter_files(ROOT, chapter, OWN, "tests/support/kernel_free.py"), body)


@pytest.mark.parametrize("chapter_id", IN_A_KERNEL)
def test_a_finished_notebook_passes_in_a_kernel(proof: Proof, chapter_id: str) -> None:
    chapter = COURSE.chapter(chapter_id)

    def body() -> None:
        with uncounted():
            notebook = notebooks.execute(chapter, COURSE.pairs())
        shown = [
            output["data"].get("text/html", "")
            for cell in notebook.cells
            for output in cell.get("outputs", [])
            if output["output_type"] == "display_data"
        ]
        assert any("<figure" in html for html in shown)
        assert sum("passed</b>" in html for html in shown) == len(chapter.exercises)
        assert not any("failed</b>" in html or "error</b>" in html for html in shown)

    proof.once(chapter_files(ROOT, chapter, OWN, "benchmarks/__init__.py", "benchmarks/notebooks.py"), body)


@CHAPTERS
def test_a_second_run_of_a_cell_changes_nothing(chapter: Chapter) -> None:
    """Random numbers are local to a cell: whatever draws seeds itself, in the same cell."""
    draws = re.compile(r"\b(torch\.(randn?|randint|randperm|multinomial|bernoulli)|random\.\w+)\(")
    for cell in chapter.cells:
        if isinstance(cell, Code) and not cell.exercise and not cell.exported and draws.search(cell.code):
            local = ("manual_seed" in cell.code or "generator=" in cell.code) or "def " in cell.code
            assert local, f"{chapter.path}:{cell.line}"


def test_the_readme_has_the_syllabus() -> None:
    rows = re.findall(r"^\| (\d\d) \| (.+?) \| (\d+) \| .*\|$", (ROOT / "README.md").read_text(), re.MULTILINE)
    assert rows == [(entry.id, entry.title, str(entry.minutes)) for entry in COURSE.entries]


def test_documents_name_files_that_exist() -> None:
    for path in [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")]:
        text = path.read_text()
        named = re.findall(
            r"(?:kit|scripts|tests|docs|workshop/en|checkpoints|benchmarks)/[\w/]+\.(?:py|md|ipynb|sh|png)", text
        )
        for name in (
            named if path.name != "CHANGELOG.md" and path.parent.name != "decisions" else ()
        ):  # they tell of old ones
            if "NN" not in name and "NAME" not in name:
                assert (ROOT / name).exists(), f"{path.name}: {name}"
        for target in re.findall(r"\]\(([^)#:]+)\)", text):
            assert (path.parent / target).exists(), f"{path.name}: {target}"


def test_no_large_file_is_in_git() -> None:
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=ROOT, capture_output=True, text=True, check=False).stdout
    for name in filter(None, listed.split("\0")):
        path = ROOT / name
        if path.suffix in (".png", ".svg", ".jpg"):
            assert path.stat().st_size < 100_000, name
        elif path.is_file():
            assert path.stat().st_size < 300_000, name


def test_the_corpus_is_fixed() -> None:
    from kit.course import corpus

    text = corpus.shakespeare()
    assert (len(text), len(set(text)), text.count("\n")) == (1_123_763, 64, 40_000)
    assert text.startswith("First Citizen:\nBefore we proceed any further, hear me speak.\n\nAll:\n")
    assert "Let's he" in text


def test_the_corpus_says_when_it_is_missing_or_another(monkeypatch: pytest.MonkeyPatch) -> None:
    import importlib.util

    from kit.course import corpus
    from kit.errors import KitError

    corpus.shakespeare.cache_clear()
    monkeypatch.setattr(corpus, "SHA256", "another")
    with pytest.raises(KitError):
        corpus.shakespeare()
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    with pytest.raises(KitError):
        corpus.shakespeare()
    corpus.shakespeare.cache_clear()


def test_speeches_drop_directions_and_escapes() -> None:
    from kit.course.corpus import speeches

    play = "# A Play\n\n**KATE**  \nWhat\\--now?  \n_\\[Aside]_ Well.\n\n_Enter\nall_\n\nGo.\n\n**ALL**\nAye.\n"
    assert speeches(play) == ["KATE:", "What--now?", "Well.", "Go.", "", "ALL:", "Aye.", ""]


def test_scripts_are_thin() -> None:
    for path in (ROOT / "scripts").glob("*.py"):
        lines = [line for line in path.read_text().split("\n") if line.strip()]
        assert len(lines) <= 80, path.name


def test_paths_of_chapters_are_portable() -> None:
    assert all(isinstance(chapter.path, str) and "\\" not in chapter.path for chapter in COURSE.chapters)
    assert Path(COURSE.chapters[0].path).parts[0] == "checkpoints"
