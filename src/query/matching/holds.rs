//! Whether an event passes, or a value.

use std::cmp::Ordering;

use crate::event::Event;
use crate::json;
use crate::query::Query;
use crate::query::grammar::condition::Condition;
use crate::query::grammar::condition_tree::ConditionTree;
use crate::query::grammar::field_comparison::{FieldComparison, Relation};
use crate::query::grammar::time_test::TimeTest;
use crate::query::grammar::value_test::ValueTest;
use crate::query::value::Value;
use crate::query::value::canonical;
use crate::query::value::case::with_case_folded;
use crate::query::value::found::Found;
use crate::query::value::instant::Instant;
use crate::query::value::literal::Literal;

impl Query {
    /// Whether an event is of the stream that is asked for, if one is, and passes all conditions.
    #[must_use]
    pub fn matches(&self, event: &Event<'_>) -> bool {
        let mut conditions = self.in_stream.iter().chain(&self.conditions);
        conditions.all(|condition| condition.holds(event))
    }
}

impl ConditionTree {
    /// Whether `event` passes.
    pub(in crate::query) fn holds(&self, event: &Event<'_>) -> bool {
        self.holds_by(&mut |condition| condition.holds(event))
    }
}

impl Condition {
    /// Whether `event` passes.
    pub(in crate::query) fn holds(&self, event: &Event<'_>) -> bool {
        match self {
            Self::Value(field, test) => test.holds(&field.find(event).value()),
            Self::Time(test) => test.holds(event.timestamp_ms),
            Self::Exists(field, wanted) => matches!(field.find(event), Found::Absent) != *wanted,
            Self::Fields(comparison) => {
                comparison.holds(comparison.field.find(event), comparison.other.find(event))
            }
        }
    }
}

impl FieldComparison {
    /// Whether what the first field holds stands so to what the second one does.
    pub(in crate::query) fn holds(&self, found: Found<'_>, other: Found<'_>) -> bool {
        let is_text = matches!(
            self.relation,
            Relation::Contains | Relation::StartsWith | Relation::EndsWith
        );
        if self.is_of_times() && !is_text {
            return self.holds_of_times(Instant::of_found(found), Instant::of_found(other));
        }
        let (stored, other) = (found.value(), other.value());
        if self.ignores_case {
            with_case_folded(&stored, |stored| {
                with_case_folded(&other, |other| self.relation.holds(stored, other))
            })
        } else {
            self.relation.holds(&stored, &other)
        }
    }

    /// What is no time equals none, and has no order.
    fn holds_of_times(&self, time: Option<Instant>, other: Option<Instant>) -> bool {
        let ordering = time
            .zip(other)
            .and_then(|(time, other)| time.compare(other));
        match self.relation {
            Relation::Neq => ordering != Some(Ordering::Equal),
            Relation::Order(comparison) => {
                ordering.is_some_and(|ordering| comparison.admits(ordering))
            }
            _ => ordering == Some(Ordering::Equal),
        }
    }
}

impl Relation {
    fn holds(self, stored: &Value<'_>, other: &Value<'_>) -> bool {
        match (self, stored, other) {
            (Self::Eq, ..) => equal(stored, other),
            (Self::Neq, ..) => !equal(stored, other),
            (Self::Order(comparison), ..) => {
                order_of(stored, other).is_some_and(|ordering| comparison.admits(ordering))
            }
            (Self::Contains, Value::String(text), Value::String(part)) => text.contains(part),
            (Self::Contains, Value::Array(raw), _) => {
                json::elements(raw).any(|raw| equal(&Value::decode(raw), other))
            }
            (Self::StartsWith, Value::String(text), Value::String(part)) => text.starts_with(part),
            (Self::EndsWith, Value::String(text), Value::String(part)) => text.ends_with(part),
            (Self::Contains | Self::StartsWith | Self::EndsWith, ..) => false,
        }
    }
}

/// Whether two stored values are the same JSON value.
fn equal(a: &Value<'_>, b: &Value<'_>) -> bool {
    match (a, b) {
        (Value::Array(a), Value::Array(b)) | (Value::Object(a), Value::Object(b)) => {
            a == b || canonical::of_json(a) == canonical::of_json(b)
        }
        _ => a == b,
    }
}

/// How one stored value stands to another; `None` where they have no order.
fn order_of(stored: &Value<'_>, other: &Value<'_>) -> Option<Ordering> {
    match (stored, other) {
        (Value::Boolean(stored), Value::Boolean(other)) => Some(stored.cmp(other)),
        (Value::Number(stored), Value::Number(other)) => stored.partial_cmp(other),
        (Value::String(stored), Value::String(other)) => Some(stored.cmp(other)),
        _ => None,
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
            Self::NotIn(set) => !set.contains(stored),
            Self::Contains(literal) => contains(stored, literal),
            Self::StartsWith(part) => {
                matches!(stored, Value::String(text) if text.starts_with(part))
            }
            Self::EndsWith(part) => matches!(stored, Value::String(text) if text.ends_with(part)),
            Self::Matches(pattern) => {
                matches!(stored, Value::String(text) if pattern.is_found_in(text))
            }
            Self::Folded(test) => with_case_folded(stored, |stored| test.holds(stored)),
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
            Self::NotIn(times) => !times.contains(&ms),
            Self::Text(test) => test.holds(&Found::Time(ms).value()),
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
