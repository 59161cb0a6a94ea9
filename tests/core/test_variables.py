"""Texts of variables: JSON or YAML, and what is refused."""

import pytest
from django.core.exceptions import ValidationError

from apps.core.fields import parse_variables

BOMB = "a: &a [1,1,1,1,1,1,1,1,1,1]\n" + "".join(
    f"{chr(98 + n)}: &{chr(98 + n)} [{','.join([f'*{chr(97 + n)}'] * 10)}]\n" for n in range(9)
)


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("", {}), ("---", {}), ("{}", {}), ('{"a": 1}', {"a": 1}), ("a: 1\nb: [x]", {"a": 1, "b": ["x"]}),
        ("a: 1\na: 2", {"a": 2}), ("a: &x [1]\nb: *x", {"a": [1], "b": [1]}),
    ],
)  # fmt: skip
def test_json_and_yaml_are_read(text, value):
    assert parse_variables(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "just text",
        "[1]",
        "7",
        "a: [",
        "a: 2024-01-01",
        "a: !!python/object:os.system {}",
        "a: &x [*x]",
        BOMB,
        '{"a": "\\ud800"}',
    ],
)
def test_what_is_no_mapping_or_has_no_json_is_refused(text):
    with pytest.raises(ValidationError):
        parse_variables(text)
