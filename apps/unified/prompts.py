"""Launch prompts: what a schedule, a workflow node or a launch answers to a template's questions.

Answers that are objects are relations; the short ones share one JSON column (`char_prompts`) and read as attributes.
Secret survey answers stay out of `extra_data`: there they read `$encrypted$`, their values are in `survey_passwords`.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

from django.db import models

from apps.core.fields import EncryptedTextField, parse_variables
from apps.core.models import OrderedLink
from apps.core.prepared import Given, Prepared

ENCRYPTED = "$encrypted$"
# the short prompts: those kept in char_prompts
SHORT = (
    "job_type",
    "job_tags",
    "skip_tags",
    "limit",
    "diff_mode",
    "verbosity",
    "scm_branch",
    "forks",
    "job_slice_count",
    "timeout",
)
MANY = ("credentials", "labels", "instance_groups")
# prompt -> the template's switch that allows it
ASKS = {
    "diff_mode": "ask_diff_mode_on_launch",
    "extra_vars": "ask_variables_on_launch",
    "limit": "ask_limit_on_launch",
    "job_tags": "ask_tags_on_launch",
    "skip_tags": "ask_skip_tags_on_launch",
    "job_type": "ask_job_type_on_launch",
    "verbosity": "ask_verbosity_on_launch",
    "inventory": "ask_inventory_on_launch",
    "credentials": "ask_credential_on_launch",
    "scm_branch": "ask_scm_branch_on_launch",
    "execution_environment": "ask_execution_environment_on_launch",
    "labels": "ask_labels_on_launch",
    "forks": "ask_forks_on_launch",
    "job_slice_count": "ask_job_slice_count_on_launch",
    "timeout": "ask_timeout_on_launch",
    "instance_groups": "ask_instance_groups_on_launch",
}
# (template, variables, needed=) -> what the template's survey says of them; set by the app of workflows, which knows
# surveys
survey_checks: list[Callable[..., list[str]]] = []


def form_of(facts: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a launch form with what they begin with, from what GET launch/ says: only what is asked for."""
    defaults = facts.get("defaults") or {}
    out = {name: defaults.get(name) for name, switch in ASKS.items() if facts.get(switch)}
    for name in {"inventory", "execution_environment"} & out.keys():
        out[name] = (out[name] or {}).get("id")
    for name in set(MANY) & out.keys():
        out[name] = [entry["id"] for entry in out[name] or () if "id" in entry]
    if facts.get("variables_needed_to_start") or facts.get("survey_enabled"):
        out["extra_vars"] = dict.fromkeys(facts.get("variables_needed_to_start") or (), "")
    if facts.get("passwords_needed_to_start"):
        out["credential_passwords"] = dict.fromkeys(facts["passwords_needed_to_start"], "")
    return out


def asked(template: Any) -> set[str]:
    """The prompts that a template asks for at launch; those it has no switch for it never asks."""
    return {name for name, switch in ASKS.items() if getattr(template, switch, False)}


def short_prompt(name: str) -> property:
    """One key of `char_prompts` as an attribute; None is no answer and leaves no key, a blank text is one."""

    def get(obj: Any) -> Any:
        return obj.char_prompts.get(name)

    def set_(obj: Any, value: Any) -> None:
        if value is None:
            obj.char_prompts.pop(name, None)
        else:
            obj.char_prompts[name] = value

    return property(get, set_, doc=f"The answer to `{name}`, or None.")


def survey_variables(template: Any, *, secret: bool = False) -> set[str]:
    """The variables that a template's survey asks for, or only its secret ones; empty while the survey is off."""
    questions = (getattr(template, "survey_spec", None) or {}).get("spec", []) if switched(template) else []
    return {q["variable"] for q in questions if "variable" in q and (not secret or q.get("type") == "password")}


def switched(template: Any) -> bool:
    """Whether a template has a survey that is on."""
    return bool(getattr(template, "survey_enabled", False))


def refusals(template: Any, prompts: Mapping[str, Any], *, needed: bool = False) -> dict[str, list[str]]:
    """Why saved answers do not fit a template: {prompt: sentences}, the variables under `extra_data`.

    An answer that equals what the template says anyway is fine. `needed`: whether required survey answers must be
    there; a workflow node may leave them open. A template may have rules of its own: `variable_errors(variables)` and
    `prompt_errors(prompts)`.
    """
    allowed, out = asked(template), {}
    known = {name for name, switch in ASKS.items() if hasattr(template, switch)} or ASKS.keys()
    for name in known - {"extra_vars"}:  # a workflow passes over what it could never ask for
        if name not in allowed and not same(template, name, prompts.get(name)):
            out[name] = ["The template does not ask for this at launch."]
    out |= template.prompt_errors(prompts) if hasattr(template, "prompt_errors") else {}
    variables = prompts.get("extra_data") or {}
    problems = strange_variables(template, variables)
    if problems:
        out["extra_data"] = problems
    survey = [text for check in survey_checks for text in check(template, variables, needed=needed)]
    return out | ({"variables_needed_to_start": survey} if survey else {})


def same(template: Any, name: str, value: Any) -> bool:
    """Whether an answer says nothing but what the template says; a blank one counts where a template has the column."""
    if value is None or value == []:
        return True
    if value == "" and name not in {field.name for field in template._meta.fields}:
        return True
    return value == getattr(template, name, None)


def strange_variables(template: Any, variables: Mapping[str, Any]) -> list[str]:
    """What a template says of variables that it does not ask for; what equals its own is fine."""
    own = getattr(template, "variable_errors", None)
    if own is not None:
        return own(variables)
    if "extra_vars" in asked(template) or not variables:
        return []
    known = parse_variables(getattr(template, "extra_vars", ""))
    asked_for = survey_variables(template)
    strange = [k for k, v in variables.items() if k not in asked_for and (k not in known or known[k] != v)]
    return [f"The template does not ask for these variables: {', '.join(sorted(strange))}."] if strange else []


class ShortPrompts(models.Model):
    """The short prompts and the inventory: all that workflow templates and their jobs have."""

    short_prompts: ClassVar[tuple[str, ...]] = SHORT

    inventory = models.ForeignKey(
        "inventory.Inventory", models.SET_NULL, null=True, blank=True, default=None, related_name="%(class)ss"
    )
    char_prompts = models.JSONField(default=dict, blank=True, editable=False)

    class Meta:
        abstract = True

    def __init_subclass__(cls, **kwargs: Any) -> None:
        super().__init_subclass__(**kwargs)
        for name in cls.short_prompts:
            if name not in cls.__dict__:
                setattr(cls, name, short_prompt(name))


class LaunchPrompts(ShortPrompts):
    """Answers to every prompt of a template.

    A concrete class adds `instance_groups`, a many-to-many with an order, through an InstanceGroupLink of its own.
    """

    extra_data = models.JSONField(default=dict, blank=True)
    survey_passwords = EncryptedTextField(default="", blank=True, editable=False)  # JSON: {variable: value}
    execution_environment = models.ForeignKey(
        "instances.ExecutionEnvironment",
        models.SET_NULL,
        null=True,
        blank=True,
        default=None,
        related_name="%(class)s_as_prompt",
    )
    credentials = models.ManyToManyField("credentials.Credential", related_name="%(class)ss")
    labels = models.ManyToManyField("identity.Label", related_name="%(class)s_labels")

    class Meta:
        abstract = True

    def secret_answers(self) -> dict[str, Any]:
        """The values behind `$encrypted$` in extra_data."""
        return json.loads(self.survey_passwords) if self.survey_passwords else {}

    def variables(self) -> dict[str, Any]:
        """extra_data with the secret answers filled in; only for the job itself, never for an answer of the API."""
        return self.extra_data | self.secret_answers()

    def keep_secrets(self, variables: dict[str, Any], secret_names: set[str]) -> None:
        """Split `variables` into what may be shown and what may not; `$encrypted$` keeps the value known before."""
        known = self.secret_answers()
        secrets = {name: variables[name] for name in secret_names & variables.keys()}
        secrets = {name: known.get(name, value) if value == ENCRYPTED else value for name, value in secrets.items()}
        self.extra_data = {name: ENCRYPTED if name in secrets else value for name, value in variables.items()}
        self.survey_passwords = json.dumps(secrets) if secrets else ""

    def prompts(self) -> dict[str, Any]:
        """The answers given, by the names of launch/; objects for relations, `extra_vars` a dict with its secrets."""
        out: dict[str, Any] = dict(self.char_prompts)
        for name in ("inventory", "execution_environment"):
            if getattr(self, f"{name}_id") is not None:
                out[name] = getattr(self, name)
        if self.pk:
            for name in MANY:
                rows = ordered(self, name)
                if rows:
                    out[name] = rows
        variables = self.variables()
        return out | ({"extra_vars": variables} if variables else {})

    def set_many(self, name: str, rows: list[Any]) -> None:
        """Replace one of the many-to-many answers, in the given order."""
        relation = getattr(self, name)
        relation.clear()
        for position, row in enumerate(rows):
            relation.add(row, **({"through_defaults": {"position": position}} if name == "instance_groups" else {}))


def ordered(obj: Any, name: str) -> list[Any]:
    """The rows of a many-to-many answer, in order where it has one."""
    relation = getattr(obj, name)
    if not hasattr(relation.through, "position"):
        return list(relation.order_by("pk"))
    child = relation.target_field_name
    return [
        getattr(link, child) for link in links_in_order(relation.through, relation.source_field_name, child)(obj.pk)
    ]


@functools.cache
def links_in_order(through: Any, owner: str, child: str) -> Prepared:
    """The links of one object to its children, by position."""
    links = through.objects.filter(**{owner: Given(0)}).select_related(child)
    return Prepared(lambda: links.order_by("position", "pk"))


class InstanceGroupLink(OrderedLink):
    """An instance group in the order of preference; concrete classes add the key to the owner."""

    instancegroup = models.ForeignKey("instances.InstanceGroup", models.CASCADE)

    class Meta(OrderedLink.Meta):
        abstract = True


class JobLaunchConfig(LaunchPrompts):
    """What a job was launched with, so that a relaunch can do the same."""

    job = models.OneToOneField("unified.UnifiedJob", models.CASCADE, related_name="launch_config", editable=False)
    instance_groups = models.ManyToManyField(
        "instances.InstanceGroup", through="JobLaunchConfigInstanceGroup", related_name="joblaunchconfigs"
    )

    def __str__(self) -> str:
        return f"prompts of job {self.job_id}"


class JobLaunchConfigInstanceGroup(InstanceGroupLink):
    """An instance group that a launch asked for."""

    joblaunchconfig = models.ForeignKey(JobLaunchConfig, models.CASCADE, related_name="+")
