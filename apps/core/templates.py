"""Jinja templates that users write, in a sandbox: an explicit context, no attributes of Python's own, bounded work."""

from __future__ import annotations

import functools
import json
from collections.abc import Iterable
from typing import Any

import jinja2
from jinja2 import meta, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

MAX_LENGTH = 1024 * 1024  # characters of a result, and of anything on the way to it
MAX_REPEAT = 1_000
MAX_POWER = 64
MAX_LOOPS = 2  # one in another
FORBIDDEN = (nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block)
# they walk attributes on their own, pad without a limit, or show Python's insides
DROPPED = ("pprint", "format", "center", "indent", "wordwrap", "xmlattr", "attr", "map", "batch", "slice")
UNSAFE_METHODS = {
    "format", "format_map", "ljust", "rjust", "center", "zfill", "expandtabs", "replace", "join", "translate",
}  # fmt: skip


class BadTemplate(Exception):  # noqa: N818
    """The template is no template, or asks for what it may not have; the sentence says which."""


class Generator(CodeGenerator):
    """Compiles `a ~ b` into a call that limits the length."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        """The pieces go to `Sandbox.concatenate`."""
        self.write("environment.concatenate((")
        for piece in node.nodes:
            self.visit(piece, frame)
            self.write(", ")
        self.write("))")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with a limit to what may be built in it."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})
    code_generator_class = Generator

    def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
        """Refuse operations whose result outgrows the template."""
        if operator == "%" and isinstance(left, str):
            raise SecurityError("text cannot be formatted with %")
        if operator == "**" and not (small(left, MAX_REPEAT) and small(right, MAX_POWER)):
            raise SecurityError("the power is too large")
        if operator == "+":
            fits(size(left) + size(right))
        if operator == "*" and size(left) + size(right):
            times, unit = (left, right) if isinstance(left, int) else (right, left)
            if not small(times, MAX_REPEAT):
                raise SecurityError("the repetition is too long")
            fits(int(times) * size(unit))
        return super().call_binop(context, operator, left, right)

    def is_safe_callable(self, obj: Any) -> bool:
        """No methods of text that have no limit."""
        if getattr(obj, "__name__", "") in UNSAFE_METHODS and isinstance(getattr(obj, "__self__", None), str | bytes):
            return False
        return super().is_safe_callable(obj)

    def unsafe_undefined(self, obj: Any, attribute: str) -> Any:
        """What may not be read is an error, not empty text."""
        raise SecurityError(f"{attribute!r} cannot be read")

    def wrap_str_format(self, value: Any) -> Any:
        """str.format is not there at all: it walks attributes on its own."""
        if getattr(value, "__name__", "") in ("format", "format_map") and isinstance(
            getattr(value, "__self__", None), str
        ):
            raise SecurityError("text cannot be formatted with format()")
        return super().wrap_str_format(value)

    def concatenate(self, pieces: Iterable[Any]) -> str:
        """`a ~ b`, with a limit."""
        texts = [str(piece) for piece in pieces]
        fits(sum(map(len, texts)))
        return "".join(texts)


def size(value: Any) -> int:
    """The length of what has one."""
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def small(value: Any, limit: int) -> bool:
    """Whether this is a number within the limit."""
    return isinstance(value, int | float) and abs(value) <= limit


def fits(length: int) -> None:
    """Raise where a text would become too long."""
    if length > MAX_LENGTH:
        raise SecurityError("the text becomes too long")


def replace(value: Any, old: str, new: str, count: int | None = None) -> str:
    """Jinja's filter of this name, with a limit."""
    text, old, new = str(value), str(old), str(new)
    fits(len(text) + (text.count(old) if old else len(text) + 1) * len(new))
    return text.replace(old, new, -1 if count is None else count)


def join(value: Iterable[Any], separator: str = "", attribute: Any = None) -> str:
    """Jinja's filter of this name, with a limit and without attributes."""
    texts = [str(item) for item in value]
    fits(sum(map(len, texts)) + len(texts) * len(separator))
    return separator.join(texts)


def to_json(value: Any) -> str:
    """The value as JSON, for templates that write JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def environment(*, strict: bool) -> Sandbox:
    """A sandbox; a strict one refuses unknown names, the other leaves them empty."""
    made = Sandbox(undefined=jinja2.StrictUndefined if strict else jinja2.ChainableUndefined)
    for name in DROPPED:
        made.filters.pop(name, None)
    made.filters |= {"replace": replace, "join": join, "tojson": to_json}
    made.globals.clear()
    return made


LENIENT, STRICT = environment(strict=False), environment(strict=True)


def sentence(error: Exception) -> str:
    """What is wrong, in one line."""
    line = getattr(error, "lineno", None)
    where = f" (line {line})" if line else ""
    return f"The template cannot be rendered{where}: {error}."


def parse(source: str) -> nodes.Template:
    """The template as a tree; BadTemplate where it is none, or holds what is not allowed."""
    try:
        tree = STRICT.parse(source)
    except (jinja2.TemplateError, RecursionError) as error:
        raise BadTemplate(sentence(error)) from error
    if next(tree.find_all(FORBIDDEN), None) is not None:
        raise BadTemplate("Macros, blocks and other templates cannot be used here.")
    if depth(tree) > MAX_LOOPS:
        raise BadTemplate(f"At most {MAX_LOOPS} loops may be nested.")
    return tree


def depth(node: nodes.Node) -> int:
    """How many loops are nested; a recursive one counts as too many."""
    here = 0
    if isinstance(node, nodes.For):
        here = MAX_LOOPS + 1 if node.recursive else 1
    return here + max((depth(child) for child in node.iter_child_nodes()), default=0)


def names(source: str) -> set[str]:
    """The names that a template asks for; BadTemplate where it cannot be read."""
    return set(meta.find_undeclared_variables(parse(source)))


@functools.lru_cache(maxsize=256)
def compiled(source: str, *, strict: bool) -> jinja2.Template:
    """The template, ready to be rendered."""
    return (STRICT if strict else LENIENT).from_string(parse(source))


def render(source: str, context: dict[str, Any], *, strict: bool = False) -> str:
    """The text of a template; BadTemplate where it fails."""
    try:
        pieces, length = [], 0
        for piece in compiled(source, strict=strict).generate(context):
            pieces.append(piece)
            length += len(piece)
            fits(length)
    except (jinja2.TemplateError, RecursionError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise BadTemplate(sentence(error)) from error
    return "".join(pieces)
