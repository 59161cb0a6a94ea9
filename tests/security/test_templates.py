"""Templates of users reach nothing but their context; values of users are no templates.

CVE-2026-84714 (Jinja in launch variables), CVE-2026-71463, CVE-2026-84691 (messages), CVE-2026-84706 (environment).
"""

from __future__ import annotations

import random
import string

import pytest
import yaml
from django.conf import settings

from apps.core import sandbox
from apps.core.prefixes import ROOT
from apps.credentials.environment import refusal
from apps.jobs.runs.variables import as_yaml
from apps.notifications.models import NotificationTemplate

CONTEXT = {"job": {"id": 7, "name": "n"}, "url": "u", "job_metadata": "{}", "workflow_url": ""}
SECRETS = (
    "{{ settings }}", "{{ config }}", "{{ job.__class__ }}", "{{ ''.__class__.__mro__ }}", "{{ url.format_map(job) }}",
    "{{ '{0.__class__}'.format(job) }}", "{{ cycler.__init__.__globals__ }}", "{{ lipsum.__globals__ }}",
    "{{ joiner.__init__ }}", "{{ namespace.__init__ }}", "{{ job|attr('__class__') }}",
    "{{ self._TemplateReference__context }}",
    "{{ job['__class__'] }}", "{{ ['x']|map(attribute='__class__')|first }}", "{{ '%(x)s' % job.__class__ }}",
)  # fmt: skip
JINJA = (
    "{{ 7 * 7 }}",
    "{% raw %}",
    "{# x #}",
    "{{7*7}}{{8*8}}",
    "{\n{ 7 }}",
    "a{{\n7 }}",
    "{{ lookup('pipe', 'id') }}",
)


@pytest.mark.parametrize("source", SECRETS)
def test_no_template_reaches_the_server(source):
    try:
        made = sandbox.render(source, CONTEXT)
    except sandbox.BadTemplate:
        return
    assert settings.SECRET_KEY not in made
    assert "class" not in made.replace("__class__", "")
    assert "<" not in made


@pytest.mark.parametrize("text", ["{settings.SECRET_KEY}", "{0.__class__}", "{job.__class__.__mro__}", "%(settings)s"])
def test_braces_alone_are_no_template(text):
    assert sandbox.render(text, CONTEXT) == text


@pytest.mark.django_db
@pytest.mark.parametrize("source", ["{{ settings.SECRET_KEY }}", "{{ job.__class__.__mro__ }}", "{{ config }}"])
def test_a_message_that_asks_for_more_is_refused_or_empty(api, admin, source):
    from tests.factories import World

    body = {
        "name": "n", "organization": World(admin).organization.pk, "notification_type": "webhook",
        "notification_configuration": {"url": "http://192.0.2.1/", "headers": {}, "http_method": "POST"},
        "messages": {"started": {"body": source, "message": None}},
    }  # fmt: skip
    answer = api(admin).post(f"{ROOT}notification_templates/", body, format="json")
    assert answer.status_code == 400, answer.json()
    assert not NotificationTemplate.objects.exists()


@pytest.mark.parametrize("text", JINJA)
def test_variables_of_a_launch_are_marked_wherever_they_stand(text):
    file = as_yaml({"a": text, "b": [text], "c": {text: {"d": [text]}}}, {}, "template")
    assert file.count("!unsafe") >= 4


def test_no_text_gets_by_the_mark():
    chance = random.Random(20)  # noqa: S311  (the same texts in every run)
    alphabet = string.printable + "{}%#!&*|>-:'\"\\\n\u2028é"
    for _ in range(400):
        text = "".join(chance.choice(alphabet) for _ in range(chance.randint(1, 30)))
        tree = yaml.compose(as_yaml({"v": [text]}, {}, "never"))
        value = tree.value[0][1].value[0]
        assert value.tag == "!unsafe", text


def test_a_template_is_one_only_as_its_author_wrote_it():
    written = {"greeting": "{{ 6 * 7 }}"}
    assert "!unsafe" not in as_yaml(written, written, "template")
    assert "!unsafe" in as_yaml({"greeting": "{{ 6 * 8 }}"}, written, "template")
    assert "!unsafe" in as_yaml(written, written, "never")


@pytest.mark.parametrize(
    "name",
    [
        "LD_PRELOAD", "LD_LIBRARY_PATH", "LD_AUDIT", "BASH_ENV", "ENV", "PYTHONPATH", "PYTHONSTARTUP", "PYTHONHOME",
        "GIT_SSH_COMMAND", "GIT_SSH", "GIT_CONFIG_GLOBAL", "GIT_ASKPASS", "PATH", "HOME", "IFS", "PERL5LIB", "PERL5OPT",
        "RUBYOPT", "NODE_OPTIONS", "ANSIBLE_CONFIG", "ANSIBLE_LIBRARY", "ANSIBLE_CALLBACK_PLUGINS", "SSH_AUTH_SOCK",
        "ANSIBLE_SSH_ARGS", "ld_preload", "DYLD_INSERT_LIBRARIES", "BASH_FUNC_ls%%", "A=B", "A B", "",
        "JAVA_TOOL_OPTIONS",
        "OPENSSL_CONF", "SECRET_KEY", "DATABASE_URL", "PROMPT_COMMAND", "HTTP\nX",
    ],
)  # fmt: skip
def test_what_the_process_relies_on_is_set_by_no_credential(name):
    assert refusal(name)


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["LD_PRELOAD", "BASH_ENV", "PYTHONPATH", "GIT_SSH_COMMAND", "ANSIBLE_CONFIG"])
def test_a_custom_type_with_such_an_injector_is_refused(api, admin, name):
    body = {
        "name": "t", "kind": "cloud", "inputs": {"fields": [{"id": "x", "label": "x", "type": "string"}]},
        "injectors": {"env": {name: "{{ x }}"}},
    }  # fmt: skip
    answer = api(admin).post(f"{ROOT}credential_types/", body, format="json")
    assert (answer.status_code, list(answer.json())) == (400, ["injectors"])
    assert refusal("MY_TOKEN") is None
