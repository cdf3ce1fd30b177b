"""The ladder of sandboxes: bubblewrap, or else a container, or else none, which you have to ask for.

A rung counts only once it has been tried: `kit.verify.probe` has run on it and got past none of its walls.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from kit.cache import PACKAGES
from kit.errors import KitError
from kit.verify.probe import HELD

STAGE = "/stage"  # the stage, as seen from inside
SYSTEM = ("/usr", "/bin", "/lib", "/lib32", "/lib64")
ENVIRONMENT_BELOW_TMP = "/environment"  # a Python environment below /tmp, as seen from inside
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "USER": "nobody",  # there's no list of users inside
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "OMP_THREAD_LIMIT": "1",  # whatever a cell asks torch for: it can't start a thread
    "MPLCONFIGDIR": "/tmp",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # glibc keeps memory in large pages, which fork faster
}
IMAGE = "WORKSHOP_IMAGE"  # the environment variable that names the container's image
ENGINE_NEEDS = ("PATH", "HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST")  # a container engine won't start without these
PROBE_SECONDS = 60.0  # a container may need setting up first
NOT_A_REASON = ("Run '", "See '")  # how docker's last line of an error begins
HELP = "sudo apt-get install bubblewrap"


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A way to run Python on a stage. Its `name` appears on every row that was verified in it.

    Without a `program` it isn't a sandbox at all: Python runs as the user who asked.
    """

    name: str
    program: str = ""

    @property
    def isolates(self) -> bool:
        """Whether it keeps anything in."""
        return bool(self.program)

    def command(self, stage: Path, arguments: Sequence[str]) -> list[str]:
        """The command that runs Python with these arguments, with the stage in this folder."""
        python = ["-B", "-s", "-P", *arguments]
        if not self.isolates:
            return [sys.executable, *python]
        program = shutil.which(self.program) or self.program
        if self.program == "bwrap":
            return [program, *bubblewrap_arguments(stage), path_inside(sys.executable), *python]
        return [program, *container_arguments(stage), os.environ.get(IMAGE, "workshop"), "python", *python]

    def stage_inside(self, stage: Path) -> Path:
        """Where Python finds the stage whose folder this is."""
        return Path(STAGE) if self.isolates else stage

    def start(self, stage: Path, arguments: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start Python with these arguments; standard input and output are pipes.

        Raises:
            OSError: the sandbox's program isn't there.
        """
        return subprocess.Popen(
            self.command(stage, arguments),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=self.environment(stage),
        )

    def environment(self, stage: Path) -> dict[str, str]:
        """The environment variables for starting the sandbox, and for probing it. None of ours gets inside.

        A container engine needs a few of ours for itself; its arguments say which variables exist inside.
        """
        clean = ENVIRONMENT | {"PYTHONPATH": str(self.stage_inside(stage) / "code")}
        if not self.isolates or self.program == "bwrap":
            return clean
        return clean | {name: os.environ[name] for name in ENGINE_NEEDS if name in os.environ}


def bubblewrap_arguments(stage: Path) -> list[str]:
    """The arguments of bwrap: there's nothing inside that isn't named here."""
    found = ["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
    found += ["--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    found += ["--cap-add", "CAP_SYS_ADMIN", "--cap-add", "CAP_SYS_CHROOT"]
    for folder in filter(os.path.lexists, SYSTEM):
        if os.path.islink(folder):
            found += ["--symlink", os.readlink(folder), folder]
        else:
            found += ["--ro-bind", folder, folder]
    for folder in python_folders():  # if it's a link, it becomes what it links to
        found += ["--ro-bind", folder, path_inside(folder)]
    found += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    found += ["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]
    found += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--dir", "/mnt", "--size", "268435456"]
    found += ["--tmpfs", "/tmp", "--ro-bind", str(stage), STAGE, "--remount-ro", "/", "--chdir", "/"]
    return found


def path_inside(path: str) -> str:
    """Where bubblewrap puts one of the system's files. An environment below /tmp is moved: inside, /tmp is private."""
    prefix = Path(sys.prefix)
    if prefix.is_relative_to("/tmp") and Path(path).is_relative_to(prefix):
        return str(Path(ENVIRONMENT_BELOW_TMP, Path(path).relative_to(prefix)))
    return path


def python_folders() -> list[str]:
    """The folders outside the system's own that Python and its libraries are in."""
    found = ["/usr"]
    for folder in sorted({sys.base_prefix, os.path.realpath(sys.base_prefix), sys.prefix}):
        if not any(Path(folder).is_relative_to(other) for other in found):
            found.append(folder)
    return found[1:]


def container_arguments(stage: Path) -> list[str]:
    """The arguments for podman and docker, which are the same. The rights are for our own processes."""
    found = ["run", "--rm", "--interactive", "--network", "none", "--read-only", "--ipc", "private", "--user", "0"]
    found += ["--tmpfs", "/tmp:size=256m,mode=1777", "--tmpfs", "/mnt", "--cap-drop", "ALL"]
    found += ["--cap-add", "SYS_ADMIN", "--cap-add", "SYS_CHROOT"]
    found += ["--security-opt", "no-new-privileges", "--pids-limit", "1024", "--memory", "12g", "--workdir", "/"]
    found += ["--entrypoint", "", "--volume", f"{stage}:{STAGE}:ro"]
    for name, value in (ENVIRONMENT | {"PYTHONPATH": f"{STAGE}/code"}).items():
        if name != "PATH":  # the image's own finds its Python
            found += ["--env", f"{name}={value}"]
    return found


SANDBOXES = (
    Sandbox("bubblewrap", "bwrap"),
    Sandbox("container (podman)", "podman"),
    Sandbox("container (docker)", "docker"),
)
UNSAFE = Sandbox("none")


@cache
def why_unusable(sandbox: Sandbox) -> str:
    """Why this sandbox can't be used here; empty if it was tried and held."""
    if shutil.which(sandbox.program) is None:
        return "not installed"
    with tempfile.TemporaryDirectory(prefix="canary-") as folder:
        stage = Path(folder) / "stage"
        shutil.copytree(PACKAGES / "kit", stage / "code" / "kit")
        try:
            done = subprocess.run(
                sandbox.command(stage, ["-m", "kit.verify.probe", folder]),
                capture_output=True,
                timeout=PROBE_SECONDS,
                cwd="/",
                env=sandbox.environment(stage),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return type(error).__name__
    if done.stdout == HELD:
        return ""
    lines = done.stderr.decode(errors="replace").strip().splitlines()
    reasons = [line for line in lines if line and not line.startswith(NOT_A_REASON)]
    return (reasons or [f"exit status {done.returncode}"])[-1][:200]


def choose_sandbox(unsafe: bool = False) -> Sandbox:
    """The first sandbox on the ladder that holds; if none does and `unsafe` is set, none at all.

    Raises:
        KitError: nothing holds, and nobody has said that's all right.
    """
    for sandbox in SANDBOXES:
        if not why_unusable(sandbox):
            return sandbox
    if unsafe:
        return UNSAFE
    reasons = "; ".join(f"{sandbox.program}: {why_unusable(sandbox)}" for sandbox in SANDBOXES)
    raise KitError(
        "no sandbox works here, so students' code won't be run", reasons, f"{HELP}, or --unsafe if you trust every fork"
    )
