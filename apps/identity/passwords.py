"""What new passwords must look like, by the LOCAL_PASSWORD_* settings."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError

from apps.conf import live

RULES = (
    ("LOCAL_PASSWORD_MIN_LENGTH", "characters", lambda c: True),
    ("LOCAL_PASSWORD_MIN_DIGITS", "digits", str.isdigit),
    ("LOCAL_PASSWORD_MIN_UPPER", "capital letters", str.isupper),
    ("LOCAL_PASSWORD_MIN_SPECIAL", "characters other than letters and digits", lambda c: not c.isalnum()),
)


class LocalPasswordValidator:
    """A Django password validator that follows the settings of now."""

    def validate(self, password: str, user: Any = None) -> None:
        """Raise ValidationError with every rule that is broken."""
        broken = []
        for key, noun, counts in RULES:
            least = int(live.get(key))
            if sum(1 for c in password if counts(c)) < least:
                broken.append(f"The password needs at least {least} {noun}.")
        if broken:
            raise ValidationError(broken)

    def get_help_text(self) -> str:
        """The rules in force."""
        needs = [f"{live.get(key)} {noun}" for key, noun, _ in RULES if live.get(key)]
        return f"The password needs at least {', '.join(needs)}." if needs else ""
