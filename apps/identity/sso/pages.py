"""/sso/: where browsers leave for a sign-on service, where they come back to, and what they see when that fails."""

from __future__ import annotations

import logging
from typing import Any

from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from rest_framework.exceptions import Throttled
from social_core.exceptions import AuthCanceled, SocialAuthBaseException

from apps.identity import throttle
from apps.identity.login import next_page, open_session

from .accounts import InactiveError, NotOursError
from .social.attributes import SamlStrategy
from .social.providers import PROVIDERS, SERVICE, Provider
from .social.strategy import Strategy

log = logging.getLogger(__name__)
NEXT, ERROR = "sign_on_next", "sign_on_error"
FAILED = "The sign-on did not succeed."


def provider_of(name: str) -> Provider:
    """A configured service; 404 for any other."""
    provider = PROVIDERS.get(name)
    if provider is None or not provider.enabled:
        raise Http404
    return provider


def strategy_of(request: HttpRequest, provider: Provider) -> Strategy:
    """The surroundings of one sign-on."""
    return (SamlStrategy if provider.name == "saml" else Strategy)(request, provider)


def failed(request: HttpRequest, provider: Provider, error: Exception) -> HttpResponse:
    """Tell the log why, and the browser that."""
    if isinstance(error, SocialAuthBaseException):
        reason = f"{error.code} at {error.stage}: {error.detail or error}"
    else:
        reason = str(error)
    log.warning("a sign-on by %s failed: %s", provider.name, reason.replace("\n", " ")[:500])
    sentence = "The sign-on was canceled." if isinstance(error, AuthCanceled) else FAILED
    request.session[ERROR] = [provider.name, sentence]
    return HttpResponseRedirect("/sso/inactive/" if isinstance(error, InactiveError) else "/sso/error/")


@method_decorator(never_cache, name="dispatch")
class Begin(View):
    """/sso/login/<service>/"""

    http_method_names = ("get", "post", "head", "options")

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """302 to the service, with a state that only this browser's session can bring back."""
        provider = provider_of(name)
        try:
            throttle.begun(throttle.address_of(request))
        except Throttled as error:
            shown = {"sentence": str(error.detail)}
            answer = render(request, "identity/sign_on_failed.html", shown, status=error.status_code)
            answer["Retry-After"] = str(throttle.WINDOW)
            return answer
        request.session[NEXT] = next_page(request)
        try:
            return HttpResponseRedirect(strategy_of(request, provider).backend().auth_url())
        except (SocialAuthBaseException, ImportError) as error:
            return failed(request, provider, error)

    post = get


@method_decorator([csrf_exempt, never_cache], name="dispatch")  # services post here; the state stands for the token
class Complete(View):
    """/sso/complete/<service>/"""

    http_method_names = ("get", "post", "head", "options")

    def get(self, request: HttpRequest, name: str) -> HttpResponse:
        """302 with a session, or to the page that says it failed."""
        provider = provider_of(name)
        try:
            found = strategy_of(request, provider).backend().auth_complete()
        except (SocialAuthBaseException, NotOursError, ImportError) as error:
            return failed(request, provider, error)
        if isinstance(found, HttpResponse):
            return found
        target = request.session.pop(NEXT, None)
        request.session.pop(ERROR, None)
        return open_session(request, found, target=target)

    post = get


@method_decorator(never_cache, name="dispatch")
class Metadata(View):
    """/sso/metadata/saml/"""

    def get(self, request: HttpRequest) -> HttpResponse:
        """200 with XML for identity providers, as soon as this server itself is described; 404 before."""
        provider = PROVIDERS["saml"]
        if not all(provider.setting(name) for name in SERVICE):
            raise Http404
        try:
            return strategy_of(request, provider).backend().metadata()
        except (SocialAuthBaseException, ImportError) as error:
            return failed(request, provider, error)


@method_decorator(never_cache, name="dispatch")
class Failed(View):
    """/sso/error/ and /sso/inactive/"""

    inactive = False

    def get(self, request: HttpRequest) -> HttpResponse:
        """A page that says no more than that it failed; the reason is in the log."""
        sentence = "This account is switched off." if self.inactive else last_error(request)[1] or FAILED
        return render(request, "identity/sign_on_failed.html", {"sentence": sentence}, status=403)


def last_error(request: Any) -> tuple[str, str]:
    """(service, sentence) of the sign-on that failed last in this browser."""
    kept = request.session.get(ERROR) or ["", ""]
    return str(kept[0]), str(kept[1])
