"""Templates of users: what they may say, and what they may neither reach nor build."""

import pytest

from apps.core import sandbox

CONTEXT = {"name": "demo", "job": {"id": 7, "labels": ["a", "b"]}, "secret": object()}


@pytest.mark.parametrize(
    ("source", "text"),
    [
        ("{{ name }} #{{ job.id }}", "demo #7"),
        ("{{ name ~ '-' ~ job.id }}", "demo-7"),
        ("{% for label in job.labels %}{{ label|upper }}{% endfor %}", "AB"),
        ("{{ job.labels|join(', ') }}", "a, b"),
        ("{{ name|replace('d', 'm') }}", "memo"),
        ("{{ job.labels|tojson }}", '["a", "b"]'),
        ("{{ 'x' * 3 }}{{ nothing.at.all }}", "xxx"),
        ("{% if job.id > 5 %}big{% endif %}", "big"),
        ("{% for key, item in {'a': 1}.items() %}{{ key }}{{ item }}{{ loop.last }}{% endfor %}", "a1True"),
        ("{% for x in nothing %}{% else %}none{% endfor %}{{ [1, 2.5]|sum }}", "none3.5"),
        ("{% for x in job.labels|select('eq', 'b') %}{{ x }}{{ loop.length }}{% endfor %}", "b1"),
    ],
)
def test_what_templates_can_say(source, text):
    assert sandbox.render(source, CONTEXT) == text


@pytest.mark.parametrize(
    "source",
    [
        "{{ name.__class__ }}",
        "{{ ''.__class__.__mro__[1].__subclasses__() }}",
        "{{ name.format(secret) }}",
        "{{ '{0.__class__}'.format(secret) }}",
        "{{ name.format_map(job) }}",
        "{{ '%s' % name }}",
        "{{ job|attr('__class__') }}",
        "{{ job.labels|map(attribute='__class__')|list }}",
        "{{ job.update({'id': 8}) }}",
        "{% include 'x' %}",
        "{% extends 'x' %}",
        "{% macro m() %}{{ m() }}{% endmacro %}{{ m() }}",
        "{{ range(10**9)|list }}",
        "{{ self.__init__ }}",
        "{{ name",
        "{% for x in name %}",
        "{{ 1 / 0 }}",
    ],
)
def test_what_templates_cannot_reach(source):
    with pytest.raises(sandbox.BadTemplate):
        sandbox.render(source, CONTEXT, strict=True)


@pytest.mark.parametrize(
    "source",
    [
        "{{ 'a' * 100000000 }}",
        "{{ 10 ** 10 ** 10 }}",
        "{{ ['a' * 1000] * 100000000 }}",
        "{% set a = 'x' * 1000 %}" + "{% set a = a ~ a %}" * 40 + "{{ a }}",
        "{% set a = 'x' * 1000 %}" + "{% set a = a + a %}" * 40 + "{{ a }}",
        "{% set a = 'x' * 1000 %}{{ a|replace('x', a)|replace('x', a)|replace('x', a) }}",
        "{{ name|center(100000000) }}",
        "{{ name.ljust(100000000) }}",
        "{% for a in name %}{% for b in name %}{% for c in name %}{% endfor %}{% endfor %}{% endfor %}",
        "{% for a in [[1]] recursive %}{{ loop([[1]]) }}{% endfor %}",
        "{% for a in 'x' * 1000 %}{{ 'x' * 1000 }}{% endfor %}{% for a in 'x' * 1000 %}{{ 'x' * 1000 }}{% endfor %}",
        "{% set a = [0] * 1000 * 1000 %}{% for b in a %}{% for c in a %}{% endfor %}{% endfor %}",
        "{{ [[[[0] * 1000] * 1000] * 1000] * 1000 }}",
        "{{ ([[0] * 1000] * 1000)|sum(start=[])|length }}",
        "{% set a = [0] %}" + "{% set a = [a, a] %}" * 40 + "{{ a == 1 }}",
        "{% set a = {} %}" + "{% set a = {1: a, 2: a} %}" * 40 + "{{ a == 1 }}",
        "{% set a = 1 %}" + "{% set a = a, a %}" * 40 + "{{ a == 1 }}",
        "{% set a = 10 %}" + "{% set a = a * a %}" * 40 + "{{ a > 1 }}",
        "{% set a = 'x' * 1000 %}" + "{% set a %}{{ a }}{{ a }}{% endset %}" * 40 + "{{ a|length }}",
        "{% for a in 'x' * 1000 %}{% if ('x' * 1000 * 100)|title %}{% endif %}{% endfor %}",
        "{{ (1).to_bytes(100000000, 'big')|length }}",
    ],
)
def test_what_templates_cannot_build(source):
    with pytest.raises(sandbox.BadTemplate):
        sandbox.render(source, CONTEXT)


def test_names_are_those_that_a_template_asks_for():
    assert sandbox.names("{{ a.b }}{% for c in d %}{{ c }}{% endfor %}") == {"a", "d"}
