"""`?type=` and its lookups: which kinds of a polymorphic list are wanted."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from .paths import Path
from .values import convert


def filter_type(resource: Any, queryset: Any, kinds: list[str]) -> Any:
    """A list of one type is all or nothing; a polymorphic one is narrowed by the kinds of its children."""
    models = getattr(resource, "type_models", None)
    if models is None:
        return queryset if set(kinds) & set(resource.types()) else queryset.none()
    from django.contrib.contenttypes.models import ContentType

    wanted = [model for name, model in models().items() if name in kinds]
    found = ContentType.objects.get_for_models(*wanted, for_concrete_models=False).values()
    return queryset.filter(polymorphic_ctype__in=[ct.pk for ct in found])


def matching(path: Path, text: str) -> tuple[Path, list[int]]:
    """`or__type=job`, `unified_job_template__type__icontains=work`: the path over the content types that match.

    Types are compared without their underscores. As in AWX `type__in` finds nothing: a list of them is `type=a,b`.
    """
    from django.contrib.contenttypes.models import ContentType

    value = convert(ContentType._meta.get_field("model"), path.lookup, text.replace("_", ""))
    found = ContentType.objects.filter(**{f"model__{path.lookup}": value}).values_list("pk", flat=True)
    return replace(path, lookup="in"), [] if path.lookup == "in" else list(found)
