"""survey_spec/: what is a survey and what is none."""

from __future__ import annotations

from typing import Any

import pytest

from apps.jobs.models import JobTemplate

pytestmark = pytest.mark.django_db


def question(kind: str = "text", **more: Any) -> dict[str, Any]:
    """One question."""
    return {"type": kind, "question_name": "Q", "variable": "a", "required": False} | more


def post(shop: Any, *spec: Any, **more: Any) -> Any:
    """POST a survey."""
    return shop.api.post(f"{shop.url}survey_spec/", {"name": "s", "description": "d", "spec": list(spec)} | more)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"name": "s", "description": "d", "spec": []},
        {"name": "s", "description": "d", "spec": {}},
        {"description": "d", "spec": [question()]},
        {"name": "s", "spec": [question()]},
        {"name": 1, "description": "d", "spec": [question()]},
    ],
)
def test_incomplete_surveys_are_refused(shop: Any, body: dict[str, Any]) -> None:
    answer = shop.api.post(f"{shop.url}survey_spec/", body)
    assert (answer.status_code, list(answer.data)) == (400, ["error"])


@pytest.mark.parametrize(
    "asked",
    [
        "hello", question("colour"), {"type": "text", "question_name": "x", "required": True},
        question(required="yes"), question("integer", default="five"), question("integer", default=True),
        question("float", default="x"), question(default=5), question(min="1"), question("integer", max=1.5),
        question("multiplechoice"), question("multiselect"), question("multiplechoice", choices="x\ny", default="z"),
        question("multiplechoice", choices="x\ny", default="x\ny"), question("multiplechoice", choices=[1, 2]),
        question("multiselect", choices=["x"], default="z"), question("password", default="$encrypted$"),
        question(default="$encrypted$"), question("password", default=5), question(variable=""),
    ],
)  # fmt: skip
def test_bad_questions_are_refused(shop: Any, asked: Any) -> None:
    answer = post(shop, asked)
    assert (answer.status_code, list(answer.data)) == (400, ["error"])


def test_a_variable_is_asked_for_once(shop: Any) -> None:
    assert post(shop, question(), question("integer")).status_code == 400


def test_passwords_are_stored_encrypted_and_shown_masked(shop: Any) -> None:
    assert post(shop, question("password", default="hidden")).status_code == 200
    stored = JobTemplate.objects.get().survey_spec["spec"][0]["default"]
    assert "hidden" not in stored
    assert shop.api.get(f"{shop.url}survey_spec/").data["spec"][0]["default"] == "$encrypted$"
    assert post(shop, question("password", default="$encrypted$")).status_code == 200
    assert JobTemplate.objects.get().survey_spec["spec"][0]["default"] == stored


def test_an_empty_password_default_can_be_kept(shop: Any) -> None:
    assert post(shop, question("password", default="")).status_code == 200
    assert post(shop, question("password", default="$encrypted$")).status_code == 200
    assert shop.api.get(f"{shop.url}survey_spec/").data["spec"][0]["default"] == ""


def test_unknown_keys_are_kept_and_blank_choices_dropped(shop: Any) -> None:
    assert post(shop, question("multiplechoice", choices="x\n\ny\n", colour="red"), extra=1).status_code == 200
    shown = shop.api.get(f"{shop.url}survey_spec/").data
    assert (shown["extra"], shown["spec"][0]["colour"], shown["spec"][0]["choices"]) == (1, "red", "x\ny")


def test_deleting_leaves_the_switch(shop: Any) -> None:
    post(shop, question())
    shop.api.patch(shop.url, {"survey_enabled": True})
    assert shop.api.get(shop.url).data["summary_fields"]["survey"] == {"title": "s", "description": "d"}
    assert shop.api.delete(f"{shop.url}survey_spec/").status_code == 200
    assert shop.api.get(f"{shop.url}survey_spec/").data == {}
    shown = shop.api.get(shop.url).data
    assert shown["survey_enabled"] is True
    assert "survey" not in shown["summary_fields"]
    assert shop.api.put(f"{shop.url}survey_spec/", {}).status_code == 405


def test_readers_read_and_only_administrators_write(shop: Any, api: Any, person: Any) -> None:
    url = f"{shop.url}survey_spec/"
    reader = api(person("reader", (shop.template, "read_role")))
    assert reader.get(url).status_code == 200
    assert reader.post(url, {}).status_code == 403
    assert reader.delete(url).status_code == 403
