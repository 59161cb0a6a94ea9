"""Who follows what, and who a caller is.

CVE-2026-16544 (groups of the websocket that nobody had mapped were open), CVE-2026-84474 (anybody's X-Forwarded-For was
believed in provisioning callbacks).
"""

from __future__ import annotations

import pytest

from apps.conf import services as settings
from apps.identity.models import User
from apps.jobs.services.callbacks import addresses_of
from apps.rbac import services
from apps.unified.followers import rows
from tests.factories import World

pytestmark = pytest.mark.django_db
FORWARDED = {"REMOTE_ADDR": "203.0.113.9", "HTTP_X_FORWARDED_FOR": "192.0.2.1, 192.0.2.2"}


@pytest.mark.parametrize("group", ["", "jobs", "control", "no_such_group", "job_events-1", "JOB_EVENTS", "broadcast"])
def test_a_group_that_is_not_mapped_is_followed_by_nobody(admin, group):
    job = World(admin).make("jobs")
    assert not rows.may_follow.__wrapped__(admin.pk, group, job.pk)


def test_a_job_is_followed_by_whoever_reads_it(admin):
    job, amy = World(admin).make("jobs"), User.objects.create_user("amy")
    assert rows.may_follow.__wrapped__(admin.pk, "job_events", job.pk)
    assert not rows.may_follow.__wrapped__(amy.pk, "job_events", job.pk)
    services.grant(job.job_template.role("read_role"), user=amy)
    assert rows.may_follow.__wrapped__(amy.pk, "job_events", job.pk)
    User.objects.filter(pk=amy.pk).update(is_active=False)
    assert not rows.may_follow.__wrapped__(amy.pk, "job_events", job.pk)


@pytest.mark.parametrize(
    ("proxies", "believed"),
    [([], set()), (["198.51.100.1"], set()), (["203.0.113.9"], {"192.0.2.1", "192.0.2.2"})],
)
def test_headers_of_a_proxy_count_where_the_proxy_is_named(proxies, believed):
    settings.change({"REMOTE_HOST_HEADERS": ["HTTP_X_FORWARDED_FOR", "REMOTE_ADDR"], "PROXY_IP_ALLOWED_LIST": proxies})
    assert addresses_of(FORWARDED) == {"203.0.113.9"} | believed
