"""What is common to every way of running awx_lite."""

from pathlib import Path
from typing import Any

from celery.schedules import crontab

from . import env

CHECKOUT = Path(__file__).resolve().parent.parent

# Names, versions and places -------------------------------------------------------------------------------------------

AWX_VERSION = "24.6.1"  # the version whose API this is, as /ping/ and /config/ report it
VERSION = "0.1.0"  # our own

AWX_LITE_HOME = env.home(CHECKOUT)
env.load(AWX_LITE_HOME / "environment")  # so that manage.py finds the servers that `make up` runs
CLUSTER_HOST_ID = env.host_id()
PROJECTS_ROOT = AWX_LITE_HOME / "projects"
CHECKOUTS_ROOT = AWX_LITE_HOME / "checkouts"
DEMO_ROOT = AWX_LITE_HOME / "demo"
# directories of this host below which projects may have repositories (none unless the operator says so)
PROJECT_LOCAL_ROOTS = env.words("PROJECT_LOCAL_ROOTS")
RUNNER_ROOT = AWX_LITE_HOME / "runs"  # private directories of running jobs, mode 0700
# podman, docker or the path of one of them: jobs run in their execution environments; nothing: with the host's Ansible
AWX_LITE_CONTAINERS = env.text("AWX_LITE_CONTAINERS")
# where the web server hands open connections over
LIVE_SOCKET = env.text("AWX_LITE_LIVE_SOCKET", str(AWX_LITE_HOME / "run" / "live.sock"))
LIVE_CHECK_SECONDS = env.number(
    "LIVE_CHECK_SECONDS", 15
)  # how often an open connection's login and rights are looked at again

SECRET_KEY = env.secret_key(AWX_LITE_HOME)
DEBUG = False
ALLOWED_HOSTS = env.words("ALLOWED_HOSTS", ("*",))

# What an asker may not see answers 404; AWX answers 403 for some. See docs/decisions.md.
HIDDEN_ANSWERS_403 = env.flag("HIDDEN_ANSWERS_403")

# Whether instances are added and taken away through the API, which AWX does on Kubernetes only.
IS_K8S = env.flag("IS_K8S")

# Whether webhooks, mail servers and vaults that users name may not lie in private or loopback networks.
# Link-local addresses, where clouds serve the machine's own credentials, are never called.
OUTBOUND_BLOCK_PRIVATE = env.flag("OUTBOUND_BLOCK_PRIVATE")

# Whether answers of RADIUS servers without a Message-Authenticator are refused: they can be forged (CVE-2024-3596).
RADIUS_REQUIRE_MESSAGE_AUTHENTICATOR = env.flag("RADIUS_REQUIRE_MESSAGE_AUTHENTICATOR", default=True)

# Django ---------------------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "polymorphic",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",  # the pages at /api/docs/, served from here
    "apps.rbac",
    "apps.conf",
    "apps.identity",
    "apps.oauth",
    "oauth2_provider",  # after apps.oauth, whose commands and templates come first
    "apps.activity",
    "apps.credentials",
    "apps.notifications",
    "apps.instances",
    "apps.unified",
    "apps.projects",
    "apps.inventory",
    "apps.jobs",
    "apps.workflows",
    "apps.system",
    "apps.portability",
    "awx_lite",  # its management commands
    "apps.core",  # last: it loads the declarations of all others
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "apps.core.prefixes.PrefixMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "apps.identity.csrf.LiveCsrfMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "apps.core.middleware.ActorMiddleware",
    "apps.core.named_urls.NamedURLMiddleware",
    "apps.core.middleware.HeadersMiddleware",
]

# kinds of templates with roles have plain managers on purpose: lists never load parents and children apart
SILENCED_SYSTEM_CHECKS = ["polymorphic.W001", "polymorphic.W002"]

ROOT_URLCONF = "awx_lite.urls"
WSGI_APPLICATION = "awx_lite.wsgi.application"
APPEND_SLASH = True

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]

LANGUAGE_CODE = "en"
LANGUAGES = [("en", "English")]
TIME_ZONE = "UTC"
USE_TZ = True
USE_I18N = True
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

STATIC_URL = "/static/"
STATIC_ROOT = None
# Served from the apps themselves: no collectstatic step between a fresh clone and the browsable API.
WHITENOISE_USE_FINDERS = True

# A browsed upload of a large inventory script or survey must pass; files never pass through Django.
DATA_UPLOAD_MAX_MEMORY_SIZE = env.number("MAX_REQUEST_BYTES", 64 * 1024 * 1024)

# Data -----------------------------------------------------------------------------------------------------------------

DATABASES = {"default": env.database()}
# A server that is cut off is noticed within half a minute; libpq knows that these mean nothing to a unix socket.
DATABASES["default"]["OPTIONS"] = {
    "connect_timeout": 10,
    "keepalives_idle": 15,
    "keepalives_interval": 5,
    "keepalives_count": 3,
    "tcp_user_timeout": 30_000,
} | DATABASES["default"]["OPTIONS"]
DATABASES["default"] |= {
    # A connection per web thread lives on: reuse is worth 2-2.5x. A dead one is replaced at the next request.
    "CONN_MAX_AGE": env.number("DATABASE_CONN_MAX_AGE", 3600),
    "CONN_HEALTH_CHECKS": env.flag("DATABASE_HEALTH_CHECKS", default=True),
    "ATOMIC_REQUESTS": False,
}

REDIS_URL = env.redis()
CACHES = {
    "default": {
        "BACKEND": "django.core.cache.backends.redis.RedisCache",
        "LOCATION": REDIS_URL,
        "KEY_PREFIX": "awx",
    }
}

# People ---------------------------------------------------------------------------------------------------------------

AUTH_USER_MODEL = "identity.User"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator"},
    {"NAME": "django.contrib.auth.password_validation.MinimumLengthValidator", "OPTIONS": {"min_length": 1}},
    {"NAME": "apps.identity.passwords.LocalPasswordValidator"},
]
SESSION_ENGINE = "apps.identity.sessions"
SESSION_COOKIE_NAME = "awx_sessionid"
SESSION_COOKIE_AGE = 1800
SESSION_SAVE_EVERY_REQUEST = False
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
CSRF_COOKIE_NAME = "csrftoken"
CSRF_FAILURE_VIEW = "apps.core.views.csrf_failure"
CSRF_TRUSTED_ORIGINS = env.words("CSRF_TRUSTED_ORIGINS")
LOGIN_URL = "/api/login/"
LOGIN_REDIRECT_URL = "/api/"
LOGOUT_REDIRECT_URL = "/api/"
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = "same-origin"

# Failed logins within a minute, before an address has to wait.
LOGIN_FAILURES_PER_NAME = env.number("LOGIN_FAILURES_PER_NAME", 20)
LOGIN_FAILURES_PER_ADDRESS = env.number("LOGIN_FAILURES_PER_ADDRESS", 200)

OAUTH2_PROVIDER_APPLICATION_MODEL = "oauth.OAuth2Application"
OAUTH2_PROVIDER_ACCESS_TOKEN_MODEL = "oauth.OAuth2AccessToken"  # noqa: S105  (the name of a model)
OAUTH2_PROVIDER_REFRESH_TOKEN_MODEL = "oauth.OAuth2RefreshToken"  # noqa: S105
OAUTH2_PROVIDER_GRANT_MODEL = "oauth.OAuth2Grant"
OAUTH2_PROVIDER_ID_TOKEN_MODEL = "oauth.OAuth2IDToken"  # noqa: S105
OAUTH2_PROVIDER = {
    "OAUTH2_VALIDATOR_CLASS": "apps.oauth.validators.Validator",
    "SCOPES": {"read": "Read what you may read", "write": "Change what you may change"},
    "ALLOWED_REDIRECT_URI_SCHEMES": ["http", "https"],
    # A refresh token that comes twice was stolen: the whole family of tokens is revoked (RFC 9700, 4.14).
    "REFRESH_TOKEN_REUSE_PROTECTION": True,
    "COMPLIANT_BCP_RFC9700_TOKEN_STORAGE": True,  # only hashes in the tables
    "COMPLIANT_BCP_RFC9700_PKCE_METHOD": True,  # S256 only
    "COMPLIANT_BCP_RFC9700_IMPLICIT_GRANT": True,
    "COMPLIANT_BCP_RFC9700_ACCESS_TOKEN_TRANSPORT": True,  # no tokens in URLs
    "COMPLIANT_BCP_RFC9700_AUTHZ_RESPONSE_ISS": False,
}
OAUTH2_PASSWORD_GRANT = env.flag("OAUTH2_PASSWORD_GRANT", default=True)
# How long access tokens live until somebody sets OAUTH2_PROVIDER: its own default is a thousand years.
DEFAULT_TOKEN_SECONDS = env.number("DEFAULT_TOKEN_SECONDS", 365 * 24 * 3600)

# The API --------------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "NON_FIELD_ERRORS_KEY": "__all__",
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apps.oauth.authentication.BearerAuthentication",
        "apps.identity.authentication.BasicAuthentication",
        "apps.identity.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["apps.core.parsers.JSONParser"],
    "DEFAULT_RENDERER_CLASSES": [
        "rest_framework.renderers.JSONRenderer",
        "apps.core.renderers.BrowsableRenderer",
    ],
    "DEFAULT_PAGINATION_CLASS": "apps.core.pagination.Pagination",
    "DEFAULT_METADATA_CLASS": "apps.core.metadata.Metadata",
    "DEFAULT_SCHEMA_CLASS": "apps.core.openapi.Schema",
    "EXCEPTION_HANDLER": "apps.core.errors.handle",
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "awx_lite",
    "DESCRIPTION": "The AWX REST API, version 2.",
    "VERSION": AWX_VERSION,
    "SCHEMA_PATH_PREFIX": "/api/v2",
    "COMPONENT_SPLIT_REQUEST": True,  # what is sent is less than what comes back
    "POSTPROCESSING_HOOKS": ["apps.core.openapi.errors_of_operations"],  # choices stay with their fields
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "SWAGGER_UI_SETTINGS": {"docExpansion": "none", "persistAuthorization": False, "validatorUrl": None},
}

# Tasks ----------------------------------------------------------------------------------------------------------------

JOBS_QUEUE = f"jobs.{CLUSTER_HOST_ID}"
CELERY_BROKER_URL = env.broker(REDIS_URL)
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
# A task that is not acknowledged comes back after this many seconds: longer than any job is allowed to take.
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "visibility_timeout": 7 * 24 * 3600,
    "global_keyprefix": "awx.",
    # a connection that a cut network has left behind is noticed
    "socket_keepalive": True,
    "socket_connect_timeout": 10,
    "health_check_interval": 25,
}
CELERY_TASK_ACKS_LATE = True
CELERY_TASK_REJECT_ON_WORKER_LOST = True
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_SERIALIZER = "json"
CELERY_ACCEPT_CONTENT = ["json"]
CELERY_TASK_DEFAULT_QUEUE = "control"
CELERY_TASK_CREATE_MISSING_QUEUES = True
CELERY_WORKER_PREFETCH_MULTIPLIER = 1
CELERY_WORKER_HIJACK_ROOT_LOGGER = False
CELERY_WORKER_SEND_TASK_EVENTS = False
CELERY_TIMEZONE = "UTC"
# Hosts that run jobs: seconds between heartbeats, of silence until others take the waiting jobs, and until the running
# ones are given up.
HEARTBEAT_SECONDS = env.number("HEARTBEAT_SECONDS", 20)
INSTANCE_LOST_SECONDS = env.number("INSTANCE_LOST_SECONDS", 6 * HEARTBEAT_SECONDS)
JOBS_LOST_SECONDS = env.number("JOBS_LOST_SECONDS", 30 * HEARTBEAT_SECONDS)
EVERY = float(HEARTBEAT_SECONDS)
# What was not run within its own period is dropped: after a pause of the workers one turn is enough.
CELERY_BEAT_SCHEDULE = {
    "dispatch": {"task": "apps.unified.tasks.sweep", "schedule": EVERY, "options": {"expires": EVERY}},
    "instances": {"task": "apps.instances.tasks.look_after", "schedule": EVERY, "options": {"expires": EVERY}},
    "schedules": {"task": "apps.workflows.tasks.schedule_due", "schedule": 10.0, "options": {"expires": 10}},
    "retries": {"task": "apps.jobs.tasks.retry_due", "schedule": 10.0, "options": {"expires": 10}},
    "notifications": {"task": "apps.notifications.tasks.take_up", "schedule": 300.0},
    "deletions": {"task": "apps.inventory.tasks.sweep", "schedule": 600.0, "options": {"expires": 600}},
    "counts": {"task": "apps.inventory.tasks.recount", "schedule": 3600.0, "options": {"expires": 3600}},
    "host-metrics": {"task": "apps.inventory.tasks.summarize_hosts", "schedule": crontab(hour="0", minute="17")},
    "housekeeping": {"task": "apps.system.tasks.housekeeping", "schedule": 3600.0, "options": {"expires": 3600}},
}

# Logs -----------------------------------------------------------------------------------------------------------------

LOGGING: dict[str, Any] = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {"line": {"format": "{asctime} {levelname} {name} {message}", "style": "{"}},
    "handlers": {"console": {"class": "logging.StreamHandler", "formatter": "line"}},
    "root": {"handlers": ["console"], "level": env.text("LOG_LEVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "django.server": {"level": "WARNING"},
    },
}
