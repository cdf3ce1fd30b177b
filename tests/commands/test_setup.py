"""scripts/setup.sh and scripts/python.sh, run through make with stand-ins for every interpreter."""

from __future__ import annotations

import dataclasses
import os
import shutil
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COPIED = ("Makefile", "requirements.txt", "pyproject.toml", "scripts/setup.sh", "scripts/python.sh")
TOOLS = [
    "make",
    "sh",
    "awk",
    "cat",
    "cksum",
    "cmp",
    "cp",
    "dirname",
    "env",
    "git",
    "grep",
    "head",
    "ln",
    "mkdir",
    "ps",
    "rm",
    "sed",
]
TOOLS += ["sleep", "tail"]

# Answers as an interpreter would, writes down every call, and fails or hangs where a test says so.
INTERPRETER = """#!/bin/sh
echo "$*" >>"$CALLS"
series={series} able={able}
here=$(dirname "$0")
base=$(cat "$here/base" 2>/dev/null || echo "$0")
case "$1" in
  -c)
    case "$2" in
      *ensurepip*) echo "$series $series.1 $able $0" ;;
      *realpath*) echo "$base" ;;
    esac ;;
  -m)
    case "$*" in "-m pip --version") exit 0 ;; esac
    if [ -n "$HANG" ] && echo "$*" | grep -Eqe "$HANG"; then echo hanging >>"$CALLS"; sleep 60; fi
    if [ -n "$FAIL" ] && echo "$*" | grep -Eqe "$FAIL"; then echo "ERROR: refused"; exit 1; fi
    case "$2" in
      venv) [ "$3" != --without-pip ] || exit 0
            mkdir -p "$3/bin"; cp "$0" "$3/bin/python"; echo "$base" >"$3/bin/base" ;;
      pre_commit) echo "INSTALL_PYTHON=$0" >.git/hooks/pre-commit ;;
    esac ;;
  *) echo "ran $0 $*" ;;
esac
"""
FAILING_SHIM = "#!/bin/sh\necho 'version not installed' >&2\nexit 127\n"
NO_TORCH_YET = "no-index -r .*torch.txt"


@dataclass(frozen=True)
class Machine:
    """A copy of the project's set-up files, and the folders that make up PATH."""

    root: Path
    first: Path
    second: Path
    tools: Path

    def add(self, name: str, series: str, able: bool = True, second: bool = False) -> Path:
        """Put an interpreter of this series on PATH."""
        text = INTERPRETER.replace("{series}", series).replace("{able}", "yes" if able else "no")
        return self.write(name, text, second)

    def write(self, name: str, text: str, second: bool = False) -> Path:
        """Put an executable with this text on PATH, in the first of its folders or in the second."""
        path = (self.second if second else self.first) / name
        path.write_text(text)
        path.chmod(0o755)
        return path

    def environment(self, **more: str) -> dict[str, str]:
        """The environment that make runs in."""
        folders = (self.root / ".venv/bin", self.first, self.second, self.tools)
        found = {"PATH": os.pathsep.join(map(str, folders)), "CALLS": str(self.root.parent / "calls"), "HANG": ""}
        return {**found, "FAIL": NO_TORCH_YET, "HOME": str(self.root.parent), "LC_ALL": "C", **more}

    def make(self, *arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
        """Run make until it ends."""
        command = ["make", "--no-print-directory", *arguments]
        env = self.environment(**more)
        return subprocess.run(command, cwd=self.root, env=env, text=True, capture_output=True, check=False)

    def calls(self, containing: str = "") -> list[str]:
        """What interpreters have been asked to do so far."""
        log = self.root.parent / "calls"
        return [line for line in log.read_text().splitlines() if containing in line] if log.exists() else []


@pytest.fixture
def machine(tmp_path: Path) -> Machine:
    root, tools = tmp_path / "project", tmp_path / "tools"
    for name in COPIED:
        (root / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(ROOT / name, root / name)
    made = Machine(root, tmp_path / "first", tmp_path / "second", tools)
    for folder in (made.first, made.second, tools):
        folder.mkdir()
    for name in TOOLS:
        found = shutil.which(name)
        assert found, name
        (tools / name).symlink_to(found)
    return made


# --- which interpreter -----------------------------------------------------------------------------------------


def test_a_python312_that_starts_is_taken_and_nothing_is_said(machine: Machine) -> None:
    machine.add("python3.13", "3.13")
    wanted = machine.add("python3.12", "3.12")
    got = machine.make("print-python")
    assert (got.returncode, got.stdout.strip(), got.stderr) == (0, str(wanted), "")


def test_a_shim_that_fails_is_passed_over_for_the_next_one_of_that_name(machine: Machine) -> None:
    machine.write("python3.12", FAILING_SHIM)
    machine.add("python3.13", "3.13")
    wanted = machine.add("python3.12", "3.12", second=True)
    assert machine.make("print-python").stdout.strip() == str(wanted)


@pytest.mark.parametrize("name", ["python3", "python"])
def test_a_312_under_a_plain_name_comes_before_another_series(machine: Machine, name: str) -> None:
    machine.write("python3.12", FAILING_SHIM)
    machine.add("python3.13", "3.13")
    wanted = machine.add(name, "3.12")
    assert machine.make("print-python").stdout.strip() == str(wanted)


@pytest.mark.parametrize("series", ["3.11", "3.13"])
def test_without_312_a_neighbour_is_taken_with_one_line(machine: Machine, series: str) -> None:
    machine.write("python3.12", FAILING_SHIM)
    machine.add("python3", "3.10")
    wanted = machine.add(f"python{series}", series)
    got = machine.make("print-python")
    assert (got.returncode, got.stdout.strip()) == (0, str(wanted))
    assert len(got.stderr.splitlines()) == 1


def test_the_newer_neighbour_is_preferred(machine: Machine) -> None:
    machine.add("python3.11", "3.11")
    wanted = machine.add("python3.13", "3.13")
    assert machine.make("print-python").stdout.strip() == str(wanted)


@pytest.mark.parametrize("present", [{}, {"python3": "3.9"}, {"python3": "3.14", "python": "2.7"}])
def test_none_that_will_do_is_one_sentence(machine: Machine, present: dict[str, str]) -> None:
    machine.write("python3.12", FAILING_SHIM)
    for name, series in present.items():
        machine.add(name, series)
    got = machine.make("setup")
    said = [line for line in got.stderr.splitlines() if not line.startswith("make")]
    assert (got.returncode, got.stdout, len(said)) == (2, "", 1)
    assert not (machine.root / ".venv").exists()


def test_one_that_cannot_make_environments_is_passed_over(machine: Machine) -> None:
    machine.add("python3.12", "3.12", able=False)
    wanted = machine.add("python3.12", "3.12", second=True)
    assert machine.make("print-python").stdout.strip() == str(wanted)


def test_only_one_that_cannot_make_environments_names_the_package(machine: Machine) -> None:
    machine.add("python3.12", "3.12", able=False)
    got = machine.make("setup")
    assert got.returncode == 2
    assert "python3.12-venv" in got.stderr
    assert not (machine.root / ".venv").exists()


def test_the_interpreter_that_is_given_comes_first(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    wanted = machine.add("mine", "3.13")
    assert machine.make("print-python", f"PYTHON={wanted}").stdout.strip() == str(wanted)
    assert machine.make("print-python", PYTHON=str(wanted)).stdout.strip() == str(wanted)


@pytest.mark.parametrize("series", ["3.10", "3.14", None])
def test_a_given_interpreter_that_will_not_do_is_refused(machine: Machine, series: str | None) -> None:
    machine.add("python3.12", "3.12")
    given = machine.add("mine", series) if series else machine.write("mine", FAILING_SHIM)
    got = machine.make("setup", f"PYTHON={given}")
    assert (got.returncode, got.stdout) == (2, "")
    assert str(given) in got.stderr


def test_the_environment_itself_is_no_candidate(machine: Machine) -> None:
    (machine.root / ".venv/bin").mkdir(parents=True)
    inner = machine.add("python3.12", "3.12")
    inner.rename(machine.root / ".venv/bin/python3.12")
    wanted = machine.add("python3.12", "3.12", second=True)
    assert machine.make("print-python").stdout.strip() == str(wanted)


# --- making the environment ------------------------------------------------------------------------------------


def steps(machine: Machine) -> list[str]:
    """Which steps of the set-up ran, in order."""
    names = {
        "-m venv --without-pip": "activate",
        "-m venv": "venv",
        "pip.txt": "pip",
        "--no-index -r": "torch there?",
        "--index-url": "torch from the CPU index",
        "torch.txt": "torch from the default index",
        "requirements.txt": "requirements",
        "pre_commit": "hook",
    }
    calls = [call for call in machine.calls("-m ") if "--version" not in call]
    return [next(name for sign, name in names.items() if sign in call) for call in calls]


def test_torch_comes_first_and_alone_from_the_cpu_index(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    assert machine.make("setup").returncode == 0
    assert steps(machine) == ["venv", "pip", "torch there?", "torch from the CPU index", "requirements"]
    (call,) = machine.calls("--index-url")
    assert "--index-url https://download.pytorch.org/whl/cpu --retries 0 --timeout 5" in call


def test_a_cpu_index_that_does_not_answer_leads_to_the_default_one(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    assert machine.make("setup", FAIL="torch.txt").returncode == 2  # neither index answers
    assert steps(machine)[-2:] == ["torch from the CPU index", "torch from the default index"]
    assert machine.make("setup", FAIL="--no-index -r|--index-url").returncode == 0
    assert steps(machine)[-2:] == ["torch from the default index", "requirements"]


def test_a_torch_that_is_there_is_left_alone(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    assert machine.make("setup", FAIL="").returncode == 0
    assert steps(machine) == ["venv", "pip", "torch there?", "requirements"]


def test_a_second_call_sets_nothing_up(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    machine.make("setup")
    before = machine.calls("-m ")
    started = time.monotonic()
    got = machine.make("setup")
    assert time.monotonic() - started < 2
    assert (got.returncode, got.stdout, got.stderr) == (0, "", "")
    assert machine.calls("-m ") == before


def test_targets_set_up_first_and_then_run(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    got = machine.make("demo")
    assert got.returncode == 0
    assert got.stdout.splitlines()[-1] == "ran .venv/bin/python scripts/demo.py"


def test_another_torch_replaces_the_pin_and_stays(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    machine.make("setup", "TORCH_VERSION=2.7.1")
    venv = machine.root / ".venv"
    assert (venv / "torch.txt").read_text() == "torch==2.7.1\n"
    assert "\ntorch==" not in (venv / "requirements.txt").read_text()
    before = machine.calls("-m ")
    machine.make("setup")
    assert machine.calls("-m ") == before
    machine.make("setup", "TORCH_VERSION=2.6.0")
    assert (venv / "torch.txt").read_text() == "torch==2.6.0\n"


def test_the_newest_torch_is_asked_for_without_a_version(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    machine.make("setup", "TORCH_VERSION=newest", FAIL="")
    assert (machine.root / ".venv/torch.txt").read_text() == "torch\n"
    assert "--upgrade" in machine.calls("--index-url")[0]


@pytest.mark.parametrize("name", ["requirements.txt", "pyproject.toml"])
def test_what_is_wanted_has_changed(machine: Machine, name: str) -> None:
    machine.add("python3.12", "3.12")
    machine.make("setup")
    with (machine.root / name).open("a") as file:
        file.write("# one more line\n")
    machine.make("setup", FAIL="")
    assert steps(machine)[5:] == ["pip", "torch there?", "requirements"]


def test_after_a_failure_it_goes_on_in_the_same_environment(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    got = machine.make("setup", FAIL="/requirements.txt")
    assert got.returncode == 2
    assert "ERROR: refused" in got.stderr
    assert machine.make("setup", FAIL="").returncode == 0
    assert steps(machine).count("venv") == 1


@pytest.mark.parametrize("at", ["-m venv", "torch.txt", "/requirements.txt"])
@pytest.mark.parametrize("how", [signal.SIGKILL, signal.SIGINT, signal.SIGTERM])
def test_after_a_kill_the_environment_is_made_again(machine: Machine, at: str, how: signal.Signals) -> None:
    machine.add("python3.12", "3.12")
    env, nowhere = machine.environment(HANG=at), subprocess.DEVNULL
    running = subprocess.Popen(
        ["make", "setup"], cwd=machine.root, env=env, stdout=nowhere, stderr=nowhere, start_new_session=True
    )
    deadline = time.monotonic() + 30
    while not machine.calls("hanging"):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    os.killpg(running.pid, how)
    assert running.wait(timeout=30) != 0
    assert (machine.root / ".venv").exists()
    got = machine.make("setup")
    assert got.returncode == 0, got.stderr
    assert steps(machine).count("venv") == 2
    assert not (machine.root / ".venv/setup-unfinished").exists()


def broken_link(venv: Path) -> None:
    (venv / "bin/python").unlink()


def empty_folder(venv: Path) -> None:
    shutil.rmtree(venv)
    venv.mkdir()


@pytest.mark.parametrize("harm", [broken_link, empty_folder])
def test_an_environment_that_cannot_be_used_is_made_again(machine: Machine, harm: object) -> None:
    machine.add("python3.12", "3.12")
    machine.make("setup")
    assert callable(harm)
    harm(machine.root / ".venv")
    assert machine.make("setup").returncode == 0
    assert steps(machine).count("venv") == 2


def test_a_moved_folder_keeps_its_environment(machine: Machine, tmp_path: Path) -> None:
    machine.add("python3.12", "3.12")
    machine.make("setup")
    packages = machine.root / ".venv/lib/python3.12/site-packages"
    packages.mkdir(parents=True)
    machine.make("setup", "TORCH_VERSION=2.7.1")
    path = (packages / "workshop.pth").read_text().strip()
    before = steps(machine)
    elsewhere = machine.root.rename(tmp_path / "moved here")
    there = dataclasses.replace(machine, root=elsewhere)
    got = there.make("setup")
    assert (got.returncode, len(got.stderr.splitlines())) == (0, 1)
    assert steps(there) == [*before, "activate"]
    assert there.calls("scripts/environment.py")
    assert (elsewhere / ".venv/setup-done").read_text().startswith(f"folder {elsewhere}\n")
    assert (elsewhere / ".venv/lib/python3.12/site-packages" / path).resolve() == elsewhere
    assert (elsewhere / ".venv/share/jupyter/labextensions/workshop").resolve() == elsewhere / "labextension"
    assert (there.make("setup").stderr, steps(there)) == ("", [*before, "activate"])


def test_only_what_a_move_breaks_is_mended_in_passing(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    command = ["sh", "scripts/setup.sh", "--moved"]
    subprocess.run(command, cwd=machine.root, env=machine.environment(), check=True)
    assert not (machine.root / ".venv").exists()
    machine.make("setup")
    there = dataclasses.replace(machine, root=machine.root.rename(machine.root.with_name("moved")))
    with (there.root / "requirements.txt").open("a") as file:
        file.write("# newer, which is left to make setup\n")
    before = steps(there)
    subprocess.run(command, cwd=there.root, env=there.environment(), check=True)
    assert steps(there) == [*before, "activate"]
    assert there.make("setup", FAIL="").returncode == 0
    assert steps(there)[len(before) + 1 :] == ["pip", "torch there?", "requirements"]


def test_an_environment_that_is_a_link_is_never_changed_for_another_folder(machine: Machine, tmp_path: Path) -> None:
    machine.add("python3.12", "3.12")
    machine.make("setup")
    theirs = machine.root.rename(tmp_path / "theirs")
    dataclasses.replace(machine, root=theirs).make("setup")
    shutil.copytree(theirs, machine.root, ignore=lambda *_: [".venv"])
    (machine.root / ".venv").symlink_to(theirs / ".venv")
    before = (theirs / ".venv/setup-done").read_text()
    assert machine.make("setup").returncode == 0
    assert (theirs / ".venv/setup-done").read_text() == before
    assert not (machine.root / ".venv").is_symlink()


def test_another_interpreter_makes_another_environment(machine: Machine) -> None:
    first = machine.add("python3.12", "3.12")
    second = machine.add("python3.13", "3.13")
    machine.make("setup")
    machine.make("setup", f"PYTHON={first}")
    assert steps(machine).count("venv") == 1
    machine.make("setup", f"PYTHON={second}")
    assert steps(machine).count("venv") == 2
    machine.make("setup")  # the choice stays
    assert steps(machine).count("venv") == 2


def test_an_environment_made_by_hand_is_taken_over(machine: Machine) -> None:
    python = machine.add("python3.12", "3.12")
    subprocess.run([python, "-m", "venv", machine.root / ".venv"], env=machine.environment(), check=True)
    assert machine.make("setup", FAIL="").returncode == 0
    assert steps(machine).count("venv") == 1


# --- the commit hook -------------------------------------------------------------------------------------------


def git(folder: Path, *arguments: str) -> None:
    subprocess.run(["git", "-C", folder, *arguments], check=True, capture_output=True)


def test_the_hook_is_installed_once_in_a_clone(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root, "init", "-q")
    machine.make("setup")
    machine.make("setup")
    assert steps(machine).count("hook") == 1
    (machine.root / ".git/hooks/pre-commit").unlink()
    machine.make("setup")
    assert steps(machine).count("hook") == 2


def test_the_hook_goes_with_a_moved_folder(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root, "init", "-q")
    machine.make("setup")
    hook, wanted = machine.root / ".git/hooks/pre-commit", 'INSTALL_PYTHON=$(dirname "$0")/../../.venv/bin/python\n'
    assert hook.read_text() == wanted
    hook.write_text(f"INSTALL_PYTHON={machine.root}/.venv/bin/python\n")  # as it was installed before
    machine.make("setup")
    assert hook.read_text() == wanted


def test_git_is_told_once_how_chapters_are_merged(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root, "init", "-q")
    config = machine.root / ".git/config"
    before = config.read_text()
    machine.make("setup")
    after = config.read_text()
    assert "scripts/merge_driver.py %O %A %B %P" in after
    assert "merge_driver" not in before
    machine.make("setup")
    assert config.read_text() == after


@pytest.mark.parametrize("inside", [False, True])
def test_jupyterlab_finds_the_extension_of_this_folder(machine: Machine, tmp_path: Path, inside: bool) -> None:
    python = machine.add("python3.12", "3.12")
    venv = tmp_path / "image" if inside else machine.root / ".venv"
    more = {"WORKSHOP_VENV": str(venv)} if inside else {}
    if inside:
        subprocess.run([python, "-m", "venv", venv], env=machine.environment(), check=True)
        shutil.copy(machine.root / "requirements.txt", venv / "requirements.txt")
    link = venv / "share/jupyter/labextensions/workshop"
    for _ in range(2):
        assert machine.make("setup", **more).returncode == 0
        assert str(link.readlink()) == (f"{machine.root}/labextension" if inside else "../../../../labextension")
        link.unlink()
        link.symlink_to(tmp_path / "elsewhere")  # another clone, in the same image


def test_no_hook_in_somebody_elses_repository(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root.parent, "init", "-q")
    assert machine.make("setup").returncode == 0
    assert "hook" not in steps(machine)


def test_a_hook_that_cannot_be_installed_is_no_failure(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root, "init", "-q")
    got = machine.make("setup", FAIL=f"pre_commit|{NO_TORCH_YET}")
    assert got.returncode == 0
    assert len(got.stderr.splitlines()) == 1


def test_hooks_that_are_looked_for_elsewhere_are_named_with_the_command_that_helps(machine: Machine) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root, "init", "-q")
    git(machine.root, "config", "core.hooksPath", "/opt/hooks")
    got = machine.make("setup")
    assert got.returncode == 0 and len(got.stderr.splitlines()) == 1
    assert "/opt/hooks" in got.stderr and "git config core.hooksPath .git/hooks" in got.stderr
    assert "hook" not in steps(machine)
    git(machine.root, "config", "core.hooksPath", ".git/hooks")
    got = machine.make("setup")
    assert got.stderr == "" and "hook" in steps(machine)
    assert (machine.root / ".git/hooks/pre-commit").exists()


def test_pre_commit_installs_into_the_repositorys_own_folder(tmp_path: Path) -> None:
    """The real one, told as setup.sh tells it; by itself it refuses wherever core.hooksPath is set."""
    git(tmp_path, "init", "-q")
    git(tmp_path, "config", "core.hooksPath", ".git/hooks")
    shutil.copy(ROOT / ".pre-commit-config.yaml", tmp_path)
    setting = {"GIT_CONFIG_COUNT": "1", "GIT_CONFIG_KEY_0": "core.hooksPath", "GIT_CONFIG_VALUE_0": ""}
    env = {**os.environ, "HOME": str(tmp_path), "PRE_COMMIT_HOME": str(tmp_path / "kept")}
    command = [sys.executable, "-m", "pre_commit", "install"]
    assert subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, check=False).returncode
    assert (
        subprocess.run(command, cwd=tmp_path, env={**env, **setting}, capture_output=True, check=False).returncode == 0
    )
    assert (tmp_path / ".git/hooks/pre-commit").exists()


def test_another_repository_is_never_configured(machine: Machine, tmp_path: Path) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root, "init", "-q")
    (tmp_path / "other").mkdir()
    git(tmp_path / "other", "init", "-q")
    before = (tmp_path / "other/.git/config").read_text()
    machine.make("setup", GIT_DIR=str(tmp_path / "other/.git"), GIT_WORK_TREE=str(tmp_path / "other"))
    assert (tmp_path / "other/.git/config").read_text() == before
    assert "merge_driver" in (machine.root / ".git/config").read_text()


@pytest.mark.parametrize("theirs", ["", "pull.rebase true", "pull.ff only"])
def test_a_plain_pull_merges_unless_its_user_wants_otherwise(machine: Machine, theirs: str) -> None:
    machine.add("python3.12", "3.12")
    git(machine.root, "init", "-q")
    if theirs:
        git(machine.root, "config", *theirs.split())
    machine.make("setup")
    assert ("rebase = false" in (machine.root / ".git/config").read_text()) == (not theirs)


# --- inside the image ------------------------------------------------------------------------------------------


def test_in_the_image_there_is_nothing_to_install(machine: Machine, tmp_path: Path) -> None:
    python = machine.add("python3.12", "3.12")
    venv = tmp_path / "image"
    subprocess.run([python, "-m", "venv", venv], env=machine.environment(), check=True)
    shutil.copy(machine.root / "requirements.txt", venv / "requirements.txt")
    got = machine.make("setup", WORKSHOP_VENV=str(venv))
    assert (got.returncode, got.stderr) == (0, "")
    git(machine.root, "init", "-q")
    machine.make("setup", WORKSHOP_VENV=str(venv))
    assert steps(machine) == ["venv", "hook"]
    assert not (machine.root / ".venv").exists()
    assert machine.make("demo", WORKSHOP_VENV=str(venv)).stdout == f"ran {venv}/bin/python scripts/demo.py\n"


def test_an_image_that_is_older_than_the_requirements_says_so(machine: Machine, tmp_path: Path) -> None:
    python = machine.add("python3.12", "3.12")
    venv = tmp_path / "image"
    subprocess.run([python, "-m", "venv", venv], env=machine.environment(), check=True)
    (venv / "requirements.txt").write_text("torch==2.5.0\n")
    got = machine.make("setup", WORKSHOP_VENV=str(venv))
    assert (got.returncode, len(got.stderr.splitlines())) == (0, 1)


# --- scripts/python.sh -----------------------------------------------------------------------------------------


def run_python(machine: Machine, **more: str) -> subprocess.CompletedProcess[str]:
    command = ["sh", "scripts/python.sh", "hello.py", "one"]
    env = machine.environment(**more)
    return subprocess.run(command, cwd=machine.root, env=env, text=True, capture_output=True, check=False)


def test_hooks_take_the_environments_python_then_the_one_on_path(machine: Machine, tmp_path: Path) -> None:
    on_path = machine.add("python3", "3.12")
    assert run_python(machine).stdout == f"ran {on_path} hello.py one\n"
    own = machine.root / ".venv/bin/python"
    own.parent.mkdir(parents=True)
    own.write_text(FAILING_SHIM)
    own.chmod(0o755)
    assert run_python(machine).stdout == f"ran {on_path} hello.py one\n"
    shutil.copy(on_path, own)
    assert run_python(machine).stdout == "ran .venv/bin/python hello.py one\n"
    image = tmp_path / "image/bin/python"
    image.parent.mkdir(parents=True)
    shutil.copy(on_path, image)
    assert run_python(machine, WORKSHOP_VENV=str(tmp_path / "image")).stdout == f"ran {image} hello.py one\n"


def test_hooks_without_any_python_exit_with_2(machine: Machine) -> None:
    got = run_python(machine)
    assert (got.returncode, got.stdout, len(got.stderr.splitlines())) == (2, "", 1)
