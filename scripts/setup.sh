#!/bin/sh
# Make .venv with everything in it, or see right away that it's complete. Every target of the Makefile calls this.
#
#   PYTHON         the interpreter to use; without it, a python3.12 that starts, or else 3.13 or 3.11
#   TORCH_VERSION  a torch other than the one in requirements.txt, or `newest`; it is kept until you give another
#   WORKSHOP_VENV  set inside the image, whose environment is complete; PYTHONPATH makes it find this folder
#
# `setup.sh --print-python` only prints the interpreter it would use; `--moved` brings a moved folder's .venv along.
set -eu
# Left over in a shell or set by a hook, these would have another repository configured (kit/git/command.py).
unset GIT_DIR GIT_WORK_TREE GIT_COMMON_DIR GIT_INDEX_FILE GIT_OBJECT_DIRECTORY GIT_NAMESPACE GIT_PREFIX
cd "$(dirname "$0")/.."
root=$(pwd -P)

venv=${WORKSHOP_VENV:-$root/.venv}
done_file=$venv/setup-done        # what the finished environment was made from
unfinished=$venv/setup-unfinished # the process that is setting up; left over if it's killed
log=$venv/setup.log
cpu_index=https://download.pytorch.org/whl/cpu

say() { printf '%s\n' "$*"; }
note() { say "$@" >&2; }
stop() { note "$@"; exit 2; }

# --- which interpreter ------------------------------------------------------------------------------------------

# Prints "3.12 3.12.1 yes /path": series, version, whether it can make virtual environments, and its path. Any Python
# from 2.7 on can run this; one that isn't a 64-bit CPython 3 prints nothing.
about='
import sys
try:
    import ensurepip, venv
    able = "yes"
except ImportError:
    able = "no"
if sys.version_info[0] == 3 and sys.implementation.name == "cpython" and sys.maxsize > 2**32:
    print("%d.%d %d.%d.%d %s %s" % (sys.version_info[:2] + sys.version_info[:3] + (able, sys.executable)))
'

candidates() { # $PYTHON, or else every Python on PATH but our own, one per line, the preferred names first
  if [ -n "${PYTHON:-}" ]; then say "$PYTHON"; return; fi
  IFS=:
  for name in python3.12 python3 python python3.13 python3.11; do
    for folder in $PATH; do
      file=$folder/$name
      if [ "$folder" != "$root/.venv/bin" ] && [ -f "$file" ] && [ -x "$file" ]; then say "$file"; fi
    done
  done
}

parse() { # $1, an answer to `about`, into its four parts
  read -r series version able python <<EOF
$1
EOF
}

select_python() { # the best candidate, as series, version and python; stops if there is none
  best=9 chosen=
  while read -r candidate; do
    answer=$("$candidate" -c "$about" </dev/null 2>/dev/null) && [ -n "$answer" ] || continue
    parse "$answer"
    case "$series $able" in
      "3.12 yes") rank=1 ;;
      "3.13 yes") rank=2 ;;
      "3.11 yes") rank=3 ;;
      "3.1"[123]" no") rank=4 ;;
      *) rank=5 ;;
    esac
    if [ "$rank" -lt "$best" ]; then best=$rank chosen=$answer; fi
    if [ "$best" = 1 ]; then break; fi
  done <<EOF
$(candidates)
EOF
  parse "$chosen"
  case $best${PYTHON:+ given} in
    [123]" given" | 1) ;;
    [23]) note "No Python 3.12 found; using $version ($python), which works too." ;;
    4*) stop "Python $version ($python) can't make virtual environments: install its venv module" \
      "(Debian, Ubuntu: sudo apt install python$series-venv), then run make again." ;;
    *given) stop "PYTHON=$PYTHON ${version:+is Python $version, so it }can't be used: give one from 3.11 to 3.13 that" \
      "works, or leave PYTHON out." ;;
    *) stop "No Python from 3.11 to 3.13 found${version:+, only $version ($python)}: install Python 3.12" \
      "(https://www.python.org/downloads/; macOS: brew install python@3.12; Debian, Ubuntu:" \
      "sudo apt install python3 python3-venv), then run make again." ;;
  esac
}

origin() { # the real file of an interpreter, or of the one that its environment was made with
  "$1" -c 'import os, sys; print(os.path.realpath(sys._base_executable))' 2>/dev/null || true
}

if [ "${1:-}" = --print-python ]; then
  select_python
  say "$python"
  exit
fi

# --- is it complete? --------------------------------------------------------------------------------------------

torch=${TORCH_VERSION:-$(cat "$venv/torch-version" 2>/dev/null || true)}

inputs() { # what an environment is made from; when this changes, it's brought up to date
  printf 'torch %s\n' "${torch:-as pinned}"
  cksum requirements.txt pyproject.toml scripts/setup.sh
}

starts() { "$venv/bin/python" -c '' >/dev/null 2>&1; }

# The way from a folder three below .venv to the course. In a .venv that lies here it's relative, so that all of it can be
# moved; the image's, and one that is a link to somewhere else, have the whole path.
if [ -n "${WORKSHOP_VENV:-}" ] || [ -L "$venv" ]; then course=$root; else course=../../../..; fi

lab() { # JupyterLab's extension of ours, as a link, so that an update of the course updates it; never a reason to fail
  folder=$venv/share/jupyter/labextensions
  { mkdir -p "$folder" && ln -sfn "$course/labextension" "$folder/workshop"; } 2>/dev/null || true
}

driver='sh scripts/python.sh scripts/merge_driver.py %O %A %B %P'

hook() { # the merge driver and the commit hook, if this is the top of a git working tree; never a reason to fail
  prefix=$(git rev-parse --show-prefix 2>/dev/null) && [ -z "$prefix" ] || return 0
  [ "$(git config --local merge.workshop.driver)" = "$driver" ] ||
    { git config merge.workshop.name 'chapters, exercise by exercise' && git config merge.workshop.driver "$driver"; } ||
    note "git pull will merge chapters line by line; python scripts/update.py merges them by exercise."
  # Two machines and one fork: without this, git pull stops and asks which of three strategies is meant.
  [ -n "$(git config pull.rebase)$(git config pull.ff)" ] || git config pull.rebase false || true
  script=$(git rev-parse --git-path hooks/pre-commit)
  installed="INSTALL_PYTHON=$venv/bin/python"
  # From the hook to .venv, so that a moved folder still commits. A linked worktree has its hooks elsewhere.
  if [ -z "${WORKSHOP_VENV:-}" ] && [ "$(git rev-parse --git-common-dir)" = .git ]; then
    installed='INSTALL_PYTHON=$(dirname "$0")/../../.venv/bin/python'
  fi
  grep -qxF "$installed" "$script" 2>/dev/null && return 0
  own=$(git rev-parse --git-common-dir)/hooks
  moved=$(git config core.hooksPath) || moved=
  if [ -n "$moved" ] && [ "$moved" != "$own" ]; then
    note "The commit hook isn't installed: git looks for hooks in $moved (core.hooksPath). save.py needs no hook; to" \
      "have it for a plain git commit: git config core.hooksPath $own, then make setup."
    return 0
  fi
  # pre-commit refuses wherever core.hooksPath is set, even to the folder that it installs into
  output=$(GIT_CONFIG_COUNT=1 GIT_CONFIG_KEY_0=core.hooksPath GIT_CONFIG_VALUE_0= \
    "$venv/bin/python" -m pre_commit install 2>&1) &&
    output=$(sed "s|^INSTALL_PYTHON=.*|$installed|" "$script") && say "$output" >"$script" && return 0
  note "The commit hook isn't installed ($(say "$output" | head -n 1)); run 'pre-commit run' before you commit."
}

if [ -n "${WORKSHOP_VENV:-}" ]; then
  cmp -s requirements.txt "$venv/requirements.txt" ||
    note "requirements.txt is newer than this image: rebuild the container to get the changes."
  hook
  lab
  exit
fi

wanted=
if [ -n "${PYTHON:-}" ]; then
  select_python
  wanted=$(origin "$python")
fi
other_python() { [ -n "$wanted" ] && [ "$wanted" != "$(origin "$venv/bin/python")" ]; }

elsewhere() { [ "$(head -n 1 "$done_file")" != "folder $root" ]; }

bring_along() { # a .venv whose folder was moved: what has absolute paths in it is written again, nothing is fetched
  note "This folder was moved or copied; its .venv comes along."
  "$venv/bin/python" -m venv --without-pip "$venv" # for `activate`
  "$venv/bin/python" scripts/environment.py
  rest=$(tail -n +2 "$done_file")
  printf 'folder %s\n%s\n' "$root" "$rest" >"$done_file"
}

if [ -f "$done_file" ] && starts && ! other_python && ! { elsewhere && [ -L "$venv" ]; }; then
  if elsewhere; then bring_along; fi
  if [ "${1:-}" = --moved ] || [ "$(tail -n +2 "$done_file")" = "$(inputs)" ]; then
    hook
    lab
    exit
  fi
fi
[ "${1:-}" != --moved ] || exit 0

# --- make it ----------------------------------------------------------------------------------------------------

child=
trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 130' INT TERM HUP

quietly() { # run a command with its output in the log; it ends when this script is stopped
  printf '\n$ %s\n' "$*" >>"$log"
  "$@" >>"$log" 2>&1 &
  child=$!
  status=0
  wait "$child" || status=$?
  child=
  return "$status"
}

pip() { quietly "$venv/bin/python" -m pip install --disable-pip-version-check "$@"; }

give_up() { # a step has failed, but wasn't killed, so the next run can continue from here
  rm -f "$unfinished"
  reason=$(grep -E '^(ERROR|error|.*Error):' "$log" | tail -n 1)
  stop "Couldn't install $1: ${reason:-no reason given}. The full log is $log; run make again to continue from here."
}

at_work() { # is another setup at work in .venv?
  other=$(cat "$unfinished" 2>/dev/null) && [ -n "$other" ] &&
    ps -p "$other" -o args= 2>/dev/null | grep -q 'setup\.sh'
}
if at_work; then
  note "Another setup (process $other) is running; waiting for it."
  while at_work; do sleep 1; done
  exec sh scripts/setup.sh
fi

if [ -e "$venv" ] || [ -L "$venv" ]; then
  if [ -f "$unfinished" ]; then reason="is incomplete"
  elif ! starts; then reason="doesn't start"
  elif ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then reason="has no pip"
  elif other_python; then reason="uses another Python"
  elif [ -L "$venv" ] && [ -f "$done_file" ] && elsewhere; then reason="is another folder's"
  else reason=
  fi
  if [ -n "$reason" ]; then
    say ".venv $reason; making a new one."
    rm -rf "$venv" || stop "Can't remove $venv: remove it by hand, then run make again."
  fi
fi

if [ ! -e "$venv" ]; then
  [ -n "$wanted" ] || select_python
  say "[1/4] .venv with Python $version, a few seconds"
  if ! { mkdir "$venv" && say "$$" >"$unfinished"; }; then
    stop "Can't make $venv: is the folder read-only, or the disk full?"
  fi
  quietly "$python" -m venv "$venv" || give_up "the virtual environment"
else
  say "[1/4] .venv exists already"
fi
say "$$" >"$unfinished"
rm -f "$done_file"

pinned() { grep -E "^$1==" requirements.txt; }

pinned pip >"$venv/pip.txt"
pip -r "$venv/pip.txt" || give_up "pip"

case $torch in
  "") pinned torch ;;
  newest) say torch ;;
  *) say "torch==$torch" ;;
esac >"$venv/torch.txt"
if [ "$torch" != newest ] && pip --no-index -r "$venv/torch.txt"; then
  say "[2/4] torch is installed already"
else
  say "[2/4] torch${torch:+ $torch}, about a minute on a fast connection (200 MB)"
  if ! pip --upgrade --index-url "$cpu_index" --retries 0 --timeout 5 -r "$venv/torch.txt"; then
    say "      PyTorch's CPU index didn't work; trying the default one, up to five minutes (Linux x86-64: 5 GB on disk)"
    pip --upgrade -r "$venv/torch.txt" || give_up "torch"
  fi
fi
[ -z "$torch" ] || say "$torch" >"$venv/torch-version"

say "[3/4] everything else in requirements.txt, about a minute"
grep -Ev '^(pip|torch)==' requirements.txt >"$venv/requirements.txt"
pip -r "$venv/requirements.txt" || give_up "requirements.txt"

say "[4/4] the packages kit, workshop and nanogpt, and the commit hook"
for packages in "$venv"/lib/python3*/site-packages; do
  [ ! -d "$packages" ] || say "$course" >"$packages/workshop.pth"
done
[ "$course" = "$root" ] || quietly "$venv/bin/python" scripts/environment.py || give_up "the commands in $venv/bin"
hook
lab
{ say "folder $root" && inputs; } >"$done_file"
rm -f "$unfinished"
