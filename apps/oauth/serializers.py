"""Applications and tokens as JSON; secrets are in clear only in the answer that makes them."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.db.models import Count, F, Window
from django.db.models.functions import RowNumber
from rest_framework import serializers

from apps.core.serializers import COMMON, NAMED, ResourceSerializer, iso

from .lifetimes import access_seconds
from .models import OAuth2AccessToken, OAuth2Application, OAuth2RefreshToken, new_token

MASK = "************"
LISTED = 10  # tokens in an application's summary


class ApplicationSerializer(ResourceSerializer):
    """A program that acts for users."""

    client_secret = serializers.SerializerMethodField(help_text="The secret, shown once when the application is made.")
    modified = serializers.SerializerMethodField()

    class Meta:
        model = OAuth2Application
        fields = (
            *NAMED, "client_id", "client_secret", "client_type", "redirect_uris", "authorization_grant_type",
            "skip_authorization", "organization",
        )  # fmt: skip
        read_only_fields: tuple[str, ...] = ("client_id",)
        extra_kwargs = {"redirect_uris": {"help_text": "Where codes may be sent: URLs separated by spaces."}}
        capabilities = {"edit": "change", "delete": "delete"}

    def get_client_secret(self, obj: OAuth2Application) -> str | None:
        """In clear on the instance that was just made, else masked."""
        return obj.shown_secret or MASK

    def get_modified(self, obj: OAuth2Application) -> str | None:
        """When it last changed."""
        return iso(obj.updated)

    def to_representation(self, instance: OAuth2Application) -> dict[str, Any]:
        """A public application has no secret to show."""
        out = super().to_representation(instance)
        if instance.client_type == OAuth2Application.CLIENT_PUBLIC:
            del out["client_secret"]
        return out

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """`tokens`: how many, and the first of them."""
        ids = [obj.pk for obj in objects]
        out: dict[Any, dict[str, Any]] = {pk: {"tokens": {"count": 0, "results": []}} for pk in ids}
        rows = OAuth2AccessToken.objects.filter(application__in=ids).order_by()
        for pk, number in rows.values_list("application").annotate(n=Count("pk")):
            out[pk]["tokens"]["count"] = number
        if any(entry["tokens"]["count"] for entry in out.values()):
            place = Window(RowNumber(), partition_by=F("application"), order_by=F("pk").asc())
            for row in rows.annotate(place=place).filter(place__lte=LISTED).values("pk", "application", "scope"):
                shown = {"id": row["pk"], "scope": row["scope"], "token": MASK}
                out[row["application"]]["tokens"]["results"].append(shown)
        return out


class ApplicationDetailSerializer(ApplicationSerializer):
    """The same once it is made: its kind of grant stays."""

    class Meta(ApplicationSerializer.Meta):
        read_only_fields: tuple[str, ...] = ("client_id", "authorization_grant_type")


class TokenSerializer(ResourceSerializer):
    """An access token."""

    token = serializers.SerializerMethodField(help_text="The token, shown once when it is made.")
    refresh_token = serializers.SerializerMethodField()

    class Meta:
        model = OAuth2AccessToken
        fields = (*COMMON, "description", "user", "token", "refresh_token", "application", "expires", "scope")
        read_only_fields: tuple[str, ...] = ("user", "modified", "expires")
        summaries = {"application": ("id", "name")}

    _refreshed: set[int] | None = None

    def get_token(self, obj: OAuth2AccessToken) -> str:
        """In clear on the instance that was just made, else masked."""
        return obj.shown_token or MASK

    def get_refresh_token(self, obj: OAuth2AccessToken) -> str | None:
        """In clear when just made, masked where there is one."""
        return getattr(obj, "shown_refresh", None) or (MASK if obj.pk in (self._refreshed or ()) else None)

    def summarize(self, objects: list[Any]) -> dict[Any, dict[str, Any]]:
        """Nothing to show, but which tokens can be refreshed is found out here for the whole page."""
        ids = [obj.pk for obj in objects if obj.application_id is not None]
        rows = OAuth2RefreshToken.objects.filter(access_token__in=ids, revoked=None)
        self._refreshed = set(rows.values_list("access_token_id", flat=True)) if ids else set()
        return {}

    @transaction.atomic
    def create(self, validated_data: dict[str, Any]) -> OAuth2AccessToken:
        """A token for the asker; one for an application comes with a refresh token."""
        token = OAuth2AccessToken(**validated_data, user=self.user)
        token.issue(access_seconds())
        token.save()
        if token.application is not None:
            refresh = OAuth2RefreshToken(user=self.user, application=token.application, access_token=token)
            token.shown_refresh = refresh.shown_token = new_token()  # type: ignore[attr-defined]
            refresh._raw_token = refresh.shown_token
            refresh.save()
        return token


class TokenDetailSerializer(TokenSerializer):
    """A token once it is made: description and scope may change."""

    class Meta(TokenSerializer.Meta):
        read_only_fields: tuple[str, ...] = (*TokenSerializer.Meta.read_only_fields, "application")


class PersonalTokenSerializer(TokenDetailSerializer):
    """A token without an application."""

    class Meta(TokenDetailSerializer.Meta):
        pass


class AuthorizedTokenSerializer(TokenSerializer):
    """A token for an application."""

    class Meta(TokenSerializer.Meta):
        extra_kwargs = {"application": {"required": True, "allow_null": False}}
