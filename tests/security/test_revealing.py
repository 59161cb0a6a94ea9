"""What answers, pages, files and errors do not tell.

CVE-2026-84683 (escape codes in output), CVE-2026-84486 (debug pages), CVE-2026-71460, CVE-2026-71462 (paths in config),
CVE-2026-84474 (the callback key), CVE-2019-19341, CVE-2019-19342 (backups, passwords in error pages), CVE-2021-3701,
CVE-2021-3702 (directories of runs), CVE-2026-84717 (receivers of webhooks), CVE-2026-71364, CVE-2026-103754 (archives).
"""

from __future__ import annotations

import io
import json
import tarfile
import zipfile
from pathlib import Path

import pytest
from django.test import Client

from apps.core.prefixes import ROOT
from apps.identity.models import User
from apps.projects.sync.archive import unpack
from apps.projects.sync.source import Failed
from apps.rbac import services
from apps.unified.ansi import coloured, plain
from apps.unified.runner.workspace import Workspace
from tests.factories import World
from tests.jobs import events

LINK = "\x1b]8;;javascript:alert(1)\x07click\x1b]8;;\x07"
CODES = (
    LINK,
    "\x1b]0;title\x07x",
    "\x1b[2J",
    "\x1bPq#0\x1b\\",
    "\x1b[6n",
    "\x9b2J",
    "\x1b]52;c;aWQ=\x07",
    "\x1b[?1049h",
    "\r\x08x",
)


@pytest.mark.parametrize("text", CODES)
def test_only_colours_are_left_of_escape_codes(text):
    for made in (coloured(text), plain(text)):
        assert not set(made) & {"\x1b", "\x07", "\x9b", "\x08"}
        assert "javascript:" not in made


@pytest.mark.django_db
def test_a_page_of_output_runs_nothing(api, admin):
    job = World(admin).make("jobs")
    events.add(job, {"event": "verbose", "stdout": f"<script>alert(1)</script>{LINK}<img src=x onerror=alert(1)>"})
    answer = api(admin).get(f"{ROOT}jobs/{job.pk}/stdout/?format=html", HTTP_ACCEPT="text/html")
    text = answer.getvalue().decode()
    assert answer.status_code == 200
    assert "<script>alert" not in text
    assert "<img" not in text
    assert "javascript:" not in text
    assert "default-src 'none'" in answer["Content-Security-Policy"]


@pytest.mark.django_db
def test_pages_of_the_api_forbid_scripts_of_others(admin):
    client = Client()
    client.force_login(admin)
    answer = client.get(f"{ROOT}organizations/", HTTP_ACCEPT="text/html")
    policy = answer["Content-Security-Policy"]
    assert "'unsafe-inline'" not in policy.replace("style-src 'unsafe-inline'", "")
    assert "*" not in policy
    assert answer["X-Content-Type-Options"] == "nosniff"


@pytest.mark.django_db
@pytest.mark.parametrize("path", ["debug/", "v2/debug/", "debug/task_manager/", "v2/debug/workflow_manager/"])
def test_there_are_no_debug_pages(api, admin, path):
    for user in (None, admin):
        assert api(user).get(f"/api/{path}").status_code in (401, 404)


@pytest.mark.django_db
def test_config_tells_paths_to_administrators_only(api, admin):
    world = World(admin)
    plain_user = User.objects.create_user("plain")
    assert api().get(f"{ROOT}config/").status_code == 401
    secret = {"project_base_dir", "project_local_paths", "become_methods", "custom_virtualenvs"}
    shown = api(plain_user).get(f"{ROOT}config/").json()
    assert not (secret - {"become_methods"}) & shown.keys()
    assert "project_base_dir" in api(admin).get(f"{ROOT}config/").json()
    assert "/" not in json.dumps(shown.get("project_local_paths", ""))
    assert world


@pytest.mark.django_db
def test_a_fault_tells_nothing_of_itself(api, admin, monkeypatch):
    from apps.identity.resources import Organizations

    def fail(*args, **kwargs):
        raise RuntimeError("password=s3cret /var/lib/secret")

    monkeypatch.setattr(Organizations, "get_queryset", fail)
    answer = api(admin).get(f"{ROOT}organizations/")
    assert answer.status_code == 500
    assert answer.json() == {"detail": "The server met an unexpected error."}


@pytest.mark.django_db
def test_the_callback_key_is_for_those_who_may_change_the_template(api, admin):
    world = World(admin)
    template = world.template
    type(template).objects.filter(pk=template.pk).update(host_config_key="the-key")
    reader = User.objects.create_user("reader")
    services.grant(template.role("execute_role"), user=reader)
    url = f"{ROOT}job_templates/{template.pk}/"
    for path in (url, f"{ROOT}job_templates/", f"{ROOT}unified_job_templates/", f"{url}activity_stream/"):
        assert b"the-key" not in api(reader).get(path).content
    assert api(reader).get(f"{ROOT}job_templates/?host_config_key__startswith=t").status_code == 403
    assert api(admin).get(url).json()["host_config_key"] == "the-key"


@pytest.mark.django_db
def test_a_wrong_signature_and_a_missing_template_look_the_same(api, admin):
    template = World(admin).template
    type(template).objects.filter(pk=template.pk).update(webhook_service="github", webhook_key="k")
    sent = [
        api().post(f"{ROOT}job_templates/{pk}/{service}/", {"a": 1}, format="json", HTTP_X_HUB_SIGNATURE="sha1=00")
        for pk in (template.pk, 999999)
        for service in ("github", "gitlab", "bitbucket_dc")
    ]
    assert {answer.status_code for answer in sent} == {403}
    assert len({answer.content for answer in sent}) == 1


def test_a_directory_of_a_run_is_private_and_not_guessed(tmp_path, settings):
    settings.RUNNER_ROOT = tmp_path / "runs"
    names = {str(Workspace.name(7)) for _ in range(5)}
    assert len(names) == 5
    workspace = Workspace.make(Workspace.name(7))
    assert workspace.path.stat().st_mode & 0o777 == 0o700
    assert workspace.path.parent.stat().st_mode & 0o077 == 0
    with pytest.raises(FileExistsError):
        Workspace.make(workspace.path)
    for name in ("../outside", "/etc/x", "a/../../x"):
        with pytest.raises(ValueError, match="inside"):
            workspace.write(name, "x")


def packed(kind: str, name: str, *, link: str = "") -> bytes:
    """An archive with one member."""
    file = io.BytesIO()
    if kind == "zip":
        with zipfile.ZipFile(file, "w") as archive:
            archive.writestr(name, "x")
    else:
        with tarfile.open(fileobj=file, mode="w:gz") as archive:
            member = tarfile.TarInfo(name)
            member.type, member.linkname = (tarfile.SYMTYPE, link) if link else (tarfile.REGTYPE, "")
            archive.addfile(member)
    return file.getvalue()


@pytest.mark.parametrize(
    "body",
    [
        packed("tar", "../outside"), packed("tar", "a", link="/etc"), packed("tar", "a", link="../../x"),
        packed("zip", "../outside"), packed("zip", "a/../../outside"),
    ],
)  # fmt: skip
def test_no_member_of_an_archive_leaves_its_directory(tmp_path, body):
    archive, target = tmp_path / "archive", tmp_path / "root" / "in"
    archive.write_bytes(body)
    target.mkdir(parents=True)
    with pytest.raises(Failed):
        unpack(archive, target)
    assert not Path(tmp_path, "root", "outside").exists()
    assert not Path(tmp_path, "outside").exists()
