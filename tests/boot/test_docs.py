"""What the documents name is there: files and headings, commands with their options, targets, variables, addresses."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.core.management import get_commands, load_command_class
from django.urls import resolve

from awx_lite.up.__main__ import COMMANDS, WITH_ARGUMENT
from tests.boot.launcher import CHECKOUT

DOCUMENTS = sorted([*CHECKOUT.glob("*.md"), *(CHECKOUT / "docs").glob("*.md")])
LINK = re.compile(r"\]\((?!https?:|mailto:)([^)\s]+)\)")
FENCED = re.compile(r"```.*?```", re.DOTALL)
COMMAND = re.compile(r"(?:awx-manage|manage\.py) ([a-z][a-z0-9_]+)([^`\n|&;]*)")
NOT_OURS = frozenset({"changepassword", "shell", "makemigrations", "migrate", "check"})  # Django's own
# variables of clients and of PostgreSQL's image, and settings of the API, which its own tests cover
FOREIGN = frozenset({"CONTROLLER_HOST", "CONTROLLER_USERNAME", "CONTROLLER_PASSWORD", "CONTROLLER_OAUTH_TOKEN"})
VARIABLE = re.compile(r"\b((?:AWX_LITE|DATABASE|REDIS|LOGIN|JOBS|INSTANCE|OUTBOUND|HEARTBEAT)_[A-Z_]+)\b")


def anchor(heading: str) -> str:
    """The name by which a heading is linked."""
    return re.sub(r"[^\w\- ]", "", heading.strip().lower()).replace(" ", "-")


def anchors(path: Path) -> set[str]:
    """The headings of a document."""
    return {anchor(found) for found in re.findall(r"^#+ (.+)$", FENCED.sub("", path.read_text()), re.MULTILINE)}


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_links_lead_somewhere(path: Path) -> None:
    for target in LINK.findall(path.read_text()):
        name, _, heading = target.partition("#")
        there = (path.parent / name).resolve() if name else path
        assert there.exists(), target
        assert not heading or heading in anchors(there), target


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_commands_and_their_options_exist(path: Path) -> None:
    known = get_commands()
    for name, rest in COMMAND.findall(path.read_text()):
        assert name in known, name
        if name not in NOT_OURS:
            parser = load_command_class(known[name], name).create_parser("manage.py", name)
            for option in re.findall(r"(?<!\S)(--[a-z][a-z_-]*)", rest):
                assert option in parser._option_string_actions, f"{name} {option}"


@pytest.mark.parametrize("path", DOCUMENTS, ids=lambda path: path.name)
def test_targets_of_make_and_commands_of_the_launcher_exist(path: Path) -> None:
    text = path.read_text()
    targets = set(re.findall(r"^([a-z][a-z-]*(?: [a-z][a-z-]*)*):", (CHECKOUT / "Makefile").read_text(), re.MULTILINE))
    targets = {name for names in targets for name in names.split()}
    assert set(re.findall(r"(?:^    |`|\$ |&& )(?:[A-Z_]+=\S+ )*make ([a-z]+)", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"awx_lite\.up ([a-z]+)", text)) <= {*COMMANDS, *WITH_ARGUMENT}


def test_every_variable_of_the_documents_is_read_and_every_one_that_is_read_is_documented() -> None:
    folders = ("settings", "awx_lite", "apps")
    code = "\n".join(path.read_text() for folder in folders for path in (CHECKOUT / folder).rglob("*.py"))
    code += (CHECKOUT / "docker-compose.yml").read_text()
    documents = "\n".join(path.read_text() for path in DOCUMENTS)
    named = set(VARIABLE.findall(documents)) - FOREIGN
    assert {name for name in named if not re.search(rf"\b{name}\b", code)} == set()
    settings = "".join(path.read_text() for path in (CHECKOUT / "settings").glob("*.py"))
    read = set(re.findall(r'env\.(?:text|flag|number|words)\(\s*"([A-Z_0-9]+)"', settings))
    assert {name for name in read if name not in documents} == set()


def test_addresses_of_the_documents_are_served() -> None:
    documents = "\n".join(path.read_text() for path in DOCUMENTS)
    paths = set(re.findall(r"`(/api/[a-z0-9_/]+/)`", documents)) | {"/api/login/"}
    for path in paths:
        if not path.startswith(("/api/controller/", "/api/gateway/")):
            assert resolve(path.replace("/N/", "/1/")), path
