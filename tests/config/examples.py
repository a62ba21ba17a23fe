"""The shipped template with every setting in it switched on, and the files that it names."""

from __future__ import annotations

import re
from importlib.resources import files
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from pathlib import Path

SECRETS = ("token.secret", "mailman.secret", "webhook.secret")
WORDS = "correct horse battery staple"  # what stands in each of them


def template() -> str:
    """Return the file as it is shipped."""
    return files("dsnparse").joinpath("config.toml.template").read_text("utf-8")


def everything(folder: Path) -> Path:
    """Write the template with every setting taken out of its comment; a remark has a space behind its sign."""
    for name in SECRETS:
        (folder / name).write_text(f"{WORDS}, {name}\n")
        (folder / name).chmod(0o600)
    (folder / "protected.txt").write_text("# owners\nboss@example.org  # of all\n\n")
    path = folder / "config.toml"
    path.write_text(re.sub(r"^#(?=[^ ])", "", template(), flags=re.MULTILINE))
    path.chmod(0o600)
    return path
