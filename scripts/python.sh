#!/bin/sh
# Python with the arguments given: the image's, else that of .venv, else the first on PATH. For the commit hooks,
# which run where nothing is activated.
for python in "${WORKSHOP_VENV:-.venv}/bin/python" python3 python; do
  if "$python" -I -S -c '' >/dev/null 2>&1; then exec "$python" "$@"; fi
done
echo "No Python starts here: run make setup first." >&2
exit 2
