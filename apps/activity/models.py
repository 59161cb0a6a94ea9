"""The activity stream: one row an act, and the objects that it concerns."""

from __future__ import annotations

import functools
from typing import Any

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from .kinds import KINDS

OPERATIONS = (
    ("create", "Created"),
    ("update", "Changed"),
    ("delete", "Deleted"),
    ("associate", "Linked"),
    ("disassociate", "Unlinked"),
)


class ActivityQuerySet(models.QuerySet):
    """Rows by what they are about."""

    def about(self, obj: Any) -> Any:
        """What was done to an object; of a user also what he did himself."""
        model: Any = type(obj)
        kind = kind_of(model)
        condition = Q(pk__in=ActivityObject.objects.filter(**{kind: obj.pk}).values("entry_id"))
        if kind == "user":
            condition |= Q(actor=obj)
        return self.filter(condition)


class ActivityStream(models.Model):
    """One act of someone on one or two objects."""

    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.SET_NULL, null=True, related_name="activity_stream", db_index=True
    )
    deleted_actor = models.JSONField(null=True, default=None)  # the actor's summary, once the user is gone
    operation = models.CharField(max_length=13, choices=OPERATIONS)
    timestamp = models.DateTimeField(default=timezone.now, db_index=True)
    changes = models.JSONField(default=dict)
    object1 = models.TextField()
    object2 = models.TextField(default="")
    object_association = models.TextField(default="")  # the relation of a link: role, labels, credentials
    object_type = models.TextField(default="")  # the kind that has the relation
    setting = models.JSONField(default=dict)  # {"category": …, "name": …} of a changed setting
    action_node = models.CharField(max_length=512, default="")

    objects = ActivityQuerySet.as_manager()

    class Meta:
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.operation} {self.object1} {self.object2}".strip()


def index_name(kind: str) -> str:
    """The name of a kind's index, within the 30 characters that Django allows."""
    short = kind.replace("workflow", "wf").replace("template", "tpl").replace("credential", "cred")
    return f"activity_{short}"


class ActivityObject(models.Model):
    """One object of an entry. Exactly one of the columns named in KINDS is set.

    The keys point to tables of upper apps and are not enforced: an entry outlives its objects, and the deletion
    of an object must not touch the stream.
    """

    entry = models.ForeignKey(ActivityStream, models.CASCADE, related_name="linked")

    objects = models.Manager()

    class Meta:
        ordering = ("pk",)
        indexes = tuple(
            models.Index(fields=(kind, "entry"), name=index_name(kind), condition=Q(**{f"{kind}__isnull": False}))
            for kind in KINDS
        )

    def __str__(self) -> str:
        return f"object of entry {self.entry_id}"


def link_columns() -> None:
    """A column and a many-to-many for each kind, all in one table: filters and joins walk them like any relation."""
    for kind, target in KINDS.items():
        column: Any = models.ForeignKey(
            target, models.DO_NOTHING, null=True, related_name="+", db_constraint=False, db_index=False
        )
        column.contribute_to_class(ActivityObject, kind)
        relation: Any = models.ManyToManyField(
            target, through=ActivityObject, through_fields=("entry", kind), related_name="+"
        )
        relation.contribute_to_class(ActivityStream, kind)


link_columns()


@functools.cache
def kind_of(model: Any) -> str:
    """The API's word for a model: the first of its classes that is in KINDS; KeyError where none is."""
    names = {target: kind for kind, target in KINDS.items()}
    for base in model.__mro__:
        label = getattr(getattr(base, "_meta", None), "label", None)
        if label in names:
            return names[label]
    raise KeyError(model)
