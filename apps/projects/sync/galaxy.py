"""Roles and collections that the content asks for, installed into its checkout: cached with the revision."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

from .source import Source, say

# where jobs look for them
FOLDERS = {"roles": "requirements_roles", "collections": "requirements_collections"}


def install(source: Source, place: Path) -> None:
    """All requirements of a fresh checkout."""
    galaxy = source.spec["galaxy"]
    for kind, folder in FOLDERS.items():
        asked = requirements(place, kind)
        if asked is None or not galaxy[kind]:
            continue
        if not galaxy["servers"]:
            say(f"The organization has no Galaxy credential: {asked.relative_to(place)} is not installed.")
            continue
        say(f"Installing {kind} from {asked.relative_to(place)}")
        program = str(Path(sys.executable).with_name("ansible-galaxy"))
        words = [program, kind.removesuffix("s"), "install", "-r", str(asked), "-p", str(place / folder)]
        words += ["--ignore-certs"] if galaxy["ignore_certs"] else []
        words += ["-vvv"] if galaxy["verbose"] else []
        out = source.command(words, cwd=place, env=environment(source.env, galaxy))
        say(source.masked(out).strip())


def requirements(place: Path, kind: str) -> Path | None:
    """The file that names them."""
    names = (f"{kind}/requirements.yml", f"{kind}/requirements.yaml", "requirements.yml", "requirements.yaml")
    for path in (place / name for name in names):
        if path.is_file() and path.resolve().is_relative_to(place.resolve()):
            return path
    return None


def environment(env: dict[str, str], galaxy: dict[str, Any]) -> dict[str, str]:
    """The servers in their order, and what an administrator has set for ansible-galaxy."""
    out = {**env, **galaxy["env"], "ANSIBLE_GALAXY_SERVER_LIST": ""}
    names = []
    for number, server in enumerate(galaxy["servers"]):
        names.append(f"server{number}")
        for key in ("url", "auth_url", "token"):
            if server.get(key):
                out[f"ANSIBLE_GALAXY_SERVER_SERVER{number}_{key.upper()}"] = server[key]
    out["ANSIBLE_GALAXY_SERVER_LIST"] = ",".join(names)
    return out
