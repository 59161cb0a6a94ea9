"""Abstract bases: stamped with times and people, named, and how rights follow a parent."""

from __future__ import annotations

import copy
from typing import Any

from django.conf import settings
from django.db import DatabaseError, models
from django.utils import timezone

from . import context


class Columnwise(models.Model):
    """A row that others may write at the same moment: a change of some columns leaves the others as they are."""

    class Meta:
        abstract = True

    _loaded: dict[str, Any] | None = None

    def save(self, *args: Any, **kwargs: Any) -> None:
        """All columns, or those that have changed since remember_columns()."""
        if self._loaded is None or self._state.adding or kwargs.keys() & {"update_fields", "force_insert"}:
            super().save(*args, **kwargs)
        else:
            self.save_changes(*args, **kwargs)

    def remember_columns(self) -> None:
        """From here on save() writes only the columns that have changed: the others may be written by somebody else."""
        self._loaded = self.columns()

    def columns(self) -> dict[str, Any]:
        """What the columns hold now, those that were not loaded left out."""
        held = ((f.attname, self.__dict__[f.attname]) for f in self._meta.concrete_fields if f.attname in self.__dict__)
        return {name: copy.deepcopy(value) if isinstance(value, dict | list) else value for name, value in held}

    def save_changes(self, *args: Any, **kwargs: Any) -> None:
        """Write what differs from what was loaded; DoesNotExist where the row is gone by now."""
        before, now = self._loaded or {}, self.columns()
        kwargs["update_fields"] = {name for name, value in now.items() if name not in before or before[name] != value}
        try:
            super().save(*args, **kwargs)
        except DatabaseError as error:
            if error.__cause__ is None:  # Django's own word for a row that is not there; the database's have a cause
                raise type(self).DoesNotExist from error
            raise
        self._loaded = self.columns()

    def refresh_from_db(self, *args: Any, **kwargs: Any) -> None:
        """What is loaded now is what was loaded."""
        super().refresh_from_db(*args, **kwargs)
        if self._loaded is not None:
            self._loaded = self.columns()


class Stamped(Columnwise):
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
