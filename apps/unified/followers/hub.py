"""Messages from Redis to whoever waits for them in this process: one connection, one subscription a channel.

Messages may be lost (a broker that restarts, a full queue); nobody relies on them. After a new connection everybody is
woken, so that followers look at the rows.
"""

from __future__ import annotations

import asyncio
import json
import logging
from collections import defaultdict
from collections.abc import Callable
from typing import Any

import redis.asyncio as redis
from redis.exceptions import RedisError

from apps.unified.live import PREFIX

log = logging.getLogger(__name__)
PAUSE = 1.0  # seconds before another attempt to connect
Listener = Callable[[str, dict[str, Any] | None], None]  # (group, message); None: messages may have been lost


class Hub:
    """`listen(group, f)` until `leave(group, f)`; f is called in the loop's thread and must not wait."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.listeners: dict[str, set[Listener]] = defaultdict(set)
        self.changed = asyncio.Event()
        self.subscribed: set[str] = set()
        self.ready: dict[str, asyncio.Event] = defaultdict(asyncio.Event)

    async def listen(self, group: str, listener: Listener, *, wait: float = 2.0) -> None:
        """Hear a group from now on; returns once Redis knows of it, or after a moment where it does not answer."""
        self.listeners[group].add(listener)
        if group not in self.subscribed:
            self.changed.set()
            try:
                await asyncio.wait_for(self.ready[group].wait(), wait)
            except TimeoutError:
                log.warning("no subscription to %s yet; its followers look at the rows now and then", group)

    def leave(self, group: str, listener: Listener) -> None:
        """Hear it no more."""
        self.listeners[group].discard(listener)
        if not self.listeners[group]:
            del self.listeners[group]
            self.changed.set()

    async def run(self) -> None:
        """Connect, follow, and begin again when the connection breaks; until canceled."""
        while True:
            try:
                async with redis.Redis.from_url(self.url) as client, client.pubsub() as pubsub:
                    await self.follow(pubsub)
            except (RedisError, OSError) as error:
                log.warning("the connection to Redis is gone (%s); it is made anew", error)
            self.subscribed.clear()
            self.ready.clear()
            await asyncio.sleep(PAUSE)

    async def follow(self, pubsub: Any) -> None:
        """Keep subscriptions as listeners want them, and pass messages on."""
        await pubsub.subscribe(f"{PREFIX}keep")
        self.changed.set()
        tell_all = True
        while True:
            if self.changed.is_set():
                self.changed.clear()
                await self.settle(pubsub)
                if tell_all:
                    self.tell_all()
                    tell_all = False
            message = await pubsub.get_message(ignore_subscribe_messages=False, timeout=0.25)
            while message is not None:
                self.take(message)
                message = await pubsub.get_message(ignore_subscribe_messages=False, timeout=0)

    async def settle(self, pubsub: Any) -> None:
        """Subscribe to what is new, leave what nobody wants."""
        wanted = set(self.listeners)
        if fresh := wanted - self.subscribed:
            await pubsub.subscribe(*(PREFIX + group for group in fresh))
        if stale := self.subscribed - wanted:
            await pubsub.unsubscribe(*(PREFIX + group for group in stale))
            for group in stale:
                self.ready.pop(group, None)
        self.subscribed = wanted

    def take(self, message: dict[str, Any]) -> None:
        """One message of Redis."""
        group = message["channel"].decode().removeprefix(PREFIX)
        if message["type"] == "subscribe":
            self.ready[group].set()
        elif message["type"] == "message":
            self.tell(group, json.loads(message["data"]))

    def tell(self, group: str, message: dict[str, Any] | None) -> None:
        """Call the listeners of a group."""
        for listener in tuple(self.listeners.get(group, ())):
            listener(group, message)

    def tell_all(self) -> None:
        """Messages may have been lost: everybody looks at the rows."""
        for group in tuple(self.listeners):
            self.tell(group, None)
