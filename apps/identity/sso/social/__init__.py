"""Sign-on through services that people are sent to and come back from: OpenID Connect, OAuth 2 and SAML."""
