//! Whether a row passes.

use super::row::GroupRow;
use crate::query::grammar::having::{RowCondition, RowTest};
use crate::query::grammar::order::RowColumn;
use crate::query::grammar::time_test::TimeTest;
use crate::query::value::Value;
use crate::query::value::sort_key::SortKey;
use crate::timestamp;

impl RowCondition {
    /// Whether the row passes, whose aggregates are settled.
    pub(in crate::query) fn holds(&self, row: &GroupRow) -> bool {
        let (value, time) = match self.column {
            RowColumn::Group(at) => {
                let Some(value) = row.values.get(at) else {
                    return false;
                };
                let time = match value.key {
                    // It was a whole number of milliseconds before.
                    SortKey::Number(ms) => Some(ms as i64),
                    _ => None,
                };
                (Value::decode(&value.json), time)
            }
            RowColumn::Aggregate(at) => {
                let Some(aggregate) = row.aggregates.get(at) else {
                    return false;
                };
                (aggregate.settled().value(), None)
            }
        };
        match &self.test {
            // Of the text that the row has, in its own zone.
            RowTest::Value(test) | RowTest::Time(TimeTest::Text(test)) => test.holds(&value),
            RowTest::Time(test) => match time.or_else(|| time_of(&value)) {
                Some(ms) => test.holds(ms),
                None => test.holds_of_nothing(),
            },
        }
    }
}

impl TimeTest {
    /// Whether the test passes where there is no time.
    const fn holds_of_nothing(&self) -> bool {
        matches!(self, Self::Eq(None) | Self::Neq(Some(_)) | Self::NotIn(_))
    }
}

/// The time that the log has written as a text.
fn time_of(value: &Value<'_>) -> Option<i64> {
    let Value::String(text) = value else {
        return None;
    };
    timestamp::parse(text.as_str()?).map(|parsed| parsed.ms)
}
