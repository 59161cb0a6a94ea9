"""One installation for all tests of this directory; each test leaves it whole."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from .installation import Installation


@pytest.fixture(scope="session")
def started() -> Iterator[Installation]:
    """The running installation."""
    with Installation.running("rel-") as made:
        yield made


@pytest.fixture
def installation(started: Installation) -> Iterator[Installation]:
    """The installation, with what an earlier test killed started again."""
    yield started
    for name, start in (
        ("postgres", started.start_postgres),
        ("valkey", started.start_valkey),
        ("control", lambda: started.start_worker("control")),
        ("jobs", lambda: started.start_worker("jobs")),
    ):
        if name not in started.children or started.children[name].poll() is not None:
            start()
