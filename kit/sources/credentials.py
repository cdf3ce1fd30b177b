"""The token for GitHub's API, from the environment or `gh`. It never goes into a file, command line or message."""

from __future__ import annotations

import os
import re
import subprocess

from kit.errors import KitError

SECONDS = 10.0  # for gh
SOUND = re.compile(r"[\x21-\x7e]{8,512}")


def token_for(host: str) -> str:
    """The token for a GitHub host; an empty string if there isn't one.

    Raises:
        KitError: GITHUB_TOKEN isn't a token.
    """
    given = os.environ.get("GITHUB_TOKEN", "").strip()
    if given:
        if not SOUND.fullmatch(given):
            raise KitError("GITHUB_TOKEN isn't a token", "", "set it again, or unset it")
        return given
    try:
        done = subprocess.run(
            ["gh", "auth", "token", "--hostname", host],
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=SECONDS,
            check=False,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    found = done.stdout.strip()
    return found if done.returncode == 0 and SOUND.fullmatch(found) else ""
