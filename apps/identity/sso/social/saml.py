"""SAML 2.0 by python3-saml, which needs the libraries xmlsec and lxml; both come as wheels."""

from __future__ import annotations

from typing import Any

from django.http import HttpResponse
from onelogin.saml2.errors import OneLogin_Saml2_Error
from social_core.backends.saml import SAMLAuth, SAMLIdentityProvider
from social_core.exceptions import AuthConfigurationError

from .backends import Checked

# unless the settings say otherwise; servers within a house often have names of one word
SECURITY = {"rejectDeprecatedAlgorithm": True, "allowSingleLabelDomains": True}


class SAML(Checked, SAMLAuth):
    """Identity providers that send signed statements through the browser."""

    def generate_saml_config(self, idp: SAMLIdentityProvider | None = None) -> dict[str, Any]:
        """What python3-saml is told: nothing is printed, and digests that can be forged do not count."""
        config = super().generate_saml_config(idp)
        config["debug"] = False
        config["security"] = SECURITY | config["security"]
        return config

    def get_user_details(self, response: Any) -> dict[str, Any]:
        """Who it is; without a name of its own the account's permanent id stands for it."""
        details = super().get_user_details(response)
        if not details.get("username"):
            details["username"] = self.get_idp(response["idp_name"]).get_user_permanent_id(response["attributes"])
        return details

    def _get_saml_auth(self, idp: SAMLIdentityProvider, *, stage: Any) -> Any:
        """python3-saml for one provider; settings that it cannot use are an error of the configuration."""
        try:
            return super()._get_saml_auth(idp, stage=stage)
        except OneLogin_Saml2_Error as error:
            raise AuthConfigurationError(self, str(error), code="invalid_setting", stage=stage) from error

    def metadata(self) -> HttpResponse:
        """What identity providers want to know of this server."""
        try:
            text, errors = self.generate_metadata_xml()
        except OneLogin_Saml2_Error as error:
            raise AuthConfigurationError(self, str(error), code="invalid_setting") from error
        if errors:
            raise AuthConfigurationError(self, ", ".join(errors), code="invalid_setting")
        return HttpResponse(text, content_type="text/xml")
