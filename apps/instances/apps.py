"""Instances, instance groups and execution environments."""

from django.apps import AppConfig


class InstancesConfig(AppConfig):
    """The instances app."""

    name = "apps.instances"
    label = "instances"
    verbose_name = "Instances and environments"
