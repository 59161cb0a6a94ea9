"""Text messages by Twilio.

Source: https://www.twilio.com/docs/messaging/api/message-resource
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from .base import Backend, Message, many, post, secret, text

API = "https://api.twilio.com/2010-04-01/Accounts"


def send(config: dict[str, Any], message: Message) -> int:
    """One message to each number."""
    url = f"{API}/{quote(config['account_sid'], safe='')}/Messages.json"
    login = (config["account_sid"], config["account_token"])
    for number in config["to_numbers"]:
        post(url, data={"To": str(number), "From": config["from_number"], "Body": message.line}, auth=login)
    return len(config["to_numbers"])


BACKEND = Backend(
    parameters={"account_sid": text(), "account_token": secret(), "from_number": text(), "to_numbers": many()},
    recipients="to_numbers",
    send=send,
)
