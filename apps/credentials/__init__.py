"""Credentials, their types and external secrets."""
