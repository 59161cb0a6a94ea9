"""Labels: free tags of an organization's templates, jobs and inventories."""

from __future__ import annotations

from collections.abc import Iterable

from django.db import models

from apps.core.models import Authored
from apps.rbac.mixins import Follower


class Label(Follower, Authored):
    """A tag. It lives as long as something carries it."""

    rights_from = "organization"
    rights_map = {"change": "change", "delete": "change"}

    name = models.CharField(max_length=512)
    description = models.TextField(blank=True, default="", editable=False)  # searched by clients, shown by none
    organization = models.ForeignKey("identity.Organization", models.CASCADE, related_name="labels")

    class Meta:
        ordering = ("organization__name", "name")
        unique_together = (("name", "organization"),)

    def __str__(self) -> str:
        return self.name

    @classmethod
    def drop_unused(cls, ids: Iterable[int]) -> None:
        """Delete those of the labels that nothing carries any more."""
        rows = cls.objects.filter(pk__in=list(ids))
        for relation in cls._meta.related_objects:
            if relation.many_to_many and not relation.hidden:  # the activity stream carries nothing
                rows = rows.filter(**{f"{relation.name}__isnull": True})
        cls.objects.filter(pk__in=list(rows.values_list("pk", flat=True))).delete()
