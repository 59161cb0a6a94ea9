"""The kinds of cloud sources: the plugin, the name of its file, and where a host's id and state are."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kind:
    """One kind; several paths are tried in order."""

    plugin: str = ""
    file: str = ""
    instance_id: tuple[str, ...] = ()
    enabled: tuple[str, ...] = ()
    enabled_value: str = ""


OURS = ("remote_tower_id",)
KINDS: dict[str, Kind] = {
    "ec2": Kind("amazon.aws.aws_ec2", "aws_ec2.yml", ("instance_id",), ("ec2_state",), "running"),
    "gce": Kind("google.cloud.gcp_compute", "gcp_compute.yml", ("gce_id",), ("status",), "running"),
    "azure_rm": Kind("azure.azcollection.azure_rm", "azure_rm.yml", ("id",), ("powerstate",), "running"),
    "vmware": Kind(
        "community.vmware.vmware_vm_inventory", "vmware_vm_inventory.yml",
        ("config.instanceUuid", "config.instanceuuid"), ("guest.gueststate", "guest.guestState"), "running",
    ),
    "satellite6": Kind(
        "theforeman.foreman.foreman", "foreman.yml", ("foreman_id", "foreman.id"),
        ("foreman_enabled", "foreman.enabled"), "True",
    ),
    "openstack": Kind("openstack.cloud.openstack", "openstack.yml", ("openstack.id",), ("status",), "ACTIVE"),
    "rhv": Kind("ovirt.ovirt.ovirt", "ovirt.yml", ("id",), ("status",), "up"),
    "controller": Kind("awx.awx.controller", "controller.yml", OURS, ("remote_tower_enabled",), "true"),
    "insights": Kind("redhatinsights.insights.insights", "insights.yml", ("insights_id",)),
    "terraform": Kind("cloud.terraform.terraform_state", "terraform_state.yml"),
    "openshift_virtualization": Kind("kubevirt.core.kubevirt", "kubevirt.yml"),
    "constructed": Kind("constructed", "constructed.yml", OURS, ("remote_tower_enabled",), "true"),
}  # fmt: skip
OWN_VARIABLES = ("remote_tower_enabled", "remote_tower_id", "remote_host_enabled", "remote_host_id")
