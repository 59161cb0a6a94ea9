"""Reading the file: what is not there is made, what differs is changed, the rest stays; again is nothing new."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ObjectDoesNotExist, ValidationError
from django.db import IntegrityError, transaction

from apps.conf import live
from apps.conf import registry as declared
from apps.conf.services import change
from apps.core import crypto
from apps.jobs import surveys
from apps.unified.schedules.services import compute, settle_template
from apps.workflows.models import WorkflowApprovalTemplate

from . import contents, rights
from .exporting import FORMAT, targets
from .kinds import Kind, kind_of
from .references import References, UnknownError, shown
from .sealing import Seal

Line = dict[str, Any]
FAULTS = (UnknownError, ValidationError, IntegrityError, ObjectDoesNotExist, KeyError, TypeError, ValueError)


class NotOurFileError(Exception):
    """The file is none of ours, or of a newer form."""


@dataclass
class Report:
    """What was done, by kind; and what could not be."""

    counts: dict[str, Counter[str]] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def count(self, kind: str, what: str, number: int = 1) -> None:
        """So many of a kind were made, changed or stayed the same."""
        self.counts.setdefault(kind, Counter())[what] += number


class Import:
    """One reading of one file."""

    def __init__(self, header: Line, passphrase: str = "") -> None:
        if header.get("awx_lite") != "configuration" or header.get("format") != FORMAT:
            raise NotOurFileError("This is no configuration of awx_lite that this version can read.")
        self.seal, self.sealed = Seal.of(header["secrets"], passphrase), bool(header["secrets"])
        self.references, self.report = References(), Report()
        self.inventories: set[int] = set()

    def run(self, lines: Iterable[Line]) -> Report:
        """Every line in a savepoint of its own: one that fails is a problem of the report, not the end."""
        for line in lines:
            try:
                with transaction.atomic():
                    self.take(line)
            except FAULTS as error:
                self.report.problems.append(f"{self.what(line)}: {said(error)}")
        contents.settle(self.inventories)
        return self.report

    @staticmethod
    def what(line: Line) -> str:
        """A line for people."""
        kind = line.get("kind") or line.get("late")
        if kind:
            return f"{kind} {shown(line.get('key', []))}"
        return next(
            (f"{name} {shown(line[name])}" for name in ("setting", "role", "inventory") if name in line), "line"
        )

    def take(self, line: Line) -> None:
        """One line."""
        if "kind" in line:
            kind = kind_of(line["kind"])
            self.report.count(kind.slug, self.object(kind, line["key"], line["data"]))
        elif "late" in line:
            self.late(kind_of(line["late"]), line["key"], line["data"])
        elif "inventory" in line:
            pk = self.references.find(line["inventory"])
            made, changed = contents.read(pk, line)
            self.inventories |= {pk} if made or changed else set()
            what = next(name for name in line if name != "inventory")
            self.report.count(what.replace("_", " "), "made", made)
            self.report.count(what.replace("_", " "), "changed", changed)
        elif "role" in line:
            self.report.count("roles", "made" if rights.read(line, self.references) else "same")
        elif "setting" in line:
            self.setting(line["setting"], line["value"])

    # --- objects -----------------------------------------------------------------------------------------------------

    def object(self, kind: Kind, key: list[Any], data: Line) -> str:
        """Make or change one object: made, changed or same."""
        obj = self.references.look(kind.slug, key)
        what = "same" if obj else "made"
        obj = obj or kind.model()
        if kind.slug == "workflow_job_template_nodes":
            data = self.asking(obj, data)
        values = self.values(kind, obj, data)
        differing = [name for name, value in values.items() if getattr(obj, name) != value]
        for name in differing:
            setattr(obj, name, values[name])
        if differing or what == "made":
            self.save(kind, obj)
            what = "made" if what == "made" else "changed"
        linked = [self.link(obj, relation, data[relation]) for relation in kind.many if relation in data]
        return "changed" if what == "same" and any(linked) else what

    def values(self, kind: Kind, obj: Any, data: Line) -> Line:
        """The columns as the model wants them; secrets that the file does not open stay as they are."""
        out: Line = {}
        for column in kind.columns():
            name = column.name
            if name not in data:
                continue
            value = data[name]
            if Seal.is_sealed(value):
                if self.seal.keeps:
                    out[name] = self.seal.open(value)
            elif name in kind.partly:
                out[name] = self.opened(value, getattr(obj, name) or {})
            elif name == "survey_spec":
                out[name] = self.survey(value, obj.survey_spec)
            elif column.is_relation:
                out[column.attname] = self.references.find(value)
            else:
                out[name] = column.to_python(value)
        return out

    def opened(self, given: Line, before: Line) -> Line:
        """A JSON column: opened secrets, and those of before that the file leaves out."""
        kept = {name: value for name, value in before.items() if name not in given or Seal.is_sealed(given[name])}
        plain = {name: value for name, value in given.items() if not Seal.is_sealed(value)}
        opened = {n: self.seal.open(v) for n, v in given.items() if Seal.is_sealed(v)} if self.seal.keeps else {}
        return kept | plain | opened

    def survey(self, spec: dict[str, Any], before: dict[str, Any]) -> dict[str, Any]:
        """A survey whose secret defaults are encrypted for this server."""
        if not spec:
            return spec
        known = {question["variable"]: question for question in surveys.questions(before)}
        asked = []
        for question in surveys.questions(spec):
            default, old = question.get("default"), known.get(question.get("variable"), {})
            if Seal.is_sealed(default) and self.seal.keeps:
                plain = self.seal.open(default)
                same = surveys.is_sealed(old) and surveys.opened(old) == plain
                question = question | {"default": old["default"] if same else crypto.encrypt(plain, surveys.LABEL)}  # noqa: PLW2901
            elif question.get("type") == "password":
                question = question | {"default": old.get("default", "")}  # noqa: PLW2901
            asked.append(question)
        return spec | {"spec": asked}

    @staticmethod
    def asking(node: Any, data: Line) -> Line:
        """A node with a question of its own: the question is made or changed with it."""
        if "approval" not in data:
            return data
        asks = WorkflowApprovalTemplate.objects.filter(pk=node.unified_job_template_id).first()
        asks = asks or WorkflowApprovalTemplate()
        if any(getattr(asks, name) != value for name, value in data["approval"].items()) or asks.pk is None:
            for name, value in data["approval"].items():
                setattr(asks, name, value)
            asks.save()
        node.unified_job_template_id = asks.pk
        return {name: value for name, value in data.items() if name != "unified_job_template"}

    @staticmethod
    def save(kind: Kind, obj: Any) -> None:
        """Let the model check, then store; a new user has no password and cannot log in with one."""
        if kind.slug == "users" and obj.pk is None:
            obj.set_unusable_password()
        if kind.slug == "schedules":
            compute(obj)
        own = {column.name for column in kind.columns()}
        obj.full_clean(exclude={f.name for f in obj._meta.concrete_fields if f.name not in own})
        obj.save()
        if kind.slug == "schedules":
            settle_template(obj.unified_job_template_id)

    def link(self, obj: Any, relation: str, wanted: list[Any]) -> bool:
        """Make a many-to-many what the file says, in its order; whether it was something else."""
        if targets(obj, relation, self.references) == wanted:
            return False
        column, manager = obj._meta.get_field(relation), getattr(obj, relation)
        ids = [self.references.find(reference) for reference in wanted]
        through = column.remote_field.through
        if through._meta.auto_created:
            manager.set(ids)
            return True
        through._base_manager.filter(**{column.m2m_field_name(): obj.pk}).delete()
        own, other = f"{column.m2m_field_name()}_id", f"{column.m2m_reverse_field_name()}_id"
        through._base_manager.bulk_create(
            through(**{own: obj.pk, other: pk, "position": place}) for place, pk in enumerate(ids)
        )
        return True

    def late(self, kind: Kind, key: list[Any], data: Line) -> None:
        """Links to what came later in the file."""
        obj = self.references.look(kind.slug, key)
        if obj is None:
            raise UnknownError("it is not there")
        columns = {column.name: column for column in kind.model._meta.concrete_fields}
        done = False
        for name, value in data.items():
            if name not in columns:
                done |= self.link(obj, name, value)
                continue
            pk = self.references.find(value)
            if getattr(obj, columns[name].attname) != pk:
                setattr(obj, columns[name].attname, pk)
                obj.save(update_fields=[name])
                done = True
        self.report.count("links", "changed" if done else "same")

    def setting(self, name: str, value: Any) -> None:
        """One setting."""
        if not declared.known(name):
            raise UnknownError("there is no such setting")
        if Seal.is_sealed(value):
            if not self.seal.keeps:
                return
            value = self.seal.open(value)
        same = live.read().get(name) == value
        change({name: value})
        self.report.count("settings", "same" if same else "changed")


def said(error: Exception) -> str:
    """What went wrong, in a line."""
    if isinstance(error, ValidationError):
        return "; ".join(error.messages)
    return f"{type(error).__name__} {error}".strip() if isinstance(error, KeyError | TypeError) else str(error).strip()
