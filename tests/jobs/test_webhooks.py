"""Webhooks and provisioning callbacks: who may start a job without an account."""

from __future__ import annotations

import hashlib
import hmac
import json
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import Any, ClassVar

import pytest

from apps.inventory.models import Host
from apps.jobs import webhooks
from apps.jobs.models import Job
from apps.jobs.services import reports

pytestmark = pytest.mark.django_db
BODY = json.dumps({"ref": "refs/heads/main", "after": "abc"})


@pytest.fixture
def hooked(shop: Any) -> Any:
    """The shop, whose template listens to GitHub; `shop.key` is its key."""
    shop.api.patch(shop.url, {"webhook_service": "github"})
    shop.key = shop.api.get(f"{shop.url}webhook_key/").data["webhook_key"]
    return shop


def push(shop: Any, api: Any, *, key: str, algorithm: str = "sha1", body: str = BODY, guid: str = "g1") -> Any:
    """A signed delivery."""
    digest = hmac.new(key.encode(), body.encode(), getattr(hashlib, algorithm)).hexdigest()
    headers = {"HTTP_X_GITHUB_EVENT": "push", "HTTP_X_GITHUB_DELIVERY": guid}
    name = "HTTP_X_HUB_SIGNATURE" if algorithm == "sha1" else "HTTP_X_HUB_SIGNATURE_256"
    return api().post(
        f"{shop.url}github/", body, content_type="application/json", **headers, **{name: f"{algorithm}={digest}"}
    )


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_signed_push_starts_a_job(hooked: Any, api: Any, algorithm: str) -> None:
    answer = push(hooked, api, key=hooked.key, algorithm=algorithm)
    assert answer.status_code == 202, answer.data
    job = Job.objects.get()
    assert (job.launch_type, job.webhook_service, job.webhook_guid) == ("webhook", "github", "g1")
    variables = json.loads(job.extra_vars)
    assert variables["awx_webhook_event_ref"] == variables["tower_webhook_event_ref"] == "abc"
    assert variables["awx_webhook_payload"] == json.loads(BODY)


def test_a_delivery_counts_once(hooked: Any, api: Any) -> None:
    push(hooked, api, key=hooked.key)
    answer = push(hooked, api, key=hooked.key)
    assert (answer.status_code, Job.objects.count()) == (202, 1)
    assert "previously" in answer.data["message"]


def test_every_refusal_looks_the_same(hooked: Any, api: Any) -> None:
    missing = hooked.url.replace(str(hooked.template.pk), "999999")
    answers = [
        push(hooked, api, key="wrong"),
        api().post(f"{hooked.url}github/", {"a": 1}),
        api().post(f"{hooked.url}gitlab/", {}, HTTP_X_GITLAB_TOKEN=hooked.key),
        api().post(f"{missing}github/", {}),
        api().post(f"{hooked.url}github/", "{", content_type="application/json"),
    ]
    assert {(answer.status_code, str(answer.data)) for answer in answers} == {(403, str(answers[0].data))}
    assert not Job.objects.exists()


def test_a_broken_body_is_told_only_to_who_knows_the_key(hooked: Any, api: Any) -> None:
    assert push(hooked, api, key=hooked.key, body="{").status_code == 400


def test_another_service_means_another_key(hooked: Any, api: Any) -> None:
    shown = hooked.api.patch(hooked.url, {"webhook_service": "gitlab"}).data
    assert shown["related"]["webhook_receiver"] == f"{hooked.url}gitlab/"
    key = hooked.api.get(f"{hooked.url}webhook_key/").data["webhook_key"]
    assert key != hooked.key
    payload = {"checkout_sha": "abc", "project": {"id": 7, "web_url": "https://git.example.com/a/b"}}
    answer = api().post(f"{hooked.url}gitlab/", payload, HTTP_X_GITLAB_TOKEN=key, HTTP_X_GITLAB_EVENT="Push Hook")
    assert answer.status_code == 202
    variables = json.loads(Job.objects.get().extra_vars)
    assert variables["awx_webhook_status_api"] == "https://git.example.com/api/v4/projects/7/statuses/abc"
    hooked.api.patch(hooked.url, {"webhook_service": ""})
    assert hooked.api.get(f"{hooked.url}webhook_key/").data["webhook_key"] == ""


def test_a_webhook_credential_is_a_token_of_the_service(shop: Any, credential: Any) -> None:
    github, gitlab, ssh = (
        credential("github_token", token="x"),
        credential("gitlab_token", token="x"),
        credential("ssh"),
    )
    for wrong in (ssh, gitlab):
        answer = shop.api.patch(shop.url, {"webhook_service": "github", "webhook_credential": wrong.pk})
        assert list(answer.data) == ["webhook_credential"]
    assert list(shop.api.patch(shop.url, {"webhook_credential": github.pk}).data) == ["webhook_credential"]
    answer = shop.api.patch(shop.url, {"webhook_service": "github", "webhook_credential": github.pk})
    assert answer.status_code == 200


def test_the_key_is_for_administrators(hooked: Any, api: Any, person: Any) -> None:
    client, url = api(person("runner", (hooked.template, "execute_role"))), f"{hooked.url}webhook_key/"
    assert (client.get(url).status_code, client.post(url, {}).status_code) == (403, 403)
    answer = hooked.api.post(url, {})
    assert (answer.status_code, answer.data["webhook_key"] != hooked.key) == (201, True)


class Service(BaseHTTPRequestHandler):
    """A code forge that remembers what it is told."""

    told: ClassVar[list[tuple[str, dict[str, Any]]]] = []

    def do_POST(self) -> None:
        """Remember."""
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.told.append((self.headers["Authorization"], body))
        self.send_response(201)
        self.end_headers()

    def log_message(self, *args: Any) -> None:
        """Silence."""


@pytest.fixture
def forge() -> Iterator[str]:
    """The address of a forge."""
    server = HTTPServer(("127.0.0.1", 0), Service)
    Service.told.clear()
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/statuses/abc"
    server.shutdown()
    server.server_close()


def test_the_service_hears_what_became_of_its_job(shop: Any, credential: Any, forge: str) -> None:
    token = credential("github_token", token="s3cret")
    job = Job.objects.create(
        name="j", unified_job_template=shop.template, job_template=shop.template, webhook_service="github",
        webhook_credential=token, extra_vars=json.dumps({"awx_webhook_status_api": forge}), status="failed",
    )  # fmt: skip
    assert reports.report(job.pk, "failed") is True
    authorization, body = Service.told[0]
    assert (authorization, body["state"]) == ("token s3cret", "failure")
    assert body["target_url"].endswith(f"/jobs/{job.pk}/")
    Job.objects.update(extra_vars="{}")
    assert reports.report(job.pk, "failed") is False


def test_some_events_of_bitbucket_start_nothing(shop: Any, api: Any) -> None:
    shop.api.patch(shop.url, {"webhook_service": "bitbucket_dc"})
    key = shop.api.get(f"{shop.url}webhook_key/").data["webhook_key"]
    for kind, body, status, jobs in (
        ("diagnostics:ping", "{}", 200, 0),
        ("repo:refs_changed", json.dumps({"changes": [{"toHash": "abc"}]}), 202, 1),
    ):
        digest = hmac.new(key.encode(), body.encode(), hashlib.sha256).hexdigest()
        answer = api().post(
            f"{shop.url}bitbucket_dc/", body, content_type="application/json", HTTP_X_EVENT_KEY=kind,
            HTTP_X_REQUEST_ID=kind, HTTP_X_HUB_SIGNATURE=f"sha256={digest}",
        )  # fmt: skip
        assert (answer.status_code, Job.objects.count()) == (status, jobs)


def test_bitbucket_tries_an_address_without_a_signature(shop: Any, api: Any) -> None:
    for pk in (shop.template.pk, 999999):
        url = f"/api/v2/job_templates/{pk}/"
        sent = {"content_type": "application/json", "HTTP_X_EVENT_KEY": "diagnostics:ping"}
        assert api().post(f"{url}bitbucket_dc/", '{"test": true}', **sent).status_code == 200
        assert api().post(f"{url}github/", '{"test": true}', **sent).status_code == 403
    assert Job.objects.count() == 0


@pytest.fixture
def calling(shop: Any) -> Any:
    """The shop, whose template takes callbacks of a host with the address 127.0.0.1."""
    shop.api.patch(shop.url, {"host_config_key": "key"})
    Host.objects.filter(name="one").update(variables="ansible_host: 127.0.0.1")
    return shop


def test_a_host_starts_a_job_for_itself(calling: Any, api: Any) -> None:
    answer = api().post(f"{calling.url}callback/", {"host_config_key": "key"})
    assert answer.status_code == 201, answer.data
    job = Job.objects.get()
    assert (job.limit, job.launch_type) == ("one", "callback")
    assert answer["Location"] == f"/api/v2/jobs/{job.pk}/"
    again = api().post(f"{calling.url}callback/", {"host_config_key": "key"})
    assert (again.status_code, list(again.data)) == (400, ["msg"])


def test_a_wrong_key_and_no_key_are_refused(calling: Any, api: Any) -> None:
    for body in ({}, {"host_config_key": "x"}, {"host_config_key": ""}, {"host_config_key": ["key"]}):
        assert api().post(f"{calling.url}callback/", body).status_code == 403
    calling.api.patch(calling.url, {"host_config_key": ""})
    assert api().post(f"{calling.url}callback/", {"host_config_key": ""}).status_code == 403


def test_nobody_can_claim_to_be_another_host(calling: Any, api: Any) -> None:
    headers = {"REMOTE_ADDR": "192.0.2.9", "HTTP_X_FORWARDED_FOR": "127.0.0.1"}
    answer = api().post(f"{calling.url}callback/", {"host_config_key": "key"}, **headers)
    assert (answer.status_code, Job.objects.exists()) == (400, False)


def test_a_template_that_asks_cannot_be_called_back(calling: Any, api: Any) -> None:
    calling.api.patch(calling.url, {"ask_limit_on_launch": True})
    answer = api().post(f"{calling.url}callback/", {"host_config_key": "key"})
    assert (answer.status_code, list(answer.data)) == (400, ["msg"])


def test_people_see_whom_they_would_match(calling: Any) -> None:
    shown = calling.api.get(f"{calling.url}callback/").data
    assert shown == {"host_config_key": "key", "matching_hosts": ["one"]}


@pytest.mark.parametrize("address", ["http://[", "https://[x]/a", 7, None, "no address"])
def test_a_payload_with_a_broken_address_has_nothing_to_report_to(address: Any) -> None:
    payload = {"checkout_sha": "abc", "project": {"id": 1, "web_url": address}}
    assert webhooks.GitLab().status_api("Push Hook", payload) is None
