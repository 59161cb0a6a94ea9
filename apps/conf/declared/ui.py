"""What interfaces show."""

from apps.conf import checks
from apps.conf.registry import Category, Declared, declare

UI = Category("ui", "UI")

declare(
    UI,
    (
        Declared(
            "CUSTOM_LOGIN_INFO",
            "string",
            "Custom login info",
            "A text for the login page.",
            "ui",
            default="",
        ),
        Declared(
            "CUSTOM_LOGO",
            "string",
            "Custom logo",
            "A logo for the login page: a data URL of a GIF, PNG or JPEG.",
            "ui",
            default="",
            check=checks.logo,
        ),
        Declared(
            "MAX_UI_JOB_EVENTS",
            "integer",
            "Max UI job events",
            "How many events of a job an interface should load at once.",
            "ui",
            default=4000,
            required=True,
            minimum=100,
            acted_on=False,
        ),
        Declared(
            "PENDO_TRACKING_STATE",
            "choice",
            "Pendo tracking state",
            "Tracking of users of the interface: always off.",
            "ui",
            choices=("off", "anonymous", "detailed"),
            read_only=True,
            compute=lambda: "off",
        ),
        Declared(
            "UI_LIVE_UPDATES_ENABLED",
            "boolean",
            "UI live updates enabled",
            "",
            "ui",
            default=True,
            required=True,
            acted_on=False,
        ),
    ),
)
