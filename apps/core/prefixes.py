"""Where the API was asked: at /api/v2/ itself, or below the prefixes that clients of the platform (2.5 and newer) use.

There is one router. A path below a prefix is turned into the path that it stands for before URLs are resolved, and the
prefix is remembered while the request is served, so that the links of the answer lead back below it.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any

HOME = "/api/"
ROOT = "/api/v2/"  # what the router knows
# what clients of the platform ask its gateway for; everything else is the controller's
GATEWAY_NAMES = frozenset(
    {
        "applications",
        "me",
        "organizations",
        "ping",
        "role_definitions",
        "role_team_assignments",
        "role_user_assignments",
        "teams",
        "tokens",
        "users",
    }
)
PAGES = ("login", "logout", "o")  # what lies beside the versions
# teams/1/users/associate/ of the gateway: a POST to teams/1/users/ that links many at once
LINKING = re.compile(r"/[a-z_]+/\d+/[a-z_]+/(associate|disassociate)/$")


@dataclass(frozen=True)
class Prefix:
    """One way in: its own path, the path of its version, and which names it serves (None: all)."""

    home: str
    version: str
    names: frozenset[str] | None = None
    others: str = ROOT  # where links lead whose names are not served here

    @property
    def root(self) -> str:
        """The root of its version: /api/controller/v2/."""
        return f"{self.home}{self.version}/"

    def at(self, name: str) -> str:
        """The root below which `name` is linked."""
        return self.root if self.names is None or name.partition("/")[0] in self.names else self.others

    def target(self, path: str) -> str | None:
        """The path that the router knows for `path` below this prefix, or None where nothing is served there."""
        rest = path[len(self.home) :]
        if rest.startswith(f"{self.version}/"):
            name = rest[len(self.version) + 1 :]
            first = name.partition("/")[0]
            if first in ("login", "logout") and self.names is not None:
                return f"{HOME}{name}"
            return f"{ROOT}{name}" if not first or self.names is None or first in self.names else None
        return f"{HOME}{rest}" if not rest or rest.partition("/")[0] in PAGES else None


PLAIN = Prefix(HOME, "v2")
CONTROLLER = Prefix("/api/controller/", "v2")
GATEWAY = Prefix("/api/gateway/", "v1", GATEWAY_NAMES, CONTROLLER.root)
PLATFORM = (CONTROLLER, GATEWAY)

_current: ContextVar[Prefix] = ContextVar("prefix", default=PLAIN)


def current() -> Prefix:
    """The prefix of the request that is served; outside of one, the API's own path."""
    return _current.get()


@contextmanager
def below(prefix: Prefix) -> Iterator[None]:
    """Make links lead below `prefix` for a block."""
    token = _current.set(prefix)
    try:
        yield
    finally:
        _current.reset(token)


class PrefixMiddleware:
    """Lets the router see the path that a prefixed one stands for; `request.path` stays as it was asked."""

    def __init__(self, get_response: Callable[[Any], Any]) -> None:
        self.get_response = get_response

    def __call__(self, request: Any) -> Any:
        """Serve below the prefix of the path, if it has one."""
        prefix = next((known for known in PLATFORM if request.path_info.startswith(known.home)), None)
        target = prefix.target(request.path_info) if prefix else None
        linking = LINKING.search(target) if target and prefix is GATEWAY and request.method == "POST" else None
        if linking:
            request.linking, target = linking[1], target[: linking.start(1)]
        if prefix is None or target is None:
            return self.get_response(request)
        request.path_info = target
        with below(prefix):
            return self.get_response(request)
