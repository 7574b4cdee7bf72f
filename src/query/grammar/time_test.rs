//! What a condition demands of an event's timestamp.

use super::operator::{Comparison, Operator};
use super::value_test::{ValueTest, elements_of_in, two_of_between};
use crate::error::Error;
use crate::hashing::TextSet;
use crate::json::Kind;
use crate::query::value::instant::Instant;
use crate::timestamp::{self, MAX_MS, MIN_MS};

/// A test of a time. The tests of equality hold milliseconds; `null` and what is finer than a
/// millisecond equal no time, and are left out.
#[derive(Debug)]
pub(in crate::query) enum TimeTest {
    Eq(Option<i64>),
    Neq(Option<i64>),
    Order(Comparison, Instant),
    Between(Instant, Instant),
    In(TextSet<i64>),
    NotIn(TextSet<i64>),
    /// Of the time as a text.
    Text(ValueTest),
}

impl TimeTest {
    /// Reads the condition's value `raw` at `path`. What the caller should know of it goes to `remarks`.
    pub(in crate::query) fn parse(
        operator: Operator,
        path: &str,
        raw: &str,
        ignores_case: bool,
        remarks: &mut Vec<String>,
    ) -> Result<Self, Error> {
        Ok(match operator {
            Operator::Eq => Self::Eq(whole_ms(path, raw, remarks)?),
            Operator::Neq => Self::Neq(whole_ms(path, raw, remarks)?),
            Operator::Order(comparison) => {
                Self::Order(comparison, Instant::parse(path, raw, remarks)?)
            }
            Operator::Contains | Operator::StartsWith | Operator::EndsWith | Operator::Matches => {
                Self::Text(ValueTest::parse(operator, path, raw, ignores_case)?)
            }
            Operator::Exists => unreachable!("exists is no test of a time"),
            Operator::Between => {
                let [low, high] = two_of_between(path, raw, "times")?;
                let low = Instant::parse(&format!("{path}[0]"), low, remarks)?;
                let high = Instant::parse(&format!("{path}[1]"), high, remarks)?;
                Self::Between(low, high)
            }
            Operator::In => Self::In(set_of_times(path, raw, remarks)?),
            Operator::NotIn => Self::NotIn(set_of_times(path, raw, remarks)?),
        })
    }

    /// The lowest and the highest time in milliseconds that can pass; the lower one is above the higher one where none
    /// can.
    pub(in crate::query) fn bounds(&self) -> (i64, i64) {
        match self {
            Self::Eq(time) => time.map_or(NONE, |time| (time, time)),
            Self::Order(Comparison::Gt, low) => (low.floor_ms() + 1, i64::MAX),
            Self::Order(Comparison::Gte, low) => (low.ceil_ms(), i64::MAX),
            Self::Order(Comparison::Lt, high) => (i64::MIN, high.ceil_ms() - 1),
            Self::Order(Comparison::Lte, high) => (i64::MIN, high.floor_ms()),
            Self::Between(low, high) => (low.ceil_ms(), high.floor_ms()),
            Self::In(times) => bounds_of(times),
            Self::Text(ValueTest::StartsWith(prefix)) => {
                prefix.as_str().map_or(NONE, bounds_of_prefix)
            }
            Self::Neq(_) | Self::NotIn(_) | Self::Text(_) => (i64::MIN, i64::MAX),
        }
    }

    /// As [`TimeTest::bounds`], of times that do not pass.
    pub(in crate::query) fn bounds_of_others(&self) -> (i64, i64) {
        match self {
            Self::Neq(time) => Self::Eq(*time).bounds(),
            Self::NotIn(times) => bounds_of(times),
            Self::Order(comparison, instant) => {
                Self::Order(comparison.inverse(), *instant).bounds()
            }
            _ => (i64::MIN, i64::MAX),
        }
    }
}

/// The bounds of no time.
const NONE: (i64, i64) = (i64::MAX, i64::MIN);

/// The first and the last of some times.
fn bounds_of(times: &TextSet<i64>) -> (i64, i64) {
    let times = times.iter();
    times.fold(NONE, |(low, high), time| (low.min(*time), high.max(*time)))
}

/// The first and the last time whose text begins with `prefix`; the first one is above the last one where none does.
fn bounds_of_prefix(prefix: &str) -> (i64, i64) {
    // Later times have greater texts, as all are equally long.
    let first = first_where(|text| text >= prefix);
    let after = first_where(|text| text > prefix && !text.starts_with(prefix));
    (first, after - 1)
}

/// The first time whose text `is` says yes to, as it does to all that follow it; the one after the last time if there is
/// none.
fn first_where(is: impl Fn(&str) -> bool) -> i64 {
    let (mut begin, mut end) = (MIN_MS, MAX_MS + 1);
    while begin < end {
        let middle = begin + (end - begin) / 2;
        if is(&timestamp::format(middle)) {
            end = middle;
        } else {
            begin = middle + 1;
        }
    }
    begin
}

fn set_of_times(path: &str, raw: &str, remarks: &mut Vec<String>) -> Result<TextSet<i64>, Error> {
    let mut times = TextSet::default();
    for (at, raw) in elements_of_in(path, raw)?.into_iter().enumerate() {
        times.extend(whole_ms(&format!("{path}[{at}]"), raw, remarks)?);
    }
    Ok(times)
}

fn whole_ms(path: &str, raw: &str, remarks: &mut Vec<String>) -> Result<Option<i64>, Error> {
    if Kind::of(raw) == Kind::Null {
        return Ok(None);
    }
    Instant::parse(path, raw, remarks).map(Instant::whole_ms)
}
