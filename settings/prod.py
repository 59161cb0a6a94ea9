"""An installation: what `make up` and the containers run with."""

from . import env
from .base import *

# Behind a TLS proxy the cookies are for TLS only.
if env.flag("AWX_LITE_TLS"):
    SESSION_COOKIE_SECURE = True
    CSRF_COOKIE_SECURE = True
    SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
