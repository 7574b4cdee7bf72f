//! Which streams an instance has, and where they end.

use std::cmp::Ordering;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;

use redb::TableDefinition;

use super::{Snapshot, StreamView};
use crate::engine::Fault;
use crate::engine::schema::{self, StreamValue};

/// A stream and its last event.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StreamEnd {
    /// The stream.
    pub stream_id: Arc<str>,
    /// The number of its last event, which is how many it has.
    pub sequence: u64,
    /// Where that event stands in the instance.
    pub position: u64,
}

/// A stream, with the number and the position of its last event.
type Known = (Arc<str>, (u64, u64));

/// Lists the first `limit` streams whose id begins with `prefix` and comes after `after`.
///
/// Where a stream of the tables has newer events in the journal, what the journal says holds. The
/// journal may know of streams, and of events, that the snapshot does not have yet.
pub(super) fn list(
    snapshot: &Snapshot,
    number: u32,
    prefix: &str,
    after: Option<&str>,
    limit: usize,
) -> Result<Vec<StreamEnd>, Fault> {
    let last = snapshot.instance(number)?.head.last_position;
    let is_asked_for =
        |stream_id: &str| stream_id.starts_with(prefix) && after.is_none_or(|it| stream_id > it);
    let mut in_journal = journalled(snapshot, number, is_asked_for)
        .into_iter()
        .peekable();

    let name = schema::streams_table(number);
    let table = snapshot
        .transaction
        .open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
    let start = match after {
        Some(after) if after >= prefix => Bound::Excluded(after),
        _ => Bound::Included(prefix),
    };
    let mut in_table = table.range::<&str>((start, Bound::Unbounded))?;
    let mut next_in_table = || -> Result<Option<Known>, Fault> {
        let Some(row) = in_table.next().transpose()? else {
            return Ok(None);
        };
        let (stream_id, end) = (row.0.value(), row.1.value());
        Ok(stream_id
            .starts_with(prefix)
            .then(|| (stream_id.into(), end)))
    };

    let mut streams = Vec::new();
    let mut stored = next_in_table()?;
    while streams.len() < limit {
        snapshot.check_wanted()?;
        let order = match (&stored, in_journal.peek()) {
            (None, None) => break,
            (Some((stored, _)), Some((newer, _))) => stored.cmp(newer),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        };
        let older = if order == Ordering::Greater {
            None
        } else {
            std::mem::replace(&mut stored, next_in_table()?)
        };
        let next = if order == Ordering::Less {
            older
        } else {
            in_journal.next()
        };
        let Some(known) = next else { break };
        streams.extend(as_of(snapshot, number, last, known)?);
    }
    Ok(streams)
}

/// Where those streams stand that have events in the journal, perhaps after events that the snapshot
/// does not have.
fn journalled(
    snapshot: &Snapshot,
    number: u32,
    is_asked_for: impl Fn(&str) -> bool,
) -> BTreeMap<Arc<str>, (u64, u64)> {
    let mut streams = BTreeMap::new();
    // Newest first: what an older generation says of a stream no longer holds.
    for generation in &snapshot.generations {
        let records = generation.segment.records();
        let found = records.streams(number).filter(|(id, _)| is_asked_for(id));
        for (stream_id, head) in found {
            let end = (head.last_sequence, head.last_position);
            streams.entry(Arc::clone(stream_id)).or_insert(end);
        }
    }
    streams
}

/// Where a stream ends that ends so by now; `None` if it has no event up to position `last`.
fn as_of(
    snapshot: &Snapshot,
    number: u32,
    last: u64,
    (stream_id, (sequence, position)): Known,
) -> Result<Option<StreamEnd>, Fault> {
    let (sequence, position) = if position > last {
        let view = StreamView::new(snapshot, number, &stream_id)?;
        (view.len(), view.last_position())
    } else {
        (sequence, position)
    };
    Ok((sequence > 0).then_some(StreamEnd {
        stream_id,
        sequence,
        position,
    }))
}
