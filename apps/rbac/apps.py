"""Roles: definitions, assignments, and the question who may see what."""

from django.apps import AppConfig


class RbacConfig(AppConfig):
    """The rbac app."""

    name = "apps.rbac"
    label = "rbac"
    verbose_name = "Roles"
    browse_last = True
