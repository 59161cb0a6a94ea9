"""/api/schema/ and /api/docs/: the API in OpenAPI, as a document and as pages for people."""

from __future__ import annotations

import threading
from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.http import HttpResponseRedirect
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from drf_spectacular.generators import SchemaGenerator
from drf_spectacular.renderers import OpenApiJsonRenderer, OpenApiYamlRenderer
from drf_spectacular.utils import extend_schema
from drf_spectacular.views import SpectacularSwaggerSplitView
from rest_framework.permissions import AllowAny
from rest_framework.renderers import BaseRenderer
from rest_framework.request import Request
from rest_framework.response import Response

from apps.core.views import PageView


class Known(OpenApiAuthenticationExtension):
    """A way to authenticate, as OpenAPI calls it."""

    target_class = ""
    scheme: dict[str, Any] = {}

    def get_security_definition(self, auto_schema: Any) -> dict[str, Any]:
        """The scheme."""
        return self.scheme


class Bearer(Known):
    """Access tokens."""

    target_class = "apps.oauth.authentication.BearerAuthentication"
    name = "token"
    scheme = {"type": "http", "scheme": "bearer"}


class Basic(Known):
    """Name and password."""

    target_class = "apps.identity.authentication.BasicAuthentication"
    name = "password"
    scheme = {"type": "http", "scheme": "basic"}


class Session(Known):
    """The cookie of a session."""

    target_class = "apps.identity.authentication.SessionAuthentication"
    name = "session"
    scheme = {"type": "apiKey", "in": "cookie", "name": settings.SESSION_COOKIE_NAME}


class Document:
    """The document, written once a process and form: it takes seconds, and is the same for all who may read it."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.schema: dict[str, Any] | None = None
        self.written: dict[str, bytes] = {}

    def text(self, renderer: BaseRenderer) -> bytes:
        """The document in one form."""
        with self.lock:
            if renderer.format not in self.written:
                self.schema = self.schema or SchemaGenerator().get_schema(request=None, public=True)
                self.written[renderer.format] = renderer.render(self.schema, renderer_context={})
            return self.written[renderer.format]


DOCUMENT = Document()


class YamlRenderer(OpenApiYamlRenderer):
    """The document as YAML."""

    media_type = "application/yaml"
    format = "yaml"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        """As it was written; an error is a line of YAML."""
        if isinstance(data, Document):
            return data.text(OpenApiYamlRenderer())
        return super().render(data, accepted_media_type, renderer_context)


class JsonRenderer(OpenApiJsonRenderer):
    """The document as JSON."""

    media_type = "application/json"
    format = "json"

    def render(self, data: Any, accepted_media_type: Any = None, renderer_context: Any = None) -> bytes:
        """As it was written; an error is an object."""
        if isinstance(data, Document):
            return data.text(OpenApiJsonRenderer())
        return super().render(data, accepted_media_type, renderer_context)


class SchemaView(PageView):
    """/api/schema/: for everyone who is logged in; `?format=yaml` or `json`."""

    renderer_classes = (JsonRenderer, YamlRenderer)
    title = "OpenAPI Document"

    @extend_schema(exclude=True)
    def get(self, request: Request) -> Response:
        """The document."""
        return Response(DOCUMENT)


class DocsView(SpectacularSwaggerSplitView):
    """/api/docs/: the document as pages on which it can be tried; who is not logged in is led to the form."""

    permission_classes = [AllowAny]
    url = "/api/schema/?format=json"
    template_name = "system/docs.html"

    @extend_schema(exclude=True)
    def get(self, request: Request, *args: Any, **kwargs: Any) -> Any:
        """The page, or its script."""
        if not request.user.is_authenticated:
            return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
        return super().get(request, *args, **kwargs)
