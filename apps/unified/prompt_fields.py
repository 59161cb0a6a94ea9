"""How saved answers look in the API: the fields that schedules and workflow nodes share."""

from __future__ import annotations

from typing import Any

from django.contrib.contenttypes.models import ContentType
from rest_framework import serializers

from apps.core import links, registry
from apps.core.errors import BadRequest
from apps.core.fields import parse_variables
from apps.core.serializers import ResourceSerializer
from apps.credentials.services.injection import passwords_needed

from .prompts import ASKS, ENCRYPTED, SHORT, refusals, survey_variables

PROMPTS = (
    "extra_data",
    "inventory",
    "scm_branch",
    "job_type",
    "job_tags",
    "skip_tags",
    "limit",
    "diff_mode",
    "verbosity",
    "execution_environment",
    "forks",
    "job_slice_count",
    "timeout",
)
JOB_TYPES = ((None, "---------"), ("", "---------"), ("run", "Run"), ("check", "Check"))
VERBOSITIES = (
    (None, "---------"),
    (0, "0 (Normal)"),
    (1, "1 (Verbose)"),
    (2, "2 (More Verbose)"),
    (3, "3 (Debug)"),
    (4, "4 (Connection Debug)"),
    (5, "5 (WinRM Debug)"),
)
# the kind of job that a kind of template makes, as the API calls it
JOB_KINDS = {
    "jobtemplate": "job",
    "project": "project_update",
    "inventorysource": "inventory_update",
    "systemjobtemplate": "system_job",
    "workflowjobtemplate": "workflow_job",
    "workflowapprovaltemplate": "workflow_approval",
}


def text() -> serializers.CharField:
    """A short text that may be left open."""
    return serializers.CharField(allow_blank=True, allow_null=True, required=False, default=None)


def number() -> serializers.IntegerField:
    """A number from 0 that may be left open."""
    return serializers.IntegerField(allow_null=True, required=False, default=None, min_value=0)


class TemplateLink(ResourceSerializer):
    """What points to a template of any kind shows the kind; `template_attname` is the column."""

    template_name = "unified_job_template"

    class Meta:
        abstract = True

    def template_kinds(self, objects: list[Any]) -> dict[int, dict[str, Any]]:
        """{template: its kind and summary}: one query, and one more each for approvals and cleanings."""
        ids = {getattr(obj, f"{self.template_name}_id") for obj in objects} - {None}
        templates = registry.by_slug("unified_job_templates").model
        columns = ("pk", "name", "description", "polymorphic_ctype_id")
        rows = templates.objects.non_polymorphic().filter(pk__in=ids).order_by().values_list(*columns) if ids else ()
        found: dict[int, dict[str, Any]] = {}
        for pk, name, description, kind in rows:
            model = ContentType.objects.get_for_id(kind).model
            shown = {
                "id": pk,
                "name": name,
                "description": description,
                "unified_job_type": JOB_KINDS.get(model, model),
            }
            found[pk] = {"kind": kind, "shown": shown}
        for pk, extra in extras(found):
            found[pk]["shown"] |= extra
        return found

    def prepare(self, objects: Any) -> None:
        """Also the kinds of the templates."""
        objects = list(objects)
        self._templates = self.template_kinds(objects)
        super().prepare(objects)

    def get_summary_fields(self, obj: Any) -> dict[str, Any]:
        """With the template and its kind."""
        found = self._templates.get(getattr(obj, f"{self.template_name}_id"))
        summary = super().get_summary_fields(obj)
        return summary | ({self.template_name: found["shown"]} if found else {})

    def links(self, obj: Any) -> dict[str, Any]:
        """The template under the path of its kind."""
        pk = getattr(obj, f"{self.template_name}_id")
        found = self._templates.get(pk)
        if not found:
            return super().links(obj)
        url = links.model_url(ContentType.objects.get_for_id(found["kind"]).model_class(), pk)
        return super().links(obj) | {self.template_name: url}


def extras(found: dict[int, dict[str, Any]]) -> list[tuple[int, dict[str, Any]]]:
    """What approvals (timeout) and cleanings (job_type) show beyond the common columns."""
    out = []
    for model_name, app, column in (
        ("workflowapprovaltemplate", "workflows", "timeout"),
        ("systemjobtemplate", "system", "job_type"),
    ):
        kind = ContentType.objects.get_by_natural_key(app, model_name)
        ids = [pk for pk, entry in found.items() if entry["kind"] == kind.pk]
        if ids:
            rows = kind.model_class()._base_manager.filter(pk__in=ids).values_list("pk", column)
            out += [(pk, {column: value}) for pk, value in rows]
    return out


class PromptsSerializer(TemplateLink):
    """The answers to a template's prompts, checked against what the template asks for."""

    extra_data = serializers.JSONField(required=False, default=dict)
    scm_branch = text()
    job_type = serializers.ChoiceField(
        choices=JOB_TYPES, allow_null=True, allow_blank=True, required=False, default=None
    )
    job_tags = text()
    skip_tags = text()
    limit = text()
    diff_mode = serializers.BooleanField(allow_null=True, required=False, default=None)
    verbosity = serializers.ChoiceField(choices=VERBOSITIES, allow_null=True, required=False, default=None)
    forks = number()
    job_slice_count = number()
    timeout = serializers.IntegerField(allow_null=True, required=False, default=None)

    # whether required survey answers must be there; a workflow may still bring those of its nodes
    needs_answers = True

    class Meta:
        abstract = True

    def validate_extra_data(self, value: Any) -> dict[str, Any]:
        """A mapping, or a text that holds one."""
        return parse_variables(value)

    def validate(self, attrs: dict[str, Any]) -> dict[str, Any]:
        """The model's rules, then the template's; secret answers are set aside."""
        template = attrs.get("unified_job_template", getattr(self.instance, "unified_job_template", None))
        attrs = super().validate(attrs)
        self.secrets: set[str] = survey_variables(template, secret=True) if template else set()
        if template is not None and attrs.keys() & {*ASKS, "extra_data"}:
            self.check_prompts(template, attrs)
        return attrs

    def check_prompts(self, template: Any, attrs: dict[str, Any]) -> None:
        """Raise what the template does not take."""
        names = (*SHORT, "inventory", "execution_environment", "extra_data")
        given = {name: attrs[name] if name in attrs else getattr(self.instance, name, None) for name in names}
        known = self.instance.secret_answers() if self.instance else {}
        answers = {k: known.get(k, v) if v == ENCRYPTED else v for k, v in (given["extra_data"] or {}).items()}
        errors = refusals(template, given | {"extra_data": answers}, needed=self.needs_answers)
        unknown = [n for n in self.secrets if (given["extra_data"] or {}).get(n) == ENCRYPTED and n not in known]
        if unknown:
            errors.setdefault("extra_data", []).append(f"{ENCRYPTED} stands for nothing here: {', '.join(unknown)}.")
        if errors:
            raise serializers.ValidationError(errors)

    def create(self, validated_data: dict[str, Any]) -> Any:
        """A new row; secret answers go where nobody reads them."""
        return self.stored(self.Meta.model(), validated_data)

    def update(self, instance: Any, validated_data: dict[str, Any]) -> Any:
        """Changes."""
        return self.stored(instance, validated_data)

    def stored(self, row: Any, data: dict[str, Any]) -> Any:
        """Write the given columns."""
        variables = data.pop("extra_data", None)
        for name, value in data.items():
            setattr(row, name, value)
        if variables is not None:
            row.keep_secrets(variables, self.secrets)
        row.save()
        return row


def slot(credential: Any) -> tuple[int, Any]:
    """What only one credential of a launch may fill: its type, for vaults together with their id."""
    return credential.credential_type_id, (credential.inputs or {}).get("vault_id")


def check_credential(user: Any, parent: Any, credential: Any) -> None:
    """Whether a saved launch may carry this credential: 400 where its template would not take it."""
    template = parent.unified_job_template
    if template is None:
        raise BadRequest({"msg": "Without a template there is nothing to give a credential to."})
    if not hasattr(template, ASKS["credentials"]):
        raise BadRequest({"msg": "The template takes no credentials at launch."})
    if passwords_needed(credential):
        raise BadRequest({"msg": "A credential that asks for a password cannot be saved for a launch."})
    if not getattr(template, ASKS["credentials"]):
        raise BadRequest({"msg": "The template does not ask for credentials at launch."})
    others = parent.credentials.exclude(pk=credential.pk).select_related("credential_type")
    if any(slot(other) == slot(credential) for other in others):
        raise BadRequest({"msg": f"There is a {credential.credential_type.name} credential already."})
    if template.credentials.filter(pk=credential.pk).exists():
        raise BadRequest({"msg": "The template uses this credential anyway."})
