"""Surveys: the questions of a template, what answers they take, and how secret defaults are kept.

A survey is `{"name", "description", "spec": [question, …]}`. The default of a `password` question is stored as an
encrypted text that begins with `$encrypted$`; clients see `$encrypted$` alone, and may send that back to keep it.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from apps.core import crypto
from apps.core.errors import BadRequest
from apps.unified.prompts import ENCRYPTED

TYPES = ("text", "textarea", "password", "multiplechoice", "multiselect", "integer", "float")
CHOOSING = ("multiplechoice", "multiselect")
LABEL = crypto.label("jobs.survey")
Question = dict[str, Any]


# --- the specification ---------------------------------------------------------------------------------------------


def check_spec(data: Mapping[str, Any], stored: Mapping[str, Any]) -> dict[str, Any]:
    """The survey as it is kept; BadRequest({"error": …}) where it is none. `stored` holds the passwords known."""
    for key, kind in (("name", str), ("description", str), ("spec", list)):
        if key not in data:
            raise refused(f"The survey has no {key!r}.")
        if not isinstance(data[key], kind):
            raise refused(f"The {key!r} of a survey must be a {'list' if kind is list else 'text'}.")
    if not data["spec"]:
        raise refused("The survey has no questions.")
    known = {q.get("variable"): q.get("default") for q in questions(stored) if q.get("type") == "password"}
    seen: set[str] = set()
    out = []
    for number, question in enumerate(data["spec"]):
        out.append(check_question(number, question, known))
        variable = question["variable"]
        if variable in seen:
            raise refused(f"The variable {variable!r} is asked for twice (question {number}).")
        seen.add(variable)
    return {**data, "spec": out}


def check_question(number: int, question: Any, known: Mapping[str, Any]) -> Question:
    """One question as it is kept."""
    where = f"question {number}"
    if not isinstance(question, dict):
        raise refused(f"The {where} must be an object.")
    check_keys(where, question)
    check_limits(where, question)
    question = {**question}
    if question["type"] in CHOOSING:
        question["choices"] = check_choices(where, question)
    check_default(where, question, known)
    return question


def check_keys(where: str, question: Question) -> None:
    """What every question has."""
    for key in ("type", "question_name", "variable", "required"):
        kind = bool if key == "required" else str
        if key not in question:
            raise refused(f"The {where} has no {key!r}.")
        if not isinstance(question[key], kind):
            raise refused(f"The {key!r} of {where} must be {'true or false' if kind is bool else 'a text'}.")
    if not question["variable"]:
        raise refused(f"The {where} names no variable.")
    if question["type"] not in TYPES:
        raise refused(f"The type of {where} must be one of: {', '.join(TYPES)}.")


def check_limits(where: str, question: Question) -> None:
    """Limits are whole numbers."""
    for key in ("min", "max"):
        limit = question.get(key)
        if limit is not None and (isinstance(limit, bool) or not isinstance(limit, int)):
            raise refused(f"The {key!r} of {where} must be a whole number.")


def check_choices(where: str, question: Question) -> Any:
    """The choices without blank lines, as a text with one a line or as a list, whichever was given."""
    given = question.get("choices")
    if isinstance(given, str):
        lines = [line for line in given.splitlines() if line.strip()]
        kept: Any = "\n".join(lines)
    elif isinstance(given, list) and all(isinstance(choice, str) for choice in given):
        lines = kept = [choice for choice in given if choice.strip()]
    else:
        raise refused(f"The {where} needs 'choices': a list of texts, or a text with one a line.")
    if not lines:
        raise refused(f"The {where} has no choices.")
    return kept


def check_default(where: str, question: Question, known: Mapping[str, Any]) -> None:
    """The default fits the type; a password's is encrypted, or kept."""
    default, kind = question.get("default"), question["type"]
    if default is None:
        return
    if kind == "password":
        question["default"] = kept_password(where, question, known)
    elif default == ENCRYPTED:
        raise refused(f"{ENCRYPTED} is reserved for passwords (the default of {where}).")
    elif kind in CHOOSING and default != "":
        check_chosen(where, question)
    elif kind not in CHOOSING and default != "" and not fits(kind, default):
        raise refused(f"The default of {where} does not fit its type, {kind}.")


def fits(kind: str, value: Any) -> bool:
    """Whether a value is of a question's type."""
    wanted: Any = {"integer": int, "float": int | float}.get(kind, str)
    return isinstance(value, wanted) and not isinstance(value, bool)


def check_chosen(where: str, question: Question) -> None:
    """The default of a question with choices is among them; only a multiselect takes several."""
    default = question["default"]
    several = question["type"] == "multiselect"
    if several and isinstance(default, list):
        chosen = default
    elif isinstance(default, str):
        chosen = default.split("\n") if several else [default]
    else:
        raise refused(f"The default of {where} must be a text.")
    if any(choice not in choices(question) for choice in chosen):
        raise refused(f"The default of {where} must be among its choices.")


def kept_password(where: str, question: Question, known: Mapping[str, Any]) -> str:
    """The encrypted default: the new one, or the one known by this variable."""
    default = question["default"]
    if not isinstance(default, str):
        raise refused(f"The default of {where} must be a text.")
    if default == "":
        return ""
    if default.startswith(ENCRYPTED):
        if known.get(question["variable"]) is None:
            raise refused(f"There is no password to keep as the default of {where}.")
        return known[question["variable"]]
    return crypto.encrypt(default, LABEL)


def refused(sentence: str) -> BadRequest:
    """400 as survey_spec/ answers."""
    return BadRequest({"error": sentence})


def shown(survey: Mapping[str, Any]) -> dict[str, Any]:
    """The survey with its passwords masked."""
    out = dict(survey)
    if "spec" in out:
        out["spec"] = [{**q, "default": ENCRYPTED} if is_sealed(q) else q for q in out["spec"]]
    return out


# --- the answers ---------------------------------------------------------------------------------------------------


def questions(survey: Mapping[str, Any] | None) -> list[Question]:
    """The questions of a survey, or none."""
    return list((survey or {}).get("spec", []))


def active(template: Any) -> list[Question]:
    """The questions that a launch of the template answers."""
    return questions(template.survey_spec) if template.survey_enabled else []


def secret_variables(survey: Mapping[str, Any] | None) -> set[str]:
    """The variables whose answers are never shown."""
    return {q["variable"] for q in questions(survey) if q.get("type") == "password"}


def is_sealed(question: Question) -> bool:
    """Whether the default is an encrypted text."""
    return question.get("type") == "password" and crypto.is_encrypted(question.get("default"))


def opened(question: Question) -> Any:
    """The default in plain."""
    default = question.get("default")
    return crypto.decrypt(default, LABEL) if is_sealed(question) else default


def defaults(asked: Iterable[Question]) -> dict[str, Any]:
    """The defaults that would pass as answers, in plain."""
    out = {}
    for question in asked:
        value = opened(question)
        if value is None:
            continue
        if not check_answer(question, {question["variable"]: value}):
            out[question["variable"]] = value
    return out


def required(asked: Iterable[Question]) -> list[str]:
    """The variables without which a launch is refused."""
    return [question["variable"] for question in asked if question["required"]]


def check_answer(question: Question, answers: Mapping[str, Any], *, needed: bool = True) -> list[str]:
    """What is wrong with the answer to one question, as sentences; `needed` whether it may be missing."""
    name = question["variable"]
    if name not in answers or (question["type"] == "password" and answers[name] == ENCRYPTED):
        lacking = question["required"] and needed and (name not in answers or question.get("default") is None)
        return [f"'{name}' value missing"] if lacking else []
    value, kind = answers[name], question["type"]
    if kind in ("text", "textarea", "password"):
        return check_text(question, value)
    if kind in ("integer", "float"):
        return check_number(question, value)
    if kind == "multiselect":
        return check_several(question, value)
    return [] if value in choices(question) else [f"Value {value!r} for '{name}' is not one of its choices."]


def check_text(question: Question, value: Any) -> list[str]:
    """A text within its limits; a secret value is not repeated."""
    name = question["variable"]
    if not isinstance(value, str):
        return [f"The value for '{name}' must be a text."]
    low, high = limits(question)
    if low is not None and len(value) < low:
        return [f"The value for '{name}' is too short (at least {low} characters)."]
    if high is not None and len(value) > high:
        return [f"The value for '{name}' is too long (at most {high} characters)."]
    return []


def check_number(question: Question, value: Any) -> list[str]:
    """A number within its limits."""
    name, whole = question["variable"], question["type"] == "integer"
    if not fits(question["type"], value):
        return [f"Value {value!r} for '{name}' must be a {'whole ' if whole else ''}number."]
    low, high = limits(question)
    if low is not None and value < low:
        return [f"Value {value} for '{name}' is too small (at least {low})."]
    if high is not None and value > high:
        return [f"Value {value} for '{name}' is too large (at most {high})."]
    return []


def check_several(question: Question, value: Any) -> list[str]:
    """A list of choices."""
    name = question["variable"]
    if not isinstance(value, list):
        return [f"The value for '{name}' must be a list."]
    wrong = [choice for choice in value if choice not in choices(question)]
    return [f"Value {choice!r} for '{name}' is not one of its choices." for choice in wrong]


def choices(question: Question) -> list[str]:
    """What may be chosen."""
    given = question.get("choices") or []
    return given.splitlines() if isinstance(given, str) else list(given)


def limits(question: Question) -> tuple[int | None, int | None]:
    """The smallest and the largest: of numbers the value, of texts the length."""
    low, high = question.get("min"), question.get("max")
    return (None if low == "" else low), (None if high == "" else high)
