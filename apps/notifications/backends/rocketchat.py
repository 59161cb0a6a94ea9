"""Rocket.Chat, by an incoming webhook.

Source: https://docs.rocket.chat/docs/integrations
"""

from __future__ import annotations

from typing import Any

from .base import Backend, Message, flag, post, text

# their word: ours
OPTIONAL = {"username": "rocketchat_username", "icon_url": "rocketchat_icon_url"}


def send(config: dict[str, Any], message: Message) -> int:
    """One message."""
    body = {"text": message.line} | {theirs: config[ours] for theirs, ours in OPTIONAL.items() if config.get(ours)}
    post(config["rocketchat_url"], json=body, verify=not config.get("rocketchat_no_verify_ssl"))
    return 1


BACKEND = Backend(
    parameters={"rocketchat_url": text(), "rocketchat_no_verify_ssl": flag()}, recipients="rocketchat_url", send=send
)
