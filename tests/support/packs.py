"""Bare repositories with one pack."""

from __future__ import annotations

from pathlib import Path

from benchmarks.make_pack import Builder, write_pack


def bare(folder: Path, builder: Builder) -> Path:
    """A bare repository with the pack that was built."""
    for name in ("objects/pack", "refs/heads"):
        (folder / name).mkdir(parents=True)
    (folder / "HEAD").write_text("ref: refs/heads/main\n")
    (folder / "config").write_text("[core]\n\trepositoryformatversion = 0\n\tbare = true\n")
    write_pack(folder / "objects" / "pack", builder.objects, builder.versions.values())
    (folder / "refs" / "heads" / "main").write_text(f"{builder.tip.hex()}\n")
    return folder
