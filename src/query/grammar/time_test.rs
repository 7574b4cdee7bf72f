//! What a condition demands of an event's timestamp.

use std::collections::HashSet;

use super::operator::{Comparison, Operator};
use super::value_test::{elements_of_in, two_of_between};
use crate::error::Error;
use crate::json::Kind;
use crate::query::value::instant::Instant;
use crate::query::value::literal::Literal;

/// A test of a time. The tests of equality hold milliseconds; `null` and what is finer than a
/// millisecond equal no time, and are left out.
#[derive(Debug)]
pub(in crate::query) enum TimeTest {
    Eq(Option<i64>),
    Neq(Option<i64>),
    Order(Comparison, Instant),
    Between(Instant, Instant),
    In(HashSet<i64>),
    Contains(Literal),
}

impl TimeTest {
    /// Reads the condition's value `raw` at `path`. What the caller should know of it goes to `remarks`.
    pub(in crate::query) fn parse(
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

    /// The lowest and the highest time that can pass, or times beyond them.
    pub(in crate::query) fn bounds(&self) -> (i64, i64) {
        match self {
            Self::Eq(Some(time)) => (*time, *time),
            Self::Order(Comparison::Gt | Comparison::Gte, low) => (low.floor_ms(), i64::MAX),
            Self::Order(Comparison::Lt | Comparison::Lte, high) => (i64::MIN, high.floor_ms()),
            Self::Between(low, high) => (low.floor_ms(), high.floor_ms()),
            _ => (i64::MIN, i64::MAX),
        }
    }
}

fn whole_ms(path: &str, raw: &str, remarks: &mut Vec<String>) -> Result<Option<i64>, Error> {
    if Kind::of(raw) == Kind::Null {
        return Ok(None);
    }
    Instant::parse(path, raw, remarks).map(Instant::whole_ms)
}
