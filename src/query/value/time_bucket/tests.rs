//! Where spans begin, beside the clock and the calendar of their zone.

use super::*;
use crate::timestamp;

fn buckets(step: Step, zone: &str) -> TimeBuckets {
    let zone = Zone::parse(zone).unwrap();
    TimeBuckets { step, zone }
}

fn start(step: Step, zone: &str, text: &str) -> String {
    let buckets = buckets(step, zone);
    let ms = timestamp::parse(text).unwrap().ms;
    let mut memo = BucketMemo::EMPTY;
    buckets.format(buckets.start_of(ms, &mut memo))
}

const HOUR: Step = Step::Clock(3_600_000);
const DAY: Step = Step::Days(1);
const MONTH: Step = Step::Months(1);

/// A step, a zone, a time, and when the span begins that it is in.
const BEGINNINGS: &[(Step, &str, &str, &str)] = &[
    (
        HOUR,
        "UTC",
        "2026-03-29T01:59:59.999Z",
        "2026-03-29T01:00:00.000Z",
    ),
    (
        DAY,
        "UTC",
        "1969-12-31T23:00:00Z",
        "1969-12-31T00:00:00.000Z",
    ),
    (
        HOUR,
        "Asia/Kolkata",
        "2026-01-01T00:10:00Z",
        "2026-01-01T05:00:00.000+05:30",
    ),
    (
        HOUR,
        "+05:45",
        "2026-01-01T00:10:00Z",
        "2026-01-01T05:00:00.000+05:45",
    ),
    (
        DAY,
        "Asia/Kolkata",
        "2026-01-01T18:30:00Z",
        "2026-01-02T00:00:00.000+05:30",
    ),
    (
        DAY,
        "Europe/Berlin",
        "2026-03-29T12:00:00Z",
        "2026-03-29T00:00:00.000+01:00",
    ),
    (
        DAY,
        "Europe/Berlin",
        "2026-03-29T22:00:00Z",
        "2026-03-30T00:00:00.000+02:00",
    ),
    (
        MONTH,
        "Europe/Berlin",
        "2026-04-30T21:59:59Z",
        "2026-04-01T00:00:00.000+02:00",
    ),
    (
        MONTH,
        "Europe/Berlin",
        "2026-04-30T22:00:00Z",
        "2026-05-01T00:00:00.000+02:00",
    ),
    (
        Step::Weeks(1),
        "UTC",
        "2026-11-29T12:00:00Z",
        "2026-11-23T00:00:00.000Z",
    ),
    (
        Step::Weeks(1),
        "UTC",
        "2026-11-30T00:00:00Z",
        "2026-11-30T00:00:00.000Z",
    ),
    (
        Step::Months(3),
        "UTC",
        "2026-06-30T12:00:00Z",
        "2026-04-01T00:00:00.000Z",
    ),
    (
        Step::Months(12),
        "UTC",
        "2026-06-30T12:00:00Z",
        "2026-01-01T00:00:00.000Z",
    ),
    // The hour from 2 to 3 is there twice.
    (
        HOUR,
        "Europe/Berlin",
        "2026-10-25T00:30:00Z",
        "2026-10-25T02:00:00.000+02:00",
    ),
    (
        HOUR,
        "Europe/Berlin",
        "2026-10-25T01:30:00Z",
        "2026-10-25T02:00:00.000+01:00",
    ),
    // It is not there at all.
    (
        HOUR,
        "Europe/Berlin",
        "2026-03-29T00:59:59Z",
        "2026-03-29T01:00:00.000+01:00",
    ),
    (
        HOUR,
        "Europe/Berlin",
        "2026-03-29T01:00:00Z",
        "2026-03-29T03:00:00.000+02:00",
    ),
    (
        Step::Clock(2 * 3_600_000),
        "Europe/Berlin",
        "2026-03-29T01:30:00Z",
        "2026-03-29T03:00:00.000+02:00",
    ),
    // The clock is put back by half an hour: an hour takes 90 minutes.
    (
        HOUR,
        "Australia/Lord_Howe",
        "2026-04-04T14:10:00Z",
        "2026-04-05T01:00:00.000+11:00",
    ),
    (
        HOUR,
        "Australia/Lord_Howe",
        "2026-04-04T15:10:00Z",
        "2026-04-05T01:00:00.000+11:00",
    ),
    // The clock is put back by half an hour, to the middle of a span that has ended: it goes on, on its own.
    (
        Step::Clock(20 * 60_000),
        "Australia/Lord_Howe",
        "2026-04-04T15:05:00Z",
        "2026-04-05T01:30:00.000+10:30",
    ),
    (
        Step::Clock(40 * 60_000),
        "Australia/Lord_Howe",
        "2026-04-04T15:05:00Z",
        "2026-04-05T01:20:00.000+11:00",
    ),
    (
        Step::Clock(30 * 60_000),
        "Australia/Lord_Howe",
        "2026-04-04T15:05:00Z",
        "2026-04-05T01:30:00.000+10:30",
    ),
    // It is put back from 00:01 to 23:01.
    (
        HOUR,
        "America/St_Johns",
        "2010-11-07T02:29:00Z",
        "2010-11-06T23:00:00.000-02:30",
    ),
    (
        HOUR,
        "America/St_Johns",
        "2010-11-07T02:30:59Z",
        "2010-11-07T00:00:00.000-02:30",
    ),
    (
        HOUR,
        "America/St_Johns",
        "2010-11-07T03:00:00Z",
        "2010-11-06T23:01:00.000-03:30",
    ),
    (
        HOUR,
        "America/St_Johns",
        "2010-11-07T03:30:00Z",
        "2010-11-07T00:00:00.000-03:30",
    ),
    // A day has its date, also where another one was begun before.
    (
        DAY,
        "America/St_Johns",
        "2010-11-07T02:30:59Z",
        "2010-11-07T00:00:00.000-02:30",
    ),
    (
        DAY,
        "America/St_Johns",
        "2010-11-07T03:00:00Z",
        "2010-11-06T00:00:00.000-02:30",
    ),
    // Midnight is not there.
    (
        DAY,
        "America/Sao_Paulo",
        "2018-11-04T12:00:00Z",
        "2018-11-04T01:00:00.000-02:00",
    ),
    // Midnight is there twice.
    (
        DAY,
        "America/Havana",
        "2026-11-01T12:00:00Z",
        "2026-11-01T00:00:00.000-04:00",
    ),
    // An offset of 53 minutes and 28 seconds.
    (
        DAY,
        "Europe/Berlin",
        "1850-06-01T12:00:00Z",
        "1850-06-01T00:00:32.000+00:54",
    ),
    (
        DAY,
        "America/New_York",
        "0000-01-01T12:00:00Z",
        "0000-01-01T00:00:02.000-04:56",
    ),
    (
        DAY,
        "Pacific/Kiritimati",
        "9999-12-31T23:59:59Z",
        "+010000-01-01T00:00:00.000+14:00",
    ),
    (
        DAY,
        "America/New_York",
        "0000-01-01T00:00:00Z",
        "-000001-12-31T00:00:02.000-04:56",
    ),
];

#[test]
fn spans_begin_by_the_clock_and_the_calendar_of_the_zone() {
    for (step, zone, text, expected) in BEGINNINGS {
        assert_eq!(
            &start(*step, zone, text),
            expected,
            "{step:?} {zone} {text}"
        );
    }
}

/// The spans between two times, each by when it begins, without its year and its seconds.
fn starts(step: Step, zone: &str, from: &str, to: &str) -> Vec<String> {
    let buckets = buckets(step, zone);
    let ms = |text| timestamp::parse(text).unwrap().ms;
    let starts = buckets.starts(ms(from), ms(to));
    let texts = starts.map(|start| buckets.format(start));
    texts
        .map(|text| text[5..16].to_owned() + &text[23..])
        .collect()
}

#[test]
fn hours_follow_each_other_without_gaps() {
    assert_eq!(
        starts(
            HOUR,
            "Europe/Berlin",
            "2026-10-24T23:10:00Z",
            "2026-10-25T02:10:00Z"
        ),
        [
            "10-25T01:00+02:00",
            "10-25T02:00+02:00",
            "10-25T02:00+01:00",
            "10-25T03:00+01:00"
        ]
    );
    assert_eq!(
        starts(
            HOUR,
            "Europe/Berlin",
            "2026-03-29T00:10:00Z",
            "2026-03-29T02:10:00Z"
        ),
        [
            "03-29T01:00+01:00",
            "03-29T03:00+02:00",
            "03-29T04:00+02:00"
        ]
    );
    assert_eq!(
        starts(
            Step::Clock(6 * 3_600_000),
            "Europe/Berlin",
            "2026-10-25T00:00:00Z",
            "2026-10-25T12:00:00Z"
        ),
        [
            "10-25T00:00+02:00",
            "10-25T06:00+01:00",
            "10-25T12:00+01:00"
        ]
    );
    assert_eq!(
        starts(
            HOUR,
            "Australia/Lord_Howe",
            "2026-04-04T14:00:00Z",
            "2026-04-04T16:00:00Z"
        ),
        ["04-05T01:00+11:00", "04-05T02:00+10:30"]
    );
}

#[test]
fn days_and_months_follow_each_other_without_gaps() {
    // There was no 30th of December 2011.
    assert_eq!(
        starts(
            DAY,
            "Pacific/Apia",
            "2011-12-29T12:00:00Z",
            "2011-12-31T12:00:00Z"
        ),
        [
            "12-29T00:00-10:00",
            "12-31T00:00+14:00",
            "01-01T00:00+14:00"
        ]
    );
    assert_eq!(
        starts(
            MONTH,
            "Europe/Berlin",
            "2026-02-10T00:00:00Z",
            "2026-05-10T00:00:00Z"
        ),
        [
            "02-01T00:00+01:00",
            "03-01T00:00+01:00",
            "04-01T00:00+02:00",
            "05-01T00:00+02:00"
        ]
    );
}

#[test]
fn spans_that_are_always_as_long_are_counted() {
    let years = buckets(Step::Clock(1_000), "UTC");
    assert_eq!(years.starts(0, 99_000).count(), 100);
    assert_eq!(years.starts(1_500, 1_200).collect::<Vec<_>>(), [1_000]);
}

#[test]
fn zones_have_names_or_offsets() {
    for name in [
        "Europe/Berlin",
        "europe/berlin",
        "UTC",
        "utc",
        "Asia/Calcutta",
        "+05:30",
        "-08",
        "+0545",
    ] {
        assert!(Zone::parse(name).is_ok(), "{name}");
    }
    for (name, likely) in [
        ("Europe/Berlim", Some("Europe/Berlin")),
        ("Erope/Paris", Some("Europe/Paris")),
        ("Mars/Olympus", None),
        ("", None),
        ("+5", None),
        ("+19:00", None),
        ("+05:60", None),
        ("5:30", None),
    ] {
        let error = Zone::parse(name).map(|_| ()).unwrap_err();
        assert_eq!(error.as_deref(), likely, "{name}");
    }
}
