"""/notification_templates/: what each kind needs, hidden secrets, custom words, rights."""

import pytest

from apps.notifications.models import NotificationTemplate
from tests.notifications.conftest import URL

pytestmark = pytest.mark.django_db

GOOD = {
    "email": {
        "host": "127.0.0.1", "port": 1, "username": "u", "password": "p", "use_tls": False, "use_ssl": False,
        "sender": "a@example.com", "recipients": ["b@example.com"],
    },
    "slack": {"token": "t", "channels": ["#c"]},
    "twilio": {"account_sid": "a", "account_token": "t", "from_number": "+1", "to_numbers": ["+2"]},
    "pagerduty": {"token": "t", "service_key": "s", "subdomain": "d", "client_name": "c"},
    "grafana": {"grafana_url": "http://127.0.0.1:1", "grafana_key": "k"},
    "webhook": {"url": "http://127.0.0.1:1/", "headers": {"X-A": "b"}},
    "mattermost": {"mattermost_url": "http://127.0.0.1:1/", "mattermost_no_verify_ssl": True},
    "rocketchat": {"rocketchat_url": "http://127.0.0.1:1/", "rocketchat_no_verify_ssl": False},
    "irc": {"server": "127.0.0.1", "port": 1, "nickname": "n", "password": "p", "use_ssl": False, "targets": ["#x"]},
    "awssns": {"aws_region": "eu-west-1", "sns_topic_arn": "arn"},
}  # fmt: skip
SECRET = {
    "email": "password", "slack": "token", "twilio": "account_token", "pagerduty": "token", "grafana": "grafana_key",
    "irc": "password",
}  # fmt: skip
DEFAULTS = {
    "email": {"timeout": 30},
    "webhook": {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": ""},
    "awssns": {"aws_access_key_id": "", "aws_secret_access_key": "", "aws_session_token": ""},
}


@pytest.mark.parametrize("kind", list(GOOD))
def test_every_kind_is_taken_with_defaults_and_masks(house, kind):
    answer = house.post(kind, GOOD[kind])
    assert answer.status_code == 201, answer.json()
    masked = {SECRET[kind]: "$encrypted$"} if kind in SECRET else {}
    assert answer.json()["notification_configuration"] == GOOD[kind] | DEFAULTS.get(kind, {}) | masked
    assert answer.json()["messages"] == dict.fromkeys(("started", "success", "error", "workflow_approval"))


def test_a_template_shows_its_links_and_rights(house):
    body = house.post("slack", GOOD["slack"]).json()
    assert body["related"]["named_url"] == f"{URL}slack++House/"
    assert {"test", "notifications", "copy", "organization", "created_by", "modified_by"} < set(body["related"])
    assert body["summary_fields"]["user_capabilities"] == {"edit": True, "delete": True, "copy": True}
    assert body["summary_fields"]["recent_notifications"] == []
    assert "object_roles" not in body["summary_fields"]


@pytest.mark.parametrize("kind", [kind for kind in GOOD if kind != "awssns"])
def test_every_kind_needs_its_configuration(house, kind):
    answer = house.post(kind, {})
    assert (answer.status_code, list(answer.json())) == (400, ["__all__"])


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("email", {"port": "25"}),
        ("email", {"port": True}),
        ("email", {"recipients": "a@b.c"}),
        ("email", {"recipients": []}),
        ("email", {"recipients": [{}]}),
        ("email", {"use_tls": "no"}),
        ("email", {"timeout": "x"}),
        ("slack", {"channels": "#c"}),
        ("webhook", {"headers": "x"}),
        ("webhook", {"url": 1}),
        ("webhook", {"http_method": "DELETE"}),
        ("twilio", {"to_numbers": "+1"}),
    ],
)
def test_values_of_the_wrong_kind_are_refused(house, kind, wrong):
    answer = house.post(kind, GOOD[kind] | wrong)
    assert (answer.status_code, list(answer.json())) == (400, ["__all__"])


def test_half_a_character_is_no_text(house):
    body = f"""{{"name": "x", "organization": {house.org.pk}, "notification_type": "slack",
                "notification_configuration": {{"token": "t", "channels": ["\\ud800"]}}}}"""
    answer = house.admin.post(URL, body, content_type="application/json")
    assert (answer.status_code, list(answer.json())) == (400, ["detail"])


def test_further_keys_and_numbers_in_headers_are_taken(house):
    assert (
        house.post("email", GOOD["email"] | {"colour": "red"}).json()["notification_configuration"]["colour"] == "red"
    )
    body = house.post("webhook", GOOD["webhook"] | {"headers": {"a": 1}}).json()
    assert body["notification_configuration"]["headers"] == {"a": 1}


def test_what_is_missing_is_named(house):
    assert "notification_type" in house.post("pigeon", {}).json()
    assert "organization" in house.admin.post(URL, {"name": "x", "notification_type": "slack"}).json()
    assert "name" in house.admin.post(URL, {"organization": house.org.pk, "notification_type": "slack"}).json()
    assert house.post("slack", []).status_code == 400
    house.post("slack", GOOD["slack"])
    assert list(house.post("slack", GOOD["slack"]).json()) == ["__all__"]


def test_the_mask_keeps_the_secret(house):
    url = f"{URL}{house.post('slack', GOOD['slack']).json()['id']}/"
    kept = house.admin.patch(url, {"notification_configuration": {"token": "$encrypted$", "channels": ["#d"]}})
    assert kept.json()["notification_configuration"] == {"token": "$encrypted$", "channels": ["#d"]}
    assert NotificationTemplate.objects.get().notification_configuration["token"] == "t"
    part = house.admin.patch(url, {"notification_configuration": {"channels": ["#d"]}})
    assert (part.status_code, list(part.json())) == (400, ["__all__"])
    assert house.admin.patch(url, {"description": "d"}).status_code == 200
    assert NotificationTemplate.objects.get().notification_configuration["token"] == "t"


def test_the_configuration_is_encrypted_and_never_filtered_by(house):
    from django.db import connection

    house.post("slack", GOOD["slack"] | {"token": "xoxb-secret"})
    with connection.cursor() as cursor:
        cursor.execute("SELECT notification_configuration FROM notifications_notificationtemplate")
        assert "xoxb" not in cursor.fetchone()[0]
    assert house.admin.get(URL, {"notification_configuration__icontains": "xoxb"}).status_code == 403
    assert house.admin.get(URL, {"notification_type": "slack"}).json()["count"] == 1


@pytest.mark.parametrize(
    "messages",
    [
        "text",
        [1],
        {"finished": {}},
        {"started": "x"},
        {"started": {"title": "x"}},
        {"started": {"message": 5}},
        {"started": {"message": "two\nlines"}},
        {"started": {"message": "{{ job.name"}},
        {"started": {"message": "{{ job.secret }}"}},
        {"started": {"message": "{{ settings.SECRET_KEY }}"}},
        {"started": {"message": "{{ job.__class__ }}"}},
        {"started": {"message": "{{ ''.__class__.__mro__ }}"}},
        {"started": {"message": "{{ '{0.__class__}'.format(job) }}"}},
        {"started": {"body": "no mapping"}},
        {"workflow_approval": {"maybe": {}}},
        {"workflow_approval": {"denied": {"message": "{{ nothing }}"}}},
        {"workflow_approval": "x"},
    ],
)
def test_custom_words_that_are_refused(house, messages):
    answer = house.post("webhook", GOOD["webhook"], messages=messages)
    assert (answer.status_code, list(answer.json())) == (400, ["messages"])


def test_custom_words_that_are_not_sent_stay(house):
    given = {"started": {"message": "{{ job.name }} at {{ url }}", "body": '{"id": "{{ job.id }}"}'}}
    made = house.post("webhook", GOOD["webhook"], messages=given).json()
    assert made["messages"] == given
    changed = house.admin.patch(
        f"{URL}{made['id']}/",
        {"messages": {"started": {"message": "new"}, "workflow_approval": {"denied": {"message": "no"}}}},
    ).json()["messages"]
    assert changed["started"] == {"message": "new", "body": '{"id": "{{ job.id }}"}'}
    assert changed["workflow_approval"]["denied"] == {"message": "no"}
    assert house.admin.patch(f"{URL}{made['id']}/", {"messages": None}).status_code == 200


@pytest.mark.parametrize(
    ("who", "reads", "changes", "makes"),
    [("adm", 200, 200, 201), ("bell", 200, 200, 201), ("aud", 200, 403, 403), ("mem", 404, 404, 403)],
)
def test_notification_administrators_write_and_auditors_read(house, who, reads, changes, makes):
    url = f"{URL}{house.post('slack', GOOD['slack']).json()['id']}/"
    assert house.as_(who).get(url).status_code == reads
    assert house.as_(who).patch(url, {"description": "x"}).status_code == changes
    assert house.post("irc", GOOD["irc"], who=who).status_code == makes
    assert ("POST" in house.as_(who).options(URL).json()["actions"]) is (makes == 201)


def test_a_copy_has_the_secret(house):
    made = house.post("slack", GOOD["slack"]).json()
    assert house.as_("bell").get(f"{URL}{made['id']}/copy/").json() == {"can_copy": True}
    assert house.as_("bell").post(f"{URL}{made['id']}/copy/", {"name": "twin"}).status_code == 201
    assert NotificationTemplate.objects.get(name="twin").notification_configuration["token"] == "t"
    assert house.as_("aud").post(f"{URL}{made['id']}/copy/", {"name": "third"}).status_code == 403


def test_templates_go_with_their_organization(house):
    made = house.post("slack", GOOD["slack"]).json()
    assert house.admin.get(f"/api/v2/organizations/{house.org.pk}/notification_templates/").json()["count"] == 1
    assert house.admin.delete(f"/api/v2/organizations/{house.org.pk}/").status_code in (202, 204)
    assert house.admin.get(f"{URL}{made['id']}/").status_code == 404
