"""Where projects come from: logins, tokens for webhooks, keys that sign content."""

from __future__ import annotations

from .base import PASSWORD, UNLOCK, USERNAME, ManagedType, key, secret


def token_type(namespace: str, name: str, source: str) -> ManagedType:
    """A personal token that reports the status of webhook jobs."""
    return ManagedType(
        namespace=namespace,
        name=name,
        kind="token",
        fields=(secret("token", "Token", f"A token that you created in your {source} settings."),),
        required=("token",),
    )


TYPES = (
    ManagedType(namespace="scm", name="Source Control", kind="scm", fields=(USERNAME, PASSWORD, key(), UNLOCK)),
    token_type("github_token", "GitHub Personal Access Token", "GitHub"),
    token_type("gitlab_token", "GitLab Personal Access Token", "GitLab"),
    token_type("bitbucket_dc_token", "Bitbucket Data Center HTTP Access Token", "Bitbucket"),
    ManagedType(
        namespace="gpg_public_key",
        name="GPG Public Key",
        kind="cryptography",
        fields=(
            secret(
                "gpg_public_key",
                "GPG Public Key",
                "The public key by which the signature of a project's content is checked.",
                multiline=True,
            ),
        ),
        required=("gpg_public_key",),
    ),
)
