//! One condition of `where`.

use super::event_key::EventKey;
use super::field::Field;
use super::field_comparison::FieldComparison;
use super::operator::Operator;
use super::time_test::TimeTest;
use super::value_test::ValueTest;
use crate::arguments;
use crate::error::Error;
use crate::json::Text;
use crate::query::value::literal::Literal;

/// A condition: a field, and what is demanded of it.
#[derive(Debug)]
pub(in crate::query) enum Condition {
    Value(Field, ValueTest),
    /// Of the event's timestamp.
    Time(TimeTest),
    /// That there is something at the field, be it `null`, or that there is nothing.
    Exists(Field, bool),
    /// Of what two fields hold.
    Fields(FieldComparison),
}

/// The keys of a condition, and those of trees, which may be meant where one is misspelt.
const KEYS: [&str; 8] = [
    "field",
    "operator",
    "value",
    "valueField",
    "ignoreCase",
    "any",
    "all",
    "not",
];

impl Condition {
    /// Reads the condition `raw` at `path`. What the caller should know of it goes to `remarks`.
    pub(in crate::query) fn parse(
        path: &str,
        raw: &str,
        remarks: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let [field, operator, value, value_field, ignore_case, ..] =
            arguments::members_with_null(path, raw, KEYS, "value")?;
        let field_path = format!("{path}.field");
        let field = arguments::required(&field_path, field, "the name of a field")?;
        let field = Field::parse(&field_path, field)?;
        let operator_path = format!("{path}.operator");
        let operator = arguments::required(&operator_path, operator, "an operator such as eq")?;
        let operator = Operator::parse(&operator_path, operator)?;
        let ignores_case = operator.parse_ignore_case(path, ignore_case)?;
        let value_path = format!("{path}.value");
        if let Some(raw) = value_field {
            if value.is_some() {
                let expected = "a value, or valueField, and not both";
                return Err(Error::expected(&value_path, expected, "both"));
            }
            let other = Field::parse(&format!("{path}.valueField"), raw)?;
            let comparison =
                FieldComparison::new(field, operator, other, ignores_case, &operator_path)?;
            remarks.extend(comparison.remark(path));
            return Ok(Self::Fields(comparison));
        }
        let value = arguments::required(&value_path, value, "a value to compare with")?;
        if operator == Operator::Exists {
            return Ok(Self::Exists(field, arguments::boolean(&value_path, value)?));
        }
        if field.key() == EventKey::Timestamp {
            let test = TimeTest::parse(operator, &value_path, value, ignores_case, remarks)?;
            return Ok(Self::Time(test));
        }
        let test = ValueTest::parse(operator, &value_path, value, ignores_case)?;
        if let Some(known) = field.known() {
            let name = field.key().name();
            remarks.extend(test.remark(path, name, known, ("event", operator)));
        }
        Ok(Self::Value(field, test))
    }

    /// Whether the test has to look into JSON text.
    pub(in crate::query) const fn reads_json(&self) -> bool {
        match self {
            Self::Value(field, _) | Self::Exists(field, _) => field.is_json(),
            Self::Time(_) => false,
            Self::Fields(comparison) => comparison.reads_json(),
        }
    }

    /// Whether the condition is about the event type alone.
    pub(in crate::query) fn is_of_type(&self) -> bool {
        matches!(self, Self::Value(field, _) if field.key() == EventKey::EventType)
    }

    /// That an event is of the stream.
    pub(in crate::query) fn in_stream(stream_id: &str) -> Self {
        let literal = Literal::String(Text::from(stream_id.to_owned()));
        Self::Value(Field::STREAM_ID, ValueTest::Eq(literal))
    }

    /// The lowest and the highest time that the condition can hold for, or not hold for as `holds` says, if it is about
    /// times.
    pub(in crate::query) fn time_bounds(&self, holds: bool) -> Option<(i64, i64)> {
        match self {
            Self::Time(test) if holds => Some(test.bounds()),
            Self::Time(test) => Some(test.bounds_of_others()),
            _ => None,
        }
    }

    /// The lowest and the highest position that the condition can hold for, or not hold for as `holds` says, if it is
    /// about positions.
    pub(in crate::query) fn position_bounds(&self, holds: bool) -> Option<(u64, u64)> {
        match self {
            Self::Value(field, test) if field.key() == EventKey::Position => Some(if holds {
                test.whole_bounds()
            } else {
                test.whole_bounds_of_others()
            }),
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
