"""The browsable API: DRF's, with our name; forms are a raw JSON editor, which needs no query per choice."""

from __future__ import annotations

from typing import Any

from rest_framework.renderers import BrowsableAPIRenderer


class BrowsableRenderer(BrowsableAPIRenderer):
    """Pages for people; no HTML forms, since a form lists every row of every foreign key."""

    template = "core/api.html"

    def get_rendered_html_form(self, data: Any, view: Any, method: str, request: Any) -> Any:
        """Only the buttons (DELETE, OPTIONS) that need no fields."""
        if method in ("DELETE", "OPTIONS") and self.show_form_for_method(view, method, request, None):
            return True
        return None

    def get_filter_form(self, data: Any, view: Any, request: Any) -> None:
        """No filter form: lists take hundreds of filters."""
        return
