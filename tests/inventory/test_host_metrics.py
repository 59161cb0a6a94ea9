"""/host_metrics/: machines are counted once, whatever the number of their inventories."""

from datetime import date

import pytest
from django.utils import timezone

from apps.identity.models import User
from apps.inventory.models import Host, HostMetric, HostMetricSummaryMonthly, Inventory
from apps.inventory.services import metrics
from apps.jobs.models import Job, JobHostSummary

pytestmark = pytest.mark.django_db
URL = "/api/v2/host_metrics/"


@pytest.fixture
def job(farm):
    """A job that ran on the host `a` of two inventories and on `b`."""
    other = Inventory.objects.create(name="other", organization=farm.org)
    hosts = [farm.host("a"), farm.host("b"), Host.objects.create(name="a", inventory=other)]
    made = Job.objects.create(name="j", inventory=farm.inventory, status="successful")
    for number, host in enumerate(hosts):
        JobHostSummary.objects.create(job=made, host=host, host_name=f"{host.name}{number}")
    return made


def test_a_job_counts_each_machine_once(job):
    metrics.count_job(job.pk)
    metrics.count_job(job.pk)
    assert dict(HostMetric.objects.values_list("hostname", "automated_counter")) == {"a": 2, "b": 2}
    metrics.summarize_months(date(2026, 11, 21))
    assert HostMetric.objects.get(hostname="a").used_in_inventories == 2
    assert HostMetricSummaryMonthly.objects.get(date=date(2026, 11, 1)).license_consumed == 2


def test_deleting_keeps_the_row_until_it_is_automated_again(farm, job):
    metrics.count_job(job.pk)
    row = HostMetric.objects.get(hostname="a")
    assert farm.as_("admin").delete(f"{URL}{row.pk}/").status_code == 204
    shown = farm.as_("admin").get(f"{URL}{row.pk}/").json()
    assert (shown["deleted"], shown["deleted_counter"]) == (True, 1)
    metrics.count_job(job.pk)
    assert farm.as_("admin").get(f"{URL}{row.pk}/").json()["deleted"] is False


def test_only_administrators_and_auditors_look(farm, api):
    row = HostMetric.objects.create(hostname="x", last_automation=timezone.now())
    auditor = User.objects.create_user("aud", password="pw", is_system_auditor=True)
    for path in (URL, "/api/v2/host_metric_summary_monthly/"):
        assert farm.as_("oa").get(path).status_code == 403
        assert api(auditor).get(path).status_code == 200
    assert api(auditor).delete(f"{URL}{row.pk}/").status_code == 403
    assert farm.as_("oa").get(f"{URL}{row.pk}/").status_code == 404
