//! One condition of `where`.

use super::CONDITIONS_MAX;
use super::chunk::{Chunk, Known};
use super::event_key::EventKey;
use super::field::Field;
use super::found::Found;
use super::literal::Literal;
use super::operator::Operator;
use super::places::Places;
use super::rows::Rows;
use super::shape;
use super::sift::{self, Sifted};
use super::time_test::TimeTest;
use super::value_test::ValueTest;
use super::verdict::Verdict;
use crate::block::{Directory, Stored};
use crate::error::Error;
use crate::event::Event;
use crate::json::Text;

/// A condition: a field, and what is demanded of it.
#[derive(Debug)]
pub(super) enum Condition {
    Value(Field, ValueTest),
    /// Of the event's timestamp.
    Time(TimeTest),
}

impl Condition {
    /// Reads the array `raw` of `where`, and puts what is cheap to test first. What the caller should know of it goes
    /// to `remarks`.
    pub(super) fn parse_all(raw: &str, remarks: &mut Vec<String>) -> Result<Vec<Self>, Error> {
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
    pub(super) fn with(mut conditions: Vec<Self>, also: &[String]) -> Result<Vec<Self>, Error> {
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

    /// Whether `event` passes.
    pub(super) fn holds(&self, event: &Event<'_>) -> bool {
        match self {
            Self::Value(field, test) => test.holds(&field.find(event).value()),
            Self::Time(test) => test.holds(event.timestamp_ms),
        }
    }

    /// What the condition makes of all rows of a chunk of the instance, the first and the last of which have these
    /// `places`.
    pub(super) fn judge(
        &self,
        instance_id: &str,
        places: Option<(u64, u64)>,
        directory: Option<&Directory>,
    ) -> Verdict {
        let (field, test) = match (self, directory) {
            (Self::Value(field, test), _) if field.key() == EventKey::Position => {
                return places.map_or(Verdict::Open, |(first, last)| test.judge_whole(first, last));
            }
            (Self::Value(field, test), _) if field.key() == EventKey::InstanceId => {
                return Verdict::of(test.holds(&Found::Text(instance_id).value()));
            }
            (_, None) => return Verdict::Open,
            (Self::Time(test), Some(directory)) => {
                return test.judge(directory.min_time(), directory.max_time());
            }
            (Self::Value(field, test), Some(_)) => (field, test),
        };
        match (field.key(), directory) {
            (EventKey::EventType, Some(directory)) => {
                let holds = |(name, _): &(Box<str>, u32)| test.holds(&Found::Text(name).value());
                let types = directory.types();
                Verdict::of_parts(types.iter().any(holds), !types.iter().all(holds))
            }
            (EventKey::Id, Some(directory)) => {
                test.judge_ids(directory.min_id(), directory.max_id())
            }
            (_, Some(directory)) => field.judge(test, directory),
            (_, None) => Verdict::Open,
        }
    }

    /// Tests some rows of a chunk by its columns; `None` where their events have to be read.
    pub(super) fn sift<C: Chunk>(
        &self,
        chunk: &C,
        among: &Rows,
    ) -> Result<Option<Sifted>, C::Fault> {
        let (field, test) = match self {
            Self::Time(test) => {
                let times = chunk.times()?;
                return Ok(times.map(|times| sift::by_times(&times, test, among)));
            }
            Self::Value(field, test) => (field, test),
        };
        if field.key() == EventKey::Position {
            return Ok(Some(sift::by_places(&Places::of_chunk(chunk), test, among)));
        }
        Ok(match field.column_of(chunk)? {
            Known::Stored(Stored::Column(column)) => Some(sift::by_column(&column, test, among)),
            Known::Stored(Stored::Prints(prints)) => sift::by_prints(&prints, test, among),
            Known::Nothing => None,
        })
    }

    /// What the condition demands of the event type, if it is about that.
    pub(super) fn type_test(&self) -> Option<&ValueTest> {
        match self {
            Self::Value(field, test) if field.key() == EventKey::EventType => Some(test),
            _ => None,
        }
    }

    /// That an event is of the stream.
    pub(super) fn in_stream(stream_id: &str) -> Self {
        let literal = Literal::String(Text::from(stream_id.to_owned()));
        Self::Value(Field::STREAM_ID, ValueTest::Eq(literal))
    }

    /// The lowest and the highest time that can pass, if the condition is about times.
    pub(super) fn time_bounds(&self) -> Option<(i64, i64)> {
        match self {
            Self::Time(test) => Some(test.bounds()),
            Self::Value(..) => None,
        }
    }

    /// The lowest and the highest position that can pass, if the condition is about positions.
    pub(super) fn position_bounds(&self) -> Option<(u64, u64)> {
        match self {
            Self::Value(field, test) if field.key() == EventKey::Position => {
                Some(test.whole_bounds())
            }
            _ => None,
        }
    }

    /// The stream that all events which pass are of, if the condition asks for one.
    pub(super) fn stream(&self) -> Option<&str> {
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
