"""`manage.py live`: the process of live output, which follows jobs for open connections."""

from __future__ import annotations

import asyncio
import contextlib
import signal
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from apps.unified.followers.server import Server


class Command(BaseCommand):
    """Runs until it is told to stop."""

    help = "Serve connections that stay open: followed output, Server-Sent Events, the websocket. `make up` starts it."

    def handle(self, *args: Any, **options: Any) -> None:
        """Serve."""
        with contextlib.suppress(asyncio.CancelledError):
            asyncio.run(self.serve())

    async def serve(self) -> None:
        """Until SIGTERM or SIGINT."""
        task = asyncio.current_task()
        for number in (signal.SIGTERM, signal.SIGINT):
            asyncio.get_running_loop().add_signal_handler(number, task.cancel)  # type: ignore[union-attr]
        await Server(Path(settings.LIVE_SOCKET), settings.REDIS_URL).run()
