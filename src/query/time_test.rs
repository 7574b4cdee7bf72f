//! What a condition demands of an event's timestamp.

use std::collections::HashSet;

use super::instant::Instant;
use super::literal::Literal;
use super::operator::{Comparison, Operator};
use super::value_test::{elements_of_in, two_of_between};
use super::verdict::Verdict;
use crate::error::Error;
use crate::json::{Kind, Text};
use crate::timestamp;

/// A test of a time. The tests of equality hold milliseconds; `null` and what is finer than a
/// millisecond equal no time, and are left out.
#[derive(Debug)]
pub(super) enum TimeTest {
    Eq(Option<i64>),
    Neq(Option<i64>),
    Order(Comparison, Instant),
    Between(Instant, Instant),
    In(HashSet<i64>),
    Contains(Literal),
}

impl TimeTest {
    /// Reads the condition's value `raw` at `path`. What the caller should know of it goes to `remarks`.
    pub(super) fn parse(
        operator: Operator,
        path: &str,
        raw: &str,
        remarks: &mut Vec<String>,
    ) -> Result<Self, Error> {
        Ok(match operator {
            Operator::Eq => Self::Eq(whole_ms(path, raw, remarks)?),
            Operator::Neq => Self::Neq(whole_ms(path, raw, remarks)?),
            Operator::Order(comparison) => {
                Self::Order(comparison, Instant::parse(path, raw, remarks)?)
            }
            Operator::Contains => Self::Contains(Literal::parse(path, raw)?),
            Operator::Between => {
                let [low, high] = two_of_between(path, raw, "times")?;
                let low = Instant::parse(&format!("{path}[0]"), low, remarks)?;
                let high = Instant::parse(&format!("{path}[1]"), high, remarks)?;
                Self::Between(low, high)
            }
            Operator::In => {
                let mut times = HashSet::new();
                for (at, raw) in elements_of_in(path, raw)?.into_iter().enumerate() {
                    times.extend(whole_ms(&format!("{path}[{at}]"), raw, remarks)?);
                }
                Self::In(times)
            }
        })
    }

    /// What the test makes of events whose times go from `min` to `max`, both of which occur.
    pub(super) fn judge(&self, min: i64, max: i64) -> Verdict {
        let both = |passes: bool| Verdict::of_parts(passes, !passes);
        match self {
            _ if min == max => both(self.holds(min)),
            Self::Order(..) => {
                // What one end passes and the other does not has its border in between.
                let (low, high) = (self.holds(min), self.holds(max));
                Verdict::of_parts(low || high, !(low && high))
            }
            Self::Between(low, high) => {
                let outside = low.order_of(max).is_lt() || high.order_of(min).is_gt();
                let inside = self.holds(min) && self.holds(max);
                Verdict::of_parts(!outside, !inside)
            }
            Self::Eq(time) => Verdict::of_parts(is_within(*time, min, max), true),
            Self::Neq(time) => Verdict::of_parts(true, is_within(*time, min, max)),
            Self::In(times) => {
                let any = times.iter().any(|time| is_within(Some(*time), min, max));
                Verdict::of_parts(any, true)
            }
            Self::Contains(Literal::String(_)) => Verdict::Open,
            Self::Contains(_) => Verdict::None,
        }
    }

    /// The lowest and the highest time that can pass, or times beyond them.
    pub(super) fn bounds(&self) -> (i64, i64) {
        match self {
            Self::Eq(Some(time)) => (*time, *time),
            Self::Order(Comparison::Gt | Comparison::Gte, low) => (low.floor_ms(), i64::MAX),
            Self::Order(Comparison::Lt | Comparison::Lte, high) => (i64::MIN, high.floor_ms()),
            Self::Between(low, high) => (low.floor_ms(), high.floor_ms()),
            _ => (i64::MIN, i64::MAX),
        }
    }

    /// Whether a time in milliseconds passes.
    pub(super) fn holds(&self, ms: i64) -> bool {
        match self {
            Self::Eq(time) => *time == Some(ms),
            Self::Neq(time) => *time != Some(ms),
            Self::Order(comparison, instant) => comparison.admits(instant.order_of(ms)),
            Self::Between(low, high) => low.order_of(ms).is_ge() && high.order_of(ms).is_le(),
            Self::In(times) => times.contains(&ms),
            Self::Contains(Literal::String(part)) => {
                Text::from(timestamp::format(ms)).contains(part)
            }
            Self::Contains(_) => false,
        }
    }
}

fn is_within(time: Option<i64>, min: i64, max: i64) -> bool {
    time.is_some_and(|time| (min..=max).contains(&time))
}

fn whole_ms(path: &str, raw: &str, remarks: &mut Vec<String>) -> Result<Option<i64>, Error> {
    if Kind::of(raw) == Kind::Null {
        return Ok(None);
    }
    Instant::parse(path, raw, remarks).map(Instant::whole_ms)
}
