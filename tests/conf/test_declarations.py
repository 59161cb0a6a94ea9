"""Laws over the declarations of settings."""

import re
from pathlib import Path

import pytest

from apps.conf import registry
from apps.identity.sso.social.providers import MAPS, PROVIDERS

SOURCE = Path(__file__).resolve().parents[2] / "apps"
CODE = "\n".join(path.read_text() for path in SOURCE.rglob("*.py") if "declared" not in path.parts)


def acted_on():
    """The settings of which nothing says that they have no effect."""
    return sorted(s.key for s in registry.all_settings() if s.acted_on and not s.read_only)


def in_families(key):
    """What a setting is called where the settings of several directories or services are read alike."""
    found = re.match(r"(AUTH_LDAP_(?:[1-5]_)?)(.+)", key)
    return (found[2],) if found else tuple(read_by_providers(key))


def read_by_providers(key):
    """What the sign-on services name as theirs: they are given no other settings."""
    return [
        name
        for provider in PROVIDERS.values()
        for name in (*provider.requires, *provider.reads, *MAPS)
        if provider.key(name) == key
    ]


@pytest.mark.parametrize("key", acted_on())
def test_a_setting_that_claims_an_effect_is_read_somewhere(key):
    assert any(f'"{name}"' in CODE for name in (key, *in_families(key)))


def test_settings_without_effect_say_so():
    silent = [s.key for s in registry.all_settings() if not s.acted_on and "does not act on it" not in s.described]
    assert silent == []


def test_every_default_passes_its_own_check():
    for setting in registry.all_settings():
        if setting.check is not None and not setting.read_only:
            value = setting.initial()
            assert value is None or setting.check(value) == value


def test_passwords_and_keys_are_secrets():
    named = [s.key for s in registry.all_settings() if s.key.endswith(("_PASSWORD", "_SECRET", "_PRIVATE_KEY"))]
    assert len(named) > 15
    assert [key for key in named if not registry.find(key).secret] == []
