//! The rule by which an instance keeps its events, as a caller gives it and as it is kept: a state of the instance.
//!
//! ```text
//! version   u8    1
//! text      the rest, the rule as JSON
//! ```

use std::path::Path;

use super::failure;
use crate::arguments::{self, members, string_within};
use crate::engine::Fault;
use crate::error::Error;
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::json::{self, Kind};
use crate::seam::{ReadSnapshot, Transaction};

/// The name of the state.
const STATE: &str = "retention";

const VERSION: u8 = 1;

/// The longest path of an archive, in bytes of UTF-8.
const PATH_BYTES_MAX: usize = 4_096;

/// How many rules for streams there can be.
const STREAMS_MAX: usize = 100;

const KEYS: [&str; 6] = [
    "maxAgeMs",
    "maxEvents",
    "maxBytes",
    "streams",
    "archive",
    "force",
];

/// Whether a state of that name is about retention.
pub(in crate::request) fn is_state(name: &str) -> bool {
    [STATE, failure::STATE].contains(&name)
}

/// A rule by which an instance keeps its events. Each limit says what is kept at most, and events go that are over any.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::request) struct Policy {
    /// How old events are, by their timestamps.
    pub(super) max_age_ms: Option<u64>,
    pub(super) max_events: Option<u64>,
    /// How many bytes their records have.
    pub(super) max_bytes: Option<u64>,
    /// What streams keep, by the first of these whose prefix the id of a stream has.
    pub(super) streams: Vec<StreamRule>,
    /// The folder in which events are archived before they go.
    pub(super) archive: Option<String>,
    /// Whether events go that a consumer has not acknowledged.
    pub(super) force: bool,
}

/// A rule by which streams keep their events. Each limit says what is kept at most.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct StreamRule {
    /// What the ids of the streams begin with.
    pub(super) prefix: String,
    /// How old events are, by their timestamps.
    pub(super) max_age_ms: Option<u64>,
    /// How many events there are of each stream.
    pub(super) max_events: Option<u64>,
}

/// Reads a limit of `unit`.
fn limit(path: &str, key: &str, raw: Option<&str>, unit: &str) -> Result<Option<u64>, Error> {
    let Some(raw) = raw else { return Ok(None) };
    let path = format!("{path}.{key}");
    let expected = format!("a whole number of {unit} from 1 to 9007199254740991");
    match arguments::whole_number_as(&path, raw, &expected)? {
        0 => Err(arguments::unexpected(path, &expected, raw)),
        number => Ok(Some(number)),
    }
}

impl StreamRule {
    fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        if Kind::of(raw) != Kind::Object {
            let expected = "an object with prefix, and maxAgeMs or maxEvents";
            return Err(arguments::unexpected(path, expected, raw));
        }
        let [prefix, age, events] = members(path, raw, ["prefix", "maxAgeMs", "maxEvents"])?;
        let prefix_path = format!("{path}.prefix");
        let expected = "a string, which may be empty";
        let prefix = arguments::required(&prefix_path, prefix, expected)?;
        let rule = Self {
            prefix: string_within(&prefix_path, prefix, expected, IDENTIFIER_BYTES_MAX)?
                .into_owned(),
            max_age_ms: limit(path, "maxAgeMs", age, "milliseconds")?,
            max_events: limit(path, "maxEvents", events, "events")?,
        };
        if rule.max_age_ms.is_none() && rule.max_events.is_none() {
            let expected = "at least one of maxAgeMs and maxEvents";
            return Err(Error::expected(path, expected, "none of them"));
        }
        Ok(rule)
    }

    /// Reads the rules at `path`.
    fn all(path: &str, raw: &str) -> Result<Vec<Self>, Error> {
        let path = format!("{path}.streams");
        let expected = "an array of rules for streams";
        let elements = arguments::list(&path, raw, expected, STREAMS_MAX, "rules")?;
        if elements.is_empty() {
            return Err(Error::expected(&path, "at least one rule", "none"));
        }
        let elements = elements.into_iter().enumerate();
        elements
            .map(|(index, raw)| Self::parse(&format!("{path}[{index}]"), raw))
            .collect()
    }

    fn write(&self, out: &mut String) {
        out.push_str("{\"prefix\":");
        json::write_string(out, &self.prefix);
        for (key, limit) in [
            ("maxAgeMs", self.max_age_ms),
            ("maxEvents", self.max_events),
        ] {
            if let Some(limit) = limit {
                out.push_str(&format!(",\"{key}\":{limit}"));
            }
        }
        out.push('}');
    }
}

impl Policy {
    /// Reads the rule at `path`.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` or `LIMIT_EXCEEDED` if it is none.
    pub(in crate::request) fn parse(path: &str, raw: &str) -> Result<Self, Error> {
        let [age, events, bytes, streams, archive, force] = members(path, raw, KEYS)?;
        let policy = Self {
            max_age_ms: limit(path, "maxAgeMs", age, "milliseconds")?,
            max_events: limit(path, "maxEvents", events, "events")?,
            max_bytes: limit(path, "maxBytes", bytes, "bytes")?,
            streams: streams.map_or(Ok(Vec::new()), |raw| StreamRule::all(path, raw))?,
            archive: archive.map(|raw| folder(path, raw)).transpose()?,
            force: match force {
                Some(raw) => arguments::boolean(format!("{path}.force"), raw)?,
                None => false,
            },
        };
        let limits = [policy.max_age_ms, policy.max_events, policy.max_bytes];
        if limits.iter().all(Option::is_none) && policy.streams.is_empty() {
            let expected = "at least one of maxAgeMs, maxEvents, maxBytes and streams";
            let found = "none of them: to keep all events, give null";
            return Err(Error::expected(path, expected, found));
        }
        Ok(policy)
    }

    /// The rule of an instance, as of a snapshot.
    pub(in crate::request) fn read(
        snapshot: &dyn ReadSnapshot,
        number: u32,
    ) -> Result<Option<Self>, Fault> {
        Self::of_state(snapshot.state(number, STATE)?)
    }

    /// The rule of an instance, within a commit in the making.
    pub(in crate::request) fn in_batch(
        batch: &mut (dyn Transaction + '_),
        number: u32,
    ) -> Result<Option<Self>, Fault> {
        Self::of_state(batch.state(number, STATE)?)
    }

    /// The numbers of all instances that have a rule, in ascending order.
    pub(super) fn holders(snapshot: &dyn ReadSnapshot) -> Result<Vec<u32>, Fault> {
        snapshot.numbers_with_state(STATE)
    }

    fn encode(&self) -> Vec<u8> {
        let mut text = String::new();
        self.write(&mut text);
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(text.as_bytes());
        bytes
    }

    pub(super) fn of_state(bytes: Option<Vec<u8>>) -> Result<Option<Self>, Fault> {
        let Some(bytes) = bytes else {
            return Ok(None);
        };
        let read = || {
            let text = match bytes.split_first() {
                Some((&VERSION, text)) => std::str::from_utf8(text).ok()?,
                _ => return None,
            };
            // It is looked through without another look at whether it is JSON.
            serde_json::from_str::<serde::de::IgnoredAny>(text).ok()?;
            Self::parse(STATE, text).ok()
        };
        let policy = read().ok_or_else(|| {
            let text = "the retention of an instance is not what was written";
            Fault::Corrupted(text.to_owned())
        })?;
        Ok(Some(policy))
    }

    /// Appends the rule as JSON.
    pub(super) fn write(&self, out: &mut String) {
        let limits = [
            ("maxAgeMs", self.max_age_ms),
            ("maxEvents", self.max_events),
            ("maxBytes", self.max_bytes),
        ];
        let mut mark = '{';
        for (key, limit) in limits {
            if let Some(limit) = limit {
                out.push_str(&format!("{mark}\"{key}\":{limit}"));
                mark = ',';
            }
        }
        if !self.streams.is_empty() {
            out.push_str(&format!("{mark}\"streams\":"));
            let mut comma = '[';
            for rule in &self.streams {
                out.push(comma);
                rule.write(out);
                comma = ',';
            }
            out.push(']');
        }
        if let Some(path) = &self.archive {
            out.push_str(",\"archive\":{\"path\":");
            json::write_string(out, path);
            out.push('}');
        }
        if self.force {
            out.push_str(",\"force\":true");
        }
        out.push('}');
    }
}

/// The folder of an archive, wherever a process is that archives something there later.
fn folder(path: &str, raw: &str) -> Result<String, Error> {
    let [folder] = members(&format!("{path}.archive"), raw, ["path"])?;
    let path = format!("{path}.archive.path");
    let expected = "the path of a folder";
    let raw = arguments::required(&path, folder, expected)?;
    let folder = arguments::word_within(&path, raw, expected, PATH_BYTES_MAX)?;
    if folder.starts_with("file:") {
        let found = format!("a URL: {folder:?}");
        return Err(Error::expected(path, expected, &found));
    }
    if folder.contains('\0') {
        let found = "one with a NUL character, which no path has";
        return Err(Error::expected(path, expected, found));
    }
    let absolute = std::path::absolute(Path::new(folder.as_ref()))
        .map_err(|error| Error::expected(&path, expected, &error.to_string()))?;
    match absolute.into_os_string().into_string() {
        Ok(absolute) => Ok(absolute),
        Err(_) => {
            let found = "a relative one, within a folder whose name is not Unicode";
            Err(Error::expected(path, expected, found))
        }
    }
}

/// Has an instance keep its events by a rule, or all of them. What is told of the rule before is forgotten.
pub(in crate::request) fn set(
    batch: &mut (dyn Transaction + '_),
    number: u32,
    policy: Option<&Policy>,
) -> Result<(), Fault> {
    failure::forget(batch, number)?;
    match policy {
        Some(policy) => batch.put_state(number, STATE, &policy.encode()),
        None => batch.delete_state(number, STATE).map(|_| ()),
    }
}

/// Appends what is told of an instance's rule to the members of the instance: nothing if it has none. `state` gives the
/// state of a name.
pub(in crate::request) fn write_retention(
    out: &mut String,
    mut state: impl FnMut(&str) -> Result<Option<Vec<u8>>, Fault>,
) -> Result<(), Fault> {
    let Some(policy) = Policy::of_state(state(STATE)?)? else {
        return Ok(());
    };
    out.push_str(",\"retention\":");
    policy.write(out);
    if let Some(failure) = failure::of_state(state(failure::STATE)?)? {
        out.push_str(",\"retentionError\":");
        out.push_str(&failure);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    #[test]
    fn what_is_no_rule_is_refused_with_its_place() {
        let cases = [
            ("7", "retention: expected an object with"),
            (
                "{}",
                "retention: expected at least one of maxAgeMs, maxEvents, maxBytes and streams, found none",
            ),
            ("{\"force\":true}", "retention: expected at least one of"),
            (
                "{\"maxEvents\":0}",
                "retention.maxEvents: expected a whole number of events from 1",
            ),
            (
                "{\"maxEvents\":-1}",
                "retention.maxEvents: expected a whole number of events from 1",
            ),
            (
                "{\"maxAgeMs\":\"1\"}",
                "retention.maxAgeMs: expected a whole number of milliseconds",
            ),
            (
                "{\"maxBytes\":1.5}",
                "retention.maxBytes: expected a whole number of bytes",
            ),
            ("{\"maxAge\":1}", "retention.maxAge: unknown key"),
            ("{\"maxEvents\":1,\"force\":1}", "retention.force: "),
            (
                "{\"maxEvents\":1,\"archive\":\"x\"}",
                "retention.archive: expected an object with path",
            ),
            (
                "{\"maxEvents\":1,\"archive\":{}}",
                "retention.archive.path: expected the path of a folder",
            ),
            (
                "{\"maxEvents\":1,\"archive\":{\"path\":\"\"}}",
                "retention.archive.path: ",
            ),
            (
                "{\"maxEvents\":1,\"archive\":{\"path\":\"a\\u0000\"}}",
                "retention.archive.path: ",
            ),
            (
                "{\"maxEvents\":1,\"archive\":{\"path\":\"file:///a\"}}",
                "retention.archive.path: ",
            ),
        ];
        for (raw, text) in cases {
            let error = Policy::parse("retention", raw).unwrap_err();
            assert_eq!(error.code(), Code::InvalidArgument, "{raw}");
            assert!(error.text().starts_with(text), "{raw}: {error}");
        }
    }
}
