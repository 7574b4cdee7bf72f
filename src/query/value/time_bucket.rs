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
mod tests;
