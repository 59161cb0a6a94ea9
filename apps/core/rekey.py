"""A new SECRET_KEY: every stored secret is decrypted with the old key and encrypted with the new one, or none is."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from typing import Any

from django.apps import apps
from django.db import connection, models, transaction

from . import crypto
from .fields import EncryptedTextField

SEALED = re.compile(re.escape(crypto.PREFIX) + r"[A-Za-z0-9_=-]+")


def columns() -> Iterator[tuple[str, str, str, bool]]:
    """(table, key column, text column, whether it holds our secrets only) of every column that may hold a secret.

    Elsewhere than in encrypted columns a secret stands within JSON or YAML, beside text of users.
    """
    for model in apps.get_models(include_auto_created=True):
        if not model._meta.managed or model._meta.proxy:
            continue
        for field in model._meta.local_concrete_fields:
            if isinstance(field, models.TextField | models.JSONField):
                own = f"{model._meta.label_lower}.{field.name}" in crypto.LABELS
                only = own or isinstance(field, EncryptedTextField)
                yield model._meta.db_table, str(model._meta.pk.column), str(field.column), only


def labels() -> set[str]:
    """What ciphertexts are bound to: the encrypted columns, and the labels that apps have named."""
    out = set(crypto.LABELS)
    for model in apps.get_models():
        out |= {field.label for field in model._meta.concrete_fields if isinstance(field, EncryptedTextField)}
    return out


class Rekeyer:
    """Turns ciphertexts of one key into those of another."""

    def __init__(self, old: str, new: str, names: Iterable[str]) -> None:
        self.old, self.new, self.names = old, new, sorted(names)
        self.likely = self.names[0]

    def text(self, value: str, *, only: bool = True) -> str:
        """The text with every ciphertext in it replaced; in text of users, what only looks like one stays."""

        def replaced(found: re.Match[str]) -> str:
            try:
                return self.one(found[0])
            except crypto.DecryptionError:
                if only:
                    raise
                return found[0]

        return SEALED.sub(replaced, value)

    def one(self, sealed: str) -> str:
        """One ciphertext under the new key; DecryptionError where no label opens it."""
        for name in (self.likely, *self.names):
            try:
                plain = crypto.decrypt(sealed, name, secret=self.old)
            except crypto.DecryptionError:
                continue
            self.likely = name
            return crypto.encrypt(plain, name, secret=self.new)
        raise crypto.DecryptionError("A stored secret cannot be read with the present SECRET_KEY; nothing was changed.")


@transaction.atomic
def rekey(old: str, new: str) -> int:
    """Rotate all stored secrets; returns how many rows were rewritten. An unreadable one leaves all as they were."""
    rekeyer, count = Rekeyer(old, new, labels()), 0
    for table, key, column, only in columns():
        count += rekey_column(rekeyer, table, key, column, only=only)
    return count


def rekey_column(rekeyer: Rekeyer, table: str, key: str, column: str, *, only: bool) -> int:
    """Rotate one column, row by row through a server-side cursor."""
    table_name, key_name, name = (connection.ops.quote_name(word) for word in (table, key, column))
    count, kind = 0, column_type(table, column)
    with connection.chunked_cursor() as rows, connection.cursor() as writer:
        rows.execute(
            f"SELECT {key_name}, {name}::text FROM {table_name} WHERE {name}::text LIKE %s",  # noqa: S608  (own names)
            [f"%{crypto.PREFIX}%"],
        )
        for pk, value in rows:
            writer.execute(
                f"UPDATE {table_name} SET {name} = %s::{kind} WHERE {key_name} = %s",  # noqa: S608  (own names)
                [rekeyer.text(value, only=only), pk],
            )
            count += 1
    return count


def column_type(table: str, column: str) -> Any:
    """text or jsonb, as the database has it."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT format_type(atttypid, atttypmod) FROM pg_attribute WHERE attrelid = %s::regclass AND attname = %s",
            [connection.ops.quote_name(table), column],
        )
        return cursor.fetchone()[0]
