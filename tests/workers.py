"""Several processes share out the tests (pytest-xdist): each has servers, a home and an awx_lite of its own."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.conf import settings

# they start servers or ask thousands of paths: begun first, so that no process ends long after the other
LONG = ("tests/boot/", "tests/clients/", "tests/compat/", "tests/followers/", "tests/pages/", "tests/reliability/",
        "tests/security/test_filters", "tests/security/test_matrix", "tests/security/test_odd_bodies")  # fmt: skip


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Where tests are shared out, file by file, the long files come first."""
    if config.getoption("numprocesses", None) or os.environ.get("PYTEST_XDIST_WORKER"):
        items.sort(key=lambda item: not (item.nodeid.startswith(LONG) or item.get_closest_marker("slow")))


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Any) -> None:
    """The processes inherit the environment: without this they would all mean the servers of this one."""
    for name, value in settings.CHOSEN_HERE.items():
        if os.environ.get(name) == value:
            del os.environ[name]


def pytest_make_parametrize_id(config: pytest.Config, val: object, argname: str) -> str | None:
    """Bytes have no name of their own: what is packed in two processes holds two times, and the names must agree."""
    return argname if isinstance(val, bytes) else None
