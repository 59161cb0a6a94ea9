"""What the process that fetches content is told: where from, where to, with which login, from which Galaxy servers."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings

from apps.conf import live
from apps.credentials import ssh_keys
from apps.credentials.services.injection import CannotInject
from apps.credentials.services.lookups import LookupFailed, resolved
from apps.identity.models import Organization
from apps.projects import sources
from apps.projects.models import Project
from apps.unified.runner.kinds import Refused

SCRIPT = Path(__file__).resolve().parent.parent / "sync"


def of(project: Project, origin: Any, workspace: Path) -> tuple[dict[str, Any], str]:
    """The spec and the private key; `origin` has the columns of the source: an update of the project, or itself."""
    check(origin)
    place = project.directory()
    if not origin.scm_type or place is None or not origin.local_path:
        raise Refused("A manual project has nothing to update from.")
    if origin.scm_type == "insights":
        raise Refused("Projects of Red Hat Insights cannot be updated by this server.")
    key, login = secrets(origin)
    spec = {
        "type": origin.scm_type,
        "url": origin.scm_url,
        "branch": origin.scm_branch,
        "refspec": origin.scm_refspec,
        "clean": origin.scm_clean,
        "delete": origin.scm_delete_on_update,
        "submodules": origin.scm_track_submodules,
        "copy": str(place),
        "checkouts": str(Path(settings.CHECKOUTS_ROOT) / str(project.pk)),
        "known": "",
        "revision": "",
        "local": sources.is_local(origin.scm_url),
        "roots": [str(root) for root in sources.local_roots()],
        "block_private": settings.OUTBOUND_BLOCK_PRIVATE,
        "known_hosts": str(Path(settings.AWX_LITE_HOME) / "known_hosts"),
        "workspace": str(workspace),
        "login": login,
        "galaxy": galaxy(project),
        "signature_key": signature_key(project),
    }
    return spec, key


def pinned(spec: dict[str, Any], revision: str) -> dict[str, Any]:
    """The spec of one revision and no other: the archive that is there must still be the one that it was."""
    branch = spec["branch"] if spec["type"] == "archive" else revision
    return {**spec, "branch": branch, "revision": revision, "known": "", "delete": False}


def signature_key(project: Project) -> str:
    """The key that must have signed the content."""
    credential = project.signature_validation_credential
    if credential is None:
        return ""
    key = str(values_of(credential).get("gpg_public_key") or "")
    if not key:
        raise Refused(f"The credential {credential.name} holds no key for signatures.")
    return key


def galaxy(project: Project) -> dict[str, Any]:
    """How roles and collections are installed: from the servers of the organization, in their order."""
    links = Organization.galaxy_credentials.through.objects.filter(organization=project.organization)
    servers = []
    for credential in [link.credential for link in links.select_related("credential")]:
        values = values_of(credential)
        servers.append({name: values.get(name, "") for name in ("url", "auth_url", "token")})
    env = {str(name): str(value) for name, value in (live.get("GALAXY_TASK_ENV") or {}).items()}
    if not live.is_changed("GALAXY_TASK_ENV"):
        env.pop("GIT_SSH_COMMAND", None)  # AWX's default would use the keys of this host
    return {
        "roles": bool(live.get("AWX_ROLES_ENABLED")),
        "collections": bool(live.get("AWX_COLLECTIONS_ENABLED")),
        "servers": servers,
        "ignore_certs": bool(live.get("GALAXY_IGNORE_CERTS")),
        "verbose": bool(live.get("PROJECT_UPDATE_VVV")),
        "env": env,
    }


def check(origin: Any) -> None:
    """What the serializer refused is refused here too."""
    try:
        if origin.scm_type and origin.scm_type != "insights":
            sources.check_url(origin.scm_type, origin.scm_url)
        if origin.scm_branch:
            sources.check_reference(origin.scm_branch)
        if origin.scm_refspec:
            sources.check_refspec(origin.scm_refspec)
    except sources.BadSource as error:
        raise Refused(f"The project's source is refused: {error}") from error


def secrets(origin: Any) -> tuple[str, dict[str, str]]:
    """The private key, and the login for the address."""
    credential = origin.credential
    if credential is None:
        return "", {}
    values = values_of(credential)
    key = values.get("ssh_key_data", "")
    try:
        key = ssh_keys.unlocked(key, values.get("ssh_key_unlock", "")) if key else ""
    except ssh_keys.BadKey as error:
        raise Refused(f"The credential {credential.name} cannot be used: {error}") from error
    return key, {name: values[name] for name in ("username", "password") if values.get(name)}


def values_of(credential: Any) -> dict[str, Any]:
    """The inputs of a credential, or why there are none."""
    try:
        return resolved(credential, {})
    except (CannotInject, LookupFailed) as error:
        raise Refused(f"The credential {credential.name} cannot be used: {error}") from error
