"""`?type=`: which kinds of a polymorphic list are wanted."""

from __future__ import annotations

from typing import Any


def filter_type(resource: Any, queryset: Any, kinds: list[str]) -> Any:
    """A list of one type is all or nothing; a polymorphic one is narrowed by the kinds of its children."""
    models = getattr(resource, "type_models", None)
    if models is None:
        return queryset if set(kinds) & set(resource.types()) else queryset.none()
    from django.contrib.contenttypes.models import ContentType

    wanted = [model for name, model in models().items() if name in kinds]
    found = ContentType.objects.get_for_models(*wanted, for_concrete_models=False).values()
    return queryset.filter(polymorphic_ctype__in=[ct.pk for ct in found])
