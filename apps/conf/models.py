"""The settings that were changed; one row a setting."""

from __future__ import annotations

import json
from typing import Any

from django.db import models
from django.utils import timezone

from apps.core import crypto

LABEL = crypto.label("conf.setting.value")


class Setting(models.Model):
    """A setting with a value other than its default. `value` is JSON, encrypted where the setting is a secret."""

    key = models.CharField(max_length=255, unique=True)
    value = models.TextField()
    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("key",)

    def __str__(self) -> str:
        return self.key

    def read(self) -> Any:
        """The value as Python has it."""
        return json.loads(crypto.decrypt(self.value, LABEL))

    @staticmethod
    def written(value: Any, *, secret: bool) -> str:
        """The value as the table keeps it."""
        text = json.dumps(value, sort_keys=True)
        return crypto.encrypt(text, LABEL) if secret else text
