"""What a job's process finds in its environment: an allow-list, nothing of the server's own."""

from __future__ import annotations

import os
import re
import sys
from collections.abc import Mapping
from pathlib import Path

from apps.conf import live

from .workspace import Workspace

INHERITED = ("LANG", "LC_ALL", "LC_CTYPE", "TZ", "SSL_CERT_FILE", "SSL_CERT_DIR", "HOME", "USER", "LOGNAME")
MARK = "AWX_LITE_WORKSPACE"  # every process of a job carries it, so that none is left behind
SECRET_NAME = re.compile(r"API|TOKEN|KEY|SECRET|PASS|AUTH|CRED|VAULT", re.IGNORECASE)
SECRET_URL = re.compile(r"(://[^:/@\s]*):[^@/\s]+@")
HIDDEN = "**********"
SHOWN = {"SSH_AUTH_SOCK", "SSL_CERT_FILE"}


def base(workspace: Workspace) -> dict[str, str]:
    """The environment of the process that runs a job."""
    env = {name: os.environ[name] for name in INHERITED if name in os.environ}
    env.setdefault("LANG", "C.UTF-8")
    binaries = str(Path(sys.executable).parent)
    env["PATH"] = ":".join([binaries, "/usr/local/sbin", "/usr/local/bin", "/usr/sbin", "/usr/bin", "/sbin", "/bin"])
    env["TMPDIR"] = str(workspace.directory("tmp"))
    env["AWX_PRIVATE_DATA_DIR"] = env[MARK] = str(workspace.path)
    env["ANSIBLE_FORCE_COLOR"] = "True"
    env["ANSIBLE_HOST_KEY_CHECKING"] = "False"
    env["ANSIBLE_LOCAL_TEMP"] = env["TMPDIR"]
    # what an administrator has set for all jobs
    env |= {str(name): str(value) for name, value in (live.get("AWX_TASK_ENV") or {}).items()}
    return env | workspace.env


def shown(env: Mapping[str, object]) -> dict[str, str]:
    """The environment as a job shows it: without what may be secret."""
    out = {}
    for name, value in env.items():
        if SECRET_NAME.search(name) and name not in SHOWN:
            out[name] = HIDDEN
        else:
            out[name] = SECRET_URL.sub(rf"\1:{HIDDEN}@", str(value))
    return out
