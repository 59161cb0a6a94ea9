"""Topics of AWS SNS.

Source: https://docs.aws.amazon.com/sns/latest/api/API_Publish.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from apps.core import aws
from apps.core.outbound import Refused

from .base import SERVER_ERROR, Backend, Failed, Message, secret, text


def send(config: dict[str, Any], message: Message) -> int:
    """One message to the topic."""
    body = urlencode(
        {"Action": "Publish", "Version": "2010-03-31", "TopicArn": config["sns_topic_arn"], "Message": message.text}
    )
    keys = (config["aws_access_key_id"], config["aws_secret_access_key"], config["aws_session_token"])
    headers = {"content-type": "application/x-www-form-urlencoded"}
    try:
        answer = aws.post("sns", body, headers, keys=keys, region=config["aws_region"])
    except Refused as error:
        raise Failed(str(error)) from error
    except (OSError, ValueError) as error:
        raise Failed(f"AWS cannot be reached ({type(error).__name__}).", again=True) from error
    if not answer.ok:
        raise Failed(f"AWS answered with the status {answer.status}.", again=answer.status >= SERVER_ERROR)
    return 1


BACKEND = Backend(
    parameters={
        "aws_region": text(""),
        "aws_access_key_id": text(""),
        "aws_secret_access_key": secret(""),
        "aws_session_token": secret(""),
        "sns_topic_arn": text(""),
    },
    recipients="sns_topic_arn",
    send=send,
)
