"""A small AWX to import from: its schema in a database of its own, and rows encrypted as AWX encrypts."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import time
from pathlib import Path
from typing import Any

import psycopg2
from cryptography.hazmat.primitives import padding
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes
from django.contrib.auth.hashers import make_password
from psycopg2 import sql

KEY = "the-key-of-the-old-server"
SCHEMA = Path(__file__).with_name("awx_schema.sql")
MODELS = (
    "organization", "team", "credential", "inventory", "project", "jobtemplate", "workflowjobtemplate",
    "inventorysource", "systemjobtemplate", "workflowapprovaltemplate", "instancegroup", "executionenvironment",
)  # fmt: skip


def encrypted(clear: str, field: str, pk: Any = None) -> str:
    """A value as AWX writes it, made from the description of the format, not by our reader."""
    key = hashlib.sha512((KEY + ("" if pk is None else str(pk)) + field).encode()).digest()
    padder = padding.PKCS7(128).padder()
    iv = os.urandom(16)
    cipher = Cipher(algorithms.AES(key[32:]), modes.CBC(iv)).encryptor()
    body = cipher.update(padder.update(clear.encode()) + padder.finalize()) + cipher.finalize()
    head = b"\x80" + int(time.time()).to_bytes(8, "big") + iv + body
    token = base64.urlsafe_b64encode(head + hmac.new(key[:32], head, hashlib.sha256).digest())
    return "$encrypted$UTF8$AESCBC$" + base64.b64encode(token).decode()


class OldServer:
    """Adds rows; `types` are the ids of AWX's content types."""

    def __init__(self, address: str) -> None:
        self.address = address
        self.connection = psycopg2.connect(address)
        self.connection.autocommit = True
        with self.connection.cursor() as cursor:
            cursor.execute(SCHEMA.read_text())
        self.types = {name: self.add("django_content_type", app_label="main", model=name) for name in MODELS}

    def add(self, table: str, **columns: Any) -> int:
        """One row; mappings and lists become JSON. Returns its id."""
        values = [json.dumps(v) if isinstance(v, dict | list) else v for v in columns.values()]
        key = "unifiedjobtemplate_ptr_id" if "unifiedjobtemplate_ptr_id" in columns else "id"
        statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING {}").format(
            sql.Identifier(table),
            sql.SQL(", ").join(map(sql.Identifier, columns)),
            sql.SQL(", ").join(sql.Placeholder() * len(columns)),
            sql.Identifier(key),
        )
        with self.connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchone()[0]

    def template(self, table: str, name: str, parent: dict[str, Any] | None = None, **columns: Any) -> int:
        """A template of some kind: the row that all have, and its own."""
        kind = self.types[table.removeprefix("main_")]
        pk = self.add("main_unifiedjobtemplate", name=name, polymorphic_ctype_id=kind, **(parent or {}))
        return self.add(table, unifiedjobtemplate_ptr_id=pk, **columns)

    def role(self, model: str, object_id: int, field: str) -> int:
        """A classic role."""
        return self.add("main_rbac_roles", role_field=field, content_type_id=self.types[model], object_id=object_id)

    def secret(self, table: str, column: str, pk: int, value: Any) -> None:
        """Put a value whose encryption needs the row's id."""
        with self.connection.cursor() as cursor:
            cursor.execute(
                sql.SQL("UPDATE {} SET {} = %s WHERE id = %s").format(sql.Identifier(table), sql.Identifier(column)),
                [json.dumps(value), pk],
            )

    def close(self) -> None:
        """Stopped, as the import wants it."""
        self.connection.close()


def people(old: OldServer) -> dict[str, int]:
    """Users, an organization, a team."""
    old.add("auth_user", id=1, username="admin", password=make_password("old-admin"), is_superuser=True)
    ann = old.add("auth_user", id=41, username="ann", password=make_password("pw-ann"), email="ann@example.com")
    lee = old.add("auth_user", id=42, username="lee", password=make_password(None))
    old.add("main_profile", user_id=lee, ldap_dn="uid=lee,dc=example")
    org = old.add("main_organization", id=7, name="Mills", created_by_id=ann)
    team = old.add("main_team", id=3, name="millers", organization_id=org)
    return {"ann": ann, "lee": lee, "org": org, "team": team}


def secrets(old: OldServer, org: int) -> dict[str, int]:
    """Credential types and credentials."""
    machine = old.add("main_credentialtype", name="Machine", kind="ssh", managed=True, namespace="ssh")
    odd = old.add("main_credentialtype", name="Odd", kind="cloud", managed=True, namespace="only_there")
    own = old.add(
        "main_credentialtype", name="Mill key", kind="cloud",
        inputs={"fields": [{"id": "token", "label": "Token", "type": "string", "secret": True}]},
        injectors={"env": {"MILL_TOKEN": "{{ token }}"}},
    )  # fmt: skip
    ssh = old.add("main_credential", id=90, name="ssh", credential_type_id=machine, organization_id=org)
    mill = old.add("main_credential", id=91, name="mill", credential_type_id=own, organization_id=org)
    old.add("main_credential", id=92, name="odd one", credential_type_id=odd, organization_id=org)
    old.secret("main_credential", "inputs", ssh, {"username": "root", "password": encrypted("hush", "password", ssh)})
    old.secret("main_credential", "inputs", mill, {"token": encrypted("t0ken", "token", mill)})
    return {"ssh": ssh, "mill": mill}
