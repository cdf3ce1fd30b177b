"""The image and the Dev Container, for real: `make test-container`. Never part of `make test`.

Each command can be replaced by an environment variable, for machines whose engine needs options:

    IMAGE_BUILD    podman build --network host
    IMAGE_RUN      podman run --rm --network host
    DEVCONTAINER   devcontainer                 (npm install -g @devcontainers/cli)
    DEVCONTAINER_OPTIONS   --docker-path podman; goes with `up` and `exec`
    DEVCONTAINER_UP        further options of `up`, such as --buildkit never
    IMAGE_WITH_TORCH       0; with 1, torch is installed too, which takes its time

Whatever is missing is skipped, with the reason.
"""

from __future__ import annotations

import json
import os
import shlex
import shutil
import signal
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from kit.verify.sandbox import IMAGE as IMAGE_NAME
from kit.verify.sandbox import SANDBOXES, Sandbox, why_unusable
from kit.verify.worker import new_cell_judge
from tests.support import fake_course
from tests.support.attacks import ATTACKS

pytestmark = pytest.mark.container

ROOT = Path(__file__).parents[2]
IMAGE = "localhost/workshop:test"
WITH_TORCH = os.environ.get("IMAGE_WITH_TORCH", "0")
SKIPPED = (".venv", ".workshop", "__pycache__", ".mypy_cache", ".ruff_cache", ".pytest_cache", ".hypothesis", "demo")
STUDENT = ("-c", "user.name=student-01", "-c", "user.email=student-01@localhost")
MODULES = ["kit", "workshop", *(["torch", "nanogpt"] if WITH_TORCH == "1" else [])]


def command(variable: str, otherwise: str) -> list[str]:
    """The command that a variable names; skips if it isn't available."""
    words = shlex.split(os.environ.get(variable, otherwise))
    if words and not shutil.which(words[0]):
        pytest.skip(f"{words[0]} is not there ({variable} names another)")
    return words


def run(*words: str, cwd: Path = ROOT) -> str:
    """What a command prints; if it fails, so does the test, with everything it said."""
    got = subprocess.run(words, text=True, capture_output=True, check=False, timeout=1800, cwd=cwd)
    assert got.returncode == 0, f"{shlex.join(words)}\n{got.stdout[-4000:]}\n{got.stderr[-4000:]}"
    return str(got.stdout)


# --- the image -------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> str:
    """The certificate of a proxy that re-encrypts what passes through it."""
    folder = tmp_path_factory.mktemp("proxy")
    words = ["-x509", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=proxy", "-days", "2"]
    run("openssl", "req", *words, "-keyout", str(folder / "key"), "-out", str(folder / "crt"))
    return (folder / "crt").read_text(encoding="utf-8").strip()


@pytest.fixture(scope="module")
def image(certificate: str) -> str:
    """The image, built from this folder, for a place with such a proxy."""
    build = command("IMAGE_BUILD", "podman build --network host")
    arguments = {"WITH_TORCH": WITH_TORCH, "CA_CERTIFICATE": certificate}
    given = [word for name, value in arguments.items() for word in ("--build-arg", f"{name}={value}")]
    run(*build, *given, "-t", IMAGE, "-f", "Dockerfile", ".")
    return IMAGE


QUESTIONS = {
    "user": "whoami; id -u",
    "owned by root": "find /opt/venv /workshop /home/learner -mindepth 1 -user root | head",
    "caches": "find /home/learner /tmp -name 'pip*' -o -name .cache | head; ls /var/lib/apt/lists | grep _dists_",
    "python": "python -c 'import sys; print(sys.version_info[:2])'",
    "kit": f"cd / && python -c 'import {', '.join(MODULES)}; print(kit.__file__)'",
    "torch": "python -c 'import importlib.util as u; print(int(u.find_spec(\"torch\") is not None))'",
    "login shell": "bash -lc 'command -v python'",
    "trusted": "git config --system --get-all safe.directory",
    "set up": "make setup 2>&1",
    "extension": "cd -P /opt/venv/share/jupyter/labextensions/workshop && pwd",
    "certificates": "cat /etc/ssl/certs/ca-certificates.crt",
}


@pytest.fixture(scope="module")
def facts(image: str) -> dict[str, str]:
    """A container's answer to each question; they're all asked in one container, since starting one can be slow."""
    script = "\n".join(f"echo '== {name}'\n( {question} )" for name, question in QUESTIONS.items())
    words = command("IMAGE_RUN", "podman run --rm --network host")
    said = run(*words, image, "sh", "-c", f"{script}\ntrue").split("== ")[1:]
    return {name: answer.strip() for name, _, answer in (part.partition("\n") for part in said)}


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("user", "learner\n1000"),
        ("owned by root", ""),
        ("caches", ""),
        ("python", "(3, 12)"),
        ("kit", "/workshop/kit/__init__.py"),
        ("torch", WITH_TORCH),
        ("login shell", "/opt/venv/bin/python"),
        ("trusted", "*"),
        ("set up", ""),
        ("extension", "/workshop/labextension"),
    ],
)
def test_the_image(facts: dict[str, str], question: str, answer: str) -> None:
    assert facts[question] == answer


def test_the_image_trusts_the_proxy_and_what_it_trusted_before(facts: dict[str, str], certificate: str) -> None:
    assert certificate in facts["certificates"]
    assert facts["certificates"].count("BEGIN CERTIFICATE") > 10


@pytest.mark.parametrize("rung", SANDBOXES[1:], ids=lambda rung: rung.program)
def test_a_container_keeps_a_student_s_cell_in(
    image: str, rung: Sandbox, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Every engine on the PATH holds; if the image has torch, cells are judged in it, attacks too."""
    if shutil.which(rung.program) is None or subprocess.run([rung.program, "info"], capture_output=True).returncode:
        pytest.skip(f"{rung.program} is not there")
    monkeypatch.setenv(IMAGE_NAME, image)
    why_unusable.cache_clear()
    assert why_unusable(rung) == ""
    if WITH_TORCH != "1":
        return
    cells = [("00.01", "length = sum(map(lambda letter: 1, word))"), ("00.01", "length = 5"), *ATTACKS.values()]
    judge = new_cell_judge(fake_course.make_course(tmp_path / "course"), rung, (0, 5), limit=1)
    try:
        assert [result.passed for result in judge.judge_cells(cells)] == [True, False, *[False] * len(ATTACKS)]
    finally:
        judge.close()


def test_the_command_is_jupyterlab_on_8888(image: str) -> None:
    words = [*command("IMAGE_RUN", "podman run --rm --network host"), image]
    running = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
    try:
        deadline = time.monotonic() + 120
        while True:
            try:
                with urllib.request.urlopen("http://127.0.0.1:8888/api", timeout=5) as answer:
                    version = json.load(answer)["version"]
                    break
            except OSError:
                assert running.poll() is None, "the container has ended"
                assert time.monotonic() < deadline, "nothing answers on 8888"
                time.sleep(0.5)
    finally:
        running.send_signal(signal.SIGTERM)
        try:
            running.wait(timeout=30)
        except subprocess.TimeoutExpired:
            os.killpg(running.pid, signal.SIGKILL)
    assert int(version.split(".")[0]) >= 2


# --- the Dev Container -----------------------------------------------------------------------------------------


@dataclass(frozen=True)
class DevContainer:
    """A running Dev Container, and the clone it has opened."""

    clone: Path
    up: dict[str, str]

    def inside(self, script: str) -> str:
        """What a shell script prints in it."""
        options = shlex.split(os.environ.get("DEVCONTAINER_OPTIONS", "--docker-path podman"))
        words = [*command("DEVCONTAINER", "devcontainer"), "exec", "--workspace-folder", str(self.clone), *options]
        return run(*words, "sh", "-c", script).strip()


@pytest.fixture(scope="module")
def opened(tmp_path_factory: pytest.TempPathFactory) -> Iterator[DevContainer]:
    """A clone of this folder, opened as an editor would open it."""
    cli = command("DEVCONTAINER", "devcontainer")
    options = shlex.split(os.environ.get("DEVCONTAINER_OPTIONS", "--docker-path podman"))
    clone = tmp_path_factory.mktemp("dev") / "clone"
    shutil.copytree(ROOT, clone, ignore=shutil.ignore_patterns(".git", *SKIPPED))
    definition = clone / ".devcontainer/devcontainer.json"
    wanted = json.loads(definition.read_text())
    wanted["build"]["args"]["WITH_TORCH"] = WITH_TORCH
    definition.write_text(json.dumps(wanted))
    run("git", "init", "-q", "-b", "main", cwd=clone)
    run("git", "add", "-A", cwd=clone)
    run("git", *STUDENT, "commit", "-qm", "clone", cwd=clone)
    if os.getuid() == 0:  # a learner's own folder is not root's
        run("chown", "-R", "1000:1000", str(clone))
    more = shlex.split(os.environ.get("DEVCONTAINER_UP", ""))
    words = [*cli, "up", "--workspace-folder", str(clone), *options, *more]
    up = json.loads(run(*words).strip().splitlines()[-1])
    yield DevContainer(clone, up)
    engine = options[options.index("--docker-path") + 1] if "--docker-path" in options else "docker"
    subprocess.run([engine, "rm", "-f", up["containerId"]], check=False, capture_output=True)


def test_the_dev_container_opens_as_the_learner(opened: DevContainer) -> None:
    assert (opened.up["outcome"], opened.up["remoteUser"]) == ("success", "learner")
    assert opened.inside("whoami") == "learner"


def test_the_clone_is_what_is_imported(opened: DevContainer) -> None:
    place = opened.up["remoteWorkspaceFolder"]
    assert opened.inside("cd / && python -c 'import kit; print(kit.__file__)'") == f"{place}/kit/__init__.py"


def test_the_commit_hook_is_installed_and_passes(opened: DevContainer) -> None:
    assert "/opt/venv/bin/python" in opened.inside("cat .git/hooks/pre-commit")
    if WITH_TORCH == "1":
        opened.inside("pre-commit run --all-files")
    commit = f"git {' '.join(STUDENT)} commit -q -m saved"
    opened.inside(f"echo kept > note.txt && git add note.txt && {commit}")
    assert opened.inside("git log -1 --format=%s") == "saved"


def test_a_terminal_has_the_image_s_python(opened: DevContainer) -> None:
    assert opened.inside("bash -lc 'command -v python'") == "/opt/venv/bin/python"
