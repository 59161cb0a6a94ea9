"""Provisioning callbacks: a host asks to be configured, and is found in the inventory by its address."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Iterable, Mapping
from typing import Any

from django.db.models import Q

from apps.conf import live
from apps.core.fields import parse_variables
from apps.unified.models import RUNNABLE

ADDRESS_VARIABLES = ("ansible_host", "ansible_ssh_host")


def addresses_of(meta: Mapping[str, Any]) -> set[str]:
    """The names and addresses of the caller.

    Headers of a proxy count only where PROXY_IP_ALLOWED_LIST names the proxy: anyone else could claim to be any host.
    """
    direct = meta.get("REMOTE_ADDR", "")
    trusted = live.get("PROXY_IP_ALLOWED_LIST")
    found = {meta.get("REMOTE_ADDR", ""), meta.get("REMOTE_HOST", "")}
    if direct and (direct in trusted or meta.get("REMOTE_HOST", "") in {*trusted} - {""}):
        for header in live.get("REMOTE_HOST_HEADERS"):
            found |= {part.strip() for part in str(meta.get(header, "")).split(",")}
    return found - {""}


def matching_hosts(template: Any, callers: Iterable[str]) -> list[Any]:
    """The enabled hosts of the template's inventory that the caller may be: by name or address, else by resolving."""
    callers = set(callers)
    names = callers | {name for address in callers for name in names_of(address)}
    hosts = template.inventory.hosts.filter(enabled=True)
    exact = [host for host in hosts.filter(named(names)) if is_caller(host, names)]
    return exact or [host for host in hosts.order_by("pk")[:1000] if resolves_to(host, callers)]


def named(names: set[str]) -> Q:
    """A first sieve for the database: a host of this name, or whose variables mention it."""
    condition = Q(name__in=names)
    for name in names:
        condition |= Q(variables__contains=name)
    return condition


def is_caller(host: Any, names: set[str]) -> bool:
    """Whether the host's name or address variable is one of the names."""
    return host.name in names or bool(names & set(variable_addresses(host)))


def variable_addresses(host: Any) -> list[str]:
    """The addresses in the host's variables."""
    variables = parse_variables(host.variables)
    return [str(variables[name]) for name in ADDRESS_VARIABLES if variables.get(name)]


def names_of(address: str) -> list[str]:
    """The names under which an address is known."""
    if not is_address(address):
        return []
    try:
        name, aliases, _ = socket.gethostbyaddr(address)
    except OSError:
        return []
    return [name, *aliases]


def is_address(text: str) -> bool:
    """Whether the text is an IP address."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        return False
    return True


def resolves_to(host: Any, callers: set[str]) -> bool:
    """Whether the host's name or address variable leads to the caller."""
    for name in [host.name, *variable_addresses(host)]:
        try:
            found = {str(info[4][0]) for info in socket.getaddrinfo(name, None)}
        except (OSError, UnicodeError):
            continue
        if found & callers:
            return True
    return False


def already_waiting(template: Any, limit: str) -> bool:
    """Whether a job for this host is on its way."""
    return template.jobs.filter(limit=limit, status__in=RUNNABLE).exists()
