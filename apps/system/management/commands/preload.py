"""`manage.py preload`: what a fresh server has: roles, an organization, the administrator, types, the demo objects."""

from __future__ import annotations

import os
from importlib import import_module
from pathlib import Path
from typing import Any

from django.contrib.auth import get_user_model
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from apps.core import context
from apps.identity.models import Organization
from apps.rbac.services import sync_definitions

# each has `preload()`, which may be called again at any time; the cleanings come first, so that they have AWX's ids
SERVICES = (
    "apps.system.services",
    "apps.instances.services",
    "apps.credentials.services",
    "apps.projects.services",
    "apps.inventory.services",
    "apps.jobs.services",
)


class Command(BaseCommand):
    """Idempotent: what is there already stays as it is."""

    help = "Create what every server starts with. It can be run again: nothing that exists is changed."

    def add_arguments(self, parser: CommandParser) -> None:
        """How the administrator is called, and where the password is."""
        parser.add_argument("--admin", default="admin", help="The administrator's user name.")
        parser.add_argument("--password-file", help="A file with the password, instead of AWX_LITE_ADMIN_PASSWORD.")

    def handle(self, *args: Any, **options: Any) -> None:
        """Roles first, then the administrator, in whose name all else is made."""
        sync_definitions()
        with transaction.atomic():
            admin = administrator(options["admin"], options["password_file"])
        with context.acting_as(admin):
            Organization.objects.get_or_create(name="Default")
            for name in SERVICES:
                with transaction.atomic():
                    import_module(name).preload()
        self.stdout.write("The server has all that it starts with.")


def administrator(name: str, password_file: str | None) -> Any:
    """The superuser that exists, or a new one with the given password."""
    users = get_user_model().objects
    user = users.filter(username=name).first() or users.filter(is_superuser=True).order_by("pk").first()
    return user or users.create_superuser(username=name, email="admin@example.com", password=password(password_file))


def password(password_file: str | None) -> str:
    """From the file, else from the environment; without either nobody could log in."""
    if password_file:
        try:
            found = Path(password_file).read_text(encoding="utf-8").strip()
        except OSError as error:
            raise CommandError(f"The password file cannot be read: {error}.") from error
    else:
        found = os.environ.get("AWX_LITE_ADMIN_PASSWORD", "")
    if not found:
        raise CommandError("The administrator needs a password: set AWX_LITE_ADMIN_PASSWORD or use --password-file.")
    return found
