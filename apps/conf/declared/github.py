"""Sign-on through GitHub: accounts, organizations and teams, on github.com and on an enterprise server."""

from apps.conf import checks, signon_checks
from apps.conf.installation import callback
from apps.conf.registry import Category, Declared, declare

# slug, prefix of the keys, name, what it has besides the common settings
VARIANTS = (
    ("github", "GITHUB", "GitHub", ()),
    ("github-org", "GITHUB_ORG", "GitHub Organization", ("NAME",)),
    ("github-team", "GITHUB_TEAM", "GitHub Team", ("ID",)),
    ("github-enterprise", "GITHUB_ENTERPRISE", "GitHub Enterprise", ("URL", "API_URL")),
    ("github-enterprise-org", "GITHUB_ENTERPRISE_ORG", "GitHub Enterprise Organization", ("URL", "API_URL", "NAME")),
    ("github-enterprise-team", "GITHUB_ENTERPRISE_TEAM", "GitHub Enterprise Team", ("URL", "API_URL", "ID")),
)
TEXTS = {
    "KEY": ("OAuth2 key", "The client id that GitHub gave."),
    "NAME": ("organization name", "The organization whose members may log in."),
    "ID": ("team id", "The team whose members may log in."),
    "URL": ("URL", "The address of the enterprise server."),
    "API_URL": ("API URL", "The address of the enterprise server's API."),
}
MAPS = {
    "ORGANIZATION_MAP": ("organization map", "Which accounts belong to which organizations."),
    "TEAM_MAP": ("team map", "Which accounts belong to which teams."),
}

MAP_CHECKS = {"ORGANIZATION_MAP": signon_checks.organization_map, "TEAM_MAP": signon_checks.team_map}


def rows(slug: str, prefix: str, name: str, further: tuple[str, ...]) -> list[Declared]:
    """The settings of one variant."""
    stem = f"SOCIAL_AUTH_{prefix}"
    out = [
        Declared(
            f"{stem}_CALLBACK_URL", "string", f"{name} callback URL", "What to register at GitHub as callback.", slug,
            read_only=True, compute=callback(f"complete/{slug}"),
        ),
        Declared(
            f"{stem}_SECRET", "string", f"{name} OAuth2 secret", "The client secret that GitHub gave.", slug,
            default="", secret=True,
        ),
    ]  # fmt: skip
    for key in ("KEY", *further):
        label, text = TEXTS[key]
        check = checks.web_address if key.endswith("URL") else None
        out.append(Declared(f"{stem}_{key}", "string", f"{name} {label}", text, slug, default="", check=check))
    for key, (label, text) in MAPS.items():
        out.append(
            Declared(
                f"{stem}_{key}", "nested object", f"{name} {label}", text, slug,
                child="nested object", nullable=True, check=MAP_CHECKS[key],
            )
        )  # fmt: skip
    return out


for _slug, _prefix, _name, _further in VARIANTS:
    declare(Category(_slug, f"{_name} OAuth2"), rows(_slug, _prefix, _name, _further))
