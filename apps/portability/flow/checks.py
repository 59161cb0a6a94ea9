"""What can be known to be wrong before anything is started."""

from __future__ import annotations

from typing import Any

from .client import Client, FlowError
from .options import Options

KINDS = {"job_template": "job_templates", "workflow_job_template": "workflow_job_templates"}


def server(client: Client) -> str:
    """Whether it is an AWX that has somewhere to run jobs; what it is."""
    ping = client.get("ping/")
    me = client.get("me/")["results"]
    if not me:
        raise FlowError("The server does not say who you are; give a token or a user.")
    capacity = sum(instance.get("capacity", 0) for instance in ping.get("instances", []))
    if ping.get("instances") and not capacity:
        raise FlowError("No instance of the server has capacity: jobs would wait. Look at its instances and workers.")
    return f"{ping.get('active_node', '?')}, version {ping.get('version', '?')}, as {me[0]['username']}"


def template(client: Client, wanted: str) -> dict[str, Any]:
    """The one template of this name or id."""
    query = {"id": wanted} if wanted.isdigit() else {"name": wanted}
    found = [row for path in KINDS.values() for row in client.get(f"{path}/", **query)["results"]]
    if not found:
        raise FlowError(f"There is no job template or workflow {wanted!r} that you may see.")
    if len(found) > 1:
        ids = ", ".join(f"{row['type']} {row['id']}" for row in found)
        raise FlowError(f"Several templates are called {wanted!r}: {ids}. Give the id.")
    return found[0]


def inventory(client: Client, found: dict[str, Any], options: Options) -> tuple[int | None, str]:
    """(the inventory's id, what it holds); FlowError where there is none, or where it has no hosts."""
    pk = found.get("inventory")
    if options.inventory:
        query = {"id": options.inventory} if options.inventory.isdigit() else {"name": options.inventory}
        rows = client.get("inventories/", **query)["results"]
        if len(rows) != 1:
            raise FlowError(f"There {'is no' if not rows else 'are several'} inventory {options.inventory!r}.")
        if not found.get("ask_inventory_on_launch"):
            raise FlowError("The template does not ask for an inventory.")
        pk = rows[0]["id"]
    if pk is None:
        if found["type"] == "job_template":
            raise FlowError("The template has no inventory; name one with --inventory.")
        return None, "each step of the workflow has its own"
    row = client.get(f"inventories/{pk}/")
    if row.get("kind") == "" and not client.get(f"inventories/{pk}/hosts/", page_size=1, enabled="true")["count"]:
        raise FlowError(f"The inventory {row['name']} has no enabled hosts.")
    failed = row.get("inventory_sources_with_failures") or 0
    warning = f", {failed} of its sources failed" if failed else ""
    return pk, f"{row['name']}, {row['total_hosts']} hosts{warning}"


def prompts(client: Client, found: dict[str, Any], options: Options) -> str:
    """Whether everything that the launch needs is given; which credentials it will use."""
    launch = client.get(f"{KINDS[found['type']]}/{found['id']}/launch/")
    missing = [f"the password {name}" for name in launch.get("passwords_needed_to_start", [])]
    missing += [f"the variable {v}" for v in launch.get("variables_needed_to_start", []) if v not in options.extra_vars]
    if missing:
        raise FlowError(f"The launch needs {', '.join(missing)}.")
    if options.limit and not launch.get("ask_limit_on_launch"):
        raise FlowError("The template does not ask for a limit.")
    open_ = launch.get("ask_variables_on_launch") or launch.get("survey_enabled")
    if options.extra_vars and not open_:
        raise FlowError("The template does not ask for variables.")
    names = [row["name"] for row in (found["summary_fields"].get("credentials") or [])]
    return ", ".join(names) if names else "none"
