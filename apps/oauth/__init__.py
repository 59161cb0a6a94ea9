"""OAuth 2 applications and tokens."""
