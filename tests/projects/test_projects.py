"""projects/: sources, rights, and what bad input gets."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from apps.credentials.models import Credential, CredentialType
from apps.inventory.models import Inventory
from apps.jobs.models import Job, JobTemplate
from apps.projects.models import Project, ProjectUpdate

from .conftest import PLAY

pytestmark = pytest.mark.django_db
GIT = {"scm_type": "git", "scm_url": "https://example.com/x.git"}


def errors(answer: Any) -> list[str]:
    """The fields that a 400 names."""
    assert answer.status_code == 400, answer.content
    return sorted(answer.json())


def test_a_git_project_is_updated_at_once(make: Any) -> None:
    body = make(**GIT, scm_branch="dev").json()
    assert body["local_path"] == f"_{body['id']}__{body['name']}"
    assert body["status"] == "pending"
    update = ProjectUpdate.objects.get(project=body["id"])
    assert (
        body["related"]["current_update"] == body["related"]["current_job"] == f"/api/v2/project_updates/{update.pk}/"
    )
    assert (update.scm_url, update.scm_branch, update.job_type) == (GIT["scm_url"], "dev", "check")


def test_a_new_git_project_gets_its_own_directory_whatever_an_export_names(make: Any) -> None:
    body = make(**GIT, local_path="_7__elsewhere").json()
    assert body["local_path"] == f"_{body['id']}__{body['name']}"


@pytest.mark.parametrize(
    "url",
    [
        "", "-oProxyCommand=x", "--upload-pack=x", "ext::sh -c x", "ext::x://h/y", "fd::3", "/etc", "file:///etc",
        "http://-oX/y", "ssh://-oProxyCommand=x/y", "gopher://h/x", "http://", "https://h/\nx", "https://[::1/x",
        "../x", "nothing", "~/x", "-x@h:y", "$(id)",
    ],
)  # fmt: skip
def test_addresses_that_are_refused(make: Any, url: str) -> None:
    assert errors(make(scm_type="git", scm_url=url)) == ["scm_url"]


@pytest.mark.parametrize(
    "url",
    [
        "https://h/x.git",
        "ssh://git@h:22/x",
        "git@h.example:a/b.git",
        "git://h/x",
        "h:x.git",
        "https://u:p@h/x",
        "ftp://h/x",
    ],
)
def test_addresses_that_are_taken(make: Any, url: str) -> None:
    assert make(scm_type="git", scm_url=url).status_code == 201


def test_a_repository_of_the_server_itself_only_below_the_named_roots(make: Any, tmp_path: Path) -> None:
    assert make(scm_type="git", scm_url=str(tmp_path / "allowed" / "x")).status_code == 201
    assert errors(make(scm_type="git", scm_url=str(tmp_path / "allowed" / ".." / "x"))) == ["scm_url"]
    (tmp_path / "allowed").mkdir()
    (tmp_path / "allowed" / "way-out").symlink_to("/etc")
    assert errors(make(scm_type="git", scm_url=str(tmp_path / "allowed" / "way-out"))) == ["scm_url"]


@pytest.mark.parametrize("branch", ["-x", "--orphan=x", "a b", "a..b", "a\nb", "a\0b"])
def test_branches_that_are_refused(make: Any, branch: str) -> None:
    assert errors(make(**GIT, scm_branch=branch)) == ["scm_branch"]


@pytest.mark.parametrize("refspec", ["-x:y", "a:-y", "--x", "a:b:c", "a b:c", "a:b,-c"])
def test_refspecs_that_are_refused(make: Any, refspec: str) -> None:
    assert errors(make(**GIT, scm_refspec=refspec)) == ["scm_refspec"]


def test_a_refused_value_does_not_come_in_by_patch_either(make: Any, yard: Any) -> None:
    url = make(**GIT).json()["url"]
    for field, value in (("scm_url", "-x"), ("scm_branch", "-x"), ("scm_refspec", "-x"), ("local_path", "../x")):
        assert errors(yard.api.patch(url, {field: value})) == [field]
    assert errors(yard.api.patch(url, {"scm_type": "svn", "scm_url": "git://h/x"})) == ["scm_url"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"scm_type": "", "scm_clean": True}, "scm_clean"),
        ({"scm_type": "", "scm_update_on_launch": True}, "scm_update_on_launch"),
        ({"scm_type": "", "scm_track_submodules": True}, "scm_track_submodules"),
        ({**GIT, "scm_url": "https://h:port/x"}, "scm_url"),
        ({**GIT, "scm_url": "git+ssh://h/x"}, "scm_url"),
        ({**GIT, "scm_url": "git@h:x:y"}, "scm_url"),
        ({"scm_type": "archive", "scm_url": "https://h/x.tgz", "scm_branch": "main"}, "scm_branch"),
        ({"scm_type": "archive", "scm_url": "https://h/x.tgz", "scm_track_submodules": True}, "scm_track_submodules"),
        ({"scm_type": "svn", "scm_url": "https://h/x", "scm_refspec": "a:b"}, "scm_refspec"),
        ({"scm_type": "insights"}, "credential"),
        ({"scm_type": "cvs"}, "scm_type"),
        ({**GIT, "timeout": "soon"}, "timeout"),
        ({**GIT, "scm_update_cache_timeout": -1}, "scm_update_cache_timeout"),
        ({**GIT, "organization": 99999}, "organization"),
        ({**GIT, "credential": 99999}, "credential"),
        ({**GIT, "default_environment": "x"}, "default_environment"),
        ({**GIT, "name": "x" * 600}, "name"),
        ({"local_path": "nowhere"}, "local_path"),
        ({"local_path": "../etc"}, "local_path"),
        ({"local_path": "."}, "local_path"),
        ({"local_path": "/etc"}, "local_path"),
        ({"local_path": "a\0b"}, "local_path"),
    ],
)  # fmt: skip
def test_bad_input_names_its_field(make: Any, body: dict[str, Any], field: str) -> None:
    assert errors(make(**body)) == [field]


def test_manual_projects_live_in_a_directory(make: Any, yard: Any, settings: Any) -> None:
    place = settings.PROJECTS_ROOT / "mine"
    place.mkdir()
    (place / "site.yml").write_text(PLAY)
    (settings.PROJECTS_ROOT / "link").symlink_to("/etc")
    assert errors(make(local_path="link")) == ["local_path"]
    project = make(local_path="mine").json()
    assert project["status"] == "ok"
    assert not ProjectUpdate.objects.exists()
    assert yard.api.get(f"{project['url']}playbooks/").json() == ["site.yml"]
    (place / "hosts").write_text("one\n")
    assert yard.api.get(f"{project['url']}inventories/").json() == ["hosts"]
    assert errors(make(local_path="mine")) == ["local_path"]
    assert yard.api.get(f"{project['url']}update/").json() == {"can_update": False}
    assert yard.api.post(f"{project['url']}update/", {}).status_code == 405
    assert make().json()["status"] == "missing"


def test_the_directories_of_projects_are_their_own(make: Any, yard: Any, settings: Any) -> None:
    for name in ("site", "_9__old", ".hidden"):
        (settings.PROJECTS_ROOT / name).mkdir()
    for path in ("_9__old", ".hidden"):
        assert errors(make(local_path=path)) == ["local_path"]
    manual = make(local_path="site", name="My v1.5 (Ünïcode) - x").json()
    assert manual["local_path"] == "site"
    git = yard.api.patch(manual["url"], GIT).json()
    assert git["local_path"] == f"_{git['id']}__my_v15_unicode_x"
    assert (settings.PROJECTS_ROOT / "site").is_dir()
    back = yard.api.patch(manual["url"], {"scm_type": "", "local_path": git["local_path"]})
    assert (back.status_code, list(back.json())) == (400, ["local_path"])


def test_a_project_that_becomes_manual_has_no_address_and_no_credential(make: Any, yard: Any) -> None:
    body = make(scm_url="https://h/x", scm_branch="kept", scm_update_cache_timeout=3).json()
    assert (body["scm_url"], body["scm_branch"], body["scm_update_cache_timeout"]) == ("", "kept", 3)
    git = make(**GIT, scm_clean=True).json()
    assert errors(yard.api.patch(git["url"], {"scm_type": ""})) == ["scm_clean"]
    manual = yard.api.patch(git["url"], {"scm_type": "", "scm_clean": False}).json()
    assert (manual["scm_url"], manual["credential"]) == ("", None)


def test_a_credential_must_be_for_source_control(make: Any, yard: Any) -> None:
    kinds = {name: CredentialType.objects.get(namespace=name) for name in ("ssh", "scm")}
    ssh, scm = (
        Credential.objects.create(name=n, credential_type=k, organization=yard.organization) for n, k in kinds.items()
    )
    assert errors(make(**GIT, credential=ssh.pk)) == ["credential"]
    assert make(**GIT, credential=scm.pk).json()["credential"] == scm.pk
    assert make(credential=scm.pk).json()["credential"] is None


def test_changing_the_source_updates_again_and_nothing_else_does(make: Any, yard: Any) -> None:
    url = make(**GIT).json()["url"]
    ProjectUpdate.objects.update(status="successful")
    yard.api.patch(url, {"description": "new", "scm_clean": True})
    assert ProjectUpdate.objects.count() == 1
    yard.api.patch(url, {"scm_branch": "other"})
    assert ProjectUpdate.objects.count() == 2


def test_who_may_make_projects(make: Any, yard: Any) -> None:
    maker = yard.person("maker", (yard.organization, "project_admin_role"))
    member = yard.person("member", (yard.organization, "member_role"))
    outsider = yard.person("outsider")
    made = make(maker, **GIT)
    assert made.status_code == 201
    ProjectUpdate.objects.update(status="failed")
    assert maker.delete(made.json()["url"]).status_code == 204
    assert make(member, **GIT).status_code == 403
    assert make(outsider, **GIT).status_code == 403
    assert make(maker, **GIT, organization=None).status_code == 403


def test_a_credential_needs_the_use_role(make: Any, yard: Any) -> None:
    kind = CredentialType.objects.get(namespace="scm")
    hidden = Credential.objects.create(name="hidden", credential_type=kind)
    maker = yard.person("maker", (yard.organization, "project_admin_role"))
    assert make(maker, **GIT, credential=hidden.pk).status_code in (400, 403)
    project = make(maker, **GIT).json()
    assert maker.patch(project["url"], {"credential": hidden.pk}).status_code in (400, 403)
    assert Project.objects.get(pk=project["id"]).credential is None


def test_taking_a_project_out_of_its_organization(make: Any, yard: Any) -> None:
    url = make(**GIT).json()["url"]
    project = Project.objects.get(pk=url.split("/")[-2])
    keeper = yard.person("keeper", (project, "admin_role"))
    manager = yard.person("manager", (yard.organization, "project_admin_role"))
    assert keeper.patch(url, {"organization": None}).status_code == 403
    refused = manager.patch(url, {"organization": None})
    assert (refused.status_code, list(refused.json())) == (400, ["__all__"])
    assert yard.api.patch(url, {"organization": None}).json()["organization"] is None


def test_who_may_update(make: Any, yard: Any) -> None:
    project = Project.objects.get(pk=make(**GIT).json()["id"])
    url = f"/api/v2/projects/{project.pk}/"
    ProjectUpdate.objects.update(status="successful")
    people = {
        role: yard.person(role, (project, role)) for role in ("update_role", "use_role", "read_role", "admin_role")
    }
    outsider = yard.person("outsider")
    assert people["update_role"].get(f"{url}update/").json() == {"can_update": True}
    answer = people["update_role"].post(f"{url}update/", {})
    assert answer.status_code == 202
    assert answer.json()["id"] == answer.json()["project_update"] == ProjectUpdate.objects.latest("pk").pk
    assert answer["Location"] == answer.json()["url"]
    for role in ("use_role", "read_role"):
        assert people[role].post(f"{url}update/", {}).status_code == 403
        assert people[role].patch(url, {"name": "mine"}).status_code == 403
        assert people[role].delete(url).status_code == 403
        shown = people[role].get(url).json()["summary_fields"]["user_capabilities"]
        assert shown == {"edit": False, "delete": False, "start": False, "schedule": False, "copy": False}
    assert people["update_role"].patch(url, {"name": "mine"}).status_code == 403
    for path in (url, f"{url}update/", f"{url}playbooks/", f"{url}project_updates/"):
        assert outsider.get(path).status_code == 404
    assert outsider.post(f"{url}update/", {}).status_code == 404
    assert outsider.get("/api/v2/project_updates/").json()["count"] == 0


def test_cancelling_needs_the_update_role(make: Any, yard: Any) -> None:
    project = Project.objects.get(pk=make(**GIT).json()["id"])
    url = f"/api/v2/project_updates/{project.current_job_id}/cancel/"
    assert yard.person("reader", (project, "read_role")).post(url, {}).status_code == 403
    updater = yard.person("updater", (project, "update_role"))
    assert updater.get(url).json()["can_cancel"] is True
    assert updater.post(url, {}).status_code == 202
    assert updater.post(url, {}).status_code == 405
    assert ProjectUpdate.objects.get().status == "canceled"


def test_a_project_in_use_by_running_jobs_stays(make: Any, yard: Any) -> None:
    project = Project.objects.get(pk=make(**GIT).json()["id"])
    url = f"/api/v2/projects/{project.pk}/"
    update = ProjectUpdate.objects.get()
    answer = yard.api.delete(url)
    assert answer.status_code == 409
    assert answer.json()["active_jobs"] == [{"id": update.pk, "type": "project_update"}]
    ProjectUpdate.objects.update(status="successful")
    template = JobTemplate.objects.create(name="jt", project=project, playbook="x.yml")
    job = Job.objects.create(
        name="j", project=project, job_template=template, unified_job_template=template, status="running"
    )
    assert yard.api.delete(url).json()["active_jobs"] == [{"id": job.pk, "type": "job"}]
    Job.objects.update(status="failed")
    assert yard.api.delete(url).status_code == 204
    template.refresh_from_db()
    assert template.project is None


def test_deleting_removes_what_is_on_disk_but_never_a_manual_directory(
    make: Any, yard: Any, settings: Any, django_capture_on_commit_callbacks: Any
) -> None:
    body = make(**GIT).json()
    ProjectUpdate.objects.update(status="failed")
    copy, checkout = settings.PROJECTS_ROOT / body["local_path"], settings.CHECKOUTS_ROOT / str(body["id"])
    manual = settings.PROJECTS_ROOT / "mine"
    for place in (copy, checkout / ("a" * 40), manual):
        place.mkdir(parents=True)
    mine = make(local_path="mine").json()
    with django_capture_on_commit_callbacks(execute=True):
        assert yard.api.delete(body["url"]).status_code == 204
        assert yard.api.delete(mine["url"]).status_code == 204
    assert not copy.exists()
    assert not checkout.exists()
    assert manual.is_dir()


def test_an_override_in_use_cannot_be_forbidden(make: Any, yard: Any) -> None:
    body = make(**GIT, allow_override=True).json()
    project = Project.objects.get(pk=body["id"])
    inventory = Inventory.objects.create(name="i", organization=yard.organization)
    JobTemplate.objects.create(name="jt", project=project, inventory=inventory, playbook="x.yml", scm_branch="other")
    assert errors(yard.api.patch(body["url"], {"allow_override": False})) == ["allow_override"]


def test_a_copy_has_a_directory_and_an_update_of_its_own(make: Any, yard: Any) -> None:
    body = make(**GIT).json()
    answer = yard.api.post(f"{body['url']}copy/", {"name": "twin"})
    assert answer.status_code == 201, answer.content
    twin = Project.objects.get(name="twin")
    assert twin.local_path == f"_{twin.pk}__twin"
    assert (twin.scm_url, twin.scm_revision) == (GIT["scm_url"], "")
    assert ProjectUpdate.objects.filter(project=twin).count() == 1


def test_names_are_unique_within_an_organization(make: Any, yard: Any) -> None:
    make(**GIT, name="one")
    assert errors(make(**GIT, name="one")) == ["__all__"]
    other = make(**GIT, name="two").json()
    assert yard.api.patch(other["url"], {"name": "one"}).status_code == 400
    assert make(**GIT, name="one", organization=None).status_code == 201


def test_lists_cost_the_same_whatever_their_length(make: Any, yard: Any, django_assert_max_num_queries: Any) -> None:
    for _ in range(6):
        make(**GIT)
    for path in ("projects", "project_updates"):
        with django_assert_max_num_queries(18):
            assert yard.api.get(f"/api/v2/{path}/").json()["count"] == 6


def test_a_manual_project_offers_no_updates_and_has_no_schedules(make: Any, yard: Any) -> None:
    made = make()
    can = {"edit": True, "delete": True, "start": False, "schedule": False, "copy": False}
    assert made.json()["summary_fields"]["user_capabilities"] == can
    rule = {"name": "s", "rrule": "DTSTART:20350101T000000Z RRULE:FREQ=DAILY;INTERVAL=1"}
    assert yard.api.post(f"{made.json()['url']}schedules/", rule).status_code == 400
    assert yard.api.post(f"{make(**GIT).json()['url']}schedules/", rule).status_code == 201
