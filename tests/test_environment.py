"""The files that make the environment: pins, image, Dev Container, hooks, workflow, editor."""

from __future__ import annotations

import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import Any

import pytest
import yaml

from kit.learner.watch_terminal import BEGIN, END
from tests.support.proofs import FOLDER

ROOT = Path(__file__).parents[1]
PIN = re.compile(r"(?P<name>[a-z][a-z0-9-]*)==(?P<version>[0-9][0-9.]*)(?:; (?P<marker>[^#]+?))?  # (?P<reason>\S.*)")
EXTENSIONS = {"ms-python.python", "ms-toolsai.jupyter", "bierner.markdown-checkbox"}


def read(path: str) -> str:
    return (ROOT / path).read_text(encoding="utf-8")


def pins() -> list[re.Match[str]]:
    """The lines of requirements.txt that aren't comments; None for one that isn't a pin with a reason."""
    lines = [line for line in read("requirements.txt").splitlines() if line and not line.startswith("#")]
    found = [PIN.fullmatch(line) for line in lines]
    assert None not in found, [line for line, pin in zip(lines, found, strict=True) if pin is None]
    return [pin for pin in found if pin]


# --- pins ------------------------------------------------------------------------------------------------------


def test_every_requirement_is_pinned_once_and_has_a_reason() -> None:
    found = [(pin["name"], pin["marker"]) for pin in pins()]
    assert len(found) == len(set(found)) > 20
    unconditional = {name for name, marker in found if not marker}
    assert not unconditional & {name for name, marker in found if marker}


def test_torch_is_the_one_that_the_course_is_proven_on() -> None:
    assert next(pin["version"] for pin in pins() if pin["name"] == "torch") == "2.6.0"


def top_level_imports(path: Path) -> set[str]:
    """The names before the first dot of everything that a file imports, anywhere in it."""
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names


def test_what_is_imported_is_required() -> None:
    required = {pin["name"] for pin in pins()}
    own = {"benchmarks", "kit", "workshop", "nanogpt", "tests", "scripts"}
    owners = importlib.metadata.packages_distributions()
    missing: dict[str, str] = {}
    for folder in ("kit", "benchmarks", "scripts", "workshop", "nanogpt", "checkpoints", "tests"):
        for path in sorted((ROOT / folder).rglob("*.py")):
            for name in top_level_imports(path) - own - set(sys.stdlib_module_names):
                distributions = {owner.lower().replace("_", "-") for owner in owners.get(name, [name])}
                if not distributions & required and name not in {"IPython"}:  # IPython: a part of ipykernel
                    missing[name] = str(path.relative_to(ROOT))
    assert missing == {}


def test_the_packages_are_found_from_any_folder(tmp_path: Path) -> None:
    look = "import importlib.util as u, json, sys; print(json.dumps([u.find_spec(n).origin for n in sys.argv[1:]]))"
    names = ("kit", "workshop", "nanogpt", "benchmarks")
    env = {name: value for name, value in os.environ.items() if name != "PYTHONPATH"}
    command = [sys.executable, "-c", look, *names]
    got = subprocess.run(command, cwd=tmp_path, env=env, capture_output=True, text=True, check=True)
    assert json.loads(got.stdout) == [str(ROOT / name / "__init__.py") for name in names]


# --- one Python everywhere -------------------------------------------------------------------------------------


def test_every_place_names_the_same_python() -> None:
    wanted = read(".python-version").strip()
    project = tomllib.loads(read("pyproject.toml"))["project"]
    assert wanted == "3.12"
    assert f"FROM python:{wanted}-slim" in read("Dockerfile").splitlines()
    assert project["requires-python"] == ">=3.11,<3.14"


# --- the Makefile ----------------------------------------------------------------------------------------------


def make(*words: str) -> subprocess.CompletedProcess[str]:
    """make, as if from a terminal, even when make itself started these tests."""
    alone = {name: value for name, value in os.environ.items() if name not in {"MAKEFLAGS", "MAKELEVEL", "MFLAGS"}}
    return subprocess.run(["make", *words], cwd=ROOT, env=alone, capture_output=True, text=True, check=True)


def test_make_alone_prints_one_line_for_each_target() -> None:
    got = make("-s")
    named = [line.split()[1] for line in got.stdout.splitlines()]
    assert all(line.startswith("make ") and len(line.split()) > 3 for line in got.stdout.splitlines())
    assert {"setup", "demo", "test", "test-all", "test-container", "bench", "build", "check", "clean"} <= set(named)
    rules = set(re.findall(r"^([a-z-]+):", read("Makefile"), re.MULTILINE))
    assert set(named) <= rules


@pytest.mark.parametrize(
    ("target", "wanted"),
    [
        ("demo", ["scripts/demo.py"]),
        ("test", ["-m ruff check", "-m mypy", "scripts/build.py --check", "-m pytest", "--cov=kit"]),
        ("test-all", ["-m ruff check", "-m mypy", "-m pytest", "--cov=kit", "--prove-again"]),
        ("bench", ["scripts/bench.py"]),
        ("build", ["scripts/build.py"]),
        ("check", ["scripts/check.py"]),
    ],
)
def test_a_target_sets_up_and_runs_its_script(target: str, wanted: list[str]) -> None:
    got = make("-n", target)
    first, *others = got.stdout.splitlines()
    assert first == "sh scripts/setup.sh"
    assert all(any(part in line for line in others) for part in wanted)
    assert all((ROOT / script).is_file() for script in re.findall(r"scripts/\w+\.py", got.stdout))


# --- the image and the Dev Container ---------------------------------------------------------------------------


def test_the_dockerfile_has_nothing_for_hadolint_to_say() -> None:
    lint = Path(sys.executable).with_name("hadolint")
    got = subprocess.run([lint, "--format", "json", ROOT / "Dockerfile"], capture_output=True, text=True, check=False)
    assert (json.loads(got.stdout), got.returncode) == ([], 0)


def instructions(name: str) -> list[str]:
    """What the Dockerfile gives to each instruction with this name."""
    lines = read("Dockerfile").replace("\\\n", " ").splitlines()
    return [line.removeprefix(name).strip() for line in lines if line.startswith(f"{name} ")]


def test_the_image_is_nobodys_but_the_learners() -> None:
    assert instructions("USER") == ["learner"]
    assert "git config --system --add safe.directory '*'" in instructions("RUN")[0]
    arguments = {argument.split("=")[0] for argument in instructions("ARG")}
    assert arguments == {"CA_CERTIFICATE", "WITH_TORCH", "TORCH_INDEX", "TORCH_VERSION"}
    lines = read("Dockerfile").splitlines()
    as_root = lines[: lines.index("USER learner")]
    assert not any("pip install" in line for line in as_root)
    assert "PYTHONPATH=/workshop" in instructions("ENV")[0].split()
    assert instructions("EXPOSE") == ["8888"]
    assert json.loads(instructions("CMD")[0])[:2] == ["jupyter", "lab"]


def test_python_and_any_pip_trust_what_the_image_trusts() -> None:
    """pip doesn't ask the system before version 24.2, and a base image may come with an older one."""
    settings = dict(word.split("=", 1) for word in instructions("ENV")[0].split())
    assert settings["SSL_CERT_FILE"] == settings["PIP_CERT"] == "/etc/ssl/certs/ca-certificates.crt"


PROXY = {"HTTP_PROXY", "HTTPS_PROXY", "NO_PROXY"}  # every build knows them
DEVCONTAINER_KEYS = {
    "": {"name", "build", "remoteUser", "updateContentCommand", "postAttachCommand", "portsAttributes"}
    | {"containerEnv", "hostRequirements", "customizations"},
    "build": {"dockerfile", "context", "args"},
    "hostRequirements": {"cpus", "memory", "storage", "gpu"},
    "customizations": {"vscode", "codespaces"},
    "customizations.vscode": {"extensions", "settings"},
    "customizations.codespaces": {"openFiles"},
    "portsAttributes.8888": {"label", "onAutoForward"},
}


@pytest.fixture
def devcontainer() -> dict[str, Any]:
    found: dict[str, Any] = json.loads(read(".devcontainer/devcontainer.json"))
    return found


@pytest.mark.parametrize("place", DEVCONTAINER_KEYS)
def test_the_dev_container_has_no_key_that_nobody_knows(devcontainer: dict[str, Any], place: str) -> None:
    part = devcontainer
    for name in filter(None, place.split(".")):
        part = part[name]
    assert set(part) <= DEVCONTAINER_KEYS[place]


def test_the_dev_container_builds_the_dockerfile(devcontainer: dict[str, Any]) -> None:
    folder = ROOT / ".devcontainer"
    build = devcontainer["build"]
    assert (folder / build["dockerfile"]).resolve() == ROOT / "Dockerfile"
    assert (folder / build["context"]).resolve() == ROOT
    declared = {argument.split("=")[0] for argument in instructions("ARG")}
    assert set(build["args"]) - PROXY == declared
    assert all(isinstance(value, str) for value in build["args"].values())
    assert [devcontainer["remoteUser"]] == instructions("USER")
    assert set(devcontainer["containerEnv"]) == {"PYTHONPATH", *PROXY}
    assert set(devcontainer["portsAttributes"]) == set(instructions("EXPOSE"))


def test_what_the_host_has_set_reaches_the_build_and_nothing_set_means_what_is_usual(
    devcontainer: dict[str, Any],
) -> None:
    passed = {name: value for name, value in devcontainer["build"]["args"].items() if name != "WITH_TORCH"}
    assert passed == {name: f"${{localEnv:{name}}}" for name in passed}  # a default can't have a colon in it
    assert {argument.partition("=")[2] for argument in instructions("ARG")} == {"", "1"}


def test_the_dev_container_needs_no_gpu_and_a_prebuild_has_all_of_it(devcontainer: dict[str, Any]) -> None:
    assert devcontainer["hostRequirements"]["gpu"] == "optional"
    assert devcontainer["updateContentCommand"] == "make setup"  # the last step that a prebuild keeps
    assert {"onCreateCommand", "postCreateCommand", "postStartCommand", "runArgs"}.isdisjoint(devcontainer)
    opened = devcontainer["customizations"]["codespaces"]["openFiles"]
    assert opened == ["workshop/en/ch00_start.ipynb"]
    assert (ROOT / opened[0]).is_file()


def test_editors_are_offered_the_same_extensions_everywhere(devcontainer: dict[str, Any]) -> None:
    package = re.search(r"scripts/vsix\.py (\S+)", read("Dockerfile"))
    assert package is not None
    assert set(devcontainer["customizations"]["vscode"]["extensions"]) == EXTENSIONS | {package[1]}
    assert set(json.loads(read(".vscode/extensions.json"))["recommendations"]) == EXTENSIONS


def test_editors_save_by_themselves_and_ask_on_conflict(devcontainer: dict[str, Any]) -> None:
    settings = json.loads(read(".vscode/settings.json"))
    assert (settings["files.autoSave"], settings["files.saveConflictResolution"]) == ("afterDelay", "askUser")
    # An interpreter named here would win over the image's.
    assert not [key for key in settings if "nterpreter" in key]
    inside = devcontainer["customizations"]["vscode"]["settings"]
    assert inside["python.defaultInterpreterPath"] == "/opt/venv/bin/python"


def test_the_explorer_hides_internals_and_answers_and_another_workspace_has_them() -> None:
    settings = json.loads(read(".vscode/settings.json"))
    hidden = {name for name, hides in settings["files.exclude"].items() if hides}
    assert {"checkpoints", "nanogpt", "kit", "tests"} <= hidden  # the first two have the answers
    assert not {"workshop", "docs", "scripts"} & hidden
    assert settings["explorer.fileNesting.patterns"]["ch*.ipynb"] == "ch${capture}.py"
    assert not list(ROOT.glob("*.code-workspace"))  # VS Code would offer it to every learner
    workspace = json.loads(read("docs/contributing.code-workspace"))
    folders = {folder["path"].removeprefix("../") for folder in workspace["folders"]}
    assert all((ROOT / folder).is_dir() for folder in folders)
    tracked = subprocess.run(["git", "ls-files"], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    assert {path.split("/")[0] for path in tracked.splitlines() if "/" in path} <= folders


def test_every_task_runs_a_script_that_is_there_and_shows_problems_where_it_judges() -> None:
    tasks = json.loads(read(".vscode/tasks.json"))["tasks"]
    assert all(task["label"].startswith("Workshop: ") for task in tasks)
    labels = {task["label"].removeprefix("Workshop: "): task for task in tasks}
    wanted = {"check this chapter", "watch", "save my progress", "hint", "reset this exercise", "progress"}
    assert wanted | {"update from the workshop", "open JupyterLab"} <= set(labels)
    for task in tasks:
        assert (task["command"], task["args"][0]) == ("sh", "scripts/python.sh")
        assert task["args"][1] == "-m" or (ROOT / task["args"][1]).is_file()
    pattern = labels["watch"]["problemMatcher"]["pattern"]
    line = "workshop/en/ch06_attention_head.py:120: 06.03 failed: that multiplies element by element: look again"
    found = re.fullmatch(pattern["regexp"], line)
    assert found is not None
    assert (found[pattern["file"]], found[pattern["line"]]) == ("workshop/en/ch06_attention_head.py", "120")
    background = labels["watch"]["problemMatcher"]["background"]
    assert re.match(background["beginsPattern"], BEGIN) and re.match(background["endsPattern"], END)
    assert labels["watch"]["isBackground"] is True


# --- hooks -----------------------------------------------------------------------------------------------------


@pytest.fixture
def hooks() -> list[dict[str, Any]]:
    repositories = yaml.safe_load(read(".pre-commit-config.yaml"))["repos"]
    assert [repository["repo"] for repository in repositories] == ["local"]
    found: list[dict[str, Any]] = repositories[0]["hooks"]
    return found


def test_hooks_need_no_network_and_run_in_order(hooks: list[dict[str, Any]]) -> None:
    assert [hook["id"] for hook in hooks] == ["pair", "nbstripout", "build", "ruff"]
    assert {hook["language"] for hook in hooks} == {"system"}
    assert all(hook["entry"].startswith("sh scripts/python.sh ") for hook in hooks)
    named = re.findall(r"scripts/\w+\.(?:py|sh)", " ".join(hook["entry"] for hook in hooks))
    assert all((ROOT / script).is_file() for script in named)


@pytest.mark.parametrize(
    ("path", "wanted"),
    [
        ("workshop/en/ch01_data_loader.py", {"pair"}),
        ("workshop/de/ch01_data_loader.ipynb", {"pair", "nbstripout"}),
        ("workshop/en/notes.ipynb", set()),
        ("workshop/draw.py", {"ruff"}),
        ("checkpoints/ch01_data_loader.py", {"build", "ruff"}),
        ("chapters.toml", {"build"}),
        ("nanogpt/data_loader.py", {"build", "ruff"}),
        ("kit/judge/judge.py", {"ruff"}),
        ("README.md", set()),
    ],
)
def test_hooks_look_at_their_own_files(hooks: list[dict[str, Any]], path: str, wanted: set[str]) -> None:
    assert {hook["id"] for hook in hooks if re.search(hook["files"], path)} == wanted


# --- the workflow ----------------------------------------------------------------------------------------------


WORKFLOWS = {name: yaml.safe_load(read(f".github/workflows/{name}.yml")) for name in ("ci", "nightly")}
EACH_WORKFLOW = pytest.mark.parametrize("workflow", WORKFLOWS.values(), ids=WORKFLOWS)


def test_the_workflow_runs_on_every_python_and_both_torches() -> None:
    job = WORKFLOWS["ci"]["jobs"]["test"]
    pinned = next(pin["version"] for pin in pins() if pin["name"] == "torch")
    assert job["strategy"]["matrix"] == {"python": ["3.11", "3.12", "3.13"], "torch": [pinned, "newest"]}
    assert set(job["env"]) == {"PYTHON", "TORCH_VERSION"}
    assert job["steps"][-1]["run"] == ".ci/run"


def test_every_night_all_tests_run_and_no_proof_is_taken_from_a_cache() -> None:
    workflow = WORKFLOWS["nightly"]
    job = workflow["jobs"]["test-all"]
    assert set(workflow[True]) == {"schedule", "workflow_dispatch"}  # YAML 1.1 reads `on` as True
    assert job["steps"][-1]["run"] == ".ci/run test-all"
    assert not [step for step in job["steps"] if step.get("uses", "").startswith("actions/cache@")]
    pinned = next(pin["version"] for pin in pins() if pin["name"] == "torch")
    assert {row["torch"] for row in job["strategy"]["matrix"]["include"]} == {pinned, "newest"}


@EACH_WORKFLOW
def test_sandboxes_can_start_before_any_test_runs(workflow: dict[str, Any]) -> None:
    (job,) = workflow["jobs"].values()
    commands = [step.get("run", "") for step in job["steps"]]
    assert "sudo sysctl -w kernel.apparmor_restrict_unprivileged_userns=0" in commands[:-1]


def test_what_is_proven_is_cached_for_this_python_and_torch_alone() -> None:
    steps = WORKFLOWS["ci"]["jobs"]["test"]["steps"]
    (cache,) = [step["with"] for step in steps if step.get("uses", "").startswith("actions/cache@")]
    assert cache["path"] == FOLDER
    assert cache["key"].startswith(cache["restore-keys"])
    assert {"${{ matrix.python }}", "${{ matrix.torch }}"} <= set(re.findall(r"\$\{\{.*?\}\}", cache["restore-keys"]))


@EACH_WORKFLOW
def test_the_workflow_is_bounded_and_may_read_only(workflow: dict[str, Any]) -> None:
    assert workflow["permissions"] == {"contents": "read"}
    assert all(0 < job["timeout-minutes"] <= 60 for job in workflow["jobs"].values())


@EACH_WORKFLOW
def test_actions_are_fixed_by_commit(workflow: dict[str, Any]) -> None:
    used = [step["uses"] for job in workflow["jobs"].values() for step in job["steps"] if "uses" in step]
    assert used
    assert all(re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", action) for action in used)


def test_ci_runs_the_tests_within_a_limit() -> None:
    script = ROOT / ".ci/run"
    assert os.access(script, os.X_OK)
    assert subprocess.run(["bash", "-n", script], check=False).returncode == 0
    lines = script.read_text().splitlines()
    assert {"limit=20m", "target=${1:-test}"} <= set(lines)
    assert re.fullmatch(r'exec timeout .*"\$limit" make "\$target"', lines[-1])


def test_issue_forms_ask_for_something_and_dependabot_looks_at_what_is_there() -> None:
    for path in (ROOT / ".github/ISSUE_TEMPLATE").glob("*.yml"):
        form = yaml.safe_load(path.read_text(encoding="utf-8"))
        assert form["name"] and form["description"]
        assert any(field.get("validations", {}).get("required") for field in form["body"]), path.name
        assert len({field["id"] for field in form["body"]}) == len(form["body"])
    updates = yaml.safe_load(read(".github/dependabot.yml"))["updates"]
    assert [update["package-ecosystem"] for update in updates] == ["pip", "github-actions"]


# --- git -------------------------------------------------------------------------------------------------------


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    """An empty repository with this project's .gitignore and .gitattributes."""
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    for name in (".gitignore", ".gitattributes"):
        shutil.copy(ROOT / name, tmp_path / name)
    return tmp_path


@pytest.mark.parametrize(
    ("path", "ignored"),
    [
        (".venv/bin/python", True),
        (".workshop/base", True),
        (".proofs/cache.sqlite", True),
        ("demo/cohort.json", True),
        ("workshop/en/.ipynb_checkpoints/ch01_data_loader-checkpoint.ipynb", True),
        ("kit/__pycache__/judge.cpython-312.pyc", True),
        (".coverage", True),
        ("workshop_kit.egg-info/PKG-INFO", True),
        (".vscode/launch.json", True),
        (".vscode/settings.json", False),
        (".vscode/extensions/workshop/package.json", False),
        (".vscode/tasks.json", False),
        ("workshop/en/ch01_data_loader.ipynb", False),
        ("kit/demo/cohort.py", False),
    ],
)
def test_git_ignores_what_is_made_and_keeps_what_is_written(clone: Path, path: str, ignored: bool) -> None:
    got = subprocess.run(["git", "-C", clone, "check-ignore", "-q", path], check=False)
    assert got.returncode == (0 if ignored else 1)


@pytest.mark.parametrize("path", ["kit/judge/judge.py", "workshop/en/ch01_data_loader.ipynb", "README.md", "Makefile"])
def test_line_ends_are_lf_everywhere(clone: Path, path: str) -> None:
    got = subprocess.run(["git", "-C", clone, "check-attr", "eol", path], capture_output=True, text=True, check=True)
    assert got.stdout.strip() == f"{path}: eol: lf"


def test_jupytext_pairs_nothing_by_file_time() -> None:
    assert "formats" not in tomllib.loads(read("workshop/jupytext.toml"))
