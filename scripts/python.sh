#!/bin/sh
# Run the first Python that starts: the image's, .venv's, or one on PATH. For commit hooks and editor tasks, which run
# without an activated environment.
for python in "${WORKSHOP_VENV:-.venv}/bin/python" python3 python; do
  if "$python" -I -S -c '' >/dev/null 2>&1; then exec "$python" "$@"; fi
done
echo "No working Python here. Next: make setup" >&2
exit 2
