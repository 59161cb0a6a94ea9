"""The words of a filter: brackets, `=`, quoted and plain words, each with its place."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import FilterError

MARKS = "()="


@dataclass(frozen=True)
class Token:
    """One word; `kind` is a mark, `word`, `quoted` or `end`."""

    kind: str
    text: str
    place: int
    glued: bool  # whether it follows the one before without a space


def tokens(text: str) -> list[Token]:
    """Split a filter into words, with an `end` after the last one."""
    out, place, glued = [], 0, False
    while place < len(text):
        char = text[place]
        if char.isspace():
            place, glued = place + 1, False
            continue
        if char in MARKS:
            out.append(Token(char, char, place, glued))
            place += 1
        elif char == '"':
            end = text.find('"', place + 1)
            if end < 0:
                raise FilterError.at("The quote is never closed", text, place)
            out.append(Token("quoted", text[place + 1 : end], place, glued))
            place = end + 1
        else:
            end = place
            while end < len(text) and not text[end].isspace() and text[end] not in MARKS + '"':
                end += 1
            out.append(Token("word", text[place:end], place, glued))
            place = end
        glued = True
    return [*out, Token("end", "", len(text), glued=False)]
