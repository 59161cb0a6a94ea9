"""Which environment variables a custom type may set: none that the job's own process relies on."""

from __future__ import annotations

import re

NAME = re.compile(r"^[A-Za-z_][A-Za-z0-9_]*$")
# data for lookups; all other ANSIBLE_* change how ansible itself works
ANSIBLE_ALLOWED = frozenset(
    f"ANSIBLE_HASHI_VAULT_{word}" for word in ("ADDR", "TOKEN", "NAMESPACE", "ROLE_ID", "SECRET_ID", "AUTH_METHOD")
)
PREFIXES = (
    "ANSIBLE_", "LD_", "DYLD_", "PYTHON", "GIT_", "BASH_", "BASHOPTS", "SHELLOPTS", "AWX_PRIVATE_", "AWX_LITE_",
    "RUNNER_", "DJANGO_", "CELERY_", "RECEPTOR_", "MALLOC_", "GCONV_", "PERL5", "RUBYOPT", "RUBYLIB", "NODE_OPTIONS",
    "NODE_PATH", "JAVA_TOOL_", "_JAVA_", "SSH_ASKPASS",
)  # fmt: skip
EXACT = frozenset({
    "PATH", "HOME", "USER", "LOGNAME", "SHELL", "ENV", "IFS", "PS4", "PROMPT_COMMAND", "CDPATH", "GLOBIGNORE", "TMPDIR",
    "TEMP", "TMP", "PWD", "OLDPWD", "VIRTUAL_ENV", "CONDA_PREFIX", "EDITOR", "VISUAL", "PAGER", "BROWSER", "LESSOPEN",
    "LESSCLOSE", "LOCPATH", "NLSPATH", "TERMINFO", "TERMCAP", "HOSTALIASES", "RES_OPTIONS", "LOCALDOMAIN", "TZDIR",
    "OPENSSL_CONF", "OPENSSL_MODULES", "OPENSSL_ENGINES", "SSH_AUTH_SOCK", "SSH_AGENT_PID", "DISPLAY", "GETCONF_DIR",
    "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_CACHE_HOME", "XDG_RUNTIME_DIR", "JOB_ID", "INVENTORY_ID",
    "INVENTORY_HOSTVARS", "PROJECT_REVISION", "MAX_EVENT_RES", "SECRET_KEY", "DATABASE_URL", "REDIS_URL",
    "PROJECTS_ROOT", "REST_API_URL", "REST_API_TOKEN", "CALLBACK_QUEUE", "CALLBACK_CONNECTION", "CACHE",
    "JOB_CALLBACK_DEBUG", "FACT_QUEUE", "PARENT_JOB_ID", "PROOT_TMP_DIR", "SUDO_ASKPASS", "SUDO_EDITOR", "GNUPGHOME",
    "RSYNC_RSH", "CVS_RSH", "SVN_SSH", "HGRCPATH", "HGMERGE", "TAR_OPTIONS", "UNZIP", "CLASSPATH", "JDK_JAVA_OPTIONS",
    "PHPRC",
})  # fmt: skip


def refusal(name: str) -> str | None:
    """Why the variable may not be set, or None where it may."""
    if not NAME.match(name):
        return f"{name!r} cannot be the name of an environment variable."
    upper = name.upper()
    if upper in ANSIBLE_ALLOWED:
        return None
    if upper in EXACT or upper.startswith(PREFIXES):
        return f"{name} changes how jobs themselves run, so a credential may not set it."
    return None
