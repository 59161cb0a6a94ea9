"""A started server and a browser of requests: a whole sign-on over the network, and a directory's password."""

from __future__ import annotations

import time
from collections.abc import Iterator

import pytest
import requests

from tests.live import Server
from tests.signon import provider as providers
from tests.signon import slapd as directories


@pytest.fixture
def settings_of(server: Server) -> Iterator[object]:
    """`settings_of(category, {…})` for the time of a test."""
    used = []

    def change(category: str, values: dict[str, object]) -> None:
        used.append(category)
        answer = server.call("PATCH", f"/api/v2/settings/{category}/", json=values)
        assert answer.status_code == 200, answer.text

    yield change
    for category in used:
        assert server.call("DELETE", f"/api/v2/settings/{category}/").status_code == 204


def eventually(server: Server, path: str, auth: tuple[str, str] | None) -> requests.Response:
    """The first answer that is no 401, or the last: settings count in all processes within half a second."""
    for _ in range(15):
        answer = requests.get(server.url + path, auth=auth, timeout=30)
        if answer.status_code != 401 and answer.json() != {}:
            return answer
        time.sleep(0.1)
    return answer


def test_a_browser_signs_on_with_openid_connect(server: Server, settings_of) -> None:
    with providers.running() as provider:
        values = {"KEY": providers.CLIENT, "SECRET": providers.SECRET, "OIDC_ENDPOINT": provider.url}
        settings_of("oidc", {f"SOCIAL_AUTH_OIDC_{name}": value for name, value in values.items()})
        shown = eventually(server, "/api/v2/auth/", None).json()["oidc"]
        assert shown["complete_url"] == f"{server.url}/sso/complete/oidc/"
        browser = requests.Session()
        answer = browser.get(f"{server.url}{shown['login_url']}?next=/api/v2/me/", timeout=30)
        assert answer.status_code == 200, answer.text
        assert answer.url == f"{server.url}/api/v2/me/"
        assert answer.json()["results"][0]["username"] == "ann"
        assert "awx_sessionid" in browser.cookies
        assert requests.get(f"{server.url}/api/v2/me/", timeout=30).status_code == 401


def test_a_directorys_password_opens_the_api(server: Server, settings_of) -> None:
    with directories.running() as slapd:
        values = {
            "SERVER_URI": slapd.url,
            "BIND_DN": directories.ROOT,
            "BIND_PASSWORD": directories.ROOT_PASSWORD,
            "USER_SEARCH": [f"ou=people,{directories.BASE}", "SCOPE_SUBTREE", "(uid=%(user)s)"],
        }
        settings_of("ldap", {f"AUTH_LDAP_{name}": value for name, value in values.items()})
        me = eventually(server, "/api/v2/me/", ("carol", "Pw-carol")).json()["results"][0]
        assert (me["username"], me["external_account"]) == ("carol", "ldap")
        assert requests.get(f"{server.url}/api/v2/me/", auth=("carol", "x"), timeout=30).status_code == 401
