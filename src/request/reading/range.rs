//! What a reading is asked for.

use std::borrow::Cow;

use super::ReadingSource;
use crate::arguments::{self, identifier};
use crate::error::Error;
use crate::json::{Kind, Text};
use crate::query::Query;
use crate::request::consumers::{self, Filter};
use crate::request::retained::StreamHorizon;
use crate::request::text::name;

/// Events in a row, in one of the two directions.
#[derive(Debug)]
#[expect(
    clippy::struct_excessive_bools,
    reason = "each is an option of its own"
)]
pub(super) struct ReadingRange {
    /// Which events of the instance.
    pub(super) query: Query,
    /// The stream that they are of, for `readStream`.
    pub(super) stream: Option<String>,
    /// Where to begin: the number of the first event of a stream, or the position of the event before the
    /// first one. Without it, at the end that the direction leads away from.
    pub(super) start: Option<u64>,
    /// Whether to begin after all that there is.
    pub(super) from_end: bool,
    pub(super) backward: bool,
    /// Whether events that are appended later are wanted as well.
    pub(super) follows: bool,
    /// Whose place in the log is where to begin, if it is kept there.
    pub(super) consumer: Option<String>,
    /// Whether nothing may be missing between the events: those that were trimmed are not passed over.
    pub(super) whole: bool,
    /// Which events are asked for, as it is kept with a consumer; `None` if all are.
    pub(super) filter: Option<Filter>,
    pub(super) limit: u64,
    of: ReadingSource,
    /// The consumer that stands where it begins.
    standing: Option<String>,
}

/// The values of the options, as JSON text.
#[derive(Default)]
struct Given<'a> {
    instance: Option<&'a str>,
    stream: Option<&'a str>,
    start: Option<&'a str>,
    direction: Option<&'a str>,
    limit: Option<&'a str>,
    conditions: Option<&'a str>,
    consumer: Option<&'a str>,
    correlation_id: Option<&'a str>,
    causation_id: Option<&'a str>,
    whole: Option<&'a str>,
}

impl ReadingRange {
    /// Reads the options of `readAll` or `readStream`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` or `LIMIT_EXCEEDED`, naming the option.
    pub(super) fn parse(source: ReadingSource, options: &str) -> Result<Self, Error> {
        let given = Given::parse(source, options)?;
        let expected = "the id or name of an instance";
        let instance = arguments::required("instance", given.instance, expected)?;
        let instance = identifier("instance", instance, expected)?.into_owned();
        let expected = "the id of a stream";
        let stream = match (source, given.stream) {
            (ReadingSource::Stream, stream) => {
                Some(arguments::required("stream", stream, expected)?)
            }
            (_, stream) => stream,
        };
        let stream = stream.map(|raw| identifier("stream", raw, expected));
        let stream = stream.transpose()?.map(Cow::into_owned);
        let from_end =
            source == ReadingSource::Subscription && given.start.is_some_and(consumers::is_end);
        let start = match given.start.filter(|_| !from_end) {
            Some(raw) => Some(start(source, raw)?),
            None => None,
        };
        let backward = given.direction.map_or(Ok(false), is_backward)?;
        let mut also = given.convention()?;
        if let (ReadingSource::Stream, Some(start)) = (source, start) {
            let operator = if backward { "lte" } else { "gte" };
            also.push(condition("sequence_number", operator, &start.to_string()));
        }
        let whole = given.whole.map(|raw| arguments::boolean("whole", raw));
        let limit = given.limit.map(|raw| arguments::whole_number("limit", raw));
        let limit = limit.transpose()?.unwrap_or(u64::MAX);
        let consumer = given
            .consumer
            .map(|raw| name("consumer", raw, "a consumer"));
        let query = Query::for_events(instance, stream.as_deref(), given.conditions, &also)?;
        let filter = (query.has_conditions() && given.consumer.is_some())
            .then(|| Filter::of(given.stream, given.conditions));
        Ok(Self {
            query,
            filter,
            stream,
            start,
            from_end,
            backward,
            follows: source == ReadingSource::Subscription,
            consumer: consumer.transpose()?,
            whole: whole.transpose()?.unwrap_or_default(),
            limit,
            of: source,
            standing: None,
        })
    }
}

impl ReadingRange {
    /// Refuses to begin after a position that no event has. Whoever knows of one has it from another log, or from an
    /// instance that was deleted: what comes until that position is reached would never be seen. Nor is what was trimmed
    /// passed over in silence: who begins anywhere begins at the position `first`.
    pub(super) fn check_position(&self, first: u64, last: u64) -> Result<(), Error> {
        let Some(start) = self.start.filter(|_| self.of != ReadingSource::Stream) else {
            return Ok(());
        };
        let needed = if self.backward { first } else { first - 1 };
        if first > 1 && start < needed {
            return Err(match &self.standing {
                None => Error::before_first_position("afterPosition", first, &start.to_string()),
                Some(consumer) => {
                    let found = format!("{consumer:?} at {start}: reset it");
                    Error::before_first_position("consumer", first, &found)
                }
            });
        }
        match &self.standing {
            None => consumers::within("afterPosition", start, last).map(drop),
            Some(consumer) if start > last => Err(Error::expected(
                "consumer",
                &format!("one that stands at most at the position of the last event, {last}"),
                &format!("{consumer:?} at {start}: reset it"),
            )),
            Some(_) => Ok(()),
        }
    }

    /// Refuses to begin before an event that was trimmed between others, if that would be missed: one of the stream, whose
    /// events are out up to the number before `own.first`, or any one if nothing may be missing. `last_out` is the position
    /// of the last one that was trimmed.
    pub(super) fn check_gaps(&self, own: StreamHorizon, last_out: u64) -> Result<(), Error> {
        let Some(start) = self.start.filter(|_| self.of != ReadingSource::Stream) else {
            return Ok(());
        };
        let (path, found) = match &self.standing {
            None => ("afterPosition", start.to_string()),
            Some(consumer) => ("consumer", format!("{consumer:?} at {start}: reset it")),
        };
        if !self.backward && start < own.last_out {
            return Err(Error::before_stream(path, own.last_out, own.first, &found));
        }
        if self.whole && start < last_out {
            return Err(Error::before_gap(path, last_out, &found));
        }
        Ok(())
    }

    /// Refuses to begin with a number that the stream, whose events have the numbers from `first` to `len`, is not to give
    /// next, or whose event was trimmed.
    pub(super) fn check_sequence(&self, first: u64, len: u64) -> Result<(), Error> {
        if let Some(start) = self.start.filter(|start| first > 1 && *start < first) {
            return Err(Error::before_first_sequence("fromSequence", first, start));
        }
        let next = len.saturating_add(1);
        let Some(start) = self.start.filter(|start| *start > next) else {
            return Ok(());
        };
        let last = match len {
            0 => "the stream has no events".to_owned(),
            _ => format!("the last event of the stream has {len}"),
        };
        let expected = format!("a number of at most {next}, as {last}");
        Err(Error::expected(
            "fromSequence",
            &expected,
            &start.to_string(),
        ))
    }

    /// Has the reading begin where a consumer stands.
    pub(super) fn begin_at(&mut self, consumer: String, position: u64) {
        self.start = Some(position);
        self.from_end = false;
        self.standing = Some(consumer);
    }
}

/// Where to begin, as the options of `source` say it.
fn start(source: ReadingSource, raw: &str) -> Result<u64, Error> {
    match source {
        ReadingSource::Instance | ReadingSource::Erasable => {
            arguments::whole_number("afterPosition", raw)
        }
        ReadingSource::Stream => arguments::whole_number("fromSequence", raw),
        ReadingSource::Subscription => {
            let expected = "a whole number from 0 to 9007199254740991, or \"end\"";
            arguments::whole_number_as("afterPosition", raw, expected)
        }
    }
}

impl<'a> Given<'a> {
    /// `signal`, and of a subscription `retry`, `onFailed` and `awaitInstance`, never come here: JavaScript acts on
    /// them. They are keys all the same, of which a refusal speaks.
    fn parse(source: ReadingSource, options: &'a str) -> Result<Self, Error> {
        match source {
            ReadingSource::Instance | ReadingSource::Erasable => Self::of_instance(options),
            ReadingSource::Stream => Self::of_stream(options),
            ReadingSource::Subscription => Self::of_subscription(options),
        }
    }

    fn of_instance(options: &'a str) -> Result<Self, Error> {
        let keys = [
            "instance",
            "afterPosition",
            "direction",
            "limit",
            "where",
            "correlationId",
            "causationId",
            "whole",
            "format",
            "signal",
        ];
        let [
            instance,
            start,
            direction,
            limit,
            conditions,
            correlation_id,
            causation_id,
            whole,
            ..,
        ] = arguments::members("", options, keys)?;
        Ok(Self {
            instance,
            start,
            direction,
            limit,
            conditions,
            correlation_id,
            causation_id,
            whole,
            ..Self::default()
        })
    }

    fn of_stream(options: &'a str) -> Result<Self, Error> {
        let keys = [
            "instance",
            "stream",
            "fromSequence",
            "direction",
            "limit",
            "format",
            "signal",
        ];
        let [instance, stream, start, direction, limit, ..] =
            arguments::members("", options, keys)?;
        Ok(Self {
            instance,
            stream,
            start,
            direction,
            limit,
            ..Self::default()
        })
    }

    fn of_subscription(options: &'a str) -> Result<Self, Error> {
        let keys = [
            "instance",
            "stream",
            "where",
            "afterPosition",
            "consumer",
            "retry",
            "onFailed",
            "format",
            "signal",
            "awaitInstance",
        ];
        let [instance, stream, conditions, start, consumer, ..] =
            arguments::members("", options, keys)?;
        Ok(Self {
            instance,
            stream,
            start,
            conditions,
            consumer,
            ..Self::default()
        })
    }

    /// The conditions on what the metadata has by convention.
    fn convention(&self) -> Result<Vec<String>, Error> {
        let given = [
            (
                "correlationId",
                "metadata.correlationId",
                self.correlation_id,
            ),
            ("causationId", "metadata.causationId", self.causation_id),
        ];
        let mut conditions = Vec::new();
        for (name, field, raw) in given {
            let Some(raw) = raw else { continue };
            if Kind::of(raw) != Kind::String {
                return Err(arguments::unexpected(name, "a string", raw));
            }
            conditions.push(condition(field, "eq", raw));
        }
        Ok(conditions)
    }
}

/// The JSON text of a condition of a query.
fn condition(field: &str, operator: &str, value: &str) -> String {
    format!(r#"{{"field":"{field}","operator":"{operator}","value":{value}}}"#)
}

fn is_backward(raw: &str) -> Result<bool, Error> {
    let direction = (Kind::of(raw) == Kind::String).then(|| Text::decode(raw));
    match direction.as_ref().and_then(Text::as_str) {
        Some("forward") => Ok(false),
        Some("backward") => Ok(true),
        _ => Err(arguments::unexpected(
            "direction",
            "\"forward\" or \"backward\"",
            raw,
        )),
    }
}
