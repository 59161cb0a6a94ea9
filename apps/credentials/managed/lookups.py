"""Types that look values up elsewhere: each is declared beside its code in plugins/."""

from __future__ import annotations

from apps.credentials.plugins import (
    aim,
    aws_secrets,
    azure_kv,
    centrify,
    conjur,
    dsv,
    hashivault_kv,
    hashivault_ssh,
    tss,
)

TYPES = (
    aim.TYPE,
    aws_secrets.TYPE,
    azure_kv.TYPE,
    centrify.TYPE,
    conjur.TYPE,
    hashivault_kv.TYPE,
    hashivault_ssh.TYPE,
    dsv.TYPE,
    tss.TYPE,
)
