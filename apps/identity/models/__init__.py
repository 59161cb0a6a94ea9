"""Organizations, users, teams, labels."""

from .external import ExternalAccount
from .label import Label
from .organization import Organization, OrganizationGalaxyCredential, OrganizationInstanceGroup
from .session import UserSession
from .team import Team
from .user import User

__all__ = [
    "ExternalAccount",
    "Label",
    "Organization",
    "OrganizationGalaxyCredential",
    "OrganizationInstanceGroup",
    "Team",
    "User",
    "UserSession",
]
