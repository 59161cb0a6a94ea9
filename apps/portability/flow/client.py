"""The few requests that a flow makes, with answers that are sentences where something is wrong."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import requests

API = "/api/v2/"
SECONDS = 30.0  # of one request
PATIENCE = 60.0  # seconds that a server which does not answer is waited for
RETRIED = (502, 503, 504)


class FlowError(Exception):
    """The flow cannot go on; the text says why."""


class Client:
    """A session with one server; paths are relative to /api/v2/ or begin with a slash."""

    def __init__(
        self,
        url: str,
        *,
        token: str = "",
        user: str = "",
        password: str = "",
        verify: bool = True,
        wait: float = PATIENCE,
    ) -> None:
        self.url = url.rstrip("/")
        self.patience = wait
        self.session = requests.Session()
        self.session.verify = verify
        self.session.headers["Accept"] = "application/json"
        if token:
            self.session.headers["Authorization"] = f"Bearer {token}"
        elif user:
            self.session.auth = (user, password)

    def get(self, path: str, **query: Any) -> Any:
        """The JSON of a GET; a server that is away for a moment is asked again."""
        deadline, pause = time.monotonic() + self.patience, 0.5
        while True:
            try:
                answer = self.session.get(self.address(path), params=query, timeout=SECONDS)
                if answer.status_code not in RETRIED:
                    return self.read(answer, path)
                why = f"it answers {answer.status_code}"
            except requests.exceptions.SSLError as error:
                raise FlowError(f"The certificate of {self.url} is not trusted.") from error
            except (requests.ConnectionError, requests.Timeout):
                why = "nobody answers"
            if time.monotonic() + pause > deadline:
                raise FlowError(f"{self.url} cannot be reached: {why}.")
            time.sleep(pause)
            pause = min(pause * 2, 5.0)

    def post(self, path: str, body: dict[str, Any] | None = None) -> Any:
        """The JSON of a POST. It is sent once: a launch that might have happened is not repeated."""
        try:
            answer = self.session.post(self.address(path), json=body or {}, timeout=SECONDS)
        except (requests.ConnectionError, requests.Timeout) as error:
            raise FlowError(f"The connection to {self.url} broke; look there whether it was done.") from error
        return self.read(answer, path)

    def pages(self, path: str, **query: Any) -> Iterator[dict[str, Any]]:
        """All rows of a list."""
        found = self.get(path, page_size=200, **query)
        while True:
            yield from found["results"]
            if not found["next"]:
                return
            found = self.get(found["next"])

    def address(self, path: str) -> str:
        """Where a path is on this server."""
        return self.url + (path if path.startswith("/") else API + path)

    def read(self, answer: requests.Response, path: str) -> Any:
        """The answer's JSON; FlowError with the server's own words where it refused."""
        if answer.status_code == requests.codes.unauthorized:
            raise FlowError("The server does not accept the token or the password.")
        try:
            body = answer.json() if answer.content else {}
        except ValueError as error:
            raise FlowError(f"{self.url} does not answer like an AWX ({answer.status_code} without JSON).") from error
        if not answer.ok:
            raise FlowError(f"{path}: {answer.status_code}, {said(body)}")
        return body


def said(body: Any) -> str:
    """What an answer with an error says, as one line."""
    if isinstance(body, dict):
        return "; ".join(
            f"{key}: {said(value)}" if key not in ("detail", "error") else said(value) for key, value in body.items()
        )
    if isinstance(body, list):
        return ", ".join(said(value) for value in body)
    return str(body)
