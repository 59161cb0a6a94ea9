"""`automation_flow --template NAME`: one automation, from the look round to the report."""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.oauth.models import OAuth2AccessToken
from apps.portability.flow.client import Client
from apps.portability.flow.main import perform
from apps.portability.flow.options import add_arguments, add_server_arguments

TOKEN_SECONDS = 24 * 3600
HERE = "http://127.0.0.1:8080"

HELP = """
Checks the server, the template, its inventory, hosts and credentials; updates the project; launches; prints the
output while the job runs; tries again where --retries says so (on the hosts that failed); prints a summary and exits
with the result: 0 successful, 1 failed, 2 refused or lost, 3 canceled.

Without --url it works with this server, in the name of --username (default: the first administrator), for whom a
token is made that ends with the flow. With --url it is a plain client of any AWX: give --token, or --username and
$CONTROLLER_PASSWORD. `python -m apps.portability.flow` is the same without Django.
"""


class Command(BaseCommand):
    """Exits with the job's result."""

    help = HELP

    def add_arguments(self, parser: CommandParser) -> None:
        """The server's, then the flow's."""
        add_server_arguments(parser, "")
        add_arguments(parser)

    def handle(self, *args: Any, **options: Any) -> None:
        """Find the server and somebody to ask it, then run."""
        password = os.environ.get("CONTROLLER_PASSWORD", "")
        if options["url"]:
            client = Client(
                options["url"],
                token=options["token"],
                user=options["username"],
                password=password,
                verify=not options["insecure"],
            )
            code = perform(client, options)
        else:
            with passing_token(options["username"]) as token:
                code = perform(Client(os.environ.get("AWX_LITE_URL") or HERE, token=token), options)
        sys.exit(code)


@contextmanager
def passing_token(name: str) -> Iterator[str]:
    """A token of a user that is gone when the flow is."""
    users = get_user_model().objects
    user = users.filter(username=name).first() if name else users.filter(is_superuser=True).order_by("pk").first()
    if user is None:
        raise CommandError(f"There is no user {name!r}." if name else "There is no administrator yet.")
    token = OAuth2AccessToken(user=user, scope="write", description="automation_flow")
    clear = token.issue(TOKEN_SECONDS)
    token.save()
    try:
        yield clear
    finally:
        token.delete()
