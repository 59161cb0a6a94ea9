"""What a checkout holds: playbooks and inventory files. Standard library only: the update process uses it too."""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

PLAY = re.compile(rb"^\s*-?\s*(?:hosts|(?:ansible\.builtin\.)?import_playbook|include)\s*:", re.MULTILINE)
VAULT = b"$ANSIBLE_VAULT;"
# directories that hold no playbooks, and those of a role or project that hold no inventories
SKIPPED = {"roles", "tasks", "group_vars", "host_vars"}
PARTS = {
    "roles", "tasks", "handlers", "vars", "defaults", "meta", "group_vars", "host_vars", "templates", "files",
    "library", "filter_plugins", "module_utils", "collections",
}  # fmt: skip
INVENTORY_NAMES = re.compile(r"(?i)^(inventory|hosts)(\.(ya?ml|ini|txt|py|sh))?$|\.(ini|inv)$")
INSTALLED = ("requirements_roles", "requirements_collections")  # by the update, at the top of the checkout
HEAD_BYTES = 64 * 1024
MOST_FILES = 10_000


def walk(root: Path) -> Iterator[tuple[Path, str]]:
    """(directory, file name) of regular files below a root; links and hidden directories are not followed."""
    seen = 0
    for place, directories, files in os.walk(root, followlinks=False):
        installed = INSTALLED if Path(place) == root else ()
        directories[:] = sorted(d for d in directories if not d.startswith(".") and d not in installed)
        for name in sorted(files):
            seen += 1
            if seen > MOST_FILES:
                return
            yield Path(place), name


def head(path: Path, root: Path) -> bytes:
    """The beginning of a file, without following a link out of the checkout; empty where it cannot be read."""
    try:
        real = path.resolve()
        if not real.is_relative_to(root.resolve()) or not real.is_file():
            return b""
        with real.open("rb") as file:
            return file.read(HEAD_BYTES)
    except (OSError, RuntimeError):
        return b""


def playbooks(root: Path) -> list[str]:
    """Relative paths of files that look like playbooks."""
    found = []
    for place, name in walk(root):
        relative = place.relative_to(root)
        if not name.endswith((".yml", ".yaml")) or set(relative.parts) & SKIPPED:
            continue
        text = head(place / name, root)
        if text.startswith(VAULT) or PLAY.search(text):
            found.append(str(relative / name))
    return sorted(found, key=str.lower)


def inventories(root: Path) -> list[str]:
    """Relative paths of files and directories that may be inventories."""
    found = []
    for place, name in walk(root):
        relative = place.relative_to(root)
        if set(relative.parts) & PARTS:
            continue
        if INVENTORY_NAMES.search(name) or is_inventory_yaml(place / name, root):
            found.append(str(relative / name))
            if relative.parts:
                found.append(f"{relative}/")
    return sorted(set(found), key=str.lower)


def is_inventory_yaml(path: Path, root: Path) -> bool:
    """A YAML file whose top names a plugin, or hosts and children of `all`."""
    if path.suffix not in (".yml", ".yaml"):
        return False
    text = head(path, root)
    return bool(re.search(rb"^plugin\s*:", text, re.MULTILINE) or re.search(rb"^all\s*:", text, re.MULTILINE))
