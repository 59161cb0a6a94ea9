"""Annotations in Grafana.

Source: https://grafana.com/docs/grafana/latest/developers/http_api/annotations/
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from .base import Backend, Message, post, secret, text


def milliseconds(value: Any) -> int | None:
    """A time of the job as Grafana counts it."""
    try:
        return int(datetime.fromisoformat(str(value).replace("Z", "+00:00")).timestamp() * 1000)
    except ValueError:
        return None


def annotation(config: dict[str, Any], message: Message) -> dict[str, Any]:
    """The message as an annotation."""
    data = message.body if isinstance(message.body, dict) else {}
    out: dict[str, Any] = {"text": message.line, "tags": config.get("annotation_tags") or ["ansible"]}
    start, end = milliseconds(data.get("started")), milliseconds(data.get("finished"))
    if start:
        out["time"] = start
    if start and end:
        out["timeEnd"] = end
    for name in ("dashboardId", "panelId"):
        if str(config.get(name) or "").isdecimal():
            out[name] = int(config[name])
    return out


def send(config: dict[str, Any], message: Message) -> int:
    """One annotation."""
    post(
        f"{config['grafana_url'].rstrip('/')}/api/annotations",
        json=annotation(config, message),
        headers={"Authorization": f"Bearer {config['grafana_key']}"},
        verify=not config.get("grafana_no_verify_ssl"),
    )
    return 1


BACKEND = Backend(
    parameters={"grafana_url": text(), "grafana_key": secret()}, recipients="grafana_url", send=send, data=True
)
