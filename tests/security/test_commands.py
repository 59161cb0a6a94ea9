"""Texts of users never become options of a command, days are numbers.

CVE-2026-84502, CVE-2026-71464 (options of git), CVE-2026-84724, CVE-2026-71465 (days of cleanups, limits).
"""

from __future__ import annotations

import pytest

from apps.core.prefixes import ROOT
from apps.system.models import days_of
from apps.unified.runner.child import ansible_argv
from tests.factories import World

pytestmark = pytest.mark.django_db
OPTIONS = ("-oProxyCommand=id", "--upload-pack=id", "--output=/tmp/x")
URLS = {
    "git": ("--upload-pack=id", "ext::sh -c id", "file:///etc", "-u", "git@-oProxyCommand=id:x", "ssh://-oProxyCommand=id/x"),
    "svn": ("--config-option=x", "svn+ssh://-oProxyCommand=id/x", "file:///etc"),
    "archive": ("--output=x", "file:///etc/passwd", "ftp://x/y.zip"),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "url"), [(kind, url) for kind, urls in URLS.items() for url in urls])
def test_an_address_of_a_project_is_no_option(api, admin, kind, url):
    world = World(admin)
    body = {"name": "p", "organization": world.organization.pk, "scm_type": kind, "scm_url": url}
    answer = api(admin).post(f"{ROOT}projects/", body, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["scm_url"])


@pytest.mark.parametrize("field", ["scm_branch", "scm_refspec"])
@pytest.mark.parametrize("value", OPTIONS)
def test_a_branch_is_no_option(api, admin, field, value):
    world = World(admin)
    body = {"name": "p", "organization": world.organization.pk, "scm_type": "git", "scm_url": "https://example.com/x"}
    answer = api(admin).post(f"{ROOT}projects/", {**body, field: value}, format="json")
    assert (answer.status_code, list(answer.json())) == (400, [field])


@pytest.mark.parametrize("value", OPTIONS)
def test_a_branch_of_a_template_is_no_option(api, admin, value):
    world = World(admin)
    project = world.new("projects", name="g", organization=world.organization, scm_type="git", allow_override=True)
    template = world.template
    type(template).objects.filter(pk=template.pk).update(project=project, ask_scm_branch_on_launch=True)
    url = f"{ROOT}job_templates/{template.pk}/"
    assert api(admin).patch(url, {"scm_branch": value}, format="json").status_code == 400
    assert api(admin).post(f"{url}launch/", {"scm_branch": value}, format="json").status_code == 400


@pytest.mark.parametrize("days", ["1; id", "-1", "$(id)", "1e3", [], {}, True, None, "9" * 30])
def test_days_are_numbers(days):
    with pytest.raises(ValueError, match="days"):
        days_of({"days": days})


def test_days_of_a_schedule_are_numbers_too(api, admin):
    cleaning = World(admin).new("system_job_templates", name="c", job_type="cleanup_jobs")
    body = {
        "name": "s",
        "rrule": "DTSTART:20300101T000000Z RRULE:FREQ=DAILY;INTERVAL=1",
        "extra_data": {"days": "1;id"},
    }
    answer = api(admin).post(f"{ROOT}system_job_templates/{cleaning.pk}/schedules/", body, format="json")
    assert (answer.status_code, "extra_data" in answer.json()) == (400, True)


@pytest.mark.parametrize("text", ["-i/etc/passwd", "--become", "all; id", "$(id)"])
def test_the_limit_and_the_arguments_of_an_ad_hoc_command_are_arguments(text):
    spec = {"module": "ping", "module_args": text, "host_pattern": text, "inventory": "hosts", "cmdline": []}
    words = ansible_argv({"playbook": "", "extra_vars_file": "", **spec})
    assert words[-2:] == ["--", text]
    assert text not in words[:-2]
    assert f"--args={text}" in words
