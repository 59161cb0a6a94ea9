"""Slack, by the token of a bot.

Source: https://docs.slack.dev/reference/methods/chat.postMessage
"""

from __future__ import annotations

from typing import Any

from .base import Backend, Failed, Message, many, post, secret

API = "https://slack.com/api/chat.postMessage"


def send(config: dict[str, Any], message: Message) -> int:
    """One message to each channel; `#channel,thread` answers in a thread."""
    headers, colour = {"Authorization": f"Bearer {config['token']}"}, config.get("hex_color")
    for sent, channel in enumerate(config["channels"]):
        name, _, thread = str(channel).partition(",")
        body: dict[str, Any] = {"channel": name.strip()}
        if thread.strip():
            body["thread_ts"] = thread.strip()
        if colour:
            body["attachments"] = [{"color": colour, "text": message.line}]
        else:
            body["text"] = message.line
        answer = post(API, json=body, headers=headers).json()
        if not isinstance(answer, dict) or not answer.get("ok"):
            reason = answer.get("error") if isinstance(answer, dict) else None
            raise Failed(f"Slack refused the message to {name} after {sent} others: {reason or 'it does not say why'}.")
    return len(config["channels"])


BACKEND = Backend(parameters={"token": secret(), "channels": many()}, recipients="channels", send=send)
