"""Sending a tarball to the analytics service that the settings name; by default there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from uuid import uuid4

from django.conf import settings

from apps.conf import live
from apps.core import outbound

ACCOUNTS = (("REDHAT_USERNAME", "REDHAT_PASSWORD"), ("SUBSCRIPTIONS_USERNAME", "SUBSCRIPTIONS_PASSWORD"))
CHUNK = 1024 * 1024
SHIP_SECONDS = 3600.0  # a tarball may be large
CONTENT_TYPE = "application/vnd.redhat.tower.analytics+tgz"


class Unready(Exception):  # noqa: N818  (a state, not an accident)
    """Nothing can be sent; the sentence says which setting is missing."""


class Form:
    """A multipart form with one file, read in pieces: requests' own would be built in memory."""

    def __init__(self, path: Path) -> None:
        self.boundary = uuid4().hex
        disposition = f'Content-Disposition: form-data; name="file"; filename="{path.name}"'
        self.head = f"--{self.boundary}\r\n{disposition}\r\nContent-Type: {CONTENT_TYPE}\r\n\r\n".encode()
        self.path, self.tail = path, f"\r\n--{self.boundary}--\r\n".encode()

    def __len__(self) -> int:
        return len(self.head) + self.path.stat().st_size + len(self.tail)

    def __iter__(self) -> Iterator[bytes]:
        yield self.head
        with self.path.open("rb") as file:
            while piece := file.read(CHUNK):
                yield piece
        yield self.tail


def destination() -> tuple[str, tuple[str, str]]:
    """Where to, and as whom; Unready where the settings do not say it all."""
    if not live.get("INSIGHTS_TRACKING_STATE"):
        raise Unready("INSIGHTS_TRACKING_STATE is off.")
    if not live.is_changed("AUTOMATION_ANALYTICS_URL") or not live.get("AUTOMATION_ANALYTICS_URL"):
        raise Unready("AUTOMATION_ANALYTICS_URL is not set.")
    for keys in ACCOUNTS:
        name, password = (str(live.get(key) or "") for key in keys)
        if name and password:
            return str(live.get("AUTOMATION_ANALYTICS_URL")), (name, password)
    raise Unready("REDHAT_USERNAME and REDHAT_PASSWORD are not set.")


def ship(path: Path) -> None:
    """POST the tarball; outbound.Refused or an OSError says what went wrong."""
    url, account = destination()
    form = Form(path)
    headers = {
        "Content-Type": f"multipart/form-data; boundary={form.boundary}",
        "User-Agent": f"awx_lite {settings.VERSION}",
    }
    outbound.call("POST", url, data=form, headers=headers, auth=account, seconds=SHIP_SECONDS).required()
