#!/bin/sh
# Install the workshop's VS Code extension, if this checkout has it. Whatever goes wrong, the container opens without it:
# VS Code still offers the extension, from its folder.
cd "$(dirname "$0")/.." || exit 0
vsix=build/workshop.vsix
if [ -f scripts/vsix.py ]; then sh scripts/python.sh scripts/vsix.py >/dev/null || exit 0; fi
[ -f "$vsix" ] || exit 0
# `code` isn't always on the PATH here; the server's own command always comes with it.
for code in "$(command -v code)" "$HOME"/.vscode-server/bin/*/bin/code-server "$HOME"/.vscode-remote/bin/*/bin/code-server \
  /vscode/bin/*/*/bin/code-server /vscode/vscode-server/bin/*/*/bin/code-server; do
  if [ -x "$code" ] && "$code" --install-extension "$vsix" --force; then exit 0; fi
done
echo "The workshop's extension isn't installed. Next: Extensions > ... > Install from VSIX, and choose $vsix"
