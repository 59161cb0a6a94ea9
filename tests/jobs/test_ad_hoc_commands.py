"""Ad hoc commands: what may be asked, by whom, and running the same again."""

from __future__ import annotations

from typing import Any

import pytest

from apps.credentials.models import CredentialInputSource
from apps.credentials.services.lookups import resolved
from apps.inventory.models import Host
from apps.jobs import summaries
from apps.jobs.models import AdHocCommand
from apps.rbac import services
from tests.jobs import events

pytestmark = pytest.mark.django_db
URL = "/api/v2/ad_hoc_commands/"


@pytest.fixture
def ssh(credential: Any) -> Any:
    """A machine credential."""
    return credential("ssh", username="u")


def body(shop: Any, ssh: Any, **more: Any) -> dict[str, Any]:
    """A command; None leaves something out."""
    given = {"inventory": shop.inventory.pk, "credential": ssh.pk, "module_name": "command", "module_args": "true"}
    return {name: value for name, value in (given | more).items() if value is not None}


def test_a_command_is_answered_as_new_and_submitted(shop: Any, ssh: Any) -> None:
    answer = shop.api.post(URL, body(shop, ssh, module_name="ping", module_args="", extra_vars='{"x": 1}'))
    assert answer.status_code == 201, answer.data
    shown = answer.data
    assert (shown["status"], shown["name"], shown["launch_type"]) == ("new", "ping", "manual")
    assert shown["extra_vars"] == '{"x": 1}'
    assert shown["related"]["events"] == f"{shown['url']}events/"
    assert AdHocCommand.objects.get().status == "pending"
    assert AdHocCommand.objects.get().organization == shop.organization


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"inventory": None}, "inventory"),
        ({"credential": None}, "credential"),
        ({"inventory": 999999}, "detail"),
        ({"inventory": "y", "module_name": "x", "forks": "x"}, "detail"),
        ({"module_name": "raw"}, "module_name"),
        ({"module_name": ""}, "module_name"),
        ({"module_args": ""}, "module_args"),
        ({"module_name": "shell", "module_args": None}, "module_args"),
        ({"job_type": "dance"}, "job_type"),
        ({"forks": -1}, "forks"),
        ({"verbosity": 9}, "verbosity"),
        ({"extra_vars": {"ansible_connection": "x"}}, "extra_vars"),
        ({"extra_vars": '{"ansible_connection": "x"}'}, "extra_vars"),
        ({"extra_vars": "{{ a: ["}, "extra_vars"),
        ({"extra_vars": "[1]"}, "extra_vars"),
    ],
)
def test_bad_commands_are_refused_by_field(shop: Any, ssh: Any, change: dict[str, Any], field: str) -> None:
    answer = shop.api.post(URL, body(shop, ssh, **change))
    assert (answer.status_code, list(answer.data)) == (400, [field])
    assert not AdHocCommand.objects.exists()


def test_only_machine_credentials(shop: Any, ssh: Any, credential: Any) -> None:
    answer = shop.api.post(URL, body(shop, ssh, credential=credential("aws").pk))
    assert list(answer.data) == ["credential"]


def test_passwords_that_the_credential_asks_for(shop: Any, credential: Any) -> None:
    asking = credential("ssh", username="u", password="ASK")
    answer = shop.api.post(URL, body(shop, asking))
    assert answer.data == {"passwords_needed_to_start": ["ssh_password"]}
    assert not AdHocCommand.objects.exists()
    assert shop.api.post(URL, body(shop, asking, ssh_password="pw")).status_code == 201
    assert "pw" in AdHocCommand.objects.get().start_args


def test_rights(shop: Any, ssh: Any, api: Any, person: Any) -> None:
    runner = person("runner", (shop.inventory, "adhoc_role"))
    assert api(runner).post(URL, body(shop, ssh)).status_code == 403
    services.grant(shop.organization.role("member_role"), user=runner)
    services.grant(ssh.role("use_role"), user=runner)
    answer = api(runner).post(URL, body(shop, ssh))
    assert answer.status_code == 201
    reader = person("reader", (shop.inventory, "read_role"))
    assert api(reader).post(URL, body(shop, ssh)).status_code == 403
    assert api().post(URL, body(shop, ssh)).status_code == 401
    command = answer.data["url"]
    assert api(runner).get(command).data["summary_fields"]["user_capabilities"] == {"delete": False, "start": True}
    other = api(person("other", (shop.inventory, "adhoc_role")))
    assert other.get(command).data["summary_fields"]["user_capabilities"]["start"] is False
    assert other.post(f"{command}relaunch/", {}).status_code == 403
    assert api(person("stranger")).get(command).status_code == 404


def test_a_relaunch_is_the_same_command(shop: Any, ssh: Any) -> None:
    first = shop.api.post(URL, body(shop, ssh, limit="one")).data
    assert shop.api.get(f"{first['url']}relaunch/").data == {"passwords_needed_to_start": []}
    answer = shop.api.post(f"{first['url']}relaunch/", {})
    assert answer.status_code == 201
    assert (answer.data["limit"], answer.data["launch_type"]) == ("one", "manual")


def test_below_a_host_it_runs_on_the_host_alone(shop: Any, ssh: Any) -> None:
    host = Host.objects.get(name="one")
    url = f"/api/v2/hosts/{host.pk}/ad_hoc_commands/"
    answer = shop.api.post(url, {"credential": ssh.pk, "module_name": "command", "module_args": ""})
    assert list(answer.data) == ["module_args"]
    answer = shop.api.post(url, {"credential": ssh.pk, "module_name": "ping"})
    assert answer.status_code == 201, answer.data
    assert (answer.data["limit"], answer.data["inventory"]) == ("one", shop.inventory.pk)


def test_hosts_are_counted_from_events(shop: Any, ssh: Any) -> None:
    command = AdHocCommand.objects.create(name="ping", inventory=shop.inventory, credential=ssh, status="successful")
    events.add(
        command,
        {"event": "runner_on_ok", "host_name": "one", "stdout": "one | SUCCESS"},
        {"event": "runner_on_unreachable", "host_name": "two", "failed": True},
    )
    summaries.count_hosts(command)
    assert command.host_status_counts == {"ok": 1, "dark": 1}
    listed = shop.api.get(f"{URL}{command.pk}/events/", {"event": "runner_on_ok"}).data
    assert listed["results"][0]["type"] == "ad_hoc_command_event"
    assert shop.api.get(listed["results"][0]["url"]).data["host_name"] == "one"
    answer = shop.api.get(f"{URL}{command.pk}/stdout/", {"format": "txt"}, HTTP_ACCEPT="*/*")
    assert b"".join(answer.streaming_content) == b"one | SUCCESS\n"


def test_the_passphrase_of_a_missing_key_is_not_looked_up(ssh: Any, credential: Any) -> None:
    vault = credential("hashivault_kv", url="http://127.0.0.1:1", api_version="v1")
    CredentialInputSource.objects.create(
        target_credential=ssh, source_credential=vault, input_field_name="ssh_key_unlock", metadata={}
    )
    assert resolved(ssh) == {"username": "u"}
