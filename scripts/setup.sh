#!/bin/sh
# Make .venv with everything in it, or see in a moment that it is made. Every target of the Makefile calls this.
#
#   PYTHON         the interpreter to make it with; else a python3.12 that starts, else any from 3.11 to 3.13
#   TORCH_VERSION  another torch than requirements.txt says, or `newest`; it stays until another is given
#   WORKSHOP_VENV  set inside the image: an environment that has everything; PYTHONPATH names this folder there
#
# `setup.sh --print-python` says which interpreter it would take, and makes nothing.
set -eu
cd "$(dirname "$0")/.."
root=$(pwd -P)

venv=${WORKSHOP_VENV:-$root/.venv}
done_file=$venv/setup-done        # what the finished environment was made from
unfinished=$venv/setup-unfinished # holds the process that is at work; left behind by one that was killed
log=$venv/setup.log
cpu_index=https://download.pytorch.org/whl/cpu

say() { printf '%s\n' "$*"; }
note() { printf '%s\n' "$*" >&2; }
stop() { note "$*"; exit 2; }

# --- which interpreter ------------------------------------------------------------------------------------------

# Prints "3.12 3.12.1 yes /real/path": series, version, can it make virtual environments, itself. Any Python from
# 2.7 on can run it; nothing is printed for another implementation or a 32-bit one.
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

ask() { # what the interpreter $1 says of itself; empty when it does not start
  "$1" -c "$about" </dev/null 2>/dev/null || true
}

on_path() { # every file on PATH with one of these names, name by name, but none of our own .venv
  for name; do
    saved=$IFS
    IFS=:
    for folder in $PATH; do
      if [ "$folder" != "$root/.venv/bin" ] && [ -f "$folder/$name" ] && [ -x "$folder/$name" ]; then
        printf '%s\n' "$folder/$name"
      fi
    done
    IFS=$saved
  done
}

origin() { # the file that an interpreter, or the one that an environment was made with, is in the end
  "$1" -c 'import os, sys; print(os.path.realpath(sys._base_executable))' 2>/dev/null || true
}

parts() { # split an answer of `ask`
  read -r series version able python <<EOF
$1
EOF
}

select_python() { # sets series, version, python
  if [ -n "${PYTHON:-}" ]; then
    parts "$(ask "$PYTHON")"
    case $series in
      3.11 | 3.12 | 3.13) ;;
      "") stop "PYTHON=$PYTHON does not start: give one from 3.11 to 3.13 that does, or none." ;;
      *) stop "PYTHON=$PYTHON is Python $version: give one from 3.11 to 3.13, or none." ;;
    esac
    [ "$able" = yes ] || stop "PYTHON=$PYTHON cannot make virtual environments:" \
      "install its venv module (Debian, Ubuntu: sudo apt install python$series-venv), then run make again."
    return
  fi
  second='' third='' crippled='' other=''
  candidates=$(on_path python3.12 python3 python python3.13 python3.11)
  saved=$IFS
  IFS='
'
  for candidate in $candidates; do
    IFS=$saved
    answer=$(ask "$candidate")
    parts "$answer"
    case "$series $able" in
      "3.12 yes") return ;;
      "3.13 yes") second=${second:-$answer} ;;
      "3.11 yes") third=${third:-$answer} ;;
      "3.11 no" | "3.12 no" | "3.13 no") crippled=${crippled:-$answer} ;;
      " ") ;;
      *) other=${other:-$answer} ;;
    esac
  done
  IFS=$saved
  if [ -n "$second$third" ]; then
    parts "${second:-$third}"
    note "No Python 3.12 starts here; taking $version ($python), which will do."
  elif [ -n "$crippled" ]; then
    parts "$crippled"
    stop "Python $version ($python) cannot make virtual environments:" \
      "install its venv module (Debian, Ubuntu: sudo apt install python$series-venv), then run make again."
  else
    found=''
    if [ -n "$other" ]; then parts "$other"; found=" (there is $version, $python)"; fi
    stop "No Python from 3.11 to 3.13 starts here$found: install Python 3.12" \
      "(https://www.python.org/downloads/; macOS: brew install python@3.12; Debian, Ubuntu:" \
      "sudo apt install python3 python3-venv), then run make again."
  fi
}

if [ "${1:-}" = --print-python ]; then
  select_python
  say "$python"
  exit
fi

# --- is it made already? ----------------------------------------------------------------------------------------

torch=${TORCH_VERSION:-$(cat "$venv/torch-version" 2>/dev/null || true)}

inputs() { # what an environment is made from; another answer means: make it again
  printf 'folder %s\ntorch %s\n' "$root" "${torch:-as pinned}"
  cksum requirements.txt pyproject.toml scripts/setup.sh
}

starts() { "$venv/bin/python" -c '' >/dev/null 2>&1; }

driver='sh scripts/python.sh scripts/merge_driver.py %O %A %B %P'

hook() { # the commit hook and the merge driver, when this is the top of a git working tree; never a reason to fail
  prefix=$(git rev-parse --show-prefix 2>/dev/null) && [ -z "$prefix" ] || return 0
  [ "$(git config --local merge.workshop.driver)" = "$driver" ] ||
    { git config merge.workshop.name 'chapters, exercise by exercise' && git config merge.workshop.driver "$driver"; } ||
    note "git pull will merge chapters line by line; python scripts/update.py does it by exercise."
  grep -qF "$venv/bin/python" "$(git rev-parse --git-path hooks/pre-commit)" 2>/dev/null && return 0
  said=$("$venv/bin/python" -m pre_commit install 2>&1) && return 0
  note "The commit hook is not installed ($(printf '%s\n' "$said" | head -n 1)); 'pre-commit run' does its work."
}

if [ -n "${WORKSHOP_VENV:-}" ]; then
  cmp -s requirements.txt "$venv/requirements.txt" ||
    note "requirements.txt has changed since this image was built: rebuild the container to get what is new."
  hook
  exit
fi

wanted=''
if [ -n "${PYTHON:-}" ]; then
  select_python
  wanted=$(origin "$python")
fi
if [ -f "$done_file" ] && [ "$(cat "$done_file")" = "$(inputs)" ] && starts &&
  { [ -z "$wanted" ] || [ "$wanted" = "$(origin "$venv/bin/python")" ]; }; then
  hook
  exit
fi

# --- make it ----------------------------------------------------------------------------------------------------

child=''
trap '[ -z "$child" ] || kill "$child" 2>/dev/null; exit 130' INT TERM HUP

quietly() { # run it with its output in the log; when this script is stopped, so is it
  printf '\n$ %s\n' "$*" >>"$log"
  "$@" >>"$log" 2>&1 &
  child=$!
  status=0
  wait "$child" || status=$?
  child=''
  return "$status"
}

pip() { quietly "$venv/bin/python" -m pip install --disable-pip-version-check "$@"; }

give_up() { # a step has failed and ended by itself, so what is there can be gone on with
  rm -f "$unfinished"
  reason=$(grep -E '^(ERROR|error|.*Error):' "$log" | tail -n 1)
  stop "$1: ${reason:-no reason given}. The whole story is in $log; run make again to go on from here."
}

at_work() { # is another setup at work in .venv?
  other=$(cat "$unfinished" 2>/dev/null) && [ -n "$other" ] &&
    ps -p "$other" -o args= 2>/dev/null | grep -q 'setup\.sh'
}
if at_work; then
  note "Another setup (process $other) is at work; waiting for it."
  while at_work; do sleep 1; done
  exec sh scripts/setup.sh
fi

reason=''
if [ -e "$venv" ] || [ -L "$venv" ]; then
  if [ -f "$unfinished" ]; then reason="is half made"
  elif ! starts; then reason="does not start"
  elif ! "$venv/bin/python" -m pip --version >/dev/null 2>&1; then reason="has no pip"
  elif [ -n "$wanted" ] && [ "$wanted" != "$(origin "$venv/bin/python")" ]; then reason="is of another Python"
  elif [ -f "$done_file" ] && [ "$(head -n 1 "$done_file")" != "folder $root" ]; then reason="was made in another folder"
  fi
fi
if [ -n "$reason" ]; then
  say ".venv $reason; making it again."
  rm -rf "$venv" || stop "$venv cannot be removed: remove it by hand, then run make again."
fi

if [ ! -e "$venv" ]; then
  [ -n "$wanted" ] || select_python
  say "[1/4] .venv with Python $version, a few seconds"
  if ! { mkdir "$venv" && printf '%s\n' "$$" >"$unfinished"; }; then
    stop "$venv cannot be made: is the folder writable, the disk full?"
  fi
  quietly "$python" -m venv "$venv" || give_up "The virtual environment did not come about"
else
  say "[1/4] .venv is there"
fi
printf '%s\n' "$$" >"$unfinished"
rm -f "$done_file"

pinned() { grep -E "^$1==" requirements.txt; }

pinned pip >"$venv/pip.txt"
pip -r "$venv/pip.txt" || give_up "pip did not install"

case $torch in
  "") pinned torch >"$venv/torch.txt" ;;
  newest) echo torch >"$venv/torch.txt" ;;
  *) echo "torch==$torch" >"$venv/torch.txt" ;;
esac
if [ "$torch" != newest ] && pip --no-index -r "$venv/torch.txt"; then
  say "[2/4] torch is there"
else
  say "[2/4] torch${torch:+ $torch}, about a minute on a fast line (200 MB)"
  if ! pip --upgrade --index-url "$cpu_index" --retries 0 --timeout 5 -r "$venv/torch.txt"; then
    say "      PyTorch's CPU index did not give it; the default index, up to five minutes (Linux x86-64: 5 GB on disk)"
    pip --upgrade -r "$venv/torch.txt" || give_up "torch did not install"
  fi
fi
[ -z "$torch" ] || printf '%s\n' "$torch" >"$venv/torch-version"

say "[3/4] everything else in requirements.txt, about a minute"
grep -Ev '^(pip|torch)==' requirements.txt >"$venv/requirements.txt"
pip -r "$venv/requirements.txt" || give_up "requirements.txt did not install"

say "[4/4] the packages kit, workshop and nanogpt, and the commit hook"
pip --no-deps --no-build-isolation --no-index -e . || give_up "The packages kit, workshop and nanogpt did not install"
hook
inputs >"$done_file"
rm -f "$unfinished"
