"""`manage.py cleanup_sessions`: delete browser sessions that have expired."""

from __future__ import annotations

from typing import Any

from django.contrib.sessions.models import Session
from django.core.management.base import BaseCommand
from django.utils import timezone


class Command(BaseCommand):
    """Expired sessions go."""

    help = "Delete expired browser sessions."

    def handle(self, *args: Any, **options: Any) -> None:
        """Delete, then say how many."""
        number, _ = Session.objects.filter(expire_date__lt=timezone.now()).delete()
        self.stdout.write(f"sessions: {number} deleted")
