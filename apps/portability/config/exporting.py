"""Writing the file: every kind in an order in which it can be read, hosts and groups as streams."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.conf import settings
from django.utils import timezone

from apps.conf import live
from apps.conf import registry as declared
from apps.core.serializers import iso
from apps.jobs import surveys
from apps.workflows.models import WorkflowApprovalTemplate

from . import contents, rights
from .kinds import KINDS, Kind
from .references import References
from .sealing import Seal

FORMAT = 1
Line = dict[str, Any]


def lines(seal: Seal) -> Iterator[Line]:
    """The whole file, line by line."""
    references = References()
    yield {
        "awx_lite": "configuration",
        "format": FORMAT,
        "version": settings.VERSION,
        "written": iso(timezone.now()),
        "secrets": seal.header(),
    }
    for kind in KINDS:
        for obj in kind.rows().iterator(500):
            yield {"kind": kind.slug, "key": references.key(kind, obj), "data": data_of(kind, obj, references, seal)}
        if kind.slug == "inventories":
            yield from contents.lines(kind.rows(), references)
    for kind in KINDS:
        if kind.late:
            yield from late_lines(kind, references)
    yield from rights.lines(references)
    yield from setting_lines(seal)


def data_of(kind: Kind, obj: Any, references: References, seal: Seal) -> Line:
    """The columns and links of an object."""
    out: Line = {}
    absent = kind.absent(obj)
    for column in (column for column in kind.columns() if column.name not in absent):
        name = column.name
        if name in kind.secret:
            if seal.keeps and getattr(obj, name):
                out[name] = seal.close(getattr(obj, name))
        elif name in kind.partly:
            out[name] = without_secrets(getattr(obj, name), kind.partly[name](obj), seal)
        elif name == "survey_spec":
            out[name] = survey(obj.survey_spec, seal)
        else:
            out[name] = references.value(obj, column)
    for relation in kind.many:
        out[relation] = targets(obj, relation, references)
    if kind.slug == "workflow_job_template_nodes":
        approval(obj, out)
    return out


def without_secrets(values: dict[str, Any], secret: Any, seal: Seal) -> Line:
    """A JSON column whose secrets are sealed, or not there."""
    shown = {name: value for name, value in values.items() if name not in secret}
    return shown | ({n: seal.close(v) for n, v in values.items() if n in secret and v} if seal.keeps else {})


def survey(spec: dict[str, Any], seal: Seal) -> dict[str, Any]:
    """A survey whose secret defaults are sealed, or empty."""
    if not spec:
        return spec
    asked = []
    for question in surveys.questions(spec):
        if surveys.is_sealed(question):
            question = question | {"default": seal.close(surveys.opened(question)) if seal.keeps else ""}  # noqa: PLW2901
        asked.append(question)
    return spec | {"spec": asked}


def targets(obj: Any, relation: str, references: References) -> list[Any]:
    """What a many-to-many leads to, in its order."""
    column = obj._meta.get_field(relation)
    through, source = column.remote_field.through, column.m2m_field_name()
    ordered = ("position", "pk") if any(f.name == "position" for f in through._meta.fields) else ("pk",)
    to = f"{column.m2m_reverse_field_name()}_id"
    ids = through._base_manager.filter(**{source: obj.pk}).order_by(*ordered).values_list(to, flat=True)
    return [references.of(column.related_model, pk) for pk in ids]


def approval(node: Any, out: Line) -> None:
    """A node that asks carries its question with it."""
    asks = WorkflowApprovalTemplate.objects.filter(pk=node.unified_job_template_id).first()
    if asks is not None:
        out["approval"] = {"name": asks.name, "description": asks.description, "timeout": asks.timeout}
        out["unified_job_template"] = None


def late_lines(kind: Kind, references: References) -> Iterator[Line]:
    """What links to objects that come later in the file."""
    plain = {column.name: column for column in kind.model._meta.concrete_fields}
    for obj in kind.rows().iterator(500):
        found = {
            name: references.value(obj, plain[name]) if name in plain else targets(obj, name, references)
            for name in kind.late
        }
        if any(found.values()):
            yield {"late": kind.slug, "key": references.key(kind, obj), "data": found}


def setting_lines(seal: Seal) -> Iterator[Line]:
    """Settings that were changed and may be."""
    for name, value in sorted(live.changed().items()):
        setting = declared.find(name)
        if setting.read_only or (setting.secret and not seal.keeps):
            continue
        yield {"setting": name, "value": seal.close(value) if setting.secret else value}
