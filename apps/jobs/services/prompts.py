"""What a launch may answer: each answer is accepted, ignored (not asked for) or wrong."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from apps.conf import live
from apps.core.fields import parse_variables
from apps.core.prepared import Given, Prepared
from apps.credentials.models import Credential
from apps.credentials.services import passwords_needed
from apps.jobs import surveys
from apps.jobs.credentials import JOB_KINDS, called, merged, slot
from apps.unified.prompts import ASKS, ordered

NOT_ASKED = "The template does not ask for this at launch."
# the credentials of a template
KEPT = Prepared(lambda: Credential.objects.filter(unifiedjobtemplates=Given(0)).select_related("credential_type"))


@dataclass
class Reading:
    """The answers of a launch, sorted.

    `errors` is by field, as a client reads it; `kept` are the credentials of the template.
    """

    accepted: dict[str, Any] = field(default_factory=dict)
    ignored: dict[str, Any] = field(default_factory=dict)
    errors: dict[str, list[str]] = field(default_factory=dict)
    kept: list[Any] = field(default_factory=list)

    def wrong(self, name: str, sentence: str) -> None:
        """Note an error."""
        self.errors.setdefault(name, []).append(sentence)


def read_prompts(
    template: Any, given: Mapping[str, Any], *, strict: bool = False, passwords: Mapping[str, Any] | None = None
) -> Reading:
    """Sort the answers `given` (objects for relations, a mapping for extra_vars) to a template's prompts.

    `strict`, for what is saved (schedules, workflow nodes): an answer that is not asked for is an error, and missing
    required survey answers and passwords are left to the launch.
    """
    out = Reading(kept=list(KEPT(template.pk)))
    read_variables(template, given.get("extra_vars") or {}, out, strict=strict)
    for name, switch in ASKS.items():
        if name != "extra_vars" and hasattr(template, switch) and given.get(name) is not None:
            read_prompt(template, name, given[name], out, strict=strict)
    check_resources(template, out, strict=strict)
    if given.get("credentials") is not None:
        check_credentials(list(given["credentials"]), out)
    if not strict:
        check_passwords(passwords or {}, out)
    return out


def read_prompt(template: Any, name: str, value: Any, out: Reading, *, strict: bool) -> None:
    """One answer: what says nothing new is neither accepted nor ignored."""
    value = changed(template, name, value)
    if value is None:
        return
    if not getattr(template, ASKS[name]):
        out.ignored[name] = value
        if strict:
            out.wrong(name, NOT_ASKED)
    elif name != "scm_branch" or branch_allowed(template, out):
        out.accepted[name] = value


def changed(template: Any, name: str, value: Any) -> Any:
    """The answer where it differs from what the template has already, else None."""
    if name == "credentials":
        known = set(template.credentials.all())
        return [credential for credential in value if credential not in known] or None
    if name == "labels":
        return None if set(value) == set(template.labels.all()) else list(value)
    if name == "instance_groups":
        return None if list(value) == ordered(template, name) else list(value)
    current = getattr(template, name)
    if name == "scm_branch" and not current and template.project and value == template.project.scm_branch:
        return None
    return None if value == current else value


def branch_allowed(template: Any, out: Reading) -> bool:
    """Whether the project lets a launch choose the branch."""
    if template.project is not None and template.project.allow_override:
        return True
    out.wrong("scm_branch", "The project does not allow another branch.")
    return False


def read_variables(template: Any, given: Mapping[str, Any], out: Reading, *, strict: bool) -> None:
    """Survey answers by their questions; the rest where variables are asked for."""
    rest, accepted, rejected, wrong = dict(given), {}, {}, []
    for question in surveys.active(template):
        name = question["variable"]
        problems = surveys.check_answer(question, given, needed=not strict)
        wrong += problems
        if name in rest:
            (rejected if problems else accepted)[name] = rest.pop(name)
    if wrong:
        out.errors["variables_needed_to_start"] = wrong
    if template.ask_variables_on_launch:
        accepted |= rest
    else:
        known = parse_variables(template.extra_vars)
        rest = {name: value for name, value in rest.items() if name not in known or known[name] != value}
        rejected |= rest
        if strict and rest:
            out.wrong("extra_vars", f"Variables that the template does not ask for: {', '.join(sorted(rest))}.")
    if accepted:
        out.accepted["extra_vars"] = accepted
    if rejected:
        out.ignored["extra_vars"] = rejected


def check_resources(template: Any, out: Reading, *, strict: bool) -> None:
    """A launch needs an inventory, a project with a playbook, and forks within the limit."""
    if template.project is None:
        out.wrong("project", "A project is needed to run a job.")
        out.wrong("resources_needed_to_start", "The project is missing.")
    elif not strict:
        reason = unusable(template.project)
        if reason:
            out.wrong("playbook", reason)
    inventory = out.accepted.get("inventory") or template.inventory
    if inventory is None and not strict:
        out.wrong("resources_needed_to_start", "The inventory is missing.")
    elif inventory is not None and inventory.pending_deletion:
        out.wrong("inventory", "The inventory is being deleted.")
    forks, most = out.accepted.get("forks", 0), live.get("MAX_FORKS")
    if most and forks > most:
        out.wrong("forks", f"At most {most} forks are allowed.")


def unusable(project: Any) -> str:
    """Why no playbook of the project can run now; empty where one can."""
    if project.status in ("failed", "error") and not project.scm_revision:
        return "The last update of the project failed, so that it has no playbooks to run."
    return ""


def check_credentials(given: list[Any], out: Reading) -> None:
    """Of the new ones one of a kind; those of the template may be replaced but not left out."""
    seen: set[str] = set()
    for credential in out.accepted.get("credentials", ()):
        if credential.credential_type.kind not in JOB_KINDS:
            kind = credential.credential_type.kind
            out.wrong("credentials", f"A credential of kind {kind!r} cannot be used by a job.")
        if slot(credential) in seen:
            out.wrong("credentials", f"Only one {called(credential)} credential is possible.")
        seen.add(slot(credential))
    filled = {slot(credential) for credential in given}
    for kept in out.kept:
        if kept not in given and slot(kept) not in filled:
            sentence = f"The template's credential {kept.name!r} can be replaced by another {called(kept)} one"
            out.wrong("credentials", f"{sentence}, but not left out.")


def check_passwords(passwords: Mapping[str, Any], out: Reading) -> None:
    """Every password that the credentials leave to the launch is given."""
    used = merged(out.kept, out.accepted.get("credentials", ()))
    needed = needed_passwords(used)
    lacking = [name for name in needed if not passwords.get(name)]
    if lacking:
        out.errors["passwords_needed_to_start"] = lacking
    elif needed:
        out.accepted["credential_passwords"] = {name: passwords[name] for name in needed}


def needed_passwords(credentials: Iterable[Any]) -> list[str]:
    """The names of the passwords that must be given at launch."""
    return [name for credential in credentials for name in passwords_needed(credential)]
