"""Servers on the loopback interface that stand for the far network: they answer as told and remember what they got."""

from __future__ import annotations

import json
import socketserver
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit


@dataclass
class Got:
    """One request."""

    method: str
    path: str
    query: dict[str, list[str]]
    headers: dict[str, str]
    body: bytes

    def json(self) -> Any:
        """The body as JSON."""
        return json.loads(self.body)


Answer = Callable[[Got], tuple[int, Any]]


@dataclass
class Web:
    """A web server: `got` are the requests, `url` is where it listens."""

    url: str
    got: list[Got] = field(default_factory=list)


@contextmanager
def web(answer: Answer) -> Iterator[Web]:
    """A web server whose answers are (status, JSON or bytes), or (status, {"Location": …}, …) for redirects."""

    class Handler(BaseHTTPRequestHandler):
        def handle_one(self) -> None:
            parts = urlsplit(self.path)
            length = int(self.headers.get("Content-Length") or 0)
            headers = {name.lower(): value for name, value in self.headers.items()}
            got = Got(self.command, parts.path, parse_qs(parts.query), headers, self.rfile.read(length))
            site.got.append(got)
            status, body, *more = answer(got)
            data = body if isinstance(body, bytes) else json.dumps(body).encode()
            self.send_response(status)
            for name, value in (more[0] if more else {}).items():
                self.send_header(name, value)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        do_GET = do_POST = do_PUT = handle_one  # noqa: N815  (the names that the base class calls)

        def log_message(self, *args: Any) -> None:
            """Be quiet."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    site = Web(f"http://127.0.0.1:{server.server_address[1]}")
    with serving(server):
        yield site


@contextmanager
def lines(converse: Callable[[str, list[str]], str | None], greeting: str = "") -> Iterator[tuple[int, list[str]]]:
    """A server of a line protocol (SMTP, IRC): (port, the lines it got). `converse(line, all lines)` is the reply."""
    got: list[str] = []

    class Handler(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            if greeting:
                self.wfile.write(f"{greeting}\r\n".encode())
            for raw in self.rfile:
                line = raw.decode().rstrip("\r\n")
                got.append(line)
                reply = converse(line, got)
                if reply:
                    self.wfile.write(f"{reply}\r\n".encode())

    server = socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    with serving(server):
        yield server.server_address[1], got


@contextmanager
def serving(server: socketserver.BaseServer) -> Iterator[None]:
    """The server runs for the time of a block."""
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    try:
        yield
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
