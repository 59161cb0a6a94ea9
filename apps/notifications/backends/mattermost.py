"""Mattermost, by an incoming webhook.

Source: https://developers.mattermost.com/integrate/webhooks/incoming/
"""

from __future__ import annotations

from typing import Any

from .base import Backend, Message, flag, post, text

# their word: ours
OPTIONAL = {"channel": "mattermost_channel", "username": "mattermost_username", "icon_url": "mattermost_icon_url"}


def send(config: dict[str, Any], message: Message) -> int:
    """One message."""
    body = {"text": message.line} | {theirs: config[ours] for theirs, ours in OPTIONAL.items() if config.get(ours)}
    post(config["mattermost_url"], json=body, verify=not config.get("mattermost_no_verify_ssl"))
    return 1


BACKEND = Backend(
    parameters={"mattermost_url": text(), "mattermost_no_verify_ssl": flag()}, recipients="mattermost_url", send=send
)
