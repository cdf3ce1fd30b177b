"""The package of the workshop's VS Code extension: a zip file with a manifest, the same bytes each time."""

from __future__ import annotations

import json
from pathlib import Path
from xml.sax.saxutils import escape, quoteattr
from zipfile import ZIP_DEFLATED, ZipFile, ZipInfo

from kit.files import ROOT

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
