"""Signed requests to AWS (Signature Version 4), for Secrets Manager and SNS.

Source: https://docs.aws.amazon.com/IAM/latest/UserGuide/create-signed-request.html
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from urllib.parse import urlsplit

from . import outbound

REGION = re.compile(r"^[a-z0-9-]{1,40}$")


def endpoint(service: str, region: str) -> str:
    """The service's address in a region; Refused where the region is no region."""
    if not REGION.match(region):
        raise outbound.Refused("The region must consist of small letters, digits and dashes.")
    return f"https://{service}.{region}.amazonaws.com{'.cn' if region.startswith('cn-') else ''}/"


def signature(key: str, day: str, region: str, service: str, text: str) -> str:
    """The signature of a text by the key that is valid for one day, region and service."""
    current = f"AWS4{key}".encode()
    for part in (day, region, service, "aws4_request"):
        current = hmac.new(current, part.encode(), hashlib.sha256).digest()
    return hmac.new(current, text.encode(), hashlib.sha256).hexdigest()


def signed_headers(
    url: str, body: str, headers: Mapping[str, str], *, keys: tuple[str, str, str], scope: tuple[str, str]
) -> dict[str, str]:
    """The headers of a POST with its signature. `keys`: id, secret, session token; `scope`: region, service."""
    (access, secret, session), (region, service) = keys, scope
    now = datetime.now(UTC)
    stamp, day = now.strftime("%Y%m%dT%H%M%SZ"), now.strftime("%Y%m%d")
    out = {**headers, "host": urlsplit(url).netloc, "x-amz-date": stamp}
    if session:
        out["x-amz-security-token"] = session
    lower = {name.lower(): value.strip() for name, value in out.items()}
    listed = ";".join(sorted(lower))
    lines = "".join(f"{name}:{lower[name]}\n" for name in sorted(lower))
    digest = hashlib.sha256(body.encode()).hexdigest()
    request = f"POST\n{urlsplit(url).path or '/'}\n\n{lines}\n{listed}\n{digest}"
    within = f"{day}/{region}/{service}/aws4_request"
    text = f"AWS4-HMAC-SHA256\n{stamp}\n{within}\n{hashlib.sha256(request.encode()).hexdigest()}"
    proof = signature(secret, day, region, service, text)
    out["Authorization"] = f"AWS4-HMAC-SHA256 Credential={access}/{within}, SignedHeaders={listed}, Signature={proof}"
    return out


def post(
    service: str, body: str, headers: Mapping[str, str], *, keys: tuple[str, str, str], region: str
) -> outbound.Answer:
    """A signed POST to a service."""
    url = endpoint(service, region)
    signed = signed_headers(url, body, headers, keys=keys, scope=(region, service))
    return outbound.call("POST", url, data=body.encode(), headers=signed)
