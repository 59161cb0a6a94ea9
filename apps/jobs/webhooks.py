"""Webhooks: what the three services send, whether it is signed, and the variables that a job gets from it.

The sources of the formats: https://docs.github.com/webhooks, https://docs.gitlab.com/user/project/integrations/webhooks,
https://confluence.atlassian.com/bitbucketserver/event-payload-938025882.html
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

from apps.core.addresses import parts_of

PREFIXES = ("awx", "tower")
CONTEXT = "ansible/awx"  # what results are listed under at the service


def new_key() -> str:
    """A key that nobody guesses."""
    return secrets.token_urlsafe(37)


def same(one: str, other: str) -> bool:
    """Equality in constant time."""
    return hmac.compare_digest(one.encode(), other.encode())


def dig(data: Any, *path: str | int) -> Any:
    """A value deep in a payload, or None."""
    for key in path:
        if isinstance(data, dict) and isinstance(key, str):
            data = data.get(key)
        elif isinstance(data, list) and isinstance(key, int) and len(data) > key:
            data = data[key]
        else:
            return None
    return data


def origin(url: Any) -> str:
    """Scheme and host of an address; empty where it is none."""
    parts = parts_of(url if isinstance(url, str) else "")
    return f"{parts.scheme}://{parts.netloc}" if parts.netloc else ""


@dataclass(frozen=True)
class Event:
    """One delivery of a service."""

    kind: str
    guid: str
    ref: str | None
    status_api: str | None

    def variables(self, payload: Any) -> dict[str, Any]:
        """What the job is told: each under both of AWX's prefixes."""
        values = {
            "event_type": self.kind,
            "event_guid": self.guid,
            "event_ref": self.ref,
            "status_api": self.status_api,
            "payload": payload,
        }
        return {f"{prefix}_webhook_{name}": value for prefix in PREFIXES for name, value in values.items()}


class Service(ABC):
    """One kind of sender."""

    name: ClassVar[str]
    key_header: ClassVar[str]
    event_header: ClassVar[str]
    signed: ClassVar[bool] = True  # the header holds an HMAC; otherwise the key itself
    algorithms: ClassVar[Mapping[str, str]] = {"sha256": "sha256"}  # header prefix -> hash
    greeting: ClassVar[str] = ""  # the kind of event that only tries the address
    heard: ClassVar[tuple[str, ...]] = ()  # the kinds of events that start a job; empty for all
    states: ClassVar[Mapping[str, str]]  # status of a job -> the service's word for it

    def is_greeting(self, headers: Mapping[str, str]) -> bool:
        """Whether the service only tries the address, which it does without a signature."""
        return bool(self.greeting) and headers.get(self.event_header) == self.greeting

    def starts(self, kind: str) -> bool:
        """Whether an event of this kind starts a job."""
        return not self.heard or kind in self.heard

    @abstractmethod
    def report(self, status: str, url: str, token: str) -> tuple[dict[str, str], dict[str, str]]:
        """(headers, body) that tell the service what became of the job."""

    def trusted(self, headers: Mapping[str, str], body: bytes, key: str) -> bool:
        """Whether the sender knows the key."""
        given = headers.get(self.key_header, "")
        if not self.signed:
            return same(given, key)
        algorithm, _, digest = given.partition("=")
        if algorithm not in self.algorithms:
            return False
        made = hmac.new(key.encode(), body, getattr(hashlib, self.algorithms[algorithm])).hexdigest()
        return same(digest, made)

    def event(self, headers: Mapping[str, str], body: bytes, payload: Any) -> Event:
        """The delivery."""
        kind = headers.get(self.event_header, "")
        return Event(kind, self.guid(headers, body, payload), self.ref(kind, payload), self.status_api(kind, payload))

    @abstractmethod
    def guid(self, headers: Mapping[str, str], body: bytes, payload: Any) -> str:
        """What tells one delivery from another."""

    @abstractmethod
    def ref(self, kind: str, payload: Any) -> str | None:
        """The commit that it is about."""

    @abstractmethod
    def status_api(self, kind: str, payload: Any) -> str | None:
        """Where the result of the job may be posted."""


class GitHub(Service):
    """github.com and its enterprise server."""

    name = "github"
    states = {
        "running": "pending", "successful": "success", "failed": "failure", "canceled": "failure", "error": "error",
    }  # fmt: skip
    key_header = "X-Hub-Signature"
    event_header = "X-GitHub-Event"
    algorithms = {"sha1": "sha1"}
    REFS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "pull_request": ("pull_request", "head", "sha"),
        "pull_request_review": ("pull_request", "head", "sha"),
        "pull_request_review_comment": ("pull_request", "head", "sha"),
        "push": ("after",),
        "create": ("ref",),
        "page_build": ("build", "commit"),
        "release": ("release", "tag_name"),
        "commit_comment": ("comment", "commit_id"),
    }

    def trusted(self, headers: Mapping[str, str], body: bytes, key: str) -> bool:
        """The older header with SHA-1, which AWX reads, or the newer one with SHA-256."""
        newer = headers.get("X-Hub-Signature-256", "")
        if newer:
            made = hmac.new(key.encode(), body, hashlib.sha256).hexdigest()
            return same(newer, f"sha256={made}")
        return super().trusted(headers, body, key)

    def report(self, status: str, url: str, token: str) -> tuple[dict[str, str], dict[str, str]]:
        """A commit status."""
        body = {"state": self.states[status], "context": CONTEXT, "target_url": url}
        return {"Authorization": f"token {token}", "Accept": "application/vnd.github+json"}, body

    def guid(self, headers: Mapping[str, str], body: bytes, payload: Any) -> str:
        """GitHub numbers its deliveries."""
        return headers.get("X-GitHub-Delivery", "")

    def ref(self, kind: str, payload: Any) -> str | None:
        """By kind of event."""
        return dig(payload, *self.REFS[kind]) if kind in self.REFS else None

    def status_api(self, kind: str, payload: Any) -> str | None:
        """Pull requests have one."""
        return dig(payload, "pull_request", "statuses_url") if kind == "pull_request" else None


class GitLab(Service):
    """gitlab.com and own servers."""

    name = "gitlab"
    states = {
        "running": "running", "successful": "success", "failed": "failed", "canceled": "canceled", "error": "failed",
    }  # fmt: skip
    key_header = "X-Gitlab-Token"
    event_header = "X-Gitlab-Event"
    signed = False
    REFS: ClassVar[Mapping[str, tuple[str, ...]]] = {
        "Push Hook": ("checkout_sha",),
        "Tag Push Hook": ("checkout_sha",),
        "Merge Request Hook": ("object_attributes", "last_commit", "id"),
    }

    def report(self, status: str, url: str, token: str) -> tuple[dict[str, str], dict[str, str]]:
        """A commit status."""
        return {"PRIVATE-TOKEN": token}, {"state": self.states[status], "context": CONTEXT, "target_url": url}

    def guid(self, headers: Mapping[str, str], body: bytes, payload: Any) -> str:
        """GitLab numbers nothing that repeats with a delivery: the body itself tells."""
        return hashlib.sha1(body, usedforsecurity=False).hexdigest()

    def ref(self, kind: str, payload: Any) -> str | None:
        """By kind of event."""
        return dig(payload, *self.REFS[kind]) if kind in self.REFS else None

    def status_api(self, kind: str, payload: Any) -> str | None:
        """The commit's statuses in the project's API."""
        ref, number = self.ref(kind, payload), dig(payload, "project", "id")
        server = origin(dig(payload, "project", "web_url"))
        return f"{server}/api/v4/projects/{number}/statuses/{ref}" if ref and number and server else None


class BitbucketDC(Service):
    """Bitbucket Data Center."""

    name = "bitbucket_dc"
    greeting = "diagnostics:ping"
    heard = ("repo:refs_changed", "mirror:repo_synchronized", "pr:opened", "pr:from_ref_updated", "pr:modified")
    states = {
        "running": "INPROGRESS", "successful": "SUCCESSFUL", "failed": "FAILED", "canceled": "FAILED",
        "error": "FAILED",
    }  # fmt: skip
    key_header = "X-Hub-Signature"
    event_header = "X-Event-Key"

    def report(self, status: str, url: str, token: str) -> tuple[dict[str, str], dict[str, str]]:
        """A build."""
        return {"Authorization": f"Bearer {token}"}, {"state": self.states[status], "key": CONTEXT, "url": url}

    def guid(self, headers: Mapping[str, str], body: bytes, payload: Any) -> str:
        """Bitbucket numbers its requests."""
        return headers.get("X-Request-Id", "")

    def ref(self, kind: str, payload: Any) -> str | None:
        """Of a push the new head, of a pull request the branch that it goes to."""
        if kind.startswith("pr:"):
            return dig(payload, "pullRequest", "toRef", "latestCommit")
        return dig(payload, "changes", 0, "toHash") if kind in self.heard else None

    def status_api(self, kind: str, payload: Any) -> str | None:
        """The builds of the commit on the same server."""
        ref = self.ref(kind, payload)
        links = [dig(payload, owner, "links", "self", 0, "href") for owner in ("actor", "repository")]
        server = origin(next(filter(None, links), None))
        return f"{server}/rest/build-status/1.0/commits/{ref}" if ref and server else None


SERVICES: dict[str, Service] = {service.name: service for service in (GitHub(), GitLab(), BitbucketDC())}
