"""The embedded Valkey (a Redis server): a child process on a unix socket, no TCP port."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from .binaries import Account, valkey_program
from .postgres import SOCKET_LIMIT, own_directory, socket_directory

SOCKET_NAME = "valkey.sock"


@dataclass(frozen=True)
class Valkey:
    """One embedded server whose data is in `place`."""

    place: Path
    program: Path
    sockets: Path
    durable: bool = True

    @classmethod
    def at(cls, place: Path, *, throw_away: bool = False) -> Valkey:
        """The server whose files are below `place`; a throw-away one keeps nothing on disk (tests)."""
        place.mkdir(mode=0o700, parents=True, exist_ok=True)
        sockets = place
        if len(str(place / SOCKET_NAME).encode()) > SOCKET_LIMIT:
            sockets = socket_directory(place)
            own_directory(sockets, Account(), 0o700)
        return cls(place, valkey_program(), sockets, durable=not throw_away)

    @property
    def socket(self) -> Path:
        """The unix socket."""
        return self.sockets / SOCKET_NAME

    @property
    def url(self) -> str:
        """The REDIS_URL of this server."""
        return f"unix://{self.socket}"

    def command(self) -> list[str]:
        """The argv of the server in the foreground."""
        settings = {
            "port": "0",
            "unixsocket": str(self.socket),
            "unixsocketperm": "700",
            "dir": str(self.place),
            "appendonly": "yes" if self.durable else "no",
            "appendfsync": "everysec",
            # Queued tasks must never be evicted; the cache expires its keys itself.
            "maxmemory-policy": "noeviction",
            "save": "",
            "loglevel": "warning",
        }
        return [str(self.program), *(part for name, value in settings.items() for part in (f"--{name}", value))]

    def answers(self) -> bool:
        """Whether the server answers now."""
        import redis

        try:
            return bool(redis.Redis(unix_socket_path=str(self.socket), socket_timeout=2).ping())
        except redis.RedisError:
            return False
