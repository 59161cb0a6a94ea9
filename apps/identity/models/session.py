"""Sessions of the browser and of the awx command, each known by its user."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib.sessions.base_session import AbstractBaseSession, BaseSessionManager
from django.db import models
from django.utils import timezone


class UserSession(AbstractBaseSession):
    """A session; `user` lets SESSIONS_PER_USER and expire_sessions find those of one person."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, null=True, related_name="sessions")
    created = models.DateTimeField(default=timezone.now)

    objects = BaseSessionManager()  # type: ignore[misc]

    class Meta(AbstractBaseSession.Meta):
        verbose_name = "session"
        verbose_name_plural = "sessions"

    @classmethod
    def get_session_store_class(cls) -> Any:
        """The engine that reads and writes these rows."""
        from apps.identity.sessions import SessionStore

        return SessionStore

    @classmethod
    def limit(cls, user: Any, *, most: int, keep: str) -> None:
        """End the user's oldest sessions, so that at most `most` are left; `keep` is the newest. -1 is no limit."""
        if most < 0:
            return
        mine = cls.objects.filter(user=user, expire_date__gt=timezone.now()).exclude(session_key=keep)
        kept = list(mine.order_by("-created").values_list("pk", flat=True)[: max(most - 1, 0)])
        mine.exclude(pk__in=kept).delete()
