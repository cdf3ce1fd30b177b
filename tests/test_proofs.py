"""Long proofs, made once: what causes a proof to be made again, and what a run reports about it at the end."""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from kit.course.course import ROOT, Course
from tests.support import proofs
from tests.support.proofs import KEPT, MADE, Proof, chapter_files, judging_packages

CHAPTER = Course().chapter("03")
OWN = "tests/course/test_finished_course.py"
FILES = ("chapters.toml", "requirements.txt", "tests/support/proofs.py", OWN)


@pytest.fixture(scope="module")
def tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of what a chapter's proof may depend on, and more."""
    root = tmp_path_factory.mktemp("proofs")
    for name in ("checkpoints", "kit", "nanogpt", "workshop"):
        shutil.copytree(ROOT / name, root / name, ignore=shutil.ignore_patterns("__pycache__", ".*"))
    for name in FILES:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    return root


def prove(root: Path, again: bool = False) -> str:
    """Where the chapter's proof comes from."""
    proof = Proof("test", root, again)
    proof.once(chapter_files(root, CHAPTER, OWN), lambda: None)
    return proof.outcome


@pytest.mark.parametrize(
    "name",
    [
        "checkpoints/ch03_position_embedding.py",
        "checkpoints/ch01_data_loader.py",
        "kit/judge/compare.py",
        "kit/judge/trials/fork_server.py",
        "kit/course/chapter.py",
        "kit/files.py",
        "workshop/running.py",
        "nanogpt/__init__.py",
        *FILES,
    ],
)
def test_one_changed_byte_makes_a_proof_anew(tree: Path, name: str) -> None:
    prove(tree)
    assert prove(tree) == KEPT
    before = (tree / name).read_bytes()
    (tree / name).write_bytes(before[:-1] + bytes([before[-1] ^ 1]))
    assert prove(tree) == MADE
    (tree / name).write_bytes(before)
    assert prove(tree) == KEPT


def test_so_does_a_file_that_is_new_or_has_moved(tree: Path) -> None:
    prove(tree)
    (tree / "kit/judge/new.py").write_bytes(b"")
    assert prove(tree) == MADE
    (tree / "kit/judge/new.py").rename(tree / "kit/judge/moved.py")
    assert prove(tree) == MADE
    (tree / "kit/judge/moved.py").unlink()
    assert prove(tree) == KEPT


@pytest.mark.parametrize(
    "name", ["checkpoints/ch04_embedding_module.py", "workshop/en/ch03_position_embedding.py", "kit/report/html.py"]
)
def test_what_a_chapter_does_not_depend_on_makes_nothing_anew(tree: Path, name: str) -> None:
    prove(tree)
    (tree / name).write_bytes((tree / name).read_bytes() + b"#\n")
    assert prove(tree) == KEPT


def test_another_python_or_torch_proves_anew(tree: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    prove(tree)
    real = proofs.version
    with monkeypatch.context() as patch:
        patch.setattr(proofs, "version", lambda name: "another" if name == "torch" else real(name))
        assert prove(tree) == MADE
    with monkeypatch.context() as patch:
        patch.setattr(sys, "version", "another")
        assert prove(tree) == MADE
    monkeypatch.setenv("WORKSHOP_OBSERVER", "replay")
    assert prove(tree) == MADE


def test_all_can_be_proven_again(tree: Path) -> None:
    prove(tree)
    assert prove(tree, again=True) == MADE


def test_a_failure_is_never_remembered(tree: Path) -> None:
    for _ in range(2):
        proof = Proof("failing", tree)
        with pytest.raises(ZeroDivisionError):
            proof.once([], lambda: print(1 / 0))
        assert proof.outcome == ""


def test_all_code_that_judges_belongs_to_the_packages_that_are_looked_at() -> None:
    code = (
        "import importlib, json, pathlib, sys\n"
        "names = [f'workshop.{path.stem}' for path in pathlib.Path('workshop').glob('[!_]*.py')]\n"
        "names += ['kit.judge.trials.fork_server', 'kit.judge.proof.prove', 'kit.judge.trials.trial', 'workshop']\n"
        "for name in names:\n"
        "    importlib.import_module(name)\n"
        "print(json.dumps(sorted(name for name in sys.modules if name.startswith('kit.'))))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    packages = {name.split(".")[1] for name in json.loads(done.stdout) if (ROOT / "kit" / name.split(".")[1]).is_dir()}
    assert {"course", "judge"} <= packages <= judging_packages()
    assert not judging_packages() & {"report", "sources", "verify"}


@pytest.mark.parametrize("workers", ["0", "2"])
def test_a_run_says_what_it_left_out_and_why(tmp_path: Path, workers: str) -> None:
    (tmp_path / "test_it.py").write_text(
        "import pytest\n"
        "@pytest.mark.parametrize('n', range(3))\ndef test_one(n): pytest.skip('no browser')\n"
        "@pytest.mark.long\ndef test_two(): pass\n"
    )
    words = ["-n", workers, "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), "--rootdir", str(tmp_path)]
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", *words, str(tmp_path / "test_it.py")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    lines = done.stdout.splitlines()
    assert "1 left to make test-all" in lines
    assert "3 skipped: no browser" in lines
