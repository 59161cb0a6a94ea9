"""Which groups of a directory somebody is in, for every type of groups that GROUP_TYPE offers."""

from __future__ import annotations

from typing import Any

from ldap3.core.exceptions import LDAPInvalidDnError
from ldap3.utils.conv import escape_filter_chars
from ldap3.utils.dn import parse_dn

from .connection import MOST, Entry, Session
from .directory import Directory, Search

# group types whose groups list the DNs of their members, with the attribute where GROUP_TYPE_PARAMS does not name one
BY_DN = {
    "GroupOfNamesType": "member",
    "GroupOfUniqueNamesType": "uniqueMember",
    "ActiveDirectoryGroupType": "member",
    "OrganizationalRoleGroupType": "roleOccupant",
    "MemberDNGroupType": "",
}
TYPES = (
    *BY_DN, *(f"Nested{name}" for name in BY_DN), "PosixGroupType", "PosixUIDGroupType",
)  # fmt: skip


def canonical(dn: str) -> str:
    """A DN in one spelling, so that equal ones are equal text; text that is no DN stays apart from all of them."""
    try:
        parts = parse_dn(dn, strip=True)
    except LDAPInvalidDnError:
        return f"?{dn}"
    return "".join(f"{name.lower()}={' '.join(value.split()).lower()}{separator}" for name, value, separator in parts)


def equals(attribute: str, value: str) -> str:
    """One comparison of a filter."""
    return f"({attribute}={escape_filter_chars(value)})"


def any_of(terms: list[str]) -> str:
    """A filter that needs one of the terms; nothing fits where there are none."""
    return f"(|{''.join(terms)})" if terms else "(!(objectClass=*))"


def both(first: str, second: str) -> str:
    """A filter that needs both."""
    return f"(&{first}{second})"


class Groups:
    """The groups of one person, looked up when they are first asked for."""

    def __init__(self, session: Session, person: Entry) -> None:
        self.session, self.person = session, person
        self.directory: Directory = session.directory
        self.nested = self.directory.group_type.startswith("Nested")
        self._found: set[str] | None = None
        self._asked: dict[str, bool] = {}

    def includes(self, group: Any) -> bool:
        """Whether the person is in the group of this DN."""
        key = canonical(str(group))
        if key not in self._asked:
            self._asked[key] = key in self.found() or self.listed_in(str(group))
        return self._asked[key]

    def listed_in(self, group: str) -> bool:
        """Whether the group itself names the person: this counts outside of GROUP_SEARCH too."""
        search = Search(group, "BASE", both("(objectClass=*)", self.membership([self.person])))
        return bool(self.session.find(search, most=1))

    def found(self) -> set[str]:
        """The DNs of all groups below GROUP_SEARCH, with the groups of these groups where they are nested."""
        if self._found is None:
            self._found = set()
            fresh = [self.person]
            while fresh and len(self._found) < MOST:
                rows = [row for search in self.directory.group_searches for row in self.around(search, fresh)]
                fresh = list({canonical(row.dn): row for row in rows if canonical(row.dn) not in self._found}.values())
                self._found |= {canonical(row.dn) for row in fresh}
                if not self.nested:
                    break
        return self._found

    def around(self, search: Search, members: list[Entry]) -> list[Entry]:
        """The groups of a search that name one of the members."""
        return self.session.find(Search(search.base, search.scope, both(search.filter, self.membership(members))))

    def membership(self, members: list[Entry]) -> str:
        """The filter for groups that name one of the members."""
        kind = self.directory.group_type.removeprefix("Nested")
        if kind == "PosixGroupType":
            return self.posix(self.person)
        if kind == "PosixUIDGroupType":
            attribute = str(self.directory.group_params.get("ldap_group_user_attr") or "uid")
            return any_of([equals("memberUid", value) for value in self.person.attributes.get(attribute.lower(), ())])
        attribute = BY_DN.get(kind) or str(self.directory.group_params.get("member_attr") or "member")
        return any_of([equals(attribute, member.dn) for member in members])

    def posix(self, person: Entry) -> str:
        """Groups of uids, and the person's primary group by its number."""
        terms = [equals("memberUid", value) for value in person.attributes.get("uid", ())]
        number = person.first("gidNumber")
        return any_of([*terms, *([equals("gidNumber", number)] if number else [])])

    def matches(self, said: Any) -> bool | None:
        """What a map says of groups: all, nobody, one group, any of several, or nothing at all."""
        if said is None or isinstance(said, bool):
            return said
        return any(self.includes(group) for group in ([said] if isinstance(said, str) else said))
