"""What a flow is asked to do."""

from __future__ import annotations

import argparse
import json
import os
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Options:
    """One flow; times are in seconds."""

    template: str
    inventory: str = ""
    limit: str = ""
    extra_vars: dict[str, Any] = field(default_factory=dict)
    sync: bool = True
    retries: int = 0
    retry_delay: float = 5.0
    timeout: float = 0.0
    poll: float = 0.5
    quiet: bool = False


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """The flags of the flow itself."""
    parser.add_argument("--template", required=True, help="Name or id of a job template or a workflow.")
    parser.add_argument("--inventory", default="", help="Name or id of an inventory, where the template asks for one.")
    parser.add_argument("--limit", default="", help="Hosts to run on, where the template asks for a limit.")
    parser.add_argument(
        "-e", "--extra-vars", action="append", default=[], help="name=value, or a JSON object; can be repeated."
    )
    parser.add_argument("--no-sync", action="store_true", help="Do not update the project first.")
    parser.add_argument("--retries", type=int, default=0, help="How often a failed run is tried again (default 0).")
    parser.add_argument("--retry-delay", type=float, default=5.0, help="Seconds before a retry (default 5).")
    parser.add_argument("--timeout", type=float, default=0.0, help="Give up waiting after so many seconds (0: never).")
    parser.add_argument("--quiet", action="store_true", help="Do not print the output of the playbook.")
    parser.add_argument("--report", default="", help="Also write the report as JSON to this file.")


def add_server_arguments(parser: argparse.ArgumentParser, url: str) -> None:
    """Where the server is and who asks; the variables are those of the awx command."""
    given = os.environ.get
    parser.add_argument(
        "--url", default=given("CONTROLLER_HOST", url), help="Address of the server ($CONTROLLER_HOST)."
    )
    parser.add_argument(
        "--token", default=given("CONTROLLER_OAUTH_TOKEN", ""), help="A token ($CONTROLLER_OAUTH_TOKEN)."
    )
    parser.add_argument("--username", default=given("CONTROLLER_USERNAME", ""), help="A user ($CONTROLLER_USERNAME).")
    parser.add_argument(
        "--insecure", action="store_true", help="Accept any certificate. The password is in $CONTROLLER_PASSWORD."
    )


def read(given: dict[str, Any]) -> Options:
    """Options from parsed flags; ValueError where the variables are none."""
    return Options(
        template=given["template"],
        inventory=given["inventory"],
        limit=given["limit"],
        extra_vars=variables(given["extra_vars"]),
        sync=not given["no_sync"],
        retries=max(0, given["retries"]),
        retry_delay=max(0.0, given["retry_delay"]),
        timeout=max(0.0, given["timeout"]),
        quiet=given["quiet"],
    )


def variables(texts: list[str]) -> dict[str, Any]:
    """`a=1` or `{"a": 1}`, the later one wins."""
    out: dict[str, Any] = {}
    for text in texts:
        if text.lstrip().startswith("{"):
            out |= json.loads(text)
        elif "=" in text:
            name, _, value = text.partition("=")
            out[name.strip()] = value
        else:
            raise ValueError(f"{text!r} is neither name=value nor a JSON object.")
    return out
