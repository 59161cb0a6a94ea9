"""The inventory that a fresh server has."""

from __future__ import annotations

from apps.identity.models import Organization
from apps.inventory.models import Host, Inventory

from . import counters

VARIABLES = 'ansible_connection: local\nansible_python_interpreter: "{{ ansible_playbook_python }}"'


def preload() -> None:
    """The demo inventory with the host localhost; what is there already stays as it is."""
    organization = Organization.objects.order_by("pk").first()
    if organization is None or Inventory.objects.filter(name="Demo Inventory").exists():
        return
    inventory = Inventory.objects.create(name="Demo Inventory", organization=organization)
    Host.objects.create(name="localhost", inventory=inventory, variables=VARIABLES)
    counters.count_hosts([inventory.pk])
