"""Abstract bases: stamped with times and people, named, and how rights follow a parent."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from . import context


class Stamped(models.Model):
    """`created` and `modified`; both are set here, so that bulk updates stay free of surprises."""

    created = models.DateTimeField(default=timezone.now, editable=False)
    modified = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Stamp `modified`, also where only some fields are written."""
        self.modified = timezone.now()
        fields = kwargs.get("update_fields")
        if fields is not None:
            kwargs["update_fields"] = {*fields, "modified"}
        super().save(*args, **kwargs)


class Authored(Stamped):
    """Who made the object and who last changed it: the actor of the request."""

    created_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, default=None, related_name="+"
    )
    modified_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, editable=False, default=None, related_name="+"
    )

    class Meta:
        abstract = True

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Sign with the actor; a task without an actor leaves the signature alone."""
        user = context.actor()
        if user is not None and user.pk:
            if self._state.adding and self.created_by_id is None:
                self.created_by = user
            self.modified_by = user
            fields = kwargs.get("update_fields")
            if fields is not None:
                kwargs["update_fields"] = {*fields, "modified_by"}
        super().save(*args, **kwargs)


class Named(Authored):
    """`name` and `description`."""

    name = models.CharField(max_length=512)
    description = models.TextField(blank=True, default="")

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return self.name


class OrderedLink(models.Model):
    """A many-to-many whose order counts (instance groups, galaxy credentials): rows in order of `position`."""

    position = models.PositiveIntegerField(default=0, db_index=True)

    class Meta:
        abstract = True
        ordering = ("position", "id")
