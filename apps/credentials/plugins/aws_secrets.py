"""AWS Secrets Manager.

Source: https://docs.aws.amazon.com/secretsmanager/latest/apireference/API_GetSecretValue.html
"""

from __future__ import annotations

import json
from typing import Any

from apps.core import aws
from apps.credentials.managed.base import ManagedType, secret, text

from .base import pick


def fetch(**values: Any) -> str:
    """The text of a secret."""
    headers = {"content-type": "application/x-amz-json-1.1", "x-amz-target": "secretsmanager.GetSecretValue"}
    keys = (values["aws_access_key"], values["aws_secret_key"], "")
    body = json.dumps({"SecretId": values["secret_name"]})
    found = aws.post("secretsmanager", body, headers, keys=keys, region=values["region_name"]).required().json()
    return pick(found, "SecretString" if "SecretString" in found else "SecretBinary", "the secret")


TYPE = ManagedType(
    namespace="aws_secretsmanager_credential",
    name="AWS Secrets Manager lookup",
    kind="external",
    fields=(text("aws_access_key", "AWS Access Key"), secret("aws_secret_key", "AWS Secret Key")),
    metadata=(
        text("region_name", "AWS Secrets Manager Region", "The region that the secret is in."),
        text("secret_name", "AWS Secret Name"),
    ),
    required=("aws_access_key", "aws_secret_key", "region_name", "secret_name"),
    lookup=fetch,
)
