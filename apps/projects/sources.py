"""Where content may come from: addresses and references that can neither be options nor leave their place.

A value that begins with `-` would be read as an option by git or svn; a transport like `ext::` runs commands; a local
path would show repositories of the server itself. All three are refused here, and again where the process is started.
"""

from __future__ import annotations

import re
from pathlib import Path
from urllib.parse import urlsplit

from django.conf import settings

SCHEMES = {
    "git": {"ssh", "git", "http", "https", "ftp", "ftps", "file"},
    "svn": {"http", "https", "svn", "svn+ssh", "file"},
    "archive": {"http", "https"},
    "insights": {"http", "https"},
}
# user@host:path, as ssh and git write it
SCP = re.compile(r"^(?:[\w.~-]+@)?[\w][\w.-]*:(?!//)[^\s:].*$")
REFSPEC = re.compile(r"^\+?[^\s:~^?\[\\-][^\s:~^?\[\\]*(?::[^\s:~^?\[\\-][^\s:~^?\[\\]*)?$")
CONTROL = re.compile(r"[\x00-\x1f\x7f]")


class BadSource(ValueError):  # noqa: N818
    """The address or reference is refused; the sentence says why."""


def check_url(scm_type: str, url: str) -> None:
    """Raise BadSource for an address that this kind of project cannot have."""
    if not url:
        raise BadSource("An address is needed.")
    if url.startswith("-") or CONTROL.search(url):
        raise BadSource("The address must not begin with '-' or hold control characters.")
    if re.match(r"^[A-Za-z0-9_+-]+::", url):
        raise BadSource("Transports that run commands are not allowed.")
    scheme = url.partition("://")[0].lower() if "://" in url else ""
    if scheme in ("", "file") and (scheme or url.startswith(("/", ".", "~"))):
        check_local(url)
    elif scheme:
        check_remote(scm_type, scheme, url)
    elif scm_type != "git" or not SCP.match(url) or url.split("@", 1)[-1].count(":") > 1:
        raise BadSource("This is no address of a repository.")


def check_remote(scm_type: str, scheme: str, url: str) -> None:
    """A known scheme and a host that is no option."""
    if scheme not in SCHEMES[scm_type]:
        raise BadSource(f"The scheme {scheme} is not possible here.")
    try:
        host, _ = urlsplit(url).hostname, urlsplit(url).port
    except ValueError as error:
        raise BadSource("This is no address of a repository.") from error
    if not host or host.startswith("-") or "-o" in (urlsplit(url).username or "").split():
        raise BadSource("The address has no valid host.")


def check_local(url: str) -> None:
    """Repositories on this host only below the directories that the operator names."""
    path = Path(urlsplit(url).path if url.startswith("file:") else url).resolve()
    if not any(path.is_relative_to(root) for root in local_roots()):
        raise BadSource("Repositories on the server itself are allowed only below PROJECT_LOCAL_ROOTS.")


def local_roots() -> list[Path]:
    """Where repositories of this host may lie."""
    return [Path(str(root)).resolve() for root in (settings.DEMO_ROOT, *settings.PROJECT_LOCAL_ROOTS)]


def is_local(url: str) -> bool:
    """Whether the address is a path of this host."""
    return url.startswith(("/", "file:"))


def check_reference(value: str) -> None:
    """A branch, tag or revision that is no option."""
    if value.startswith("-") or CONTROL.search(value) or ".." in value or " " in value:
        raise BadSource("This is no name of a branch, tag or revision.")


def check_refspec(value: str) -> None:
    """source:destination of git, or the source alone; several are separated by commas."""
    for part in value.split(","):
        if not REFSPEC.match(part.strip()):
            raise BadSource("A refspec has the form source:destination.")
