"""Jinja templates that users write, in a sandbox: an explicit context, no attributes of Python's own, bounded work."""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from typing import Any

import jinja2
from jinja2 import filters, meta, nodes
from jinja2.compiler import CodeGenerator, Frame
from jinja2.sandbox import ImmutableSandboxedEnvironment, SecurityError

MAX_LENGTH = 1024 * 1024  # characters of a result, and of anything on the way to it
MAX_REPEAT = 1_000
MAX_POWER = 64
MAX_LOOPS = 2  # one in another
MAX_BITS = 8192  # of a product of whole numbers
MAX_WORK = 4 * MAX_LENGTH  # what one rendering may go through: rounds of loops, items, characters
FORBIDDEN = (nodes.Macro, nodes.CallBlock, nodes.Include, nodes.Import, nodes.FromImport, nodes.Extends, nodes.Block)
# they walk attributes on their own, pad without a limit, or show Python's insides
DROPPED = ("pprint", "format", "center", "indent", "wordwrap", "xmlattr", "attr", "map", "batch", "slice")
UNSAFE_METHODS = {
    "format", "format_map", "ljust", "rjust", "center", "zfill", "expandtabs", "replace", "join", "translate",
    "encode", "to_bytes",
}  # fmt: skip
CONTAINERS = (list, tuple, set, frozenset, dict)


class BadTemplate(Exception):  # noqa: N818
    """The template is no template, or asks for what it may not have; the sentence says which."""


LEFT: ContextVar[list[int]] = ContextVar("LEFT")  # the work that the rendering of this moment may still do


def spend(amount: int) -> None:
    """Count work; outside a rendering it is refused, so that Jinja works out nothing while it compiles."""
    left = LEFT.get(None)
    if left is None:
        raise SecurityError("templates are worked out when they are rendered")
    left[0] -= amount
    if left[0] < 0:
        raise SecurityError("the template does too much")


def weighed(value: Any) -> Any:
    """The value, once all that is in it is counted: an item that stands in a list twice counts twice."""
    waiting = [value]
    while waiting:
        item = waiting.pop()
        if isinstance(item, str | bytes):
            spend(len(item) + 1)
        elif isinstance(item, CONTAINERS):
            spend(len(item) + 1)
            waiting.extend(item)
            if isinstance(item, dict):
                waiting.extend(item.values())
    return value


class Generator(CodeGenerator):
    """Compiles `a ~ b`, and lists that are written out, into calls that limit the length."""

    def visit_Concat(self, node: nodes.Concat, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        """The pieces go to `Sandbox.concatenate`."""
        self.write("environment.concatenate((")
        for piece in node.nodes:
            self.visit(piece, frame)
            self.write(", ")
        self.write("))")

    def visit_List(self, node: nodes.List, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        """The list is counted: `[a, a]` doubles what is in it."""
        self.write("environment.weighed(")
        super().visit_List(node, frame)
        self.write(")")

    def visit_Dict(self, node: nodes.Dict, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        """Like a list."""
        self.write("environment.weighed(")
        super().visit_Dict(node, frame)
        self.write(")")

    def visit_Tuple(self, node: nodes.Tuple, frame: Frame) -> None:  # noqa: N802  (Jinja's name)
        """Like a list, where it is a value and no target."""
        if node.ctx != "load":
            super().visit_Tuple(node, frame)
            return
        self.write("environment.weighed(")
        super().visit_Tuple(node, frame)
        self.write(")")


class Sandbox(ImmutableSandboxedEnvironment):
    """Jinja's sandbox, with a limit to what may be built in it."""

    intercepted_binops = frozenset({"*", "**", "%", "+"})
    code_generator_class = Generator
    weighed = staticmethod(weighed)

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
        elif operator == "*" and bits(left) + bits(right) > MAX_BITS:
            raise SecurityError("the number is too large")
        return weighed(super().call_binop(context, operator, left, right))

    def call(self, context: Any, obj: Any, *args: Any, **named: Any) -> Any:  # type: ignore[override]
        """A method costs what it goes through."""
        weighed([getattr(obj, "__self__", None), args, named])
        return super().call(context, obj, *args, **named)

    def is_safe_callable(self, obj: Any) -> bool:
        """No methods of text and numbers that have no limit."""
        holder = getattr(obj, "__self__", None)
        if getattr(obj, "__name__", "") in UNSAFE_METHODS and isinstance(holder, str | bytes | int):
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
        texts = [str(weighed(piece)) for piece in pieces]
        fits(sum(map(len, texts)))
        return "".join(texts)


def size(value: Any) -> int:
    """The length of what has one."""
    return len(value) if isinstance(value, str | bytes | list | tuple) else 0


def bits(value: Any) -> int:
    """How long a whole number is."""
    return value.bit_length() if isinstance(value, int) else 0


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
    texts = [str(weighed(item)) for item in value]
    fits(sum(map(len, texts)) + len(texts) * len(separator))
    return separator.join(texts)


@jinja2.pass_environment
def total(environment: Sandbox, value: Iterable[Any], attribute: Any = None, start: Any = 0) -> Any:
    """Jinja's filter `sum`, for numbers only: it would put lists together without a limit."""
    if not isinstance(start, int | float):
        raise SecurityError("only numbers can be summed")
    return filters.do_sum(environment, value, attribute, start)


def rounds(value: Iterable[Any], work: int) -> Iterable[Any]:
    """What a loop goes through; each round costs as much as the loop's body is long."""
    items = value if isinstance(value, (str, bytes, jinja2.Undefined, *CONTAINERS)) else list(value)
    spend(len(items) * work)  # type: ignore[arg-type]
    return items


def counted(function: Callable[..., Any]) -> Callable[..., Any]:
    """A filter that costs what it is given."""

    @functools.wraps(function)
    def call(*args: Any, **named: Any) -> Any:
        weighed([args, named])
        return function(*args, **named)

    return call


@jinja2.pass_context
def shown(_context: Any, value: Any) -> Any:
    """A value on its way into the text; with the context at hand Jinja asks for it while rendering only."""
    return weighed(value)


def to_json(value: Any) -> str:
    """The value as JSON, for templates that write JSON."""
    return json.dumps(value, ensure_ascii=False, default=str)


def environment(*, strict: bool) -> Sandbox:
    """A sandbox; a strict one refuses unknown names, the other leaves them empty."""
    made = Sandbox(undefined=jinja2.StrictUndefined if strict else jinja2.ChainableUndefined, finalize=shown)
    for name in DROPPED:
        made.filters.pop(name, None)
    made.filters |= {"replace": replace, "join": join, "tojson": to_json, "sum": total}
    made.filters = {name: counted(function) for name, function in made.filters.items()} | {"rounds": rounds}
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


def weight(node: nodes.Node) -> int:
    """How long a part of a template is."""
    own = len(node.data) if isinstance(node, nodes.TemplateData) else 0
    return 1 + own + sum(weight(child) for child in node.iter_child_nodes())


def names(source: str) -> set[str]:
    """The names that a template asks for; BadTemplate where it cannot be read."""
    return set(meta.find_undeclared_variables(parse(source)))


@functools.lru_cache(maxsize=256)
def compiled(source: str, *, strict: bool) -> jinja2.Template:
    """The template, ready to be rendered."""
    tree = parse(source)
    for loop in list(tree.find_all(nodes.For)):
        work = nodes.Const(weight(loop))
        loop.iter = nodes.Filter(loop.iter, "rounds", [work], [], None, None)
    return (STRICT if strict else LENIENT).from_string(tree)


def render(source: str, context: dict[str, Any], *, strict: bool = False) -> str:
    """The text of a template; BadTemplate where it fails."""
    token = LEFT.set([MAX_WORK])
    try:
        pieces, length = [], 0
        for piece in compiled(source, strict=strict).generate(context):
            pieces.append(piece)
            length += len(piece)
            fits(length)
    except (jinja2.TemplateError, RecursionError, TypeError, ValueError, ArithmeticError, LookupError) as error:
        raise BadTemplate(sentence(error)) from error
    finally:
        LEFT.reset(token)
    return "".join(pieces)
