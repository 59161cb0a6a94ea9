"""Bodies: JSON, and Unicode as a whole."""

from __future__ import annotations

import io
import json
from typing import Any

from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser as PlainJSONParser

SURROGATES = (b"\\ud", b"\\uD")  # only an escape can bring half a character in


class JSONParser(PlainJSONParser):
    """DRF's, which lets half characters through: neither the database nor an answer could hold them."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Any = None) -> Any:
        """The body; ParseError (400) where it is no JSON or no Unicode."""
        raw = stream.read()
        data = super().parse(io.BytesIO(raw), media_type, parser_context)
        check_unicode(raw, data)
        return data


def check_unicode(raw: bytes, data: Any) -> None:
    """ParseError where the JSON `raw`, read as `data`, holds half a character."""
    if any(mark in raw for mark in SURROGATES):
        try:
            json.dumps(data, ensure_ascii=False).encode()
        except UnicodeEncodeError as error:
            raise ParseError("The body holds half a character: a surrogate without its other half.") from error
