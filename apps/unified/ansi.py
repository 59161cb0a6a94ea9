"""Terminal output for pages and text files: colours stay, every other escape sequence goes, HTML is escaped.

Sources: ECMA-48 for the sequences, https://en.wikipedia.org/wiki/ANSI_escape_code for the colour table.
"""

from __future__ import annotations

import html
import re

# CSI sequences, OSC and other strings up to their terminator (or the end), two-character escapes, then lone controls
ESCAPES = re.compile(
    r"\x1b\[[0-?]*[ -/]*[@-~]"
    r"|\x1b[\]PX^_](?:(?!\x1b\\)[^\x07])*(?:\x07|\x1b\\|$)"
    r"|\x1b[ -/]*[0-~]"
    r"|\x9b[0-?]*[ -/]*[@-~]"
    r"|[\x00-\x08\x0b-\x1f\x7f-\x9f]"
)
SGR = re.compile(r"\x1b\[([0-9;]{0,64})m")
COLOURS = ("#000", "#c00", "#080", "#a60", "#04c", "#a0a", "#088", "#777")
BRIGHT = ("#555", "#f33", "#0a0", "#c80", "#36f", "#e4e", "#0aa", "#999")
# colour code -> (style, value); "" takes the style back
STYLES: dict[int, tuple[str, str]] = {
    1: ("font-weight", "bold"),
    22: ("font-weight", ""),
    39: ("color", ""),
    49: ("background", ""),
    **{30 + i: ("color", value) for i, value in enumerate(COLOURS)},
    **{40 + i: ("background", value) for i, value in enumerate(COLOURS)},
    **{90 + i: ("color", value) for i, value in enumerate(BRIGHT)},
    **{100 + i: ("background", value) for i, value in enumerate(BRIGHT)},
}
WITH_ARGUMENTS = (38, 48)  # 256 colours: what follows are no codes


def plain(text: str) -> str:
    """The text without any escape sequence or control character but newlines and tabs."""
    return ESCAPES.sub("", text)


def coloured(text: str) -> str:
    """The text with its colours, and no other escape sequence."""
    return "".join(part if code else ESCAPES.sub("", part) for part, code in pieces(text))


def pieces(text: str) -> list[tuple[str, bool]]:
    """The text cut at its colour sequences: (part, whether it is one)."""
    out, last = [], 0
    for match in SGR.finditer(text):
        out += [(text[last : match.start()], False), (match.group(), True)]
        last = match.end()
    return [*out, (text[last:], False)]


class Painter:
    """Turns output into HTML piece by piece; a colour goes on until it is reset, across pieces."""

    def __init__(self) -> None:
        self.styles: dict[str, str] = {}

    def paint(self, text: str) -> str:
        """Escaped HTML of the next piece; each span is closed within it."""
        out = []
        for part, code in pieces(text):
            if code:
                self.read(part[2:-1])
            elif part:
                escaped = html.escape(ESCAPES.sub("", part))
                style = ";".join(f"{key}:{value}" for key, value in self.styles.items())
                out.append(f'<span style="{style}">{escaped}</span>' if style else escaped)
        return "".join(out)

    def read(self, codes: str) -> None:
        """Apply one colour sequence; what is not known changes nothing."""
        for code in [int(c) if c else 0 for c in codes.split(";")]:
            if code in WITH_ARGUMENTS:
                return
            style, value = STYLES.get(code, ("", ""))
            if code == 0:
                self.styles.clear()
            elif value:
                self.styles[style] = value
            else:
                self.styles.pop(style, None)
