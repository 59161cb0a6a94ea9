"""Several processes share out the tests (pytest-xdist): each has servers, a home and an awx_lite of its own."""

from __future__ import annotations

import os
from typing import Any

import pytest
from django.conf import settings


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_setupnodes(config: pytest.Config, specs: Any) -> None:
    """The processes inherit the environment: without this they would all mean the servers of this one."""
    for name, value in settings.CHOSEN_HERE.items():
        if os.environ.get(name) == value:
            del os.environ[name]
