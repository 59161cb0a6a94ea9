"""What a fresh server has: the managed types, a demo credential, and the public Galaxy."""

from __future__ import annotations

from typing import Any

from apps.core import context
from apps.credentials.models import Credential, CredentialType
from apps.identity.models import Organization

from .types import sync_managed_types

DEMO, GALAXY = "Demo Credential", "Ansible Galaxy"


def preload() -> None:
    """Create what is missing; what exists stays as it is."""
    with context.acting_as(None):  # nobody made them
        sync_managed_types()
    admin = context.actor()
    if admin is not None and not Credential.objects.filter(name=DEMO).exists():
        machine = CredentialType.objects.get(namespace="ssh")
        demo = Credential.objects.create(name=DEMO, credential_type=machine, inputs={"username": admin.username})
        demo.give_to(user=admin)
    if public_galaxy() is None:
        Credential.objects.create(
            name=GALAXY,
            credential_type=CredentialType.objects.get(namespace="galaxy_api_token"),
            managed=True,
            inputs={"url": "https://galaxy.ansible.com/"},
        )
        for organization in Organization.objects.filter(name="Default"):
            give_public_galaxy(organization)


def public_galaxy() -> Credential | None:
    """The credential of the public Galaxy, which needs no secret."""
    return Credential.objects.filter(name=GALAXY, managed=True).first()


def give_public_galaxy(organization: Any, **_more: Any) -> None:
    """Organizations install collections from the public Galaxy until someone decides otherwise."""
    galaxy = public_galaxy()
    if galaxy is not None:
        link = organization.galaxy_credentials.through  # the row itself: making an organization is one activity entry
        link.objects.get_or_create(organization=organization, credential=galaxy)
