"""What follows from the attributes of a SAML statement: flags, organizations, teams."""

from __future__ import annotations

from typing import Any

from apps.conf import live
from apps.identity.sso.maps import Memberships

from .matching import matcher
from .strategy import Strategy

ROLES = {"saml_attr": "member_role", "saml_admin_attr": "admin_role", "saml_auditor_attr": "auditor_role"}
REMOVES = {"saml_attr": "remove", "saml_admin_attr": "remove_admins", "saml_auditor_attr": "remove_auditors"}
FLAGS = {"is_superuser": "remove_superusers", "is_system_auditor": "remove_system_auditors"}


class SamlStrategy(Strategy):
    """A sign-on whose statement may carry flags and memberships."""

    def flags(self, response: Any) -> dict[str, bool]:
        """USER_FLAGS_BY_ATTR: a flag that is not given is only taken away where the settings say so."""
        rules, said = self.provider.setting("USER_FLAGS_BY_ATTR") or {}, response["attributes"]
        out = {}
        for flag, remove in FLAGS.items():
            if not any(rules.get(f"{flag}_{what}") for what in ("attr", "role")):
                continue
            given = holds(said, "Role", rules.get(f"{flag}_role")) if rules.get(f"{flag}_role") else False
            if not given and rules.get(f"{flag}_attr"):
                given = holds(said, rules[f"{flag}_attr"], rules.get(f"{flag}_value"))
            if given or rules.get(remove, True):
                out[flag] = given
        return out

    def join(self, user: Any, response: Any) -> None:
        """The maps, and the organizations and teams that the attributes name."""
        memberships, matches, said = Memberships(), matcher(user), response["attributes"]
        memberships.organizations(self.map("ORGANIZATION_MAP"), matches)
        memberships.teams(self.map("TEAM_MAP"), matches)
        self.named_organizations(memberships, said)
        self.named_teams(memberships, said)
        memberships.carry_out(user, create=bool(live.get("SAML_AUTO_CREATE_OBJECTS")))

    def named_organizations(self, memberships: Memberships, said: Any) -> None:
        """ORGANIZATION_ATTR."""
        rules = self.provider.setting("ORGANIZATION_ATTR") or {}
        for key, role in ROLES.items():
            if rules.get(key):
                for name in values(said, rules[key]):
                    memberships.say((name, ""), role, member=True, remove=False)
                if rules.get(REMOVES[key], True):
                    memberships.nowhere_else("organization", role)

    def named_teams(self, memberships: Memberships, said: Any) -> None:
        """TEAM_ATTR."""
        rules = self.provider.setting("TEAM_ATTR") or {}
        if not rules.get("saml_attr"):
            return
        named = set(values(said, rules["saml_attr"]))
        for entry in rules.get("team_org_map") or ():
            if entry["team"] in named:
                organization = entry.get("organization_alias") or entry["organization"]
                place = (organization, entry.get("team_alias") or entry["team"])
                memberships.say(place, "member_role", member=True, remove=False)
        if rules.get("remove", True):
            memberships.nowhere_else("team", "member_role")


def values(said: Any, name: str) -> list[str]:
    """The values of an attribute."""
    found = said.get(name) or []
    return [str(value) for value in (found if isinstance(found, list) else [found]) if value]


def holds(said: Any, name: str, wanted: Any) -> bool:
    """Whether an attribute has one of the wanted values, or any where none is wanted in particular."""
    found = values(said, name)
    if not wanted:
        return bool(found)
    return bool(set(found) & set([wanted] if isinstance(wanted, str) else wanted))
