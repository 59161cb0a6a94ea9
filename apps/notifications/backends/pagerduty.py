"""Events of PagerDuty.

Source: https://developer.pagerduty.com/docs/events-api-v1/trigger-events/
"""

from __future__ import annotations

from typing import Any

from .base import Backend, Message, post, secret, text

API = "https://events.pagerduty.com/generic/2010-04-15/create_event.json"


def send(config: dict[str, Any], message: Message) -> int:
    """One event."""
    event = {
        "service_key": config["service_key"],
        "event_type": "trigger",
        "description": message.line[:1024],
        "details": message.body,
        "client": config["client_name"],
    }
    post(API, json=event, headers={"Authorization": f"Token token={config['token']}"})
    return 1


BACKEND = Backend(
    parameters={"subdomain": text(), "token": secret(), "service_key": text(), "client_name": text()},
    recipients="service_key",
    send=send,
    data=True,
)
