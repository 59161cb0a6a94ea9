"""Many first sign-ons of one person at a time."""

from __future__ import annotations

import threading

import pytest
from django.db import connection

from apps.identity.models import ExternalAccount, User
from apps.identity.sso import accounts
from apps.identity.sso.profiles import Profile

from .conftest import me

THREADS = 6


def together(action) -> list[object]:
    """What `action` returns in several threads that begin at the same moment."""
    barrier, results = threading.Barrier(THREADS), []

    def run() -> None:
        barrier.wait()
        try:
            results.append(action())
        finally:
            connection.close()

    threads = [threading.Thread(target=run) for _ in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return results


@pytest.mark.django_db(transaction=True)
def test_a_person_of_the_directory_becomes_one_user(transactional_db, ldap):
    ldap(ORGANIZATION_MAP={"New": {"users": True}})
    assert together(lambda: me("ann").status_code) == [200] * THREADS
    assert User.objects.filter(username__istartswith="ann").count() == 1


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(("provider", "source"), [("oidc", "social"), ("radius", "enterprise")])
def test_an_account_elsewhere_becomes_one_user(transactional_db, provider, source):
    profile = Profile(provider, source, "zoe", "subject-1")
    found = together(lambda: accounts.user_of(profile).pk)
    assert (len(found), len(set(found))) == (THREADS, 1)
    assert (User.objects.count(), ExternalAccount.objects.count()) == (1, 1)
