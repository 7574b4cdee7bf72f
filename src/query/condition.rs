//! One condition of `where`.

use super::CONDITIONS_MAX;
use super::event_key::EventKey;
use super::field::Field;
use super::operator::Operator;
use super::shape;
use super::time_test::TimeTest;
use super::value_test::ValueTest;
use crate::error::Error;
use crate::event::Event;

/// A condition: a field, and what is demanded of it.
#[derive(Debug)]
pub(super) enum Condition {
    Value(Field, ValueTest),
    /// Of the event's timestamp.
    Time(TimeTest),
}

impl Condition {
    /// Reads the array `raw` of `where`, and puts what is cheap to test first.
    pub(super) fn parse_all(raw: &str) -> Result<Vec<Self>, Error> {
        let expected = "an array of conditions { field, operator, value }";
        let elements = shape::list("where", raw, expected, CONDITIONS_MAX, "conditions")?;
        let conditions: Result<Vec<Self>, Error> = elements
            .into_iter()
            .enumerate()
            .map(|(at, raw)| Self::parse(&format!("where[{at}]"), raw))
            .collect();
        let mut conditions = conditions?;
        conditions.sort_by_key(Self::reads_json);
        Ok(conditions)
    }

    fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        let [field, operator, value] = shape::members(path, raw, ["field", "operator", "value"])?;
        let field_path = format!("{path}.field");
        let field = shape::required(&field_path, field, "the name of a field")?;
        let field = Field::parse(&field_path, field)?;
        let operator_path = format!("{path}.operator");
        let operator = shape::required(&operator_path, operator, "an operator such as eq")?;
        let operator = Operator::parse(&operator_path, operator)?;
        let value_path = format!("{path}.value");
        let value = shape::required(&value_path, value, "a value to compare with")?;
        Ok(if field.key() == EventKey::Timestamp {
            Self::Time(TimeTest::parse(operator, &value_path, value)?)
        } else {
            Self::Value(field, ValueTest::parse(operator, &value_path, value)?)
        })
    }

    fn reads_json(&self) -> bool {
        matches!(self, Self::Value(field, _) if field.is_json())
    }

    /// Whether `event` passes.
    pub(super) fn holds(&self, event: &Event<'_>) -> bool {
        match self {
            Self::Value(field, test) => test.holds(&field.find(event).value()),
            Self::Time(test) => test.holds(event),
        }
    }
}
