"""Messages arrive at servers on the loopback interface; failures are told without secrets."""

import base64
from datetime import timedelta

import pytest
from django.utils import timezone

from apps.notifications import backends, tasks
from apps.notifications.backends import slack, twilio
from apps.notifications.backends.base import Failed, Message
from apps.notifications.models import Notification, NotificationTemplate
from tests import loopback

pytestmark = pytest.mark.django_db
TEXT = Message("Job #1 'demo' failed: http://x", {"body": "The whole story."})
DATA = Message("a line", {"id": 1, "status": "failed", "started": "2026-01-01T00:00:00Z", "finished": None})


def deliver(kind, config, message=TEXT):
    """Send by a backend."""
    return backends.BACKENDS[kind].send(config, message)


@pytest.fixture
def site():
    """A web server that says yes."""
    with loopback.web(lambda got: (200, {"ok": True})) as found:
        yield found


def webhook(url, **more):
    """A configuration with all keys."""
    usual = {"http_method": "POST", "disable_ssl_verification": False, "username": "", "password": "", "headers": {}}
    return usual | {"url": url} | more


def test_webhooks_get_the_data_with_headers_and_login(site):
    config = webhook(f"{site.url}/hook", headers={"X-A": 1}, http_method="put", username="u", password="p")
    assert deliver("webhook", config, DATA) == 1
    got = site.got[0]
    assert (got.method, got.path, got.json()) == ("PUT", "/hook", DATA.body)
    assert got.headers["x-a"] == "1"
    assert base64.b64decode(got.headers["authorization"].split()[1]) == b"u:p"


def test_slack_gets_one_message_a_channel(site, monkeypatch):
    monkeypatch.setattr(slack, "API", site.url)
    assert deliver("slack", {"token": "t", "channels": ["#a", "#b, 17.1"]}) == 2
    assert [got.json() for got in site.got] == [
        {"channel": "#a", "text": TEXT.line},
        {"channel": "#b", "thread_ts": "17.1", "text": TEXT.line},
    ]
    assert site.got[0].headers["authorization"] == "Bearer t"


def test_slack_says_no_in_its_own_way(monkeypatch):
    with loopback.web(lambda got: (200, {"ok": False, "error": "channel_not_found"})) as site:
        monkeypatch.setattr(slack, "API", site.url)
        with pytest.raises(Failed, match="channel_not_found"):
            deliver("slack", {"token": "t", "channels": ["#a"]})


def test_other_web_services_get_what_they_expect(site, monkeypatch):
    monkeypatch.setattr(twilio, "API", site.url)
    deliver("mattermost", {"mattermost_url": site.url, "mattermost_no_verify_ssl": True, "mattermost_channel": "c"})
    deliver("rocketchat", {"rocketchat_url": site.url, "rocketchat_no_verify_ssl": False})
    deliver("grafana", {"grafana_url": f"{site.url}/", "grafana_key": "k", "panelId": "7"}, DATA)
    numbers = {"account_sid": "A/C", "account_token": "t", "from_number": "+1", "to_numbers": ["+2", "+3"]}
    assert deliver("twilio", numbers) == 2
    mattermost, rocketchat, grafana, sms, _ = site.got
    assert mattermost.json() == {"text": TEXT.line, "channel": "c"}
    assert rocketchat.json() == {"text": TEXT.line}
    assert grafana.path == "/api/annotations"
    assert grafana.json() == {"text": "a line", "tags": ["ansible"], "time": 1767225600000, "panelId": 7}
    assert (sms.path, b"To=%2B2" in sms.body) == ("/A%2FC/Messages.json", True)


class Mailbox:
    """A mail server: `letters` are the texts it got."""

    def __init__(self, refuse=""):
        self.refuse, self.reading = refuse, False

    def __call__(self, line, got):
        if self.reading:
            self.reading = line != "."
            return None if self.reading else "250 taken"
        word = line.split(" ")[0].upper()
        if word == self.refuse:
            return "554 no"
        self.reading = word == "DATA"
        return {
            "EHLO": "250-here\r\n250 AUTH PLAIN",
            "DATA": "354 go on",
            "AUTH": "235 welcome",
            "QUIT": "500 what?",
        }.get(word, "250 fine")


def email(port, **more):
    """A configuration for a mail server here."""
    usual = {"username": "", "password": "", "use_tls": False, "use_ssl": False, "sender": "a@example.com"}
    return {
        **usual,
        "host": "127.0.0.1",
        "port": port,
        "recipients": ["b@example.com", "c@example.com"],
        "timeout": 5,
    } | more


def test_one_email_goes_to_all_recipients():
    with loopback.lines(Mailbox(), "220 hello") as (port, got):
        assert deliver("email", email(port, username="u", password="p")) == 1
    assert "rcpt TO:<c@example.com>" in got
    assert "Subject: Job #1 'demo' failed: http://x" in got
    assert "The whole story." in got


def test_a_subject_cannot_bring_headers_along():
    message = Message("one\r\nBcc: victim@example.com", {"body": "x"})
    with loopback.lines(Mailbox(), "220 hello") as (port, got):
        deliver("email", email(port), message)
    assert not [line for line in got if line.startswith("Bcc")]
    assert "Subject: one Bcc: victim@example.com" in got


@pytest.mark.parametrize(("refuse", "reason"), [("AUTH", "login"), ("RCPT", "recipients"), ("MAIL", "554")])
def test_a_mail_server_that_refuses(refuse, reason):
    with loopback.lines(Mailbox(refuse), "220 hello") as (port, _), pytest.raises(Failed, match=reason) as failed:
        deliver("email", email(port, username="u", password="hush-hush"))
    assert "hush-hush" not in str(failed.value)


def test_irc_gets_one_message_a_target():
    def converse(line, got):
        return "PING :x\r\n:s 001 bot :Welcome" if line.startswith("USER") else None

    with loopback.lines(converse) as (port, got):
        config = {"server": "127.0.0.1", "port": port, "nickname": "bot", "password": "p", "use_ssl": False}
        assert deliver("irc", config | {"targets": ["#ops", "anna"]}, Message("a\r\nQUIT :b", {})) == 2
    assert got[:3] == ["PASS p", "NICK bot", "USER bot 0 * :bot"]
    assert {"PONG :x", "JOIN #ops", "PRIVMSG #ops :a QUIT :b", "PRIVMSG anna :a QUIT :b"} <= set(got)
    with pytest.raises(Failed, match="one word"):
        deliver("irc", config | {"targets": ["#a\r\nQUIT"]})


@pytest.mark.parametrize(
    ("kind", "config"),
    [
        ("webhook", webhook("http://169.254.169.254/latest/meta-data/")),
        ("webhook", webhook("ftp://127.0.0.1/")),
        ("email", email(25, host="169.254.169.254")),
        ("irc", {"server": "169.254.169.254", "port": 80, "nickname": "n", "targets": ["#x"]}),
        ("awssns", {"aws_region": "evil.example.com/#", "aws_access_key_id": "", "aws_secret_access_key": "",
                    "aws_session_token": "", "sns_topic_arn": ""}),
        ("webhook", webhook("http://127.0.0.1:1/", headers={"X": "a\r\nHost: b"})),
    ],
)  # fmt: skip
def test_what_is_never_called(kind, config):
    with pytest.raises(Failed) as failed:
        deliver(kind, config, DATA)
    assert not failed.value.again


@pytest.mark.parametrize(("status", "again"), [(500, True), (503, True), (429, True), (404, False), (401, False)])
def test_only_what_may_pass_is_worth_another_try(status, again):
    with loopback.web(lambda got: (status, {"secret": "text of the other side"})) as site:
        with pytest.raises(Failed, match=str(status)) as failed:
            deliver("webhook", webhook(site.url), DATA)
        assert failed.value.again is again
        assert "other side" not in str(failed.value)


@pytest.fixture
def template(house):
    """`template(url)`: a webhook that is stored."""

    def make(url):
        config = webhook(url, username="u", password="hush-hush")
        return NotificationTemplate.objects.create(
            name="w", organization=house.org, notification_type="webhook", notification_configuration=config
        )

    return make


def test_a_test_is_sent_in_the_background(house, template, site, django_capture_on_commit_callbacks, monkeypatch):
    sent = []
    monkeypatch.setattr(tasks.send, "delay", lambda pk, **options: sent.append((pk, options)))
    url = f"/api/v2/notification_templates/{template(site.url).pk}/"
    with django_capture_on_commit_callbacks(execute=True):
        answer = house.as_("bell").post(f"{url}test/")
    assert answer.status_code == 202
    made = Notification.objects.get(pk=answer.json()["notification"])
    assert (made.status, sent) == ("pending", [(made.pk, {"patient": False})])
    assert house.admin.delete(url).status_code == 405
    tasks.send(made.pk, patient=False)
    shown = house.admin.get(f"/api/v2/notifications/{made.pk}/").json()
    assert (shown["status"], shown["notifications_sent"], shown["error"]) == ("successful", 1, "")
    assert "Test" in shown["body"]
    assert "subject" not in shown
    assert shown["recipients"] == site.url
    assert house.admin.get(url).json()["summary_fields"]["recent_notifications"][0]["status"] == "successful"
    assert house.admin.get(f"{url}notifications/").json()["count"] == 1
    tasks.send(made.pk)
    assert len(site.got) == 1
    assert house.as_("aud").post(f"{url}test/").status_code == 403
    assert house.as_("mem").post(f"{url}test/").status_code == 404
    assert house.as_("mem").get("/api/v2/notifications/").json()["count"] == 0
    assert house.admin.delete(url).status_code == 204


def test_a_failure_is_written_down(template):
    made = Notification.objects.create(
        notification_template=template("http://127.0.0.1:1/"), notification_type="webhook", body={"body": "x"}
    )
    tasks.send(made.pk, patient=False)
    made.refresh_from_db()
    assert (made.status, made.notifications_sent) == ("failed", 0)
    assert "cannot be reached" in made.error
    assert "hush" not in made.error


def test_a_patient_one_waits_for_better_times(template):
    made = Notification.objects.create(
        notification_template=template("http://127.0.0.1:1/"), notification_type="webhook", body={"body": "x"}
    )
    result = tasks.send.apply(args=[made.pk], throw=False)
    made.refresh_from_db()
    assert made.status == "failed"
    assert result.successful()
    assert tasks.send.max_retries == len(tasks.PAUSES) == 3


def test_what_the_broker_lost_is_taken_up(template, monkeypatch):
    sent, now, place = [], timezone.now(), template("http://127.0.0.1:1/")
    monkeypatch.setattr(tasks.send, "delay", lambda pk, **options: sent.append(pk))
    ages = [timedelta(seconds=5), timedelta(minutes=20), timedelta(days=2)]
    fresh, forgotten, late = [
        Notification.objects.create(notification_template=place, notification_type="webhook", created=now - age)
        for age in ages
    ]
    tasks.take_up()
    assert sent == [forgotten.pk]
    late.refresh_from_db()
    assert late.status == "failed"
    fresh.refresh_from_db()
    assert fresh.status == "pending"


def test_a_broker_that_is_away_does_not_fail_the_request(house, template, monkeypatch, transactional_db):
    def away(*args, **options):
        raise ConnectionError("no broker")

    monkeypatch.setattr(tasks.send, "delay", away)
    answer = house.admin.post(f"/api/v2/notification_templates/{template('http://127.0.0.1:1/').pk}/test/")
    assert (answer.status_code, Notification.objects.get().status) == (202, "pending")


def test_a_configuration_that_breaks_the_backend_is_a_failure(template):
    broken = template("http://127.0.0.1:1/")
    NotificationTemplate.objects.filter(pk=broken.pk).update(notification_configuration={})
    made = Notification.objects.create(notification_template=broken, notification_type="webhook")
    tasks.send(made.pk)
    made.refresh_from_db()
    assert (made.status, made.error) == ("failed", "The message cannot be sent with this configuration (KeyError).")


def test_lists_show_only_what_the_kind_has(house, template):
    text = NotificationTemplate.objects.create(
        name="s", organization=house.org, notification_type="slack", notification_configuration={"channels": ["#a"]}
    )
    Notification.objects.create(notification_template=text, notification_type="slack", subject="s", body={"body": "b"})
    Notification.objects.create(notification_template=template("http://x"), notification_type="webhook", body={"a": 1})
    rows = {row["notification_type"]: row for row in house.admin.get("/api/v2/notifications/").json()["results"]}
    assert "body" not in rows["slack"]
    assert rows["slack"]["subject"] == "s"
    assert rows["webhook"]["body"] == {"a": 1}
    assert house.admin.post("/api/v2/notifications/", {}).status_code == 405
