"""The ways to tell someone, one file each."""

from __future__ import annotations

from . import awssns, email, grafana, irc, mattermost, pagerduty, rocketchat, slack, twilio, webhook
from .base import Backend, Failed, Message

BACKENDS: dict[str, Backend] = {
    "awssns": awssns.BACKEND,
    "email": email.BACKEND,
    "grafana": grafana.BACKEND,
    "irc": irc.BACKEND,
    "mattermost": mattermost.BACKEND,
    "pagerduty": pagerduty.BACKEND,
    "rocketchat": rocketchat.BACKEND,
    "slack": slack.BACKEND,
    "twilio": twilio.BACKEND,
    "webhook": webhook.BACKEND,
}

__all__ = ["BACKENDS", "Backend", "Failed", "Message"]
