//! Which events a consumer asks for, as it is kept in the log to count those that it has not done.
//!
//! ```text
//! version    u8   1
//! filter     the rest: a JSON object with the `stream` and the `where` of the subscription, as they were given
//! ```
//!
//! It is a state of the instance of its own, so that versions which know none read where the consumer stands as
//! before. There is none for a consumer that asks for every event.

use crate::arguments::{identifier, members};
use crate::engine::Fault;
use crate::query::Query;
use crate::request::query::Blocks;
use crate::seam::{EventChunks, ReadSnapshot, Transaction};

/// What the names of states begin with that are consumers' filters.
const PREFIX: &str = "filter/";

const VERSION: u8 = 1;

/// Which events a consumer asks for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::request) struct Filter(String);

impl Filter {
    /// That of a subscription with these options, which are JSON text of which it is known that it is right.
    pub(in crate::request) fn of(stream: Option<&str>, conditions: Option<&str>) -> Self {
        let members = [("stream", stream), ("where", conditions)];
        let members = members.into_iter().filter_map(|(key, raw)| {
            let raw = raw?;
            Some(format!("\"{key}\":{raw}"))
        });
        Self(format!("{{{}}}", members.collect::<Vec<_>>().join(",")))
    }

    /// Keeps the filter of a consumer, or that it has none. Nothing is written if it is the one that is kept already.
    pub(in crate::request) fn keep(
        filter: Option<&Self>,
        batch: &mut dyn Transaction,
        number: u32,
        consumer: &str,
    ) -> Result<(), Fault> {
        let name = state_name(consumer);
        let Some(Self(text)) = filter else {
            return batch.delete_state(number, &name).map(drop);
        };
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(text.as_bytes());
        if batch.state(number, &name)?.as_ref() == Some(&bytes) {
            return Ok(());
        }
        batch.put_state(number, &name, &bytes)
    }

    /// The filter of a consumer; `None` if it asks for every event, or for what only a later version understands.
    pub(super) fn in_snapshot(
        snapshot: &dyn ReadSnapshot,
        number: u32,
        consumer: &str,
    ) -> Result<Option<Self>, Fault> {
        let bytes = snapshot.state(number, &state_name(consumer))?;
        Ok(bytes.and_then(|bytes| Self::decode(&bytes)))
    }

    /// Whether any consumer of the instance has one.
    pub(super) fn any(snapshot: &dyn ReadSnapshot, number: u32) -> Result<bool, Fault> {
        Ok(!snapshot.states(number, PREFIX, None, 1)?.is_empty())
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let (&VERSION, text) = bytes.split_first()? else {
            return None;
        };
        Some(Self(std::str::from_utf8(text).ok()?.to_owned()))
    }

    /// The events of an instance that it lets through; `None` if it is of a later version, which knows more.
    fn query(&self, instance_id: &str) -> Option<Query> {
        let [stream, conditions] = members("", &self.0, ["stream", "where"]).ok()?;
        let stream = stream.map(|raw| identifier("stream", raw, "the id of a stream"));
        let stream = stream.transpose().ok()?;
        Query::for_events(instance_id.to_owned(), stream.as_deref(), conditions, &[]).ok()
    }
}

fn state_name(consumer: &str) -> String {
    format!("{PREFIX}{consumer}")
}

/// The counting of events that match, for some consumers of an instance.
pub(super) struct Counting<'a> {
    snapshot: &'a dyn ReadSnapshot,
    /// The same, for filters that look into payloads.
    revealed: &'a dyn ReadSnapshot,
    number: u32,
    /// The events, as they are stored and revealed, once one of them is to be counted.
    counted: [Option<Box<dyn EventChunks + 'a>>; 2],
    /// How many chunks were gone through.
    pub(super) chunks: usize,
}

impl<'a> Counting<'a> {
    pub(super) const fn of(
        snapshot: &'a dyn ReadSnapshot,
        revealed: &'a dyn ReadSnapshot,
        number: u32,
    ) -> Self {
        Self {
            snapshot,
            revealed,
            number,
            counted: [None, None],
            chunks: 0,
        }
    }

    /// How many events after a position a filter lets through. One that is not understood lets all through.
    pub(super) fn after(&mut self, position: u64, filter: &Filter) -> Result<u64, Fault> {
        let instance = self.snapshot.instance(self.number)?;
        let behind = instance.head.last_position.saturating_sub(position);
        if behind == 0 {
            return Ok(0);
        }
        let instance_id = instance.id.as_str();
        let Some(query) = filter.query(instance_id) else {
            return self.snapshot.chunks(self.number)?.count_after(position);
        };
        let query = query.counted_after(position)?;
        let (snapshot, counted) = match (query.reads_data(), &mut self.counted) {
            (false, [counted, _]) => (self.snapshot, counted),
            (true, [_, counted]) => (self.revealed, counted),
        };
        let chunks = match counted {
            Some(counted) => counted,
            counted @ None => counted.insert(snapshot.chunks(self.number)?),
        };
        let mut count = 0;
        let after = chunks.index_of(position + 1)..chunks.len();
        let blocks = Blocks::of(&query, &**chunks, after)?;
        for at in 0..blocks.len() {
            self.snapshot.check_wanted()?;
            let chunk = blocks.chunk(at, &**chunks, instance_id)?;
            count += query.examine(instance_id, &chunk)?.count();
            self.chunks += 1;
        }
        Ok(count)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_filter_is_understood_as_it_was_given_and_one_of_a_later_version_is_none() {
        let filter = Filter::of(
            Some("\"é\\u0000\""),
            Some(r#"[{"field":"n","operator":"gt","value":1}]"#),
        );
        let query = filter.query("log").unwrap();
        assert_eq!(query.stream(), Some("é\0"));
        assert!(query.has_conditions());
        let mut bytes = vec![VERSION];
        bytes.extend_from_slice(filter.0.as_bytes());
        assert_eq!(Filter::decode(&bytes), Some(filter));
        bytes[0] = 2;
        assert_eq!(Filter::decode(&bytes), None);
        assert_eq!(Filter::decode(&[]), None);
        let later = r#"[{"field":"n","operator":"like","value":1}]"#;
        assert!(Filter::of(None, Some(later)).query("log").is_none());
    }
}
