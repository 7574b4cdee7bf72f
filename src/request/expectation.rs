//! What a call expects of streams before it appends.

use std::borrow::Cow;

use super::limits::EXPECTATIONS_MAX;
use crate::arguments;
use crate::engine::Fault;
use crate::error::Error;
use crate::expected_sequence::{ExpectedSequence, SequenceConflict};
use crate::seam::Transaction;

/// The value that asks for a stream with events, whatever their number.
pub(super) const EXISTS: &str = "exists";

/// The key of what `appendEvent` expects of the stream that it appends to.
pub(super) const OF_EVENT: &str = "expectedSequence";

/// The key of what `appendEvents` expects of any streams.
pub(super) const OF_STREAMS: &str = "expectedSequences";

/// Streams of one instance, and where each of them is expected to stand.
#[derive(Clone, Debug, Default)]
pub(super) struct Expectations(Vec<Expectation>);

#[derive(Clone, Debug)]
struct Expectation {
    path: String,
    stream_id: String,
    expected: ExpectedSequence,
}

impl Expectations {
    /// Reads the value of [`OF_EVENT`], which is about that stream.
    pub(super) fn of_event(raw: Option<&str>, stream_id: &str) -> Result<Self, Error> {
        let expectation = raw.map(|raw| Expectation::parse(raw, OF_EVENT.to_owned(), stream_id));
        Ok(Self(expectation.transpose()?.into_iter().collect()))
    }

    /// That the stream of a decision stands where its state does; `path` is that of the stream.
    pub(super) fn of_decision(path: &str, stream_id: &str, sequence: u64) -> Self {
        Self(vec![Expectation {
            path: path.to_owned(),
            stream_id: stream_id.to_owned(),
            expected: ExpectedSequence::At(sequence),
        }])
    }

    /// Reads the value of [`OF_STREAMS`].
    pub(super) fn of_streams(raw: Option<&str>) -> Result<Self, Error> {
        let Some(raw) = raw else {
            return Ok(Self::default());
        };
        let members = arguments::entries(OF_STREAMS, raw)?;
        let (most, found) = (EXPECTATIONS_MAX, members.len());
        if found > most {
            return Err(arguments::over_limit(OF_STREAMS, most, "streams", found));
        }
        let expectation = |(stream_id, raw): (Cow<'_, str>, &str)| {
            let path = format!("{OF_STREAMS}[{stream_id:?}]");
            let stream_id = arguments::within_identifier(&path, stream_id)?;
            Expectation::parse(raw, path, &stream_id)
        };
        let expectations: Result<_, _> = members.into_iter().map(expectation).collect();
        Ok(Self(expectations?))
    }

    /// Fails with the first stream that is not where it is expected to be. Without a `number` the
    /// instance does not exist yet, and no stream has events.
    pub(super) fn check(
        &self,
        number: Option<u32>,
        batch: &mut dyn Transaction,
    ) -> Result<(), Fault> {
        for expectation in &self.0 {
            let actual = match number {
                Some(number) => batch.last_sequence(number, &expectation.stream_id)?,
                None => 0,
            };
            if !expectation.expected.allows(actual) {
                return Err(expectation.conflict(actual).into());
            }
        }
        Ok(())
    }
}

impl Expectation {
    fn parse(raw: &str, path: String, stream_id: &str) -> Result<Self, Error> {
        Ok(Self {
            expected: expected(raw, &path)?,
            path,
            stream_id: stream_id.to_owned(),
        })
    }

    fn conflict(&self, actual: u64) -> Error {
        let conflict = SequenceConflict {
            stream_id: self.stream_id.clone(),
            expected: self.expected,
            actual,
        };
        Error::sequence_conflict(&self.path, conflict)
    }
}

fn expected(raw: &str, path: &str) -> Result<ExpectedSequence, Error> {
    if raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"')) == Some(EXISTS) {
        return Ok(ExpectedSequence::Exists);
    }
    let wanted =
        "the number of the stream's last event, 0 for a stream without events, or \"exists\"";
    let number = arguments::whole_number_as(path, raw, wanted)?;
    Ok(ExpectedSequence::At(number))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn of_event(text: &str) -> Result<ExpectedSequence, Error> {
        let Expectations(expectations) = Expectations::of_event(Some(text), "s")?;
        Ok(expectations[0].expected)
    }

    #[test]
    fn an_expectation_is_a_number_or_that_there_are_events() {
        for (text, expected) in [
            ("0", ExpectedSequence::At(0)),
            ("-0", ExpectedSequence::At(0)),
            ("7", ExpectedSequence::At(7)),
            ("1e3", ExpectedSequence::At(1_000)),
            ("9007199254740991", ExpectedSequence::At((1 << 53) - 1)),
            ("\"exists\"", ExpectedSequence::Exists),
        ] {
            assert_eq!(of_event(text), Ok(expected), "{text}");
        }
        for (text, found) in [
            ("-1", "found -1"),
            ("1.5", "found 1.5"),
            ("9007199254740992", "found 9007199254740992"),
            ("\"1\"", "found \"1\""),
            ("\"none\"", "found \"none\""),
            ("null", "found null"),
            ("[1]", "found an array"),
        ] {
            let error = of_event(text).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument);
            assert!(error.text().starts_with("expectedSequence: "), "{error}");
            assert!(error.text().ends_with(found), "{error}");
        }
    }

    #[test]
    fn each_stream_of_many_has_a_place_of_its_own() {
        let text = r#"{"a\n":1,"b":"exists"}"#;
        let Expectations(expectations) = Expectations::of_streams(Some(text)).unwrap();
        let listed: Vec<_> = expectations
            .iter()
            .map(|it| (it.path.as_str(), it.stream_id.as_str(), it.expected))
            .collect();
        assert_eq!(
            listed,
            [
                (
                    "expectedSequences[\"a\\n\"]",
                    "a\n",
                    ExpectedSequence::At(1)
                ),
                ("expectedSequences[\"b\"]", "b", ExpectedSequence::Exists),
            ]
        );
        for (text, code, part) in [
            (
                "[]",
                Code::InvalidArgument,
                "expected an object, found an array",
            ),
            (
                r#"{"":1}"#,
                Code::InvalidArgument,
                "a string that is not empty",
            ),
            (
                r#"{"b":-1}"#,
                Code::InvalidArgument,
                "expectedSequences[\"b\"]: ",
            ),
        ] {
            let error = Expectations::of_streams(Some(text)).unwrap_err();
            assert_eq!(error.code(), code, "{error}");
            assert!(error.text().contains(part), "{error}");
        }
        let long = format!("{{\"{}\":1}}", "x".repeat(1_025));
        let error = Expectations::of_streams(Some(&long)).unwrap_err();
        assert_eq!(error.code(), Code::LimitExceeded, "{error}");
    }
}
