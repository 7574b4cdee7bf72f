//! Spans of time that events are sorted into.

use chrono::{DateTime, Datelike as _, NaiveDate};

use super::time_zone::{DAY_MS, Readings, Zone};

/// The days between 1970-01-01, a Thursday, and the Monday before it.
const MONDAY: i64 = -3;

/// Spans that follow each other, by the clock and the calendar of a zone.
#[derive(Clone, Debug)]
pub(in crate::query) struct TimeBuckets {
    pub(in crate::query) step: Step,
    pub(in crate::query) zone: Zone,
}

/// How long a span is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Step {
    /// So many milliseconds, from midnight on. They divide a day.
    Clock(i64),
    /// So many days. Those before 1970-01-01 are counted back from it.
    Days(i64),
    /// So many weeks, from Monday on.
    Weeks(i64),
    /// So many months. They are counted from January of the year 0 on.
    Months(i64),
}

/// Where events of one offset and one span begin, so that the next event need not be looked up.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct BucketMemo {
    /// From when on until when the offset holds.
    span: (i64, i64),
    offset_ms: i64,
    number: i64,
    start_ms: i64,
}

impl BucketMemo {
    /// That of no event.
    pub(in crate::query) const EMPTY: Self = Self {
        span: (0, 0),
        offset_ms: 0,
        number: i64::MIN,
        start_ms: 0,
    };
}

impl TimeBuckets {
    /// When the span begins that an instant is in, both in milliseconds since 1970.
    pub(in crate::query) fn start_of(&self, ms: i64, memo: &mut BucketMemo) -> i64 {
        let (from, until) = memo.span;
        let is_known = (from..until).contains(&ms);
        if !is_known {
            memo.span = self.zone.span_of_offset(ms);
            memo.offset_ms = self.zone.offset_ms(ms);
        }
        let number = self.step.number_of(ms + memo.offset_ms);
        if !is_known || number != memo.number {
            memo.number = number;
            memo.start_ms = self.start_of_number(number, ms);
        }
        memo.start_ms
    }

    /// When the span of that number begins, of which `ms` is a part.
    fn start_of_number(&self, number: i64, ms: i64) -> i64 {
        match self.zone.readings(self.step.wall_ms(number)) {
            Readings::Once(start) | Readings::Never(start) => start,
            // A day begins once. An hour that the clock shows twice is two.
            Readings::Twice(first, second) => match self.step {
                Step::Clock(_) if second <= ms => second,
                _ => first,
            },
        }
    }

    /// The beginnings of all spans from that of one instant to that of another one, ascending; `None` if there are more
    /// than `most`.
    pub(in crate::query) fn starts(&self, from: i64, to: i64, most: usize) -> Option<Vec<i64>> {
        let mut memo = BucketMemo::EMPTY;
        let last = self.start_of(to, &mut memo);
        let mut start = self.start_of(from, &mut memo);
        let mut starts = vec![start];
        while start < last {
            if starts.len() >= most {
                return None;
            }
            start = self.next(start, &mut memo);
            starts.push(start);
        }
        Some(starts)
    }

    /// The beginning of the span after the one that begins at `start`.
    fn next(&self, start: i64, memo: &mut BucketMemo) -> i64 {
        match self.step {
            // A span that the clock was put back in is longer than the step.
            Step::Clock(step) => {
                let mut at = start;
                loop {
                    at += step;
                    let next = self.start_of(at, memo);
                    if next > start {
                        return next;
                    }
                }
            }
            _ => {
                let mut number = self.step.number_of(start + self.zone.offset_ms(start));
                loop {
                    number += 1;
                    let next = self.start_of_number(number, i64::MAX);
                    // A day that the zone has left out has no beginning of its own.
                    let is_there = self.step.number_of(next + self.zone.offset_ms(next)) == number;
                    if next > start && is_there {
                        return next;
                    }
                }
            }
        }
    }

    /// A beginning as ISO 8601 with the zone's offset. Instead of one with seconds it has the next whole minute, and a time
    /// that is as much later, so that the instant stays.
    pub(in crate::query) fn format(&self, start_ms: i64) -> String {
        let offset_ms = self.zone.offset_ms(start_ms);
        let minutes = -(-offset_ms).div_euclid(60_000);
        let wall = DateTime::from_timestamp_millis(start_ms + minutes * 60_000);
        let wall = wall.unwrap_or(DateTime::UNIX_EPOCH);
        let time = wall.format("%Y-%m-%dT%H:%M:%S%.3f");
        if self.zone.is_utc() {
            return format!("{time}Z");
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        format!("{time}{sign}{hours:02}:{minutes:02}")
    }
}

impl Step {
    /// The number of the span in which a clock shows a time.
    fn number_of(self, wall_ms: i64) -> i64 {
        let day = wall_ms.div_euclid(DAY_MS);
        match self {
            Self::Clock(step) => wall_ms.div_euclid(step),
            Self::Days(days) => day.div_euclid(days),
            Self::Weeks(weeks) => (day - MONDAY).div_euclid(7 * weeks),
            Self::Months(months) => {
                let date = date_of(day);
                let month = i64::from(date.year()) * 12 + i64::from(date.month0());
                month.div_euclid(months)
            }
        }
    }

    /// What a clock shows at the beginning of the span of that number.
    fn wall_ms(self, number: i64) -> i64 {
        match self {
            Self::Clock(step) => number * step,
            Self::Days(days) => number * days * DAY_MS,
            Self::Weeks(weeks) => (number * 7 * weeks + MONDAY) * DAY_MS,
            Self::Months(months) => {
                let month = number * months;
                let year = month.div_euclid(12) as i32;
                let date = NaiveDate::from_ymd_opt(year, month.rem_euclid(12) as u32 + 1, 1);
                date.map_or(0, |date| days_of(date) * DAY_MS)
            }
        }
    }
}

/// The date so many days after 1970-01-01.
fn date_of(day: i64) -> NaiveDate {
    DateTime::from_timestamp_millis(day * DAY_MS).map_or(NaiveDate::MIN, |it| it.date_naive())
}

/// How many days after 1970-01-01 a date is.
fn days_of(date: NaiveDate) -> i64 {
    date.signed_duration_since(NaiveDate::default()).num_days()
}

#[cfg(test)]
mod tests {
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
            "+10000-01-01T00:00:00.000+14:00",
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

    #[test]
    fn spans_follow_each_other_without_gaps() {
        let starts = |step, zone: &str, from: &str, to: &str| {
            let buckets = buckets(step, zone);
            let ms = |text| timestamp::parse(text).unwrap().ms;
            let starts = buckets.starts(ms(from), ms(to), 100).unwrap();
            let texts = starts.iter().map(|start| buckets.format(*start));
            texts
                .map(|text| text[5..16].to_owned() + &text[23..])
                .collect::<Vec<_>>()
        };
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
        let years = buckets(Step::Clock(1_000), "UTC");
        assert_eq!(years.starts(0, 100_000, 100), None);
        assert_eq!(years.starts(0, 99_000, 100).unwrap().len(), 100);
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
}
