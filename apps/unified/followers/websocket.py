"""AWX's websocket: a client names groups, and hears their messages as far as it may see what they are about.

    {"groups": {"jobs": ["status_changed"], "job_events": [42]}, "xrftoken": "<cookie csrftoken>"}

Each such message replaces the groups before it. A session must show the token of its CSRF cookie, since a browser sends
cookies for foreign pages too; a bearer token needs none. RFC 6455 is spoken by the library `websockets`.
"""

from __future__ import annotations

import asyncio
import hmac
import json
from collections.abc import Iterable
from typing import Any

from websockets.exceptions import WebSocketException
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from . import rows
from .connection import Connection, EndedError

MAX_MESSAGE = 64 * 1024  # bytes that a client may send at once
MAX_GROUPS = 500
MAX_DIGITS = 18  # of an id
WAITING = 2000  # messages that may wait for a slow client; then it is closed
PING_SECONDS = 20.0
MORE_SECONDS = 0.02  # how long messages are gathered before their objects are looked up together


class Socket:
    """One websocket."""

    def __init__(self, connection: Connection) -> None:
        self.connection, self.asked = connection, connection.asked
        self.protocol = ServerProtocol(max_size=MAX_MESSAGE)
        self.groups: set[str] = set()
        self.waiting: asyncio.Queue[tuple[str, dict[str, Any]]] = asyncio.Queue(maxsize=WAITING)
        self.parts = bytearray()
        self.late = False

    async def run(self) -> None:
        """Shake hands, then hear and tell until one side has enough."""
        if not await self.shake_hands():
            return
        await self.say({"accept": True, "user": self.asked.user})
        tasks = [asyncio.ensure_future(work) for work in (self.hear(), self.tell(), self.keep_alive())]
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task in done:
                task.result()
        finally:
            for task in tasks:
                task.cancel()
            for group in self.groups:
                self.connection.hub.leave(group, self.heard)

    async def shake_hands(self) -> bool:
        """Answer the upgrade that the web server received; whether the socket is open."""
        head = "".join(f"{name}: {value}\r\n" for name, value in self.asked.headers.items())
        self.protocol.receive_data(f"GET {self.asked.path} HTTP/1.1\r\n{head}\r\n".encode("latin-1"))
        for event in self.protocol.events_received():
            if isinstance(event, Request):
                self.protocol.send_response(self.protocol.accept(event))
        await self.flush()
        return self.protocol.state is State.OPEN

    async def flush(self) -> None:
        """Send what the protocol has made."""
        for data in self.protocol.data_to_send():
            if not data:
                raise EndedError("closed")
            await self.connection.send(data)

    async def say(self, *messages: Any) -> None:
        """Send messages as JSON."""
        if self.protocol.state is not State.OPEN:
            raise EndedError("closed")
        for message in messages:
            self.protocol.send_text(json.dumps(message, default=str).encode())
        await self.flush()

    async def leave(self, code: CloseCode, why: str) -> None:
        """Close with a reason."""
        if self.protocol.state is State.OPEN:
            self.protocol.send_close(code, why)
        await self.flush()

    async def keep_alive(self) -> None:
        """Ping now and then, so that nobody in between forgets the connection."""
        while True:
            await asyncio.sleep(PING_SECONDS)
            self.protocol.send_ping(b"")
            await self.flush()

    # --- what the client says --------------------------------------------------------------------------------------

    async def hear(self) -> None:
        """Read until the client leaves."""
        while data := await self.connection.reader.read(MAX_MESSAGE):
            self.protocol.receive_data(data)
            for event in self.protocol.events_received():
                if isinstance(event, Frame) and (text := self.whole(event)) is not None:
                    await self.listen_to(text)
            await self.flush()

    def whole(self, frame: Frame) -> bytes | None:
        """The message, once its last part is here."""
        if frame.opcode not in (Opcode.TEXT, Opcode.BINARY, Opcode.CONT):
            return None
        self.parts += frame.data
        if len(self.parts) > MAX_MESSAGE:
            self.protocol.fail(CloseCode.MESSAGE_TOO_BIG, "too big")
            return None
        if not frame.fin:
            return None
        text = bytes(self.parts)
        self.parts.clear()
        return text

    async def listen_to(self, text: bytes) -> None:
        """One message: the groups that the client wants now."""
        try:
            data = json.loads(text)
        except ValueError:
            data = None
        if not isinstance(data, dict):
            await self.say({"error": "A message must be a JSON object."})
        elif not self.trusted(data.get("xrftoken")):
            await self.say({"error": "The xrftoken is not that of the session's CSRF cookie."})
        elif isinstance(data.get("groups"), dict):
            await self.choose(data["groups"])
        elif "groups" in data:
            await self.say({"error": "groups must be an object of lists."})

    def trusted(self, given: Any) -> bool:
        """Whether it is the session's own page that speaks; other logins are not sent by browsers unasked."""
        if "session" not in self.asked.login:
            return True
        wanted = self.asked.details.get("csrf") or ""
        return bool(wanted) and isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())

    async def choose(self, groups: dict[str, Any]) -> None:
        """Replace the groups; what the client may not follow is refused by name, the rest counts."""
        wanted: set[str] = set()
        for name, members in groups.items():
            if not isinstance(members, list) or len(members) + len(wanted) > MAX_GROUPS:
                await self.say({"error": f"{name}: a list of at most {MAX_GROUPS} members is needed."})
                return
            for member in members:
                if group := await self.allowed(name, member):
                    wanted.add(group)
                else:
                    await self.say({"error": f"You may not follow {name} {member}."})
        left, joined = self.groups - wanted, wanted - self.groups
        for group in left:
            self.connection.hub.leave(group, self.heard)
        self.groups = wanted
        for group in joined:
            await self.connection.hub.listen(group, self.heard)
        await self.say({"groups_current": sorted(wanted), "groups_left": sorted(left), "groups_joined": sorted(joined)})

    async def allowed(self, name: str, member: Any) -> str:
        """The group's full name, or nothing where it is unknown or not for this client."""
        full = f"{name}-{member}"
        if full in rows.FILTERED_GROUPS:
            return full
        if name == "control" and member in ("limit_reached", f"limit_reached_{self.asked.user}"):
            return f"control-limit_reached_{self.asked.user}"
        number = str(member)
        known = name in rows.OBJECT_GROUPS and number.isdecimal() and len(number) <= MAX_DIGITS
        if known and await self.connection.db(rows.may_follow, self.asked.user, name, int(number)):
            return f"{name}-{int(number)}"
        return ""

    # --- what the client is told -----------------------------------------------------------------------------------

    def heard(self, group: str, message: dict[str, Any] | None) -> None:
        """A message of a group: it waits its turn."""
        if message is None:
            return
        if self.waiting.full():
            self.late = True
        else:
            self.waiting.put_nowait((group, message))

    async def tell(self) -> None:
        """Send what was heard, as far as the client may see it."""
        while True:
            found = [await self.waiting.get()]
            await asyncio.sleep(MORE_SECONDS)
            while not self.waiting.empty():
                found.append(self.waiting.get_nowait())
            await self.say(*await self.visible(found))
            if self.late:
                await self.leave(CloseCode.TRY_AGAIN_LATER, "too slow")
                return

    async def visible(self, found: Iterable[tuple[str, dict[str, Any]]]) -> list[dict[str, Any]]:
        """The messages about what the user may see now: one look for each kind of object."""
        found = list(found)
        seen: dict[str, set[int]] = {}
        for group, (key, resource) in rows.FILTERED_GROUPS.items():
            ids = {message.get(key) for name, message in found if name == group} - {None}
            if ids:
                seen[group] = await self.connection.db(rows.visible_ids, self.asked.user, resource, ids)
        return [
            message
            for group, message in found
            if group not in rows.FILTERED_GROUPS or message.get(rows.FILTERED_GROUPS[group][0]) in seen.get(group, ())
        ]


async def serve(connection: Connection) -> None:
    """Serve one websocket to its end."""
    try:
        await Socket(connection).run()
    except WebSocketException as error:
        raise EndedError(str(error)) from error
