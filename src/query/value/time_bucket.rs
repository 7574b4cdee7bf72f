//! Spans of time that events are sorted into.
//!
//! A clock shows its times one after the other, but for the instants at which it is put forward or back. Spans of a clock
//! follow each other without gaps: one begins whenever the clock shows a beginning, and whenever it is put to a time of
//! another span than the one that it has left. So a clock that is put back in the middle of a span, to the middle of the
//! one before, begins that one a second time, with what is left of it.
//!
//! Spans of a calendar have the times at which it shows their dates, and begin at the first of these.

use std::fmt;

use chrono::{DateTime, Datelike as _, NaiveDate};

use super::time_zone::{DAY_MS, Readings, Stretch, Zone};

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
    stretch: Stretch,
    number: i64,
    start_ms: i64,
}

impl BucketMemo {
    /// That of no event.
    pub(in crate::query) const EMPTY: Self = Self {
        stretch: Stretch::EMPTY,
        number: i64::MIN,
        start_ms: 0,
    };
}

impl TimeBuckets {
    /// When the span begins that an instant is in, both in milliseconds since 1970.
    pub(in crate::query) fn start_of(&self, ms: i64, memo: &mut BucketMemo) -> i64 {
        let is_known = memo.stretch.has(ms);
        if !is_known {
            memo.stretch = self.zone.stretch_of(ms);
        }
        let number = self.step.number_of(memo.stretch.wall_ms(ms));
        if !is_known || number != memo.number {
            memo.number = number;
            memo.start_ms = match self.step {
                Step::Clock(step) => self.clock_start(step, number, memo.stretch),
                _ => self.calendar_start(number),
            };
        }
        memo.start_ms
    }

    /// When the span of a clock begins that has that number within the stretch.
    fn clock_start(&self, step: i64, number: i64, mut stretch: Stretch) -> i64 {
        loop {
            let start = stretch.instant(number * step);
            if start >= stretch.from {
                return start;
            }
            // It was under way when the clock was put forward or back, if the clock showed a time of it before.
            let before = self.zone.stretch_of(stretch.from - 1);
            if self.step.number_of(before.wall_ms(stretch.from - 1)) != number {
                return stretch.from;
            }
            stretch = before;
        }
    }

    /// When the span of a calendar begins that has that number.
    fn calendar_start(&self, number: i64) -> i64 {
        match self.zone.readings(self.step.wall_ms(number)) {
            Readings::Once(start) | Readings::Twice(start, _) | Readings::Never(start) => start,
        }
    }

    /// The beginnings of all spans from that of one instant to that of another one, ascending: the first one at least.
    pub(in crate::query) fn starts(&self, from: i64, to: i64) -> impl Iterator<Item = i64> {
        let mut memo = BucketMemo::EMPTY;
        let last = self.start_of(to, &mut memo);
        let first = self.start_of(from, &mut memo);
        std::iter::successors(Some(first), move |start| {
            (*start < last).then(|| self.next(*start))
        })
    }

    /// The beginning of the span after the one that begins at `start`.
    fn next(&self, start: i64) -> i64 {
        let mut stretch = self.zone.stretch_of(start);
        let mut number = self.step.number_of(stretch.wall_ms(start));
        let Step::Clock(step) = self.step else {
            loop {
                number += 1;
                let next = self.calendar_start(number);
                // A day that the zone has left out has no beginning of its own.
                let shown = self.zone.stretch_of(next).wall_ms(next);
                if next > start && self.step.number_of(shown) == number {
                    return next;
                }
            }
        };
        loop {
            let end = stretch.instant((number + 1) * step);
            if end < stretch.until {
                return end;
            }
            let changed = stretch.until;
            stretch = self.zone.stretch_of(changed);
            let shown = stretch.wall_ms(changed);
            if self.step.number_of(shown) != number || shown % step == 0 {
                return changed;
            }
        }
    }

    /// A beginning as ISO 8601 with the zone's offset. Instead of one with seconds it has the next whole minute, and a time
    /// that is as much later, so that the instant stays. A year outside of 0 to 9999, which only a zone's own time can be
    /// in, has a sign and six digits, as in JavaScript.
    pub(in crate::query) fn format(&self, start_ms: i64) -> String {
        let offset_ms = self.zone.stretch_of(start_ms).offset_ms;
        let minutes = -(-offset_ms).div_euclid(60_000);
        let wall = DateTime::from_timestamp_millis(start_ms + minutes * 60_000);
        let wall = wall.unwrap_or(DateTime::UNIX_EPOCH);
        let year = match wall.year() {
            year @ 0..=9999 => format!("{year:04}"),
            year => format!("{year:+07}"),
        };
        let time = format!("{year}{}", wall.format("-%m-%dT%H:%M:%S%.3f"));
        if self.zone.is_utc() {
            return format!("{time}Z");
        }
        let sign = if minutes < 0 { '-' } else { '+' };
        let (hours, minutes) = (minutes.abs() / 60, minutes.abs() % 60);
        format!("{time}{sign}{hours:02}:{minutes:02}")
    }
}

/// As a query writes it, in the largest unit that it is a whole number of.
impl fmt::Display for Step {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (count, unit) = match *self {
            Self::Clock(ms) if ms % 3_600_000 == 0 => (ms / 3_600_000, "h"),
            Self::Clock(ms) if ms % 60_000 == 0 => (ms / 60_000, "m"),
            Self::Clock(ms) => (ms / 1_000, "s"),
            Self::Days(days) => (days, "d"),
            Self::Weeks(weeks) => (weeks, "w"),
            Self::Months(months) if months % 12 == 0 => (months / 12, "y"),
            Self::Months(months) if months % 3 == 0 => (months / 3, "q"),
            Self::Months(months) => (months, "mo"),
        };
        write!(f, "{count}{unit}")
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
mod partition;
#[cfg(test)]
mod tests;
