"""Pack the workshop's VS Code extension: `python scripts/vsix.py [FILE] [--install]`; the same bytes each time.

VS Code offers the folder .vscode/extensions/workshop by itself, and asks. A Dev Container or Codespace installs this
package, so that nobody is asked there.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kit.errors import KitError
from kit.terminal import guarded

ROOT = Path(__file__).resolve().parents[1]
SOURCE = ROOT / ".vscode" / "extensions" / "workshop"
DATE = (1980, 1, 1, 0, 0, 0)  # the earliest that a zip file can have
TYPES = {"js": "application/javascript", "json": "application/json", "md": "text/markdown", "svg": "image/svg+xml"}
CONTENT_TYPES = (
    '<?xml version="1.0" encoding="utf-8"?>\n'
    '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    + "".join(f'<Default Extension=".{end}" ContentType="{kind}"/>' for end, kind in sorted(TYPES.items()))
    + '<Default Extension=".vsixmanifest" ContentType="text/xml"/></Types>\n'
)
TEXTS = {"title": "displayName", "description": "description"}  # written as %key% there
MANIFEST = """<?xml version="1.0" encoding="utf-8"?>
<PackageManifest Version="2.0.0" xmlns="http://schemas.microsoft.com/developer/vsx-schema/2011">
  <Metadata>
    <Identity Language="en-US" Id={name} Version={version} Publisher={publisher}/>
    <DisplayName>{title}</DisplayName>
    <Description xml:space="preserve">{description}</Description>
    <Properties>
      <Property Id="Microsoft.VisualStudio.Code.Engine" Value={engine}/>
      <Property Id="Microsoft.VisualStudio.Code.ExtensionKind" Value="workspace"/>
    </Properties>
  </Metadata>
  <Installation><InstallationTarget Id="Microsoft.VisualStudio.Code"/></Installation>
  <Dependencies/>
  <Assets><Asset Type="Microsoft.VisualStudio.Code.Manifest" Path="extension/package.json" Addressable="true"/></Assets>
</PackageManifest>
"""


def manifest(source: Path) -> str:
    """The manifest of the package, from the extension's own."""
    own = json.loads((source / "package.json").read_text(encoding="utf-8"))
    texts = json.loads((source / "package.nls.json").read_text(encoding="utf-8"))
    attributes = {key: quoteattr(own[key]) for key in ("name", "version", "publisher")}
    words = {key: escape(texts[own[field].strip("%")]) for key, field in TEXTS.items()}
    return MANIFEST.format(**attributes, **words, engine=quoteattr(own["engines"]["vscode"]))


def named(source: Path) -> str:
    """The extension as an editor lists it: its publisher, name and version."""
    own = json.loads((source / "package.json").read_text(encoding="utf-8"))
    return "{publisher}.{name}@{version}".format_map(own)


def pack(source: Path, target: Path) -> None:
    """Write the package of an extension's folder."""
    files = {"extension.vsixmanifest": manifest(source).encode(), "[Content_Types].xml": CONTENT_TYPES.encode()}
    for path in sorted(source.rglob("*")):
        if path.is_file():
            files[f"extension/{path.relative_to(source).as_posix()}"] = path.read_bytes()
    target.parent.mkdir(parents=True, exist_ok=True)
    with ZipFile(target, "w") as archive:
        for name, data in files.items():
            archive.writestr(ZipInfo(name, DATE), data, ZIP_DEFLATED)


def run(target: Path, install: bool) -> int:
    """Pack, and hand the package to the editor."""
    pack(SOURCE, target)
    print(target)
    if not install:
        return 0
    editor = shutil.which("code") or shutil.which("code-server")
    if editor is None:
        raise KitError("there's no command `code` here", "", f"in VS Code: Extensions: Install from VSIX, {target}")
    installed = subprocess.run([editor, "--list-extensions", "--show-versions"], capture_output=True, text=True).stdout
    if named(SOURCE) in installed.split():
        return 0
    return subprocess.run([editor, "--install-extension", str(target)]).returncode


def main(argv: Sequence[str] | None = None) -> int:
    """Parse the arguments and run the command."""
    parser = argparse.ArgumentParser(prog="vsix.py", description="Pack the workshop's VS Code extension.")
    parser.add_argument("file", nargs="?", type=Path, default=ROOT / "build" / "workshop.vsix", metavar="FILE")
    parser.add_argument("--install", action="store_true", help="then hand it to VS Code's command `code`")
    given = parser.parse_args(argv)
    return guarded(lambda: run(given.file, given.install))


if __name__ == "__main__":
    sys.exit(main())
