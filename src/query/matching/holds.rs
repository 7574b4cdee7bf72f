//! Whether an event passes, or a value.

use crate::event::Event;
use crate::json::{self, Text};
use crate::query::Query;
use crate::query::grammar::condition::Condition;
use crate::query::grammar::time_test::TimeTest;
use crate::query::grammar::value_test::ValueTest;
use crate::query::value::Value;
use crate::query::value::literal::Literal;
use crate::timestamp;

impl Query {
    /// Whether an event is of the stream that is asked for, if one is, and passes all conditions.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        let mut conditions = self.in_stream.iter().chain(&self.conditions);
        conditions.all(|condition| condition.holds(event))
    }
}

impl Condition {
    /// Whether `event` passes.
    pub(in crate::query) fn holds(&self, event: &Event<'_>) -> bool {
        match self {
            Self::Value(field, test) => test.holds(&field.find(event).value()),
            Self::Time(test) => test.holds(event.timestamp_ms),
        }
    }
}

impl ValueTest {
    /// Whether the stored value passes.
    pub(in crate::query) fn holds(&self, stored: &Value<'_>) -> bool {
        match self {
            Self::Eq(literal) => literal.equals(stored),
            Self::Neq(literal) => !literal.equals(stored),
            Self::Order(comparison, literal) => literal
                .order_of(stored)
                .is_some_and(|ordering| comparison.admits(ordering)),
            Self::Between(low, high) => {
                low.order_of(stored).is_some_and(std::cmp::Ordering::is_ge)
                    && high.order_of(stored).is_some_and(std::cmp::Ordering::is_le)
            }
            Self::In(set) => set.contains(stored),
            Self::Contains(literal) => contains(stored, literal),
        }
    }
}

impl TimeTest {
    /// Whether a time in milliseconds passes.
    pub(in crate::query) fn holds(&self, ms: i64) -> bool {
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

/// A substring of a string, or an element of an array.
fn contains(stored: &Value<'_>, literal: &Literal) -> bool {
    match (stored, literal) {
        (Value::String(text), Literal::String(part)) => text.contains(part),
        (Value::Array(raw), _) => {
            json::elements(raw).any(|raw| literal.equals(&Value::decode(raw)))
        }
        _ => false,
    }
}
