"""A real VS Code (code-server) with the workshop's extension, on a copy of this checkout, driven in a browser."""

from __future__ import annotations

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kit.judge.resident.client import SWITCH

if TYPE_CHECKING:
    from playwright.sync_api import Frame, Locator, Page

ROOT = Path(__file__).parents[2]
FOLDER = Path(os.environ.get("WORKSHOP_EDITORS", "/tmp/editors"))
SERVER = FOLDER / "node_modules" / ".bin" / "code-server"
SETTINGS = {
    "security.workspace.trust.enabled": False,
    "workbench.startupEditor": "none",
    "workbench.colorTheme": "Default Light Modern",
    "workbench.tips.enabled": False,
    "extensions.ignoreRecommendations": True,
    "telemetry.telemetryLevel": "off",
    "git.openRepositoryInParentFolders": "never",
    "chat.commandCenter.enabled": False,
}


def git(folder: Path, *words: str) -> str:
    """What git prints."""
    return subprocess.run(["git", *words], cwd=folder, check=True, capture_output=True, text=True).stdout


def copy_checkout(target: Path) -> Path:
    """This checkout as a learner's: a repository with one commit, which can push to a bare one beside it."""
    names = git(ROOT, "ls-files", "-co", "--exclude-standard", "-z").split("\0")
    for name in filter(None, names):
        if (ROOT / name).is_file():
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    git(target, "init", "-q", "-b", "main")
    for key, value in {"user.name": "Learner", "user.email": "learner@localhost", "commit.gpgsign": "false"}.items():
        git(target, "config", key, value)
    git(target, "add", "-A")
    git(target, "commit", "-q", "-m", "the course")
    bare = target.parent / "fork.git"
    git(target, "init", "-q", "--bare", str(bare))
    git(target, "remote", "add", "origin", str(bare))
    git(target, "push", "-q", "-u", "origin", "main")
    return target


def wait_for(what: Callable[[], Any], seconds: float = 20, pause: float = 0.05) -> Any:
    """What this returns, once it's true.

    Raises:
        TimeoutError: it never is.
    """
    end = time.monotonic() + seconds
    while True:
        found = what()
        if found or time.monotonic() > end:
            break
        time.sleep(pause)
    if not found:
        raise TimeoutError(f"not within {seconds} s")
    return found


@contextmanager
def code_server(home: Path, settings: Mapping[str, Any] = SETTINGS, install: bool = True) -> Iterator[str]:
    """A server with the extension installed from its package; yields its address."""
    data, extensions = home / "data", home / "extensions"
    (data / "User").mkdir(parents=True, exist_ok=True)
    (data / "User" / "settings.json").write_text(json.dumps(settings))
    folders = ["--user-data-dir", str(data), "--extensions-dir", str(extensions)]
    env = {name: value for name, value in os.environ.items() if name not in ("PYTHONPATH", SWITCH)}  # a learner's
    env |= {"HOME": str(home), "WORKSHOP_VENV": sys.prefix, "WORKSHOP_RESIDENT_SECONDS": "120"}
    env |= {"GIT_CONFIG_GLOBAL": os.devnull, "PYTHONDONTWRITEBYTECODE": "1"}
    if install:
        package = home / "workshop.vsix"
        subprocess.run([sys.executable, str(ROOT / "scripts" / "vsix.py"), str(package)], check=True, cwd=ROOT)
        subprocess.run([str(SERVER), *folders, "--install-extension", str(package)], check=True, env=env, timeout=120)
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    words = [str(SERVER), *folders, "--bind-addr", f"127.0.0.1:{port}", "--auth", "none", "--disable-telemetry"]
    log = open(home / "server.log", "wb")  # noqa: SIM115
    process = subprocess.Popen(
        [*words, "--disable-update-check"], env=env, stdout=log, stderr=log, start_new_session=True
    )
    try:
        address = f"http://127.0.0.1:{port}"
        wait_for(lambda: answers(f"{address}/healthz"), 60)
        yield address
    finally:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGTERM)
        process.wait(20)
        log.close()


def answers(address: str) -> bool:
    """Whether a server answers there."""
    try:
        with urllib.request.urlopen(address, timeout=2) as response:
            return bool(response.status == 200)
    except OSError:
        return False


def end_resident(root: Path) -> None:
    """End the resident process of a checkout."""
    with suppress(OSError, ValueError, KeyError):
        os.kill(json.loads((root / ".workshop" / "judge.json").read_bytes())["pid"], signal.SIGTERM)


class Editor:
    """One window of VS Code on a folder."""

    def __init__(self, page: Page, address: str, root: Path, ready: str = ".statusbar-item[id*='workshop']") -> None:
        self.page, self.root = page, root
        page.goto(f"{address}/?folder={root}", wait_until="domcontentloaded")
        page.locator(ready).first.wait_for(timeout=90_000)

    def quick(self, words: str, row: str) -> None:
        """Write this into the palette, and take the row that it offers. Another view may take the focus: try again.

        Raises:
            TimeoutError: it offers no such row.
        """
        box = self.page.locator(".quick-input-widget input.input")
        rows = self.page.locator(".quick-input-list .monaco-list-row")
        for _ in range(6):
            with suppress(Exception):
                self.page.keyboard.press("F1")
                box.wait_for(state="visible", timeout=3000)
                box.fill(words, timeout=3000)
                rows.filter(has_text=row).first.wait_for(timeout=6000)
                break
        else:
            raise TimeoutError(f"the palette doesn't offer {row!r}")
        self.page.keyboard.press("Enter")
        wait_for(lambda: not box.is_visible() or box.input_value() != words)  # what was taken may ask, in the same box

    def command(self, words: str) -> None:
        """Run a command of the palette."""
        self.quick(f">{words}", words.split(": ")[-1])

    def open(self, path: str) -> None:
        """Open a file by its name."""
        self.quick(path, Path(path).name)
        self.page.locator(".tab.active", has_text=Path(path).name).wait_for(timeout=30_000)

    def go_to(self, line: int) -> None:
        """Put the cursor at a line of the `.py` that's open."""
        self.quick(f":{line}", str(line))

    def boxes(self, chapter: str) -> Frame | None:
        """The frame in which a chapter's rendered cells are, if there's a box in it."""
        for frame in self.page.frames:
            with suppress(Exception):
                if frame.locator(f'input[data-item^="{chapter}."]').count():
                    return frame
        return None

    def scroll_to(self, item: str) -> Frame:
        """Turn the wheel over the notebook that's open, down and then up, until an item's box is well in view.

        Raises:
            TimeoutError: it never is.
        """
        self.page.mouse.move(900, 300)
        for turn in range(300):
            frame = self.boxes(item[:2])
            place = (
                frame.locator(f'input[data-item="{item}"]').bounding_box() if frame and self.has(frame, item) else None
            )
            if frame and place and 200 < place["y"] < 520:
                return frame
            up = place["y"] < 200 if place else turn >= 150
            self.page.mouse.wheel(0, -150 if up else 150)
            time.sleep(0.08)
        raise TimeoutError(f"{item} isn't in view")

    @staticmethod
    def has(frame: Frame, item: str) -> bool:
        """Whether an item's box has been drawn."""
        return frame.locator(f'input[data-item="{item}"]').count() > 0

    def frame_with(self, selector: str, seconds: float = 20) -> Locator:
        """What a selector finds in any frame."""

        def look() -> Locator | None:
            for frame in self.page.frames:
                with suppress(Exception):
                    if frame.locator(selector).count():
                        return frame.locator(selector)
            return None

        return wait_for(look, seconds)
