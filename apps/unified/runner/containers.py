"""Execution environments as containers: what podman or docker is told, where the installation asks for one of them.

The workspace and the project's checkout have the same paths inside as outside, so that inventories, keys and settings
mean the same in both. Without an engine a job runs with this host's Ansible, and its output begins by saying so.
"""

from __future__ import annotations

import base64
import json
import os
import re
import shutil
from pathlib import Path
from typing import Any

from django.conf import settings

from apps.conf import live
from apps.credentials.services.injection import CannotInject
from apps.credentials.services.lookups import LookupFailed, resolved
from apps.instances.environments import IMAGE
from apps.instances.models import ExecutionEnvironment

from .kinds import Refused
from .workspace import Workspace

REGISTRY = re.compile(r"^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::\d{1,5})?(?:/[A-Za-z0-9._/-]+)?\Z")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")
PULLS = ("always", "missing", "never")
# the engine's client needs these; inside they would name places of this host
CLIENT = ("XDG_RUNTIME_DIR", "DBUS_SESSION_BUS_ADDRESS", "DOCKER_HOST", "CONTAINER_HOST")
OUTSIDE = (*CLIENT, "PATH", "HOME", "USER", "LOGNAME", "SSL_CERT_FILE", "SSL_CERT_DIR", "CONTAINERS_REGISTRIES_CONF")


def plan(environment: ExecutionEnvironment | None, workspace: Workspace, folder: str) -> tuple[dict[str, Any], str]:
    """The container of a job that works in `folder`, and the first line of its output; ({}, "") where none is asked."""
    asked = settings.AWX_LITE_CONTAINERS
    if not asked:
        return {}, ""
    if environment is None:
        return {}, "No execution environment is set: the job runs with the Ansible of this host."
    engine = shutil.which(asked)
    if engine is None:
        where = f"{Path(asked).name} is not installed on {settings.CLUSTER_HOST_ID}"
        said = f"Execution environment {environment.name}: {where}, the job runs with the Ansible of this host."
        return {}, CONTROL.sub(" ", said)
    if not IMAGE.match(environment.image):
        raise Refused(f"The execution environment {environment.name} names no container image.")
    docker = "docker" in Path(engine).name
    logged_in, env = login(environment, workspace, docker=docker)
    name = f"awx_lite-{workspace.path.name}"
    before, options = (logged_in, []) if docker else ([], logged_in)
    run = [engine, *before, "run", "--rm", "--interactive", "--tty", f"--name={name}", f"--workdir={folder}"]
    run += [f"--user={os.getuid()}:{os.getgid()}" if docker else "--user=root", *options]
    run += [f"--pull={environment.pull}"] if environment.pull in PULLS else []
    run += mounts(workspace, folder, docker=docker) + general(docker=docker)
    box = {
        "run": run,
        "image": environment.image,
        "remove": [engine, "rm", "--force", name],
        "env": {**{key: os.environ[key] for key in CLIENT if key in os.environ}, **env},
        "outside": OUTSIDE,
    }
    return box, CONTROL.sub(" ", f"Execution environment {environment.name}: {environment.image}")


def mounts(workspace: Workspace, folder: str, *, docker: bool) -> list[str]:
    """The workspace, the checkout for reading, and what the setting shows of this host."""
    own = str(workspace.path)
    out = ["-v", f"{mountable(own)}:{own}:Z"]
    if not Path(folder).is_relative_to(own):
        out += ["-v", f"{mountable(folder)}:{folder}:ro,z"]
    for shown in live.get("AWX_ISOLATION_SHOW_PATHS") or ():
        place, _, rest = str(shown).partition(":")
        if place.startswith("/") and Path(place).exists():
            inside, _, options = rest.partition(":")
            # an overlay is podman's own
            options = options.replace("O", "ro") if docker else options
            out += ["-v", ":".join(filter(None, (place, inside or place, options)))]
    return out


def mountable(path: str) -> str:
    """A path that the engine reads as one; colons and commas would begin something else."""
    if set(path) & set(":,"):
        raise Refused(f"The directory {path} cannot be mounted into a container: its name has a colon or a comma.")
    return path


def general(*, docker: bool) -> list[str]:
    """The options that the setting gives to every container; its default names a network that docker has not got."""
    if docker and not live.is_changed("DEFAULT_CONTAINER_RUN_OPTIONS"):
        return []
    return [str(word) for word in live.get("DEFAULT_CONTAINER_RUN_OPTIONS") or ()]


def login(environment: ExecutionEnvironment, workspace: Workspace, *, docker: bool) -> tuple[list[str], dict[str, str]]:
    """Options that name a private file with the registry's login, and variables for a registry without valid TLS."""
    credential = environment.credential
    if credential is None:
        return [], {}
    try:
        values = resolved(credential, {})
    except (CannotInject, LookupFailed) as error:
        raise Refused(f"The credential {credential.name} cannot be used: {error}") from error
    host = re.sub(r"^https?://", "", str(values.get("host") or "quay.io")).rstrip("/")
    user, password = str(values.get("username") or ""), str(values.get("password") or "")
    if not REGISTRY.match(host):
        raise Refused(f"The credential {credential.name} names no registry.")
    if ":" in user or CONTROL.search(user + password):
        raise Refused(f"The credential {credential.name} holds no login that a registry takes.")
    env = {}
    if values.get("verify_ssl") is False and not docker:  # docker's daemon has a list of its own
        text = f'unqualified-search-registries = ["docker.io"]\n\n[[registry]]\nlocation = "{host}"\ninsecure = true\n'
        env["CONTAINERS_REGISTRIES_CONF"] = str(workspace.write("registry/registries.conf", text))
    if not user and not password:
        return [], env
    auth = base64.b64encode(f"{user}:{password}".encode()).decode()
    file = workspace.write("registry/config.json", json.dumps({"auths": {host: {"auth": auth}}}))
    return [f"--config={file.parent}" if docker else f"--authfile={file}"], env
