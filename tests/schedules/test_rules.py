"""Recurrence rules: what is refused, and the times that the rest stands for."""

import itertools
import time
from datetime import UTC, datetime

import pytest

from apps.unified.schedules.rules import Recurrence, problems, settle_until

START = "DTSTART:20380308T050000Z"
ZONED = "DTSTART;TZID=America/New_York:20380308T050000"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "DTSTART:NONSENSE",
        "DTSTART:20380308T050000 RRULE:FREQ=DAILY;INTERVAL=1",
        f"{START} DTSTART:20390308T050000Z RRULE:FREQ=DAILY;INTERVAL=1",
        START,
        "RRULE:FREQ=DAILY;INTERVAL=1",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1 EXDATE:20380309T050000Z",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1 RDATE:20380309T050000Z",
        f"{START} RRULE:FREQ=SECONDLY;INTERVAL=1",
        f"{START} RRULE:FREQ=DAILY",
        f"{START} RRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=2MO",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=5;UNTIL=20380901T000000Z",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1;COUNT=1000",
        f"{START} RRULE:FREQ=REGULARLY;INTERVAL=1",
        f"{ZONED}Z RRULE:FREQ=DAILY;INTERVAL=1",
        "DTSTART;TZID=Mars/Olympus:20380308T050000 RRULE:FREQ=DAILY;INTERVAL=1",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1 RRULE:FREQ=DAILY",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1 EXRULE:FREQ=WEEKLY;BYDAY=SU",
        f"{START} RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=2;BYMONTHDAY=30",
        f"{START} RRULE:FREQ=MINUTELY;INTERVAL=1;BYSETPOS=2",
        f"{START} RRULE:FREQ=DAILY;INTERVAL=0",
        f"{START} RRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=13",
        f"{START} " + "RRULE:FREQ=DAILY;INTERVAL=1 " * 26,
    ],
)
def test_a_text_that_is_no_rule_is_refused(text):
    assert problems(text)


@pytest.mark.parametrize(
    "text",
    [
        f"{START} RRULE:FREQ=DAILY;INTERVAL=1",
        f"{ZONED} RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20380401T000000",
        f"{START} RRULE:FREQ=MONTHLY;INTERVAL=1;BYMONTHDAY=1,15",
        f"{START}\nRRULE:FREQ=MONTHLY;INTERVAL=1;BYDAY=MO,TU;BYSETPOS=-1\nEXRULE:FREQ=YEARLY;INTERVAL=1;BYMONTH=7",
    ],
)
def test_a_rule_is_taken(text):
    assert problems(text) == []


def test_an_end_without_a_zone_is_meant_in_the_zone_of_the_start():
    text = settle_until("DTSTART;TZID=Europe/Prague:20300101T120000 RRULE:FREQ=DAILY;INTERVAL=1;UNTIL=20300110T120000")
    assert text.endswith("UNTIL=20300110T110000Z")


def test_exceptions_and_several_rules_are_merged():
    rule = Recurrence("DTSTART:20380301T080000Z RRULE:FREQ=DAILY;INTERVAL=1 EXRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SA,SU")
    assert [at.day for at in rule.after(datetime(2038, 3, 1, tzinfo=UTC), 6)] == [1, 2, 3, 4, 5, 8]
    both = "DTSTART:20380101T080000Z RRULE:FREQ=DAILY;INTERVAL=10;COUNT=3 RRULE:FREQ=DAILY;INTERVAL=3;COUNT=3"
    assert [at.day for at in Recurrence(both).events()] == [1, 4, 7, 11, 21]


def test_local_time_stays_over_a_clock_change_and_skipped_times_do_not_happen():
    rule = Recurrence("DTSTART;TZID=America/New_York:20300309T023000 RRULE:FREQ=DAILY;INTERVAL=1;COUNT=3")
    assert [at.astimezone(UTC).isoformat() for at in rule.events()] == [
        "2030-03-09T07:30:00+00:00",
        "2030-03-11T06:30:00+00:00",
    ]


def test_hours_are_counted_through_a_clock_change():
    rule = Recurrence("DTSTART;TZID=Europe/Prague:20301027T000000 RRULE:FREQ=HOURLY;INTERVAL=1;COUNT=5")
    moments = [at.astimezone(UTC) for at in rule.events()]
    assert {(b - a).total_seconds() for a, b in itertools.pairwise(moments)} == {3600}


def test_the_end_is_known_only_where_there_is_one():
    assert Recurrence(f"{START} RRULE:FREQ=DAILY;INTERVAL=1").last() is None
    ended = Recurrence("DTSTART:20380101T090000Z RRULE:FREQ=WEEKLY;INTERVAL=1;UNTIL=20380201T090000Z")
    assert ended.last() == datetime(2038, 1, 29, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    "text",
    [
        "DTSTART:20000101T000000Z RRULE:FREQ=MINUTELY;INTERVAL=1",
        "DTSTART:20000101T000000Z RRULE:FREQ=MINUTELY;INTERVAL=1 EXRULE:FREQ=MINUTELY;INTERVAL=1",
        "DTSTART:20000101T000000Z RRULE:FREQ=MINUTELY;INTERVAL=7;UNTIL=99990101T000000Z",
    ],
)
def test_no_rule_keeps_the_server_busy(text):
    began, rule = time.process_time(), Recurrence(text)
    rule.after(datetime(2030, 6, 1, tzinfo=UTC), 10)
    rule.last()
    assert time.process_time() - began < 8  # of this process alone, whatever else the machine does


def test_an_old_rule_keeps_its_step():
    rule = Recurrence("DTSTART:20000101T000300Z RRULE:FREQ=MINUTELY;INTERVAL=7")
    found = rule.after(datetime(2030, 6, 1, tzinfo=UTC))[0]
    assert (found - datetime(2000, 1, 1, 0, 3, tzinfo=UTC)).total_seconds() % 420 == 0
