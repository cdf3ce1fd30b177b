"""The ladder of sandboxes: bubblewrap, else a container, else none, which somebody has to ask for.

A rung counts when something has really been run on it, and met the walls it should have met.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from kit.cache import PACKAGES
from kit.errors import KitError

STAGE = "/stage"  # where a stage lies inside
ENVIRONMENT_BELOW_TMP = "/environment"  # where it lies inside
ENVIRONMENT = {
    "PATH": "/usr/local/bin:/usr/bin:/bin",
    "HOME": "/tmp",
    "LANG": "C.UTF-8",
    "OMP_NUM_THREADS": "1",
    "MPLCONFIGDIR": "/tmp",
    "GLIBC_TUNABLES": "glibc.malloc.hugetlb=1",  # glibc keeps memory in large pages, which forks copy sooner
}
IMAGE = "WORKSHOP_IMAGE"  # the environment variable that names the container's image
ENGINE_NEEDS = ("PATH", "HOME", "XDG_RUNTIME_DIR", "DOCKER_HOST")  # variables without which an engine does not start
SECONDS = 60.0  # for a probe: a container may have to be set up
HELP = "sudo apt-get install bubblewrap"
INSIDE = """
import os, socket, sys
from kit.verify import confine
from kit.verify.seccomp import refuse_calls
assert os.getcwd() == "/" and not os.path.exists(sys.argv[1]) and os.listdir("/tmp") == []
confine.shut()
for place in ("/", sys.prefix, "/stage", "/usr", "/dev", "/dev/shm", "/dev/mqueue", "/run", "/var/tmp", "/etc"):
    try:
        open(os.path.join(place, "canary"), "w").close()
    except OSError:
        continue
    sys.exit(f"{place} can be written")
assert [name for _, name in socket.if_nameindex()] in ([], ["lo"])
assert not any(int(name) > 50 for name in os.listdir("/proc") if name.isdigit())
confine.own_copy("/tmp")
confine.hide("/stage")
assert not os.path.exists("/stage/code")
confine.drop_capabilities()
confine.limit(confine.size() + confine.GROWTH, 10)
refuse_calls()
for refused in (os.fork, socket.socket, lambda: os.kill(os.getppid(), 0)):
    try:
        refused()
    except OSError:
        continue
    os._exit(3)
os.write(1, b"held")
os._exit(0)
"""


@dataclass(frozen=True, slots=True)
class Sandbox:
    """A way to run Python on a stage: `name` stands on every row that was verified in it."""

    name: str
    program: str = ""
    python: str = field(default_factory=lambda: sys.executable)

    @property
    def open(self) -> bool:
        """Whether it keeps nothing in."""
        return not self.program

    def command(self, stage: Path, words: Sequence[str]) -> list[str]:
        """The command that runs Python with these words, on a stage in this folder."""
        if self.open:
            return [self.python, "-B", "-s", "-P", *words]
        found = shutil.which(self.program) or self.program
        inner = ["-B", "-s", "-P", *words]
        if self.program == "bwrap":
            return [found, *bubblewrap(stage), inside(self.python), *inner]
        return [found, *container(stage), image(), "python", *inner]

    def stage(self, folder: Path) -> Path:
        """Where a stage in this folder lies for the Python inside."""
        return folder if self.open else Path(STAGE)

    def start(self, stage: Path, words: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start Python with these words; standard input and output are pipes.

        Raises:
            OSError: the program is not there.
        """
        return subprocess.Popen(
            self.command(stage, words),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
            cwd="/",
            env=self.environment(stage),
        )

    def environment(self, stage: Path) -> dict[str, str]:
        """The environment variables with which the sandbox is started, and probed: none of the caller's gets inside.

        A container's engine itself needs some of the caller's; what its inside has is said by its arguments.
        """
        clean = ENVIRONMENT | {"PYTHONPATH": str(self.stage(stage) / "code")}
        if self.open or self.program == "bwrap":
            return clean
        return clean | {name: os.environ[name] for name in ENGINE_NEEDS if name in os.environ}


def bubblewrap(stage: Path) -> list[str]:
    """The arguments of bwrap: nothing is there but what is named."""
    words = ["--unshare-all", "--unshare-user", "--uid", "65534", "--gid", "65534", "--hostname", "sandbox"]
    words += ["--die-with-parent", "--new-session", "--cap-drop", "ALL", "--cap-add", "CAP_SYS_ADMIN"]
    for folder in system():
        if os.path.islink(folder) and inside(folder) == folder:
            words += ["--symlink", os.readlink(folder), folder]
        else:  # a link to an environment below /tmp is bound as what it links to
            words += ["--ro-bind", folder, inside(folder)]
    words += ["--ro-bind-try", "/etc/ld.so.cache", "/etc/ld.so.cache"]
    words += ["--ro-bind-try", "/sys/devices/system/cpu", "/sys/devices/system/cpu"]
    words += ["--proc", "/proc", "--dev", "/dev", "--remount-ro", "/dev", "--dir", "/mnt", "--size", "268435456"]
    words += ["--tmpfs", "/tmp", "--ro-bind", str(stage), STAGE, "--remount-ro", "/", "--chdir", "/"]
    return words


def inside(path: str) -> str:
    """Where a file of the system lies in bubblewrap: an environment below /tmp, which is private there, is moved."""
    prefix = Path(sys.prefix)
    if prefix.is_relative_to("/tmp") and Path(path).is_relative_to(prefix):
        return str(Path(ENVIRONMENT_BELOW_TMP, Path(path).relative_to(prefix)))
    return path


def system() -> list[str]:
    """The folders that Python and its libraries lie in, outermost first."""
    found = ["/usr", *(f"/{name}" for name in ("bin", "lib", "lib32", "lib64") if os.path.lexists(f"/{name}"))]
    for folder in sorted(
        {sys.base_prefix, sys.prefix, os.path.realpath(sys.base_prefix), os.path.realpath(sys.prefix)}
    ):
        if not any(Path(folder).is_relative_to(other) for other in found):
            found.append(folder)
    return found


def container(stage: Path) -> list[str]:
    """The arguments of podman and docker, which understand the same words. The right to mount is for our processes."""
    words = ["run", "--rm", "--interactive", "--network", "none", "--read-only", "--ipc", "private", "--user", "0"]
    words += ["--tmpfs", "/tmp:size=256m,mode=1777", "--tmpfs", "/mnt", "--cap-drop", "ALL", "--cap-add", "SYS_ADMIN"]
    words += ["--security-opt", "no-new-privileges", "--pids-limit", "1024", "--memory", "12g", "--workdir", "/"]
    words += ["--entrypoint", "", "--volume", f"{stage}:{STAGE}:ro"]
    for name, value in (ENVIRONMENT | {"PYTHONPATH": f"{STAGE}/code"}).items():
        if name != "PATH":  # the image's own finds its Python
            words += ["--env", f"{name}={value}"]
    return words


def image() -> str:
    """The image that containers are made from: the workshop's own."""
    return os.environ.get(IMAGE, "workshop")


SANDBOXES = (
    Sandbox("bubblewrap", "bwrap"),
    Sandbox("container (podman)", "podman"),
    Sandbox("container (docker)", "docker"),
)
UNSAFE = Sandbox("none")


@cache
def why_unusable(sandbox: Sandbox) -> str:
    """Why this sandbox cannot be used here; empty when it has been tried, and held."""
    if shutil.which(sandbox.program) is None:
        return "not installed"
    with tempfile.TemporaryDirectory(prefix="canary-") as folder:
        stage = Path(folder) / "stage"
        shutil.copytree(PACKAGES / "kit", stage / "code" / "kit")
        try:
            done = subprocess.run(
                sandbox.command(stage, ["-c", INSIDE, folder]),
                capture_output=True,
                timeout=SECONDS,
                cwd="/",
                env=sandbox.environment(stage),
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            return type(error).__name__
    if done.stdout == b"held":
        return ""
    said = done.stderr.decode(errors="replace").strip().splitlines()
    return (said or [f"ended with {done.returncode}"])[-1][:200]


def choose(unsafe: bool = False) -> Sandbox:
    """The first sandbox of the ladder that holds; with `unsafe`, none where there is none.

    Raises:
        KitError: nothing holds, and nobody has said that this is all right.
    """
    found = {sandbox.program: why_unusable(sandbox) for sandbox in SANDBOXES}
    for sandbox in SANDBOXES:
        if not found[sandbox.program]:
            return sandbox
    if unsafe:
        return UNSAFE
    said = "; ".join(f"{program}: {why}" for program, why in found.items())
    raise KitError("nothing here can keep a stranger's code in", said, f"{HELP}, or --unsafe if you trust every fork")
