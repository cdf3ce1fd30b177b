#!/bin/sh
# Install what `make test-editors` needs into a folder outside the checkout: VS Code, as code-server.
#
#     sh tests/editors/setup.sh [FOLDER]        the folder is $WORKSHOP_EDITORS or /tmp/editors if none is given
#
# It needs Node 20 and Debian or Ubuntu, and takes a few minutes, once. The browser is the system's, its driver the
# Python package playwright.
set -eu

FOLDER=${1:-${WORKSHOP_EDITORS:-/tmp/editors}}
CODE_SERVER=4.100.3

SUDO=
[ "$(id -u)" = 0 ] || SUDO=sudo
$SUDO apt-get update -qq
$SUDO apt-get install -y -qq --no-install-recommends \
  build-essential pkg-config python3 libkrb5-dev libsecret-1-dev libx11-dev libxkbfile-dev ripgrep chromium git

mkdir -p "$FOLDER"
cd "$FOLDER"
[ -f package.json ] || echo '{"private": true}' > package.json
npm install --no-audit --no-fund --ignore-scripts "code-server@$CODE_SERVER"

# code-server's own install scripts fetch binaries; these are the same steps with what npm and the system have.
npm rebuild argon2 --build-from-source
cd node_modules/code-server
cd lib/vscode
npm install --no-audit --no-fund --omit=dev --ignore-scripts
(cd extensions && npm install --no-audit --no-fund --omit=dev --ignore-scripts)
npm_config_yes=true npm rebuild node-pty @vscode/spdlog native-watchdog kerberos @parcel/watcher @vscode/deviceid
mkdir -p node_modules/@vscode/ripgrep/bin
ln -sf "$(command -v rg)" node_modules/@vscode/ripgrep/bin/rg
[ -e node_modules.asar ] || ln -s node_modules node_modules.asar

"$FOLDER/node_modules/.bin/code-server" --version
