"""What a backend declares, what it is given, and how it fails."""

from __future__ import annotations

import smtplib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from apps.core import outbound
from apps.core.outbound import Refused

MISSING = object()
TYPES: Mapping[str, tuple[type, ...]] = {
    "string": (str,),
    "password": (str,),
    "int": (int,),
    "bool": (bool,),
    "list": (list,),
    "object": (dict,),
}
TOO_MANY, SERVER_ERROR = 429, 500


@dataclass(frozen=True)
class Parameter:
    """One key of `notification_configuration`."""

    type: str
    default: Any = MISSING


@dataclass(frozen=True)
class Message:
    """What is sent: a line, and a text (or a mapping, for those that take data)."""

    subject: str
    body: Any

    @property
    def line(self) -> str:
        """The subject on one line."""
        return " ".join(self.subject.split())

    @property
    def text(self) -> str:
        """The body as text."""
        return self.body if isinstance(self.body, str) else str(self.body.get("body", ""))


class Failed(Exception):  # noqa: N818
    """The message did not get through; the sentence says why, `again` whether another try may help."""

    def __init__(self, sentence: str, *, again: bool = False) -> None:
        super().__init__(sentence)
        self.again = again


@dataclass(frozen=True)
class Backend:
    """One way to tell someone."""

    parameters: Mapping[str, Parameter]
    recipients: str  # the parameter that says to whom
    send: Callable[[dict[str, Any], Message], int]  # the number of messages that were sent
    data: bool = False  # whether the body is a mapping (webhooks) and not text

    @property
    def secrets(self) -> set[str]:
        """The parameters that are never shown."""
        return {name for name, parameter in self.parameters.items() if parameter.type == "password"}


def text(default: Any = MISSING) -> Parameter:
    """A parameter of text."""
    return Parameter("string", default)


def secret(default: Any = MISSING) -> Parameter:
    """A parameter that is never shown."""
    return Parameter("password", default)


def number(default: Any = MISSING) -> Parameter:
    """A whole number."""
    return Parameter("int", default)


def flag(default: Any = MISSING) -> Parameter:
    """True or false."""
    return Parameter("bool", default)


def many() -> Parameter:
    """A list that is not empty."""
    return Parameter("list")


def post(url: str, *, method: str = "POST", **options: Any) -> outbound.Answer:
    """Call a service; Failed where it cannot be reached or refuses."""
    try:
        answer = outbound.call(method, url, **options)
    except Refused as error:
        raise Failed(str(error)) from error
    except (OSError, ValueError) as error:
        raise Failed(f"The service cannot be reached ({type(error).__name__}).", again=True) from error
    if not answer.ok:
        again = answer.status >= SERVER_ERROR or answer.status == TOO_MANY
        raise Failed(f"The service answered with the status {answer.status}.", again=again)
    return answer


def mail_failure(error: Exception) -> Failed:
    """What a mail server's refusal means."""
    if isinstance(error, Refused):
        return Failed(str(error))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Failed("The mail server does not accept the login.")
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return Failed("The mail server accepts none of the recipients.")
    if isinstance(error, smtplib.SMTPResponseException):
        return Failed(f"The mail server refused with the code {error.smtp_code}.", again=400 <= error.smtp_code < 500)  # noqa: PLR2004
    return Failed(f"The mail server cannot be reached ({type(error).__name__}).", again=True)
