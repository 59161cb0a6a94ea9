"""`manage.py gather_analytics`: what the installation is and does, as JSON and CSV files in one tarball."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from apps.core import outbound
from apps.core.progress import Progress
from apps.system.analytics import gathering, shipping
from apps.system.analytics.facts import FACTS
from apps.system.analytics.tables import TABLES


def moment(text: str) -> datetime:
    """A day or a time in ISO 8601; without a zone it is UTC."""
    found = datetime.fromisoformat(text)
    return found if found.tzinfo else found.replace(tzinfo=UTC)


class Command(BaseCommand):
    """Nothing leaves the host without --ship, and nothing secret is collected at all."""

    help = (
        "Collect counts, names and tables (jobs, events without their output, templates, machines) into a tarball that "
        "its owner alone can read. It is sent only with --ship, and only where INSIGHTS_TRACKING_STATE, "
        "AUTOMATION_ANALYTICS_URL, REDHAT_USERNAME and REDHAT_PASSWORD are set; otherwise you are told where it is."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        """AWX's flags, and where the tarball goes."""
        parser.add_argument("--dry-run", action="store_true", help="Collect, but send and remember nothing.")
        parser.add_argument("--ship", action="store_true", help="Send the tarball to the analytics service.")
        parser.add_argument("--since", type=moment, metavar="TIME", help="Begin here (where the last report ended).")
        parser.add_argument(
            "--until", type=moment, metavar="TIME", help="End here (now). At most 28 days are reported."
        )
        parser.add_argument("--directory", help="Where the tarball is put (analytics/ in the data directory).")

    def handle(self, *args: Any, **options: Any) -> None:
        """Collect; send where that is asked for and possible."""
        if options["dry_run"] == options["ship"]:
            raise CommandError("Give either --dry-run or --ship.")
        try:
            window = gathering.window(options["since"], options["until"])
        except ValueError as error:
            raise CommandError(str(error)) from error
        directory = Path(options["directory"] or settings.AWX_LITE_HOME / "analytics")
        with Progress("collecting", len(FACTS) + len(TABLES)) as bar:
            bundle = gathering.gather(window, directory, lambda name: bar.advance(what=name))
        self.stdout.write(f"{len(bundle.names)} files, {bundle.path.stat().st_size:,} bytes: {bundle.path.resolve()}")
        if options["ship"]:
            self.ship(bundle)

    def ship(self, bundle: gathering.Bundle) -> None:
        """Send it; what was sent is not kept."""
        try:
            shipping.ship(bundle.path)
        except shipping.Unready as error:
            raise CommandError(f"Nothing was sent: {error} The tarball stays where it is.") from error
        except (outbound.Refused, OSError) as error:
            raise CommandError(f"Sending failed, the tarball stays where it is: {error}") from error
        gathering.remember(bundle)
        bundle.path.unlink()
        self.stdout.write("Sent.")
