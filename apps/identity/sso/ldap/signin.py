"""Check a name and password with the directories, and say who it is."""

from __future__ import annotations

import logging
from typing import Any

from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import escape_rdn

from apps.identity.sso import accounts
from apps.identity.sso.maps import Memberships
from apps.identity.sso.profiles import FIELDS, FLAGS, Profile

from .connection import Entry, Session, UnavailableError, opened
from .directory import Directory, Search, directories
from .groups import Groups

log = logging.getLogger(__name__)
USER = "%(user)s"


def recognise(username: str, password: str, address: str = "") -> Profile | None:
    """Whom the first directory that takes the password knows by this name."""
    if not username or not password:
        return None
    for directory in directories():
        try:
            with opened(directory) as session:
                profile = ask(session, username, password)
        except UnavailableError as error:
            log.warning("the LDAP directory %s cannot be used: %s", directory.name, error)
            continue
        if profile is not None:
            return profile
    return None


def ask(session: Session, username: str, password: str) -> Profile | None:
    """What one directory says."""
    directory = session.directory
    dn = user_dn(session, username)
    if dn is None or not session.bind(dn, password):
        return None
    session.bind_service()
    rows = session.find(Search(dn, "BASE", "(objectClass=*)"), most=1)
    person = rows[0] if rows else Entry(dn, {})
    groups = Groups(session, person)
    if directory.require_group and not groups.includes(directory.require_group):
        log.info("%s is not in the group that %s asks for", username, directory.name)
        return None
    if directory.deny_group and groups.includes(directory.deny_group):
        log.info("%s is in the group that %s keeps out", username, directory.name)
        return None
    return profile_of(directory, username, person, groups)


def user_dn(session: Session, username: str) -> str | None:
    """The DN of a name: made from the template, or found by the searches; None where not exactly one row fits."""
    directory = session.directory
    if directory.user_dn_template:
        return directory.user_dn_template.replace(USER, escape_rdn(username))
    name = escape_filter_chars(username)
    found: dict[str, Entry] = {}
    for search in directory.user_searches:
        rows = session.find(Search(search.base, search.scope, search.filter.replace(USER, name)), most=2)
        found |= {row.dn: row for row in rows}
    if len(found) > 1:
        log.warning("%s finds more than one entry for %s, so none counts", directory.name, username)
    return next(iter(found)) if len(found) == 1 else None


def profile_of(directory: Directory, username: str, person: Entry, groups: Groups) -> Profile:
    """What follows from the person's entry and groups; groups are all looked up while the connection is open."""
    flags = {name: bool(groups.matches(said)) for name, said in directory.flags.items() if name in FLAGS}
    memberships = Memberships()
    memberships.organizations(directory.organization_map, groups.matches)
    memberships.teams(directory.team_map, groups.matches)

    def join(user: Any) -> None:
        memberships.carry_out(user)

    name = accounts.plain(username)
    fields = {key: person.first(source) for key, source in directory.attributes.items() if key in FIELDS}
    return Profile("ldap", "ldap", name, name, fields, flags, person.dn, join=join)
