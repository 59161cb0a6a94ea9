"""A wire between a host and the servers that a test can cut: what is sent then arrives nowhere, and nobody is told."""

from __future__ import annotations

import contextlib
import socket
import threading
from pathlib import Path


class Wire:
    """Forwards a TCP port of the loopback to a unix socket."""

    def __init__(self, target: Path) -> None:
        self.target = target
        self.whole = threading.Event()
        self.whole.set()
        self.ends: list[socket.socket] = []
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self.listener.getsockname()[1]
        threading.Thread(target=self.accept, daemon=True).start()

    def accept(self) -> None:
        """Take connections until the listener is closed."""
        with contextlib.suppress(OSError):
            while True:
                near, _address = self.listener.accept()
                threading.Thread(target=self.connect, args=(near,), daemon=True).start()

    def connect(self, near: socket.socket) -> None:
        """Connect one client, once the wire is whole."""
        self.whole.wait()
        far = socket.socket(socket.AF_UNIX)
        far.connect(str(self.target))
        self.ends += [near, far]
        for source, sink in ((near, far), (far, near)):
            threading.Thread(target=self.copy, args=(source, sink), daemon=True).start()

    def copy(self, source: socket.socket, sink: socket.socket) -> None:
        """One direction; bytes wait while the wire is cut."""
        with contextlib.suppress(OSError):
            while data := source.recv(1 << 16):
                self.whole.wait()
                sink.sendall(data)
        for end in (source, sink):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def cut(self) -> None:
        """Nothing passes any more; the connections stay open on both sides."""
        self.whole.clear()

    def mend(self) -> None:
        """New connections pass; the old ones are gone, as after a long time."""
        for end in self.ends:
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self.ends.clear()
        self.whole.set()

    def close(self) -> None:
        """The wire goes."""
        self.listener.close()
        self.mend()
