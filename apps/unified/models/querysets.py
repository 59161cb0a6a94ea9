"""Rows of a polymorphic family by what a user may do with them: the kinds answer, the family asks each of them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Q
from polymorphic.query import PolymorphicQuerySet

from apps.core import context

from .counting import IsAnyOf, of_family

MANY = 2000  # ids that are named one by one


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


def within(name: str, rows: Any, user: Any, action: str) -> Q:
    """A condition on the foreign key `name`: that it leads to one of `rows` which allows `action`.

    Templates are few and jobs are millions: the ids are fetched first, so that the database finds the jobs by an index,
    or knows that there are none. An empty condition means that nothing allows it.
    """
    permitted = rows.permitted_to(user, action).order_by()
    memory, key = context.memory(), (name, rows.model, action, user.pk)
    ids = memory.get(key) if memory is not None else None
    if ids is None:
        ids = list(permitted.values_list("pk", flat=True)[: MANY + 1])
        if memory is not None:
            memory[key] = ids
    if len(ids) > MANY:
        return Q(**{f"{name}__in": permitted.values("pk")})
    return Q(**{f"{name}__in": ids}) if ids else Q()


class JobQuerySet(PolymorphicQuerySet):
    """Jobs of every kind; who reads the template (or what the kind follows instead) reads the job."""

    def permitted_to(self, user: Any, action: str) -> Any:
        """The jobs that the user may read, start or change by the rights on what they follow."""
        model = self.model
        condition = Q() if action == "start" else self.of_organization(user, action)
        if model.rights_from == "unified_job_template":
            templates = model._meta.get_field("unified_job_template").related_model.objects.non_polymorphic()
            condition |= within("unified_job_template", templates, user, model.rights_map.get(action, action))
        for kind in [model] if model.rights_from != "unified_job_template" else kinds(model):
            if kind.rights_from != "unified_job_template":
                parents = kind._meta.get_field(kind.rights_from).related_model.objects.all()
                above = within(kind.rights_from, parents, user, kind.rights_map.get(action, action))
                if kind is model:
                    condition |= above
                elif above:
                    rows = kind.objects.non_polymorphic().filter(above)
                    condition |= Q(IsAnyOf(rows.order_by().values("pk")))
        for kind in (model, *kinds(model)):
            condition |= kind.own_jobs(user, action)
        return self.filter(condition or Q(pk__in=[]))

    def of_organization(self, user: Any, action: str) -> Q:
        """Jobs of organizations that the user audits (to read) or administers (for the rest)."""
        organizations = self.model._meta.get_field("organization").related_model.objects.all()
        return within("organization", organizations, user, "audit" if action == "view" else "change")

    def visible_to(self, user: Any) -> Any:
        """The jobs that the user may read."""
        return self.permitted_to(user, "view")

    def count(self) -> int:
        """How many; without a look at the kind's own table where nothing asks for it."""
        family = of_family(self) if self._result_cache is None else None
        return super().count() if family is None else family.count()

    def active(self) -> Any:
        """The jobs that are not over."""
        from .job import ACTIVE

        return self.filter(status__in=ACTIVE)
