"""What launch/ and relaunch/ take, and what they say beforehand."""

from __future__ import annotations

import json
from typing import Any

from rest_framework import serializers

from apps.core.fields import parse_variables
from apps.credentials.models import Credential
from apps.identity.models import Label
from apps.instances.models import ExecutionEnvironment, InstanceGroup
from apps.inventory.models import Inventory
from apps.jobs import surveys
from apps.jobs.models import JOB_TYPES, VERBOSITIES, Job, JobTemplate
from apps.jobs.services.prompts import needed_passwords
from apps.jobs.services.relaunching import passwords_of
from apps.unified.prompts import ASKS as PROMPTS
from apps.unified.prompts import ordered

from .template import ASKS, leading_dash

HOSTS = ((None, "---------"), ("all", "All"), ("failed", "Failed"))
WRITE: dict[str, Any] = {"required": False, "write_only": True}


def many(model: Any) -> serializers.Field:
    """A list of ids."""
    return serializers.PrimaryKeyRelatedField(many=True, queryset=model.objects.all(), **WRITE)


def text() -> serializers.CharField:
    """A text that may be empty but not null."""
    return serializers.CharField(allow_blank=True, **WRITE)


def number(**limits: int) -> serializers.IntegerField:
    """A whole number that the database can hold."""
    bounds: dict[str, Any] = {"max_value": 2**31 - 1} | limits
    return serializers.IntegerField(**bounds, **WRITE)


class JobLaunchSerializer(serializers.ModelSerializer):
    """GET: what a launch needs. POST: the answers, as objects; whether they are asked for is the service's affair."""

    can_start_without_user_input = serializers.SerializerMethodField()
    passwords_needed_to_start = serializers.SerializerMethodField()
    variables_needed_to_start = serializers.SerializerMethodField()
    credential_needed_to_start = serializers.SerializerMethodField()
    inventory_needed_to_start = serializers.SerializerMethodField()
    job_template_data = serializers.SerializerMethodField()
    defaults = serializers.SerializerMethodField()

    inventory = serializers.PrimaryKeyRelatedField(queryset=Inventory.objects.all(), **WRITE)
    execution_environment = serializers.PrimaryKeyRelatedField(queryset=ExecutionEnvironment.objects.all(), **WRITE)
    credentials = many(Credential)
    labels = many(Label)
    instance_groups = many(InstanceGroup)
    credential_passwords = serializers.JSONField(**WRITE)
    diff_mode = serializers.BooleanField(**WRITE)
    extra_vars = serializers.JSONField(**WRITE)
    forks = number(min_value=0)
    job_slice_count = number(min_value=0)
    timeout = number(min_value=-(2**31))
    verbosity = serializers.ChoiceField(choices=VERBOSITIES, **WRITE)
    job_type = serializers.ChoiceField(choices=JOB_TYPES, **WRITE)
    job_tags = text()
    skip_tags = text()
    limit = text()
    scm_branch = text()

    class Meta:
        model = JobTemplate
        fields = (
            "can_start_without_user_input", "passwords_needed_to_start", "extra_vars", "inventory", "scm_branch",
            "limit", "job_tags", "skip_tags", "job_type", "verbosity", "diff_mode", "credentials",
            "credential_passwords", "execution_environment", "labels", "forks", "job_slice_count", "timeout",
            "instance_groups", *ASKS, "survey_enabled", "variables_needed_to_start", "credential_needed_to_start",
            "inventory_needed_to_start", "job_template_data", "defaults",
        )  # fmt: skip
        read_only_fields = (*ASKS, "survey_enabled")

    def get_can_start_without_user_input(self, obj: JobTemplate) -> bool:
        """Whether an empty launch would do, with nothing to ask."""
        return can_start(obj)

    def get_passwords_needed_to_start(self, obj: JobTemplate) -> list[str]:
        """The names of the passwords."""
        return needed_passwords(obj.credentials.select_related("credential_type"))

    def get_variables_needed_to_start(self, obj: JobTemplate) -> list[str]:
        """The required variables of the survey."""
        return surveys.required(surveys.active(obj))

    def get_credential_needed_to_start(self, obj: JobTemplate) -> bool:
        """Never: a job may do without."""
        return False

    def get_inventory_needed_to_start(self, obj: JobTemplate) -> bool:
        """Whether the template has none."""
        return obj.inventory_id is None

    def get_job_template_data(self, obj: JobTemplate) -> dict[str, Any]:
        """Which template it is."""
        return {"name": obj.name, "id": obj.pk, "description": obj.description}

    def get_defaults(self, obj: JobTemplate) -> dict[str, Any]:
        """What the template says where the launch says nothing; lists that are empty are left out."""
        out = {name: getattr(obj, name) for name in PROMPTS if not hasattr(relation(name), "many_to_many")}
        out["inventory"] = {"name": obj.inventory.name, "id": obj.inventory.pk} if obj.inventory else NOTHING
        environment = obj.execution_environment
        out["execution_environment"] = {"name": environment.name, "id": environment.pk} if environment else {}
        out["instance_groups"] = [{"id": group.pk, "name": group.name} for group in ordered(obj, "instance_groups")]
        listed = {
            "labels": [{"id": label.pk, "name": label.name} for label in obj.labels.order_by("pk")],
            "credentials": [credential(row) for row in obj.credentials.select_related("credential_type")],
        }
        return out | {name: rows for name, rows in listed.items() if rows}

    def validate_extra_vars(self, value: Any) -> dict[str, Any]:
        """A mapping, or a text that holds one."""
        if value is not None and not isinstance(value, dict | str):
            raise serializers.ValidationError("This must be a mapping of names to values.")
        return storable(parse_variables(value))

    def validate_credential_passwords(self, value: Any) -> dict[str, str]:
        """Texts by name."""
        return passwords(value)

    def validate_scm_branch(self, value: str | None) -> str | None:
        """No option of git."""
        return leading_dash(value)


def storable(variables: dict[str, Any]) -> dict[str, Any]:
    """Refuse texts that the database cannot hold: with NUL, or with half a character."""
    text = json.dumps(variables, ensure_ascii=False)
    try:
        text.encode()
    except UnicodeEncodeError as error:
        raise serializers.ValidationError("This holds a text that is not Unicode.") from error
    if "\\u0000" in text:
        raise serializers.ValidationError("This holds a text with a NUL character.")
    return variables


NOTHING = {"name": None, "id": None}


def relation(name: str) -> Any:
    """The template's foreign key or many-to-many of this name, or None for plain columns."""
    field = JobTemplate._meta.get_field(name)
    return field.remote_field


def credential(row: Credential) -> dict[str, Any]:
    """A credential of the template, with the passwords that it asks for."""
    out = {
        "id": row.pk,
        "name": row.name,
        "credential_type": row.credential_type_id,
        "passwords_needed": needed_passwords([row]),
    }
    return out | ({"vault_id": row.inputs.get("vault_id")} if row.credential_type.kind == "vault" else {})


def can_start(template: JobTemplate, *, answered: bool = False) -> bool:
    """Whether the template starts without anybody's answer; `answered` where variables were given."""
    asks = {switch for switch in PROMPTS.values() if getattr(template, switch)}
    asks -= {"ask_variables_on_launch"} if answered else set()
    needed = [] if answered else surveys.required(surveys.active(template))
    lacking = needed_passwords(template.credentials.select_related("credential_type"))
    return not asks and not needed and not lacking


def passwords(value: Any) -> dict[str, str]:
    """{name: password}."""
    if value in (None, ""):
        return {}
    if not isinstance(value, dict) or not all(isinstance(text, str) for text in value.values()):
        raise serializers.ValidationError("This must map the names of passwords to texts.")
    return value


class JobRelaunchSerializer(serializers.Serializer):
    """GET: the passwords needed, and how many hosts a retry takes. POST: which hosts, and the passwords."""

    passwords_needed_to_start = serializers.SerializerMethodField()
    retry_counts = serializers.SerializerMethodField()
    hosts = serializers.ChoiceField(choices=HOSTS, default="all", allow_null=True, **WRITE)
    credential_passwords = serializers.JSONField(write_only=True)

    class Meta:
        model = Job  # for OPTIONS

    def get_passwords_needed_to_start(self, obj: Job) -> list[str]:
        """The names of the passwords."""
        return passwords_of(obj)

    def get_retry_counts(self, obj: Any) -> dict[str, int] | str:
        """Hosts by what may be asked for, once the job is over."""
        if obj.is_active:
            return "Which hosts failed is known when the job is over."
        rows = obj.job_host_summaries
        return {"all": rows.count(), "failed": rows.filter(failed=True).count()}

    def validate_credential_passwords(self, value: Any) -> dict[str, str]:
        """Texts by name."""
        return passwords(value)
