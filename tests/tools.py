"""Which tests need programs that pip cannot install; where one is missing they are left out, and said to be.

`make test` as root installs them (.ci/tools). In CI nothing may be left out.
"""

from __future__ import annotations

import os
import shutil

import pytest

# the beginning of the tests' names -> programs
NEEDED = {
    "tests/pages/": ("chromium",),
    "tests/signon/test_ldap": ("slapd", "ldapadd"),
    "tests/boot/test_packaging.py::test_nginx": ("nginx", "openssl"),
    "tests/projects/test_transports": ("svn", "svnserve", "sshd"),
    "tests/projects/test_second_host": ("svn", "svnserve", "sshd"),
    "tests/projects/test_remote_hosts": ("sshd",),
    "tests/projects/test_signatures": ("gpg",),
}
ALSO_CALLED = {"chromium": ("chromium-browser", "google-chrome")}
PLACES = os.pathsep.join([os.environ.get("PATH", os.defpath), "/usr/sbin", "/sbin"])


def installed(tool: str) -> bool:
    """Whether a program is here, under one of its names."""
    return any(shutil.which(name, path=PLACES) for name in (tool, *ALSO_CALLED.get(tool, ())))


def missing_for(name: str) -> list[str]:
    """The programs that a test needs and that are not here."""
    return [tool for start, tools in NEEDED.items() if name.startswith(start) for tool in tools if not installed(tool)]


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave out what cannot run, except in CI, where everything must."""
    without = {item: missing_for(item.nodeid) for item in items}
    left = [item for item, tools in without.items() if tools]
    if not left:
        return
    tools = sorted({tool for item in left for tool in without[item]})
    if os.environ.get("CI"):
        raise pytest.UsageError(f"not installed, and in CI everything is tested: {', '.join(tools)}")
    items[:] = [item for item in items if not without[item]]
    config.hook.pytest_deselected(items=left)
    config.stash[LEFT_OUT] = f"{len(left)} tests are left out, they need {', '.join(tools)} (apt-get install)"


LEFT_OUT = pytest.StashKey[str]()


def pytest_report_collectionfinish(config: pytest.Config) -> str:
    """Say it where it is seen."""
    return config.stash.get(LEFT_OUT, "")
