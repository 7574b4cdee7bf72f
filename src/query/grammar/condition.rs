//! One condition of `where`.

use super::event_key::EventKey;
use super::field::Field;
use super::operator::Operator;
use super::time_test::TimeTest;
use super::value_test::ValueTest;
use crate::error::Error;
use crate::json::Text;
use crate::query::limits::CONDITIONS_MAX;
use crate::query::shape;
use crate::query::value::literal::Literal;

/// A condition: a field, and what is demanded of it.
#[derive(Debug)]
pub(in crate::query) enum Condition {
    Value(Field, ValueTest),
    /// Of the event's timestamp.
    Time(TimeTest),
}

impl Condition {
    /// Reads the array `raw` of `where`, and puts what is cheap to test first. What the caller should know of it goes
    /// to `remarks`.
    pub(in crate::query) fn parse_all(
        raw: &str,
        remarks: &mut Vec<String>,
    ) -> Result<Vec<Self>, Error> {
        let expected = "an array of conditions { field, operator, value }";
        let elements = shape::list("where", raw, expected, CONDITIONS_MAX, "conditions")?;
        let conditions: Result<Vec<Self>, Error> = elements
            .into_iter()
            .enumerate()
            .map(|(at, raw)| Self::parse(&format!("where[{at}]"), raw, remarks))
            .collect();
        let mut conditions = conditions?;
        conditions.sort_by_key(Self::reads_json);
        Ok(conditions)
    }

    /// Adds the conditions `also`, each given as JSON text, and puts what is cheap to test first.
    pub(in crate::query) fn with(
        mut conditions: Vec<Self>,
        also: &[String],
    ) -> Result<Vec<Self>, Error> {
        for raw in also {
            // They are of the package's own making, and nothing is to be remarked of them.
            conditions.push(Self::parse("where", raw, &mut Vec::new())?);
        }
        conditions.sort_by_key(Self::reads_json);
        Ok(conditions)
    }

    fn parse(path: &str, raw: &str, remarks: &mut Vec<String>) -> Result<Self, Error> {
        let keys = ["field", "operator", "value"];
        let [field, operator, value] = shape::members_with_null(path, raw, keys, Some("value"))?;
        let field_path = format!("{path}.field");
        let field = shape::required(&field_path, field, "the name of a field")?;
        let field = Field::parse(&field_path, field)?;
        let operator_path = format!("{path}.operator");
        let operator = shape::required(&operator_path, operator, "an operator such as eq")?;
        let operator = Operator::parse(&operator_path, operator)?;
        let value_path = format!("{path}.value");
        let value = shape::required(&value_path, value, "a value to compare with")?;
        Ok(if field.key() == EventKey::Timestamp {
            Self::Time(TimeTest::parse(operator, &value_path, value, remarks)?)
        } else {
            Self::Value(field, ValueTest::parse(operator, &value_path, value)?)
        })
    }

    fn reads_json(&self) -> bool {
        matches!(self, Self::Value(field, _) if field.is_json())
    }

    /// What the condition demands of the event type, if it is about that.
    pub(in crate::query) fn type_test(&self) -> Option<&ValueTest> {
        match self {
            Self::Value(field, test) if field.key() == EventKey::EventType => Some(test),
            _ => None,
        }
    }

    /// That an event is of the stream.
    pub(in crate::query) fn in_stream(stream_id: &str) -> Self {
        let literal = Literal::String(Text::from(stream_id.to_owned()));
        Self::Value(Field::STREAM_ID, ValueTest::Eq(literal))
    }

    /// The lowest and the highest time that can pass, if the condition is about times.
    pub(in crate::query) fn time_bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::Time(test) => Some(test.bounds()),
            Self::Value(..) => None,
        }
    }

    /// The lowest and the highest position that can pass, if the condition is about positions.
    pub(in crate::query) fn position_bounds(&self) -> Option<(u64, u64)> {
        match self {
            Self::Value(field, test) if field.key() == EventKey::Position => {
                Some(test.whole_bounds())
            }
            _ => None,
        }
    }

    /// The stream that all events which pass are of, if the condition asks for one.
    pub(in crate::query) fn stream(&self) -> Option<&str> {
        match self {
            Self::Value(field, ValueTest::Eq(Literal::String(text)))
                if field.key() == EventKey::StreamId =>
            {
                text.as_str()
            }
            _ => None,
        }
    }
}
