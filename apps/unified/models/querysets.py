"""Rows of a polymorphic family by what a user may do with them: the kinds answer, the family asks each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from polymorphic.query import PolymorphicQuerySet


def kinds(base: Any) -> Iterator[Any]:
    """The concrete kinds of a family (UnifiedJobTemplate -> JobTemplate, Project, …)."""
    for child in base.__subclasses__():
        if not child._meta.abstract:
            yield child
        yield from kinds(child)


class TemplateQuerySet(PolymorphicQuerySet):
    """Templates of every kind."""

    def permitted_to(self, user: Any, action: str) -> Any:
        """The templates whose own kind allows `action`; `start` is execute or update, as the kind names it."""
        condition = Q(pk__in=[])
        for kind in kinds(self.model):
            rows = kind.objects.all()
            if isinstance(rows, TemplateQuerySet):
                continue  # a kind without rights of its own: for superusers only
            wanted = kind.start_action if action == "start" else action
            condition |= Q(pk__in=rows.permitted_to(user, wanted).order_by().values("pk"))
        return self.filter(condition)

    def visible_to(self, user: Any) -> Any:
        """The templates that the user may read."""
        return self.permitted_to(user, "view")


class JobQuerySet(PolymorphicQuerySet):
    """Jobs of every kind; who reads the template (or what the kind follows instead) reads the job."""

    def permitted_to(self, user: Any, action: str) -> Any:
        """The jobs that the user may read, start or change by the rights on what they follow."""
        model = self.model
        condition = Q(pk__in=[]) if action == "start" else self.of_organization(user, action)
        if model.rights_from == "unified_job_template":
            templates = model._meta.get_field("unified_job_template").related_model
            wanted = model.rights_map.get(action, action)
            ids = templates.objects.non_polymorphic().permitted_to(user, wanted).order_by().values("pk")
            condition |= Q(unified_job_template__in=ids)
        own = [model] if model.rights_from != "unified_job_template" else []
        for kind in own or kinds(model):
            if kind.rights_from != "unified_job_template":
                parent = kind._meta.get_field(kind.rights_from).related_model
                ids = parent.objects.permitted_to(user, kind.rights_map.get(action, action)).order_by().values("pk")
                rows = kind.objects.non_polymorphic().filter(**{f"{kind.rights_from}__in": ids})
                condition |= Q(pk__in=rows.order_by().values("pk"))
        return self.filter(condition)

    def of_organization(self, user: Any, action: str) -> Q:
        """Jobs of organizations that the user audits (to read) or administers (for the rest)."""
        organization = self.model._meta.get_field("organization").related_model
        wanted = "audit" if action == "view" else "change"
        return Q(organization__in=organization.objects.permitted_to(user, wanted).order_by().values("pk"))

    def visible_to(self, user: Any) -> Any:
        """The jobs that the user may read."""
        return self.permitted_to(user, "view")

    def active(self) -> Any:
        """The jobs that are not over."""
        from .job import ACTIVE

        return self.filter(status__in=ACTIVE)
