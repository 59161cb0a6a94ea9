"""The roof: every URL of the server."""

from django.urls import include, path

from apps.conf.pages import login_page
from apps.core.routing import urlpatterns as api_urls
from apps.core.views import ApiRootView
from apps.identity.sso.urls import urlpatterns as sso_urls
from apps.oauth.urls import urlpatterns as oauth_urls
from apps.system.pages.openapi import DocsView, SchemaView
from apps.unified.followers.views import WebsocketView

handler400 = "apps.core.views.bad_request"
handler403 = "apps.core.views.forbidden"
handler404 = "apps.core.views.not_found"
handler500 = "apps.core.views.server_error"

urlpatterns = [
    path("api/", ApiRootView.as_view(login_page=login_page), name="api"),
    path("websocket/", WebsocketView.as_view(), name="websocket"),
    path("api/schema/", SchemaView.as_view(), name="schema"),
    path("api/docs/", DocsView.as_view(), name="docs"),
    path("api/v2/", include(api_urls())),
    *oauth_urls,
    *sso_urls,
]
