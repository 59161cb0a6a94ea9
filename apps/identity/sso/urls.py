"""The pages below /sso/."""

from django.urls import path

from .pages import Begin, Complete, Failed, Metadata

urlpatterns = [
    path("sso/login/<slug:name>/", Begin.as_view(), name="sign-on"),
    path("sso/complete/<slug:name>/", Complete.as_view(), name="sign-on-complete"),
    path("sso/metadata/saml/", Metadata.as_view(), name="sign-on-metadata"),
    path("sso/error/", Failed.as_view(), name="sign-on-error"),
    path("sso/inactive/", Failed.as_view(inactive=True), name="sign-on-inactive"),
]
