"""Every path, every role, every method: what is answered follows rules, and a table pins it.

CVE-2026-71459 (pages below an object did not ask who may read the object).
WRITE_MATRIX=1 writes tests/security/matrix.json anew; a diff of it shows who may do more or less than before.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from apps.core import registry
from apps.core.prefixes import ROOT
from apps.core.sublist_views import child_of
from tests.security.objects import ROLES, House

pytestmark = pytest.mark.django_db
TABLE = Path(__file__).parent / "matrix.json"
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
FEW = ("anonymous", "outsider", "reader")
BELOW = ("anonymous", "outsider", "org_auditor", "org_admin", "system_auditor")
LINKS = ("outsider", "reader", "object_admin", "system_auditor", "anonymous")
WRITES = ("POST", "PUT", "PATCH", "DELETE")
SLUGS = sorted(r.slug for r in registry.resources())
PAGES = sorted(p.route for p in registry.pages() if "<" not in p.route)
RESOURCES = {r.slug: r for r in registry.resources()}


def shown(house: House, ask: Any, slug: str) -> dict[str, Any]:
    """A body that could be sent: what a superuser is shown of the row, under a new name."""
    resource = RESOURCES[slug]
    if not resource.has_detail:
        return {}
    body = ask("superuser", "GET", f"{ROOT}{slug}/{house[slug].pk}/").json()
    body = {k: v for k, v in body.items() if k not in ("id", "summary_fields", "related", "url", "type")}
    for key in ("name", "username", "hostname", "identifier"):
        if key in body:
            body[key] = "fresh"
    return body | ({"password": "Fresh-pw-1"} if slug == "users" else {})


def paths_of(house: House, ask: Any, slug: str) -> Iterator[tuple[str, str, Any]]:
    """(the path as a pattern, the path, a body) of everything below a resource."""
    resource = RESOURCES[slug]
    body = shown(house, ask, slug)
    if resource.list_methods:
        yield f"{slug}/", f"{ROOT}{slug}/", body
    if not (resource.has_detail or resource.sublists or resource.verbs):
        return
    pk = house[slug].pk
    if resource.has_detail:
        yield f"{slug}/N/", f"{ROOT}{slug}/{pk}/", body
    for sub in resource.sublists:
        child = child_of(resource, sub).slug
        path = f"{ROOT}{slug}/{pk}/{sub.segment}/"
        if sub.attach:
            yield f"{slug}/N/{sub.segment}/ attach", path, {"id": house[child].pk}
            yield f"{slug}/N/{sub.segment}/ detach", path, {"id": house[child].pk, "disassociate": True}
        if sub.create or not sub.attach:
            yield f"{slug}/N/{sub.segment}/", path, shown(house, ask, child)
    verbs = [verb.name for verb in resource.verbs] + (["copy"] if resource.copies is not None else [])
    for verb in verbs:
        yield f"{slug}/N/{verb}/", f"{ROOT}{slug}/{pk}/{verb}/", {"name": "copied"} if verb == "copy" else {}


def asking(method: str, pattern: str) -> tuple[str, ...]:
    """Who asks: fewer for reading below an object and for links, which share one rule."""
    if pattern.endswith("tach"):
        return LINKS
    return BELOW if method == "GET" and "/N/" in pattern else ROLES[:-1]


def answers(ask: Any, pattern: str, path: str, body: Any) -> dict[str, dict[str, int]]:
    """{method: {role: status}}; where a method is for nobody, and where another asks the same rule, few ask."""
    out: dict[str, dict[str, int]] = {}
    for method in ("POST",) if pattern.endswith("tach") else METHODS:
        sent = body if method in WRITES else None
        first = ask("superuser", method, path, sent).status_code
        few = method in ("OPTIONS", "PUT") or first == 405
        roles = FEW if few else asking(method, pattern)
        out[method] = {r: ask(r, method, path, sent).status_code for r in roles} | {"superuser": first}
    return out


def table_of(house: House, ask: Any, slug: str) -> dict[str, Any]:
    """What everyone is answered on a resource's paths."""
    return {pattern: answers(ask, pattern, path, body) for pattern, path, body in paths_of(house, ask, slug)}


def table_of_pages(ask: Any) -> dict[str, Any]:
    """What everyone is answered on the pages that are no resources."""
    paths = [*PAGES, *(f"settings/{category}/" for category in ("all", "changed", "system", "user"))]
    return {path: answers(ask, path, f"{ROOT}{path}", {}) for path in paths}


# --- the rules -----------------------------------------------------------------------------------------------------

# what external systems call: the key in the body or the header is the proof, and a wrong one is 403
SIGNED = ("github", "gitlab", "bitbucket_dc", "callback")
# what everyone who is logged in may read
OPEN = {"credential_types", "role_definitions", "execution_environments", "me", "users", "instance_groups"}
# what everyone may write: tokens for oneself (below a visible user or application: for oneself too)
OWN = ("tokens/", "personal_tokens/", "authorized_tokens/")
READERS = ("outsider", "reader", "member", "org_auditor", "system_auditor")
# (role, path) -> why it may write all the same
ALLOWED = {("member", "labels/"): "members make the labels of their organization"}
# rights of their own: reading the key lets one start the template
KEYS = ("webhook_key/",)
OPEN_PAGES = {"auth/", "ping/", "service-index/validate-local-account/"}


def faults(slug: str, pattern: str, method: str, got: dict[str, int]) -> list[str]:
    """What is wrong with the answers to one method on one path."""
    fine = {503} if pattern.endswith("/live/") else set()  # what follows jobs does not run here, and it says so
    found = ["a fault of the server"] if {code for code in got.values() if code >= 500} - fine else []
    if any(part in SIGNED for part in pattern.split("/")):
        unsigned = method == "POST" and set(got.values()) - {400, 401, 403, 404}
        found += ["taken without a signature"] if unsigned else []
    else:
        found += ["anonymous"] if got["anonymous"] != 401 else []
        found += written(slug, pattern, method, got) + seen(pattern, method, got)
    return [f"{method} {pattern}: {fault} {got}" for fault in found]


def written(slug: str, pattern: str, method: str, got: dict[str, int]) -> list[str]:
    """Readers do not write, and outsiders find nothing below an object."""
    found = []
    if method in WRITES and got["superuser"] != 405 and not pattern.endswith(OWN):
        writers = {role for role in READERS if got.get(role, 400) < 400}
        found += [f"{role} writes" for role in writers if (role, pattern) not in ALLOWED]
    if "/N/" in pattern and slug not in OPEN and method != "OPTIONS" and got["outsider"] not in (401, 403, 404, 405):
        found.append("an outsider gets in")
    return found


def seen(pattern: str, method: str, got: dict[str, int]) -> list[str]:
    """The auditor of the system reads what superusers read; auditors of an organization no more than administrators."""
    if method != "GET" or got["superuser"] != 200:
        return []
    found = ["the auditor does not see it"] if got["system_auditor"] != 200 and not pattern.endswith(KEYS) else []
    return found + (["auditors see more than administrators"] if got["org_admin"] != 200 == got["org_auditor"] else [])


def check(key: str, table: dict[str, Any]) -> None:
    """The pinned answers are today's answers."""
    pinned = json.loads(TABLE.read_text()) if TABLE.exists() else {}
    short = {p: {m: " ".join(f"{r}={s}" for r, s in got.items()) for m, got in ms.items()} for p, ms in table.items()}
    if os.environ.get("WRITE_MATRIX"):
        pinned[key] = short
        TABLE.write_text(json.dumps(pinned, indent=1, sort_keys=True) + "\n")
    assert short == pinned.get(key), f"{key} answers otherwise than tests/security/matrix.json says"


@pytest.mark.parametrize("slug", SLUGS)
def test_rights_on_every_path_follow_the_rules_and_the_table(house, ask, slug):
    table = table_of(house, ask, slug)
    assert [f for p, ms in table.items() for m, got in ms.items() for f in faults(slug, p, m, got)] == []
    check(slug, table)


def test_rights_on_pages_follow_the_rules_and_the_table(house, ask):
    table = table_of_pages(ask)
    for path, methods in table.items():
        for method, got in methods.items():
            assert max(got.values()) < 500 or got["superuser"] == 503, (path, method, got)
            assert got["anonymous"] in (401, 405) or path in OPEN_PAGES or method == "OPTIONS", (path, method, got)
    for role in ("outsider", "member", "reader", "org_auditor", "org_admin", "object_admin", "system_auditor"):
        writes = [table[p][m].get(role, 405) for p in table for m in WRITES if p.startswith("settings/")]
        assert set(writes) <= {403, 404, 405}, role
    check("pages", table)


def test_the_matrix_holds_every_url_of_the_api(house):
    from apps.core.routing import urlpatterns

    known = {p for table in json.loads(TABLE.read_text()).values() for p in table}
    known = {p.removesuffix(" attach").removesuffix(" detach") for p in known}
    routes = {route.replace("<int:pk>", "N") for route in routes_of(urlpatterns())} - {""}
    assert len(routes) > 300
    assert {r for r in routes if "<" not in r} - known == set()


def routes_of(patterns, before=""):
    """The whole path of every pattern, also of those that stand below a common beginning."""
    for pattern in patterns:
        path = f"{before}{pattern.pattern}"
        yield from routes_of(pattern.url_patterns, path) if hasattr(pattern, "url_patterns") else (path,)
