"""Canceling an update while git waits for a server that never answers."""

from __future__ import annotations

import socket

from tests.live import Server


def test_a_project_update_is_canceled_in_the_middle(server: Server) -> None:
    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        silent.settimeout(60)
        url = f"http://127.0.0.1:{silent.getsockname()[1]}/x.git"
        body = {"name": "silent", "organization": 1, "scm_type": "git", "scm_url": url}
        made = server.call("POST", "/api/v2/projects/", json=body).json()
        update = made["related"]["current_update"]
        asking, _ = silent.accept()
        with asking:
            assert server.call("GET", update).json()["status"] == "running"
            assert server.call("DELETE", made["url"]).status_code == 409
            assert server.call("POST", f"{update}cancel/").status_code == 202
            done = server.wait_for(update, "status", {"canceled", "failed", "error", "successful"})
    assert (done["status"], done["failed"], done["canceled_on"] is not None) == ("canceled", True, True)
    assert server.call("GET", made["url"]).json()["status"] == "canceled"
    assert server.call("POST", f"{update}cancel/").status_code == 405
    assert server.call("DELETE", made["url"]).status_code == 204
