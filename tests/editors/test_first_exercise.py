"""From a fresh clone, opened in VS Code, to the first exercise ticked and committed: how many clicks and keys it takes.

It's done twice by somebody who knows the way: with the extension, and with an editor and a terminal alone.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from benchmarks.page import browsing
from tests.editors.editor import SERVER, SETTINGS, Editor, code_server, copy_checkout, end_resident, git, wait_for

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Locator, Page

pytestmark = pytest.mark.editors
ANSWER = "len(sentence)"
FIRST = "workshop/en/ch00_start"
AS_SHIPPED = {key: value for key, value in SETTINGS.items() if key != "workbench.startupEditor"}  # the README opens


class Hand:
    """A hand that counts. Keys pressed together are one; a double click is two clicks."""

    def __init__(self, page: Page) -> None:
        self.page, self.clicks, self.keys, self.turns = page, 0, 0, 0

    def click(self, where: Locator) -> None:
        where.click()
        self.clicks += 1

    def double_click(self, where: Locator, word: str) -> None:
        """Select a word of the line that's there."""
        before, place = None, self.place(where, word)
        while place is None or place != before:  # it may be scrolled into view just now
            time.sleep(1)
            before, place = place, self.place(where, word)
        self.page.mouse.dblclick(*place)
        self.clicks += 2

    @staticmethod
    def place(where: Locator, word: str) -> tuple[float, float] | None:
        """The middle of a word of a line."""
        found = where.evaluate(
            """(line, word) => {
                const walker = document.createTreeWalker(line, NodeFilter.SHOW_TEXT);
                for (let node; (node = walker.nextNode()); ) {
                    const at = node.data.indexOf(word);
                    if (at < 0) continue;
                    const range = document.createRange();
                    range.setStart(node, at);
                    range.setEnd(node, at + word.length);
                    const { x, y, width, height } = range.getBoundingClientRect();
                    return [x + width / 2, y + height / 2];
                }
            }""",
            word,
        )
        return tuple(found) if found else None

    def press(self, chord: str) -> None:
        self.page.keyboard.press(chord)
        self.keys += 1

    def type(self, text: str) -> None:
        self.page.keyboard.type(text, delay=20)
        self.keys += len(text)

    def scroll_to(self, where: Locator) -> None:
        """Turn the wheel over the editor until this is well in view."""
        self.page.mouse.move(900, 400)
        for _ in range(100):
            box = where.first.bounding_box() if where.count() else None
            if box and 120 < box["y"] < 480:
                return
            self.page.mouse.wheel(0, 300)
            self.turns += 1
            time.sleep(0.15)
        raise TimeoutError("it isn't in view")

    def report(self, what: str) -> None:
        print(f"\n{what}: {self.clicks} clicks, {self.keys} keys, {self.turns} turns of the wheel")


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if not SERVER.exists():
        pytest.skip("code-server isn't installed: sh tests/editors/setup.sh")
    pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    with browsing() as found:
        yield found


def committed(root: Path) -> None:
    """The exercise is filled and ticked in the last commit, in both files, and nothing is left to commit."""
    wait_for(lambda: git(root, "rev-list", "--count", "HEAD").strip() == "2", 120)
    for ending in (".py", ".ipynb"):
        text = git(root, "show", f"HEAD:{FIRST}{ending}")
        assert f"characters = {ANSWER}" in text
        assert "[x] 00.01" in text
    assert git(root, "status", "--porcelain") == ""


def test_with_the_extension(browser: Browser, tmp_path: Path) -> None:
    root = copy_checkout(tmp_path / "course")
    try:
        with code_server(tmp_path, AS_SHIPPED) as address:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(30_000)
            editor, hand = Editor(page, address, root), Hand(page)
            hand.click(page.locator(".statusbar-item", has_text="Next: 00.01"))
            line = page.locator(".notebookOverlay .view-line", has_text="characters = ____")
            line.wait_for()
            hand.double_click(line, "____")
            hand.type(ANSWER)
            hand.click(page.locator(".cell-status-item[aria-label='Check 00.01']").first)
            wait_for(lambda: "00.01 passed" in editor.frame_with("main[aria-live]").inner_text(), 60)
            hand.click(editor.frame_with("main[aria-live] button").first)
            wait_for(lambda: "[x] 00.01" in (root / f"{FIRST}.py").read_text())
            page.locator(".pane-header", has_text="Chapters").hover()
            hand.click(page.locator(".pane-header .action-label[aria-label='Save my progress']"))
            committed(root)
            hand.report("with the extension")
            assert (hand.clicks, hand.keys) == (6, len(ANSWER))
    finally:
        end_resident(root)


def test_with_an_editor_and_a_terminal(browser: Browser, tmp_path: Path) -> None:
    root = copy_checkout(tmp_path / "course")
    (root / ".venv").symlink_to(sys.prefix)  # `make setup` has been here
    (root / ".git" / "info" / "exclude").write_text(".venv\n")
    try:
        with code_server(tmp_path, AS_SHIPPED, install=False) as address:
            page = browser.new_page(viewport={"width": 1400, "height": 900})
            page.set_default_timeout(30_000)
            Editor(page, address, root, ".explorer-viewlet .monaco-list-row")
            hand = Hand(page)
            for name in ("workshop", "en"):
                hand.click(page.locator(f".explorer-viewlet .monaco-list-row[aria-label^='{name}']").first)
            notebook = page.locator(".explorer-viewlet .monaco-list-row", has_text="ch00_start.ipynb")
            hand.click(notebook.locator(".monaco-tl-twistie"))
            hand.click(page.locator(".explorer-viewlet .monaco-list-row", has_text="ch00_start.py"))
            line = page.locator(".editor-instance .view-line", has_text="characters = ____")
            hand.scroll_to(line)
            hand.double_click(line, "____")
            hand.type(ANSWER)
            wait_for(lambda: f"characters = {ANSWER}" in (root / f"{FIRST}.py").read_text())  # it saves by itself
            hand.press("Control+`")
            page.locator(".terminal.xterm.focus").wait_for()  # before that, keys go to the editor
            time.sleep(3)
            hand.type(". .venv/bin/activate\n")
            hand.type("python scripts/check.py 00.01\n")
            wait_for((root / ".workshop" / "judge.json").exists, 60)
            time.sleep(3)
            item = page.locator(".editor-instance .view-line", has_text="00.01 Count")
            hand.scroll_to(item)
            box = item.bounding_box()
            assert box is not None
            hand.click(item)
            hand.press("Home")
            for _ in range(5):
                hand.press("ArrowRight")
            hand.press("Delete")
            hand.type("x")
            wait_for(lambda: "[x] 00.01" in (root / f"{FIRST}.py").read_text())
            hand.click(page.locator(".terminal .xterm-screen"))
            hand.type("python scripts/save.py\n")
            committed(root)
            hand.report("with an editor and a terminal")
    finally:
        end_resident(root)
