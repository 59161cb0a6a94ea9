"""Recurrence rules: what a schedule's text may say, and the times it stands for.

A text is `DTSTART[;TZID=zone]:… RRULE:… [RRULE:…] [EXRULE:…]`. All searches are bounded: neither a rule that starts
long ago, nor one that never matches, nor one whose exceptions cover it, may keep a server busy.
"""

from __future__ import annotations

import functools
import heapq
import re
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, tzinfo
from itertools import islice
from zoneinfo import ZoneInfo, available_timezones

from dateutil import rrule, tz
from dateutil.rrule import DAILY, HOURLY, MINUTELY

START = re.compile(r"DTSTART(;[^:\s]*)?:(\d{8}T\d{6}Z?)", re.IGNORECASE)
RULE = re.compile(r"\b(EX|R)RULE:(\S*)", re.IGNORECASE)
NAIVE_UNTIL = re.compile(r"(UNTIL=)(\d{8})(T\d{6})?(?![\dTZ])", re.IGNORECASE)
ZONE = re.compile(r"TZID=([^:;\s]+)", re.IGNORECASE)
DAYS = (31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
UNSUPPORTED = ("SECONDLY", "BYYEARDAY", "BYWEEKNO", "BYEASTER")
FILTERS = ("_bymonth", "_bymonthday", "_bynmonthday", "_byweekday", "_bynweekday", "_byhour", "_bysetpos")
MOST_RUNS = 999
MOST_RULES = 25
MOST_STEPS = 200_000  # events looked at in one search
WINDOW = timedelta(days=400)  # how far before its end the last event of a rule is looked for


class RuleError(ValueError):
    """A text that is no rule; `args[0]` is a list of sentences."""


@functools.lru_cache(maxsize=1024)
def zone(name: str) -> tzinfo | None:
    """The time zone of this name, or None.

    dateutil's reading of a zone counts, as in AWX: it knows no summer time after 2037. Where a system's zone files are
    too slim for it, Python's own reading is taken.
    """
    if name not in available_timezones():
        return None
    exact, found = ZoneInfo(name), tz.gettz(name)
    probes = [datetime(2030, month, 1, tzinfo=UTC) for month in (1, 7)]
    agrees = found is not None and all(
        p.astimezone(found).utcoffset() == p.astimezone(exact).utcoffset() for p in probes
    )
    return found if agrees else exact


def problems(text: str) -> list[str]:
    """What is wrong with a text, in sentences; empty where nothing is."""
    out = [*start_problems(text), *whole_problems(text)]
    for kind, body in RULE.findall(text)[:MOST_RULES]:
        out += [f"{kind.upper()}RULE:{body}: {problem}" for problem in rule_problems(body.upper())]
    if not out:
        try:
            Recurrence(text)
        except RuleError as error:
            out += error.args[0]
    return out


def start_problems(text: str) -> Iterator[str]:
    """What is wrong with the start."""
    starts = START.findall(text)
    if not starts:
        yield "A start is needed: DTSTART:YYYYMMDDTHHMMSSZ, or DTSTART;TZID=zone:YYYYMMDDTHHMMSS."
    elif len(starts) > 1:
        yield "There can be only one DTSTART."
    elif not starts[0][0] and not starts[0][1].endswith("Z"):
        yield "DTSTART needs a time zone: end it with Z, or put ;TZID=zone after DTSTART."


def whole_problems(text: str) -> Iterator[str]:
    """What is wrong with the text as a whole."""
    kinds = [kind.upper() for kind, _ in RULE.findall(text)]
    if "R" not in kinds:
        yield "At least one RRULE is needed."
    if len(kinds) > MOST_RULES:
        yield f"There can be at most {MOST_RULES} rules."
    if re.search(r"\b(EXDATE|RDATE)\b", text, re.IGNORECASE):
        yield "EXDATE and RDATE are not supported."


def rule_problems(body: str) -> Iterator[str]:
    """What is wrong with one rule, upper case."""
    parts = dict(part.partition("=")[::2] for part in body.split(";"))
    if "INTERVAL" not in parts:
        yield "INTERVAL is needed."
    for word in UNSUPPORTED:
        if word in parts or parts.get("FREQ") == word:
            yield f"{word} is not supported."
    if re.search(r"\d", parts.get("BYDAY", "")):
        yield "BYDAY takes no numbers; BYSETPOS can say the same."
    if "COUNT" in parts and "UNTIL" in parts:
        yield "COUNT and UNTIL exclude each other."
    if parts.get("COUNT", "").isdecimal() and int(parts["COUNT"]) > MOST_RUNS:
        yield f"COUNT can be at most {MOST_RUNS}."


def settle_until(text: str) -> str:
    """The text with every UNTIL in UTC: one without a zone is meant in the zone of DTSTART."""
    named = ZONE.search(text)
    here = (zone(named.group(1)) if named else None) or UTC

    def settled(match: re.Match[str]) -> str:
        try:
            local = datetime.strptime(match.group(2) + (match.group(3) or "T000000"), "%Y%m%dT%H%M%S")  # noqa: DTZ007
        except ValueError:
            return match.group(0)
        return f"{match.group(1)}{local.replace(tzinfo=here).astimezone(UTC):%Y%m%dT%H%M%SZ}"

    return NAIVE_UNTIL.sub(settled, text)


class Recurrence:
    """The times of a rule text, in its own zone. Raises RuleError."""

    def __init__(self, text: str) -> None:
        named = ZONE.search(text)
        if named and zone(named.group(1)) is None:
            raise RuleError([f"{named.group(1)} is no time zone."])
        try:
            found = rrule.rrulestr(settle_until(text), forceset=True, tzids=zone)
        except (ValueError, TypeError, OverflowError, AttributeError, IndexError) as error:
            raise RuleError([f"This cannot be read as a rule: {error}."]) from error
        self.zone_name = named.group(1) if named else "UTC"
        self.rules: list[rrule.rrule] = found._rrule
        self.exceptions: list[rrule.rrule] = found._exrule
        for rule in (*self.rules, *self.exceptions):
            self.check(rule)

    @staticmethod
    def check(rule: rrule.rrule) -> None:
        """Refuse what has no zone and what can never happen."""
        if rule._dtstart.tzinfo is None:
            raise RuleError(["DTSTART needs a time zone."])
        if rule._interval < 1:
            raise RuleError(["INTERVAL must be at least 1."])
        longest = max((days for month, days in enumerate(DAYS, 1) if month in (rule._bymonth or (month,))), default=0)
        if not longest:
            raise RuleError(["There is no such month."])
        days = [abs(day) for day in (*rule._bymonthday, *rule._bynmonthday)]
        if days and min(days) > longest:
            raise RuleError(["No month of the rule has such a day."])
        if rule._freq >= DAILY and rule._bysetpos and min(abs(p) for p in rule._bysetpos) > times_a_period(rule):
            raise RuleError(["BYSETPOS goes beyond what happens in one period."])

    @property
    def until(self) -> datetime | None:
        """The first rule's UNTIL, in the zone of the start."""
        until = self.rules[0]._until
        return until.astimezone(self.rules[0]._dtstart.tzinfo) if until else None

    @property
    def endless(self) -> bool:
        """Whether some rule has neither COUNT nor UNTIL."""
        return any(not rule._until and not rule._count for rule in self.rules)

    def events(self, since: datetime | None = None) -> Iterator[datetime]:
        """Times in order, without exceptions and without those that a clock change skips; from near `since` on.

        They are compared in UTC: two times of one zone would be compared by the clock, which an hour in autumn repeats.
        """
        merged = heapq.merge(*(moments(forward(rule, since)) for rule in self.rules))
        excluded = heapq.merge(*(moments(forward(rule, since)) for rule in self.exceptions))
        barred, last, here = next(excluded, None), None, self.rules[0]._dtstart.tzinfo
        for at in islice(merged, MOST_STEPS):
            while barred is not None and barred < at:
                barred = next(excluded, None)
            if at not in (barred, last):
                yield at.astimezone(here)
            last = at

    def after(self, moment: datetime, count: int = 1) -> list[datetime]:
        """The next `count` times, from `moment` on."""
        return list(islice((at for at in self.events(moment) if at >= moment), count))

    def first(self) -> datetime | None:
        """When it starts."""
        return next(self.events(), None)

    def last(self) -> datetime | None:
        """When it ends; None where it does not, or where nothing ever happens."""
        if self.endless:
            return None
        near = max((rule._until for rule in self.rules if rule._until), default=None)
        last = None
        for at in self.events(near - WINDOW if near else None):
            last = at
        if last is None and near:
            for at in self.events():
                last = at
        return last


def times_a_period(rule: rrule.rrule) -> int:
    """How many times a day, an hour or a minute of the rule can hold."""
    sizes = [len(values or (0,)) for values in (rule._byhour, rule._byminute, rule._bysecond)]
    kept = sizes[rule._freq - DAILY :] if rule._freq <= MINUTELY else [1]
    return functools.reduce(lambda a, b: a * b, kept)


def forward(rule: rrule.rrule, since: datetime | None) -> rrule.rrule:
    """The rule begun shortly before `since`, in step with its start; one that counts cannot skip."""
    if since is None or rule._count or rule._freq not in (HOURLY, MINUTELY) or rule._dtstart >= since:
        return rule
    step = timedelta(hours=rule._interval) if rule._freq == HOURLY else timedelta(minutes=rule._interval)
    local = since.astimezone(rule._dtstart.tzinfo).replace(tzinfo=None) - timedelta(days=1)
    start = rule._dtstart.replace(tzinfo=None)
    steps = max((local - start) // step, 0)
    return rule.replace(dtstart=(start + steps * step).replace(tzinfo=rule._dtstart.tzinfo))


def moments(rule: rrule.rrule) -> Iterator[datetime]:
    """The rule's times in UTC. Plain hours and minutes are counted on through clock changes; all else is local."""
    if rule._freq in (HOURLY, MINUTELY) and not any(rule._original_rule.get(name[1:]) for name in FILTERS):
        yield from rule.replace(dtstart=rule._dtstart.astimezone(UTC))
    else:
        yield from (at.astimezone(UTC) for at in rule if tz.datetime_exists(at))


def zones() -> dict[str, object]:
    """Every time zone, and which of them are other names of another: {zones: [...], links: {name: name}}."""
    from dateutil.zoneinfo import get_zonefile_instance

    found = get_zonefile_instance().zones
    links = {name: str(info._filename) for name, info in found.items() if str(info._filename) != name}
    return {"zones": sorted(found), "links": dict(sorted(links.items()))}
