"""Every setting as data: one module a family of categories."""


def load() -> None:
    """Import the modules; each declares its settings."""
    from . import authentication, github, jobs, ldap, logging, saml, social, system, ui  # noqa: F401
