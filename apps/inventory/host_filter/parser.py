"""A filter as a tree: `and` binds closer than `or`; `not` stands before a bracket."""

from __future__ import annotations

from dataclasses import dataclass

from .errors import FilterError
from .tokens import Token, tokens

MAX_DEPTH = 50
MAX_TERMS = 500
MAX_LENGTH = 20_000


@dataclass(frozen=True)
class Term:
    """One comparison."""

    key: str
    value: str
    quoted: bool
    place: int


@dataclass(frozen=True)
class Several:
    """Parts that are joined by `and` or `or`."""

    operator: str
    parts: tuple[Node, ...]


@dataclass(frozen=True)
class Not:
    """What must not hold."""

    part: Node


Node = Term | Several | Not


class Parser:
    """Reads one filter by recursive descent."""

    def __init__(self, text: str) -> None:
        if len(text) > MAX_LENGTH:
            raise FilterError(f"A host filter has at most {MAX_LENGTH} characters.")
        self.text, self.tokens, self.index, self.terms = text, tokens(text), 0, 0

    @property
    def now(self) -> Token:
        """The next word."""
        return self.tokens[self.index]

    def fail(self, message: str) -> FilterError:
        """An error at the next word."""
        return FilterError.at(message, self.text, self.now.place)

    def take(self, kind: str, message: str) -> Token:
        """The next word, which must be of a kind."""
        token = self.now
        if token.kind != kind:
            raise self.fail(message)
        self.index += 1
        return token

    def whole(self) -> Node:
        """The whole text."""
        node = self.joined("or", 0)
        if self.now.kind != "end":
            raise self.fail("Expected `and`, `or` or the end")
        return node

    def joined(self, operator: str, depth: int) -> Node:
        """Parts joined by `or`, or by `and`."""
        if depth > MAX_DEPTH:
            raise self.fail(f"Brackets go at most {MAX_DEPTH} deep")
        parts = [self.joined("and", depth) if operator == "or" else self.one(depth)]
        while self.now.kind == "word" and self.now.text == operator:
            self.index += 1
            parts.append(self.joined("and", depth) if operator == "or" else self.one(depth))
        return parts[0] if len(parts) == 1 else Several(operator, tuple(parts))

    def one(self, depth: int) -> Node:
        """A bracket, a negated bracket, or a comparison."""
        if self.now.kind == "(":
            return self.bracket(depth)
        following = self.tokens[self.index + 1].kind if self.now.kind == "word" else ""
        if self.now.text == "not" and following != "=":
            self.index += 1
            if self.now.kind != "(":
                raise self.fail("`not` stands before a bracket: not (name=x)")
            return Not(self.bracket(depth))
        return self.term()

    def bracket(self, depth: int) -> Node:
        """`( … )`"""
        self.take("(", "Expected a bracket")
        node = self.joined("or", depth + 1)
        self.take(")", "Expected a closing bracket")
        return node

    def term(self) -> Term:
        """`key=value`"""
        key = self.now
        if key.kind not in ("word", "quoted"):
            raise self.fail("Expected a comparison such as name=value")
        self.index += 1
        self.take("=", f"Expected `=` after {key.text!r}")
        value = self.now
        if value.kind not in ("word", "quoted") or not value.glued:
            raise self.fail(f"Expected a value right after `{key.text}=`")
        self.index += 1
        self.terms += 1
        if self.terms > MAX_TERMS:
            raise self.fail(f"A host filter has at most {MAX_TERMS} comparisons")
        return Term(key.text, value.text, value.kind == "quoted", key.place)


def parse(text: str) -> Node:
    """The tree of a filter; FilterError where it is none."""
    return Parser(text).whole()
