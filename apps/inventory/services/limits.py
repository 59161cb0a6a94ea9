"""How many machines an organization may have."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied

from apps.inventory.models import Host


def machines(organization: Any) -> Any:
    """The names of the machines of an organization; one that is in several inventories counts once."""
    return Host.objects.filter(inventory__organization=organization, inventory__kind="").order_by()


def room_for(organization: Any, names: Iterable[str]) -> bool:
    """Whether hosts of these names may be added."""
    if organization is None or not organization.max_hosts:
        return True
    wanted = set(names)
    known = set(machines(organization).filter(name__in=wanted).values_list("name", flat=True))
    if wanted <= known:
        return True
    total = machines(organization).values("name").distinct().count()
    return total + len(wanted - known) <= organization.max_hosts


def check_room(organization: Any, names: Iterable[str]) -> None:
    """403 where the organization would have more machines than it may."""
    if not room_for(organization, names):
        limit = organization.max_hosts
        raise PermissionDenied(f"The organization {organization.name} may have {limit} hosts; this would be more.")
