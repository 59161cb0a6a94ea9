"""Any rule, any zone, any moment around clock changes: the next times are those that dateutil and a calendar give."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from dateutil import rrule, tz
from hypothesis import given, settings
from hypothesis import strategies as st

from apps.unified.models import Schedule
from apps.unified.schedules.rules import Recurrence
from apps.unified.schedules.services import compute

ZONES = ("America/New_York", "Europe/Prague", "Australia/Lord_Howe", "Asia/Kolkata", "America/Santiago", "UTC")
CHANGES = ((2030, 3, 10), (2030, 3, 31), (2030, 4, 7), (2030, 9, 8), (2030, 10, 6), (2030, 10, 27), (2030, 11, 3))
MINUTES = 60
DAYS = ("MO", "TU", "WE", "TH", "FR", "SA", "SU")


@st.composite
def starts(draw: Any) -> datetime:
    """A local time within four days of a clock change somewhere, mostly in the hours in which it happens."""
    day = datetime(*draw(st.sampled_from(CHANGES))) + timedelta(days=draw(st.integers(-4, 4)))  # noqa: DTZ001
    return day + timedelta(minutes=draw(st.one_of(st.integers(0, 4 * MINUTES), st.integers(0, 24 * MINUTES - 1))))


@st.composite
def local_rules(draw: Any) -> str:
    """A rule whose times are local: by the day or slower, or by the hour at some hours."""
    parts = [f"INTERVAL={draw(st.integers(1, 5))}"]
    freq = draw(st.sampled_from(("DAILY", "WEEKLY", "MONTHLY", "YEARLY", "HOURLY", "MINUTELY")))
    if freq in ("HOURLY", "MINUTELY"):
        parts = ["INTERVAL=1" if freq == "HOURLY" else "INTERVAL=30"]
        parts.append("BYHOUR=" + ",".join(map(str, draw(st.sets(st.integers(0, 5), min_size=1, max_size=3)))))
    elif freq == "WEEKLY" or draw(st.booleans()):
        parts.append("BYDAY=" + ",".join(draw(st.sets(st.sampled_from(DAYS), min_size=1, max_size=4))))
    if draw(st.booleans()):
        parts.append(f"COUNT={draw(st.integers(1, 60))}")
    return f"FREQ={freq};" + ";".join(parts)


def written(start: datetime, zone: str, *rules: str) -> str:
    """The text of a schedule."""
    return f"DTSTART;TZID={zone}:{start:%Y%m%dT%H%M%S} " + " ".join(rules)


def expected(start: datetime, zone: str, rule: str, moment: datetime, count: int) -> list[datetime]:
    """By dateutil alone: all local times from the start on, those that exist, from the moment on."""
    here, out = tz.gettz(zone), []
    for local in rrule.rrulestr(rule, dtstart=start):
        at = local.replace(tzinfo=here)
        if local - start > timedelta(days=15_000):
            break
        if tz.datetime_exists(at) and at.astimezone(UTC) >= moment:
            out.append(at.astimezone(UTC))
            if len(out) == count:
                break
    return out


@settings(max_examples=250, deadline=None)
@given(start=starts(), zone=st.sampled_from(ZONES), rule=local_rules(), later=st.integers(-100, 4000))
def test_the_next_times_are_dateutils(start: datetime, zone: str, rule: str, later: int) -> None:
    moment = start.replace(tzinfo=UTC) + timedelta(minutes=later * 17)
    found = [at.astimezone(UTC) for at in Recurrence(written(start, zone, f"RRULE:{rule}")).after(moment, 5)]
    assert found == expected(start, zone, rule, moment, 5)
    assert found == sorted(set(found))


@settings(max_examples=150, deadline=None)
@given(start=starts(), zone=st.sampled_from(ZONES), step=st.integers(1, 90), later=st.integers(-100, 500_000))
def test_plain_minutes_and_hours_are_real_ones(start: datetime, zone: str, step: int, later: int) -> None:
    rule = f"FREQ=HOURLY;INTERVAL={step % 5 + 1}" if step % 2 else f"FREQ=MINUTELY;INTERVAL={step}"
    length = timedelta(hours=step % 5 + 1) if step % 2 else timedelta(minutes=step)
    moment = start.replace(tzinfo=UTC) + timedelta(minutes=later)
    found = [at.astimezone(UTC) for at in Recurrence(written(start, zone, f"RRULE:{rule}")).after(moment, 5)]
    assert len(found) == 5
    assert found[0] >= moment
    assert {b - a for a, b in pairwise(found)} == {length}
    first = start.replace(tzinfo=tz.gettz(zone)).astimezone(UTC)
    assert found[0] >= first
    assert found[0] - length < max(moment, first)


@settings(max_examples=100, deadline=None)
@given(
    start=starts(), zone=st.sampled_from(ZONES), step=st.integers(1, 4), days=st.sets(st.sampled_from(DAYS), max_size=6)
)
def test_exceptions_take_their_times_away_and_no_others(start: datetime, zone: str, step: int, days: set[str]) -> None:
    rule, moment = f"FREQ=DAILY;INTERVAL={step}", start.replace(tzinfo=UTC)
    named = f";BYDAY={','.join(sorted(days))}" if days else ";BYMONTH=7"
    excluded = set(expected(start, zone, rule + named, moment, 100))
    wanted = [at for at in expected(start, zone, rule, moment, 60) if at not in excluded][:3]
    found = Recurrence(written(start, zone, f"RRULE:{rule}", f"EXRULE:{rule}{named}")).after(moment, 3)
    assert [at.astimezone(UTC) for at in found] == wanted


@pytest.mark.django_db
@pytest.mark.parametrize("zone", ZONES[:3])
@pytest.mark.parametrize("change", CHANGES)
def test_a_schedule_that_runs_on_and_on_misses_no_time_and_repeats_none(
    zone: str, change: tuple[int, int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    start = datetime(*change) - timedelta(days=2) + timedelta(hours=1, minutes=30)  # noqa: DTZ001
    schedule = Schedule(rrule=written(start, zone, "RRULE:FREQ=DAILY;INTERVAL=1"), enabled=True)
    clock = [start.replace(tzinfo=tz.gettz(zone)).astimezone(UTC) - timedelta(minutes=1)]
    monkeypatch.setattr("apps.unified.schedules.services.timezone.now", lambda: clock[0])
    runs = []
    for _run in range(5):
        compute(schedule)
        runs.append(schedule.next_run.astimezone(UTC))
        clock[0] = schedule.next_run + timedelta(seconds=7)  # the clock of the server comes a bit later
    assert runs == expected(start, zone, "FREQ=DAILY;INTERVAL=1", runs[0], 5)
