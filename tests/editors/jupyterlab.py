"""A real JupyterLab on a learner's clone, and a browser that works in it."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from kit.course.course import ROOT, Course
from kit.course.render import finished, learner_cells
from kit.pairs import convert
from kit.pairs.pair import Pair

if TYPE_CHECKING:
    from playwright.sync_api import Locator, Page

JUPYTER = os.environ.get("JUPYTER", str(Path(sys.executable).with_name("jupyter")))
PAIR = Pair(ROOT, "en", "ch00_start")
CELL = "print(sentence)"  # ends the cell that's typed into: the first one after those that fetch and import
TICK = re.compile(r"^(?:# )?- \[x\] (\d\d\.\w+)", re.MULTILINE)


def require_jupyterlab() -> None:
    """Skip if there's no JupyterLab with boxes to click."""
    path = Path(JUPYTER)
    if not path.exists() or not list(path.parents[1].glob("lib/*/site-packages/jupyterlab_myst")):
        pytest.skip(f"no JupyterLab with jupyterlab-myst beside {JUPYTER} (JUPYTER names another)")


@dataclass(frozen=True)
class Clone:
    """A learner's clone of this repository, with chapter 00's first exercise answered, neither ticked nor committed."""

    root: Path

    @classmethod
    def make(cls, root: Path) -> Clone:
        subprocess.run(["git", "clone", "-q", str(ROOT), str(root)], check=True)
        for key, value in (("user.name", "learner"), ("user.email", "learner@localhost")):
            subprocess.run(["git", "-C", str(root), "config", key, value], check=True)
        chapter = Course(root).chapter("00")
        exercise, answer = next(iter(finished(chapter).items()))
        cells, pair = learner_cells(chapter, {exercise: answer}), Pair(root, PAIR.language, PAIR.stem)
        pair.script.write_bytes(convert.script_bytes(cells))
        pair.notebook.write_bytes(convert.notebook_bytes(cells, "00", pair.notebook.read_bytes()))
        return cls(root)

    @property
    def notebook(self) -> str:
        """The sources of the notebook on disk; JupyterLab may be writing it just now."""
        for _ in range(50):
            with suppress(ValueError):
                cells = json.loads((self.root / PAIR.paths[1]).read_text(encoding="utf-8"))["cells"]
                return "\n".join("".join(cell["source"]) for cell in cells)
            time.sleep(0.02)
        raise AssertionError("the notebook on disk is damaged")

    @property
    def script(self) -> str:
        return (self.root / PAIR.paths[0]).read_text(encoding="utf-8")

    def ticks(self) -> tuple[list[str], list[str]]:
        """What's ticked in the notebook and in the `.py`."""
        return TICK.findall(self.notebook), TICK.findall(self.script)

    def run(self, *words: str) -> str:
        """What a command of the workshop prints."""
        env = {**os.environ, "PYTHONPATH": str(self.root), "WORKSHOP_RESIDENT": "0"}
        got = subprocess.run([sys.executable, *words], cwd=self.root, env=env, text=True, capture_output=True)
        assert got.returncode in (0, 1), got.stderr
        return got.stdout


@contextmanager
def lab(root: Path, state: Path, ours: bool) -> Iterator[str]:
    """The address of a JupyterLab in this folder, with our extension or without it."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    extensions = state / "labextensions"
    extensions.mkdir(parents=True)
    if ours:
        (extensions / "workshop").symlink_to(root / "labextension")
    else:  # `make setup` has put it into the environment
        (state / "labconfig").mkdir()
        (state / "labconfig" / "page_config.json").write_text('{"disabledExtensions": {"workshop": true}}')
    words = [JUPYTER, "lab", "--no-browser", "--ip=127.0.0.1", f"--port={port}", "--IdentityProvider.token="]
    words += [f"--LabApp.extra_labextensions_path={extensions}", *(["--allow-root"] if os.getuid() == 0 else [])]
    env = {**os.environ, "PYTHONPATH": str(root), "JUPYTER_CONFIG_DIR": str(state), "JUPYTER_DATA_DIR": str(state)}
    with (state / "log").open("w") as log:
        server = subprocess.Popen(words, cwd=root, env=env, stdout=log, stderr=log, start_new_session=True)
    try:
        until(lambda: answers(f"http://127.0.0.1:{port}/api"), 90)
        yield f"http://127.0.0.1:{port}"
    finally:
        os.killpg(server.pid, signal.SIGTERM)
        with suppress(subprocess.TimeoutExpired):
            server.wait(10)
        with suppress(ProcessLookupError):
            os.killpg(server.pid, signal.SIGKILL)


def answers(address: str) -> bool:
    try:
        urllib.request.urlopen(address, timeout=2).close()
    except OSError:
        return False
    return True


def until(true: Callable[[], object], seconds: float = 10) -> float:
    """Wait until this is true; the seconds that took."""
    start = time.monotonic()
    while not true():
        assert time.monotonic() < start + seconds, "it never became true"
        time.sleep(0.02)
    return time.monotonic() - start


@dataclass(frozen=True)
class Window:
    """Chapter 00, open in a browser."""

    page: Page

    @classmethod
    def open(cls, page: Page, address: str) -> Window:
        page.goto(f"{address}/lab/tree/{PAIR.paths[1]}")
        page.wait_for_selector(".jp-Notebook h1", timeout=90_000)
        page.wait_for_timeout(2500)
        return cls(page)

    @property
    def boxes(self) -> Locator:
        return self.page.locator(".jp-MarkdownCell input[type=checkbox]")

    def scroll_through(self) -> None:
        """JupyterLab renders a cell when it comes into view."""
        for _ in range(70):
            self.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, 500)")
            self.page.wait_for_timeout(40)

    def click(self, count: int) -> list[str]:
        """Click that many boxes, 20 ms apart, the last ones of those that are shown; their items' ids."""
        return list(
            self.page.evaluate(
                """async count => {
                    const boxes = () => [...document.querySelectorAll(".jp-MarkdownCell input[type=checkbox]")];
                    const id = box => box.closest("li").textContent.trim().slice(0, 5);
                    const wanted = boxes().slice(-count).map(id);
                    for (const each of wanted) {
                        boxes().find(box => id(box) === each).click();
                        await new Promise(done => setTimeout(done, 20));
                    }
                    return wanted;
                }""",
                count,
            )
        )

    def type(self, text: str) -> None:
        """Put the caret at the end of that cell, and type."""
        self.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollTo(0, 0)")
        cell = self.page.locator(".jp-Notebook .jp-CodeCell .cm-content", has_text=CELL)
        for _ in range(40):  # the page has only what's about to be seen
            if cell.count():
                break
            self.page.evaluate("document.querySelector('.jp-WindowedPanel-outer').scrollBy(0, 300)")
            self.page.wait_for_timeout(100)
        self.page.wait_for_timeout(400)
        cell.first.click()
        self.page.keyboard.press("Control+End")
        self.page.keyboard.type(text)

    def save(self) -> None:
        self.page.keyboard.press("Control+s")
        self.page.wait_for_timeout(1500)

    @property
    def asks(self) -> list[str]:
        """The titles of the dialogs that are open."""
        return self.page.locator(".jp-Dialog-header").all_inner_texts()

    def press(self, button: str) -> None:
        self.page.locator(f".jp-Dialog button:has-text('{button}')").click()
        self.page.wait_for_timeout(1500)
