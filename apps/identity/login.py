"""/api/login/ and /api/logout/: the pages by which browsers and the awx command open and end a session."""

from __future__ import annotations

import time
from typing import Any

from django import forms
from django.conf import settings
from django.contrib.auth import login, logout
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.utils.http import url_has_allowed_host_and_scheme
from django.views import View
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import ensure_csrf_cookie
from django.views.decorators.debug import sensitive_post_parameters
from rest_framework.exceptions import Throttled

from apps.conf import live
from apps.core import prefixes

from . import throttle
from .authentication import REFUSED, verify
from .models.session import UserSession
from .sso.social.providers import titles

BACKEND = "django.contrib.auth.backends.ModelBackend"


class LoginForm(forms.Form):
    """Name and password."""

    username = forms.CharField(
        max_length=150, widget=forms.TextInput(attrs={"autofocus": True, "autocomplete": "username"})
    )
    password = forms.CharField(
        strip=False, max_length=4096, widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )


def next_page(request: HttpRequest) -> str:
    """Where to go after logging in: a page of this server, whatever the request asks for."""
    home = prefixes.current().home
    asked = request.POST.get("next") or request.GET.get("next") or home
    safe = url_has_allowed_host_and_scheme(asked, allowed_hosts={request.get_host()}, require_https=request.is_secure())
    return asked if safe else home


def wants_html(request: HttpRequest) -> bool:
    """Whether the client takes a page at all."""
    accepted = request.META.get("HTTP_ACCEPT", "*/*")
    return any(kind in accepted for kind in ("text/html", "application/xhtml+xml", "text/*", "*/*"))


@method_decorator([never_cache, ensure_csrf_cookie, sensitive_post_parameters("password")], name="dispatch")
class LoginView(View):
    """A form for people; clients post to it as well."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """The form; 406 for clients that take JSON only."""
        if not wants_html(request):
            return HttpResponse(status=406)
        return self.page(request, LoginForm(), 200)

    def post(self, request: HttpRequest) -> HttpResponse:
        """302 with a session, 401 with the form again, 429 after too many failures."""
        form = LoginForm(request.POST)
        user = None
        if form.is_valid():
            data = form.cleaned_data
            try:
                user = verify(data["username"], data["password"], address=throttle.address_of(request))
            except Throttled as error:
                form.add_error(None, str(error.detail))
                answer = self.page(request, form, error.status_code)
                answer["Retry-After"] = str(throttle.WINDOW)
                return answer
            if user is None:
                form.add_error(None, REFUSED)
        return self.page(request, form, 401) if user is None else open_session(request, user)

    put = post

    def page(self, request: HttpRequest, form: LoginForm, status: int) -> HttpResponse:
        """The form as HTML."""
        body = {
            "form": form,
            "next": next_page(request),
            "info": live.get("CUSTOM_LOGIN_INFO"),
            "logo": live.get("CUSTOM_LOGO"),
            "sign_ons": titles(),
        }
        return render(request, "identity/login.html", body, status=status)


def open_session(request: HttpRequest, user: Any, *, target: str | None = None) -> HttpResponse:
    """Log the user in, end sessions beyond SESSIONS_PER_USER, and say where the cookie is."""
    login(request, user, backend=BACKEND)
    request.session["_begun"] = time.time()
    request.session.save()
    UserSession.limit(user, most=int(live.get("SESSIONS_PER_USER")), keep=str(request.session.session_key))
    answer = HttpResponseRedirect(target or next_page(request))
    answer.set_cookie("userLoggedIn", "true", secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
    answer["X-API-Session-Cookie-Name"] = settings.SESSION_COOKIE_NAME
    return answer


@method_decorator(never_cache, name="dispatch")
class LogoutView(View):
    """Ends the session."""

    def get(self, request: HttpRequest) -> HttpResponse:
        """302 to the root; without a session too."""
        logout(request)
        answer = HttpResponseRedirect(prefixes.current().home)
        answer.set_cookie("userLoggedIn", "false", secure=settings.SESSION_COOKIE_SECURE, samesite="Lax")
        return answer

    post = get
