"""The session engine: rows that know their user, and a lifetime that follows SESSION_COOKIE_AGE."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from django.contrib.sessions.backends.db import SessionStore as DatabaseStore
from django.utils import timezone

from apps.conf import live

RENEW_AFTER = 0.1  # of the lifetime: a write a request would be too many


class SessionStore(DatabaseStore):
    """A session ends SESSION_COOKIE_AGE seconds after its last use."""

    @classmethod
    def get_model_class(cls) -> Any:
        """Where sessions are kept."""
        from .models.session import UserSession

        return UserSession

    def get_session_cookie_age(self) -> int:
        """The lifetime as it is set now."""
        return int(live.get("SESSION_COOKIE_AGE"))

    def create_model_instance(self, data: dict[str, Any]) -> Any:
        """The row, with the user that the data name; a renewed row keeps the time of its making."""
        row: Any = super().create_model_instance(data)
        user = data.get("_auth_user_id")
        row.user_id = int(user) if user else None
        begun = data.get("_begun")
        if begun is not None:
            row.created = datetime.fromtimestamp(begun, tz=UTC)
        return row

    def load(self) -> dict[str, Any]:
        """The data; use prolongs the session, but is written down only now and then."""
        row = self._get_session_from_db()  # type: ignore[attr-defined]
        if row is None:
            return {}
        age = self.get_session_cookie_age()
        left = (row.expire_date - timezone.now()).total_seconds()
        if row.user_id is not None and (left < age * (1 - RENEW_AFTER) or left > age):
            self.modified = True
        return self.decode(row.session_data)
