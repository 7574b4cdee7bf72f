//! Which streams an instance has, and where they end.

use std::ops::Bound;
use std::sync::Arc;

use redb::TableDefinition;

use super::by_name::{self, First, Merged, Named};
use super::{Snapshot, StreamView};
use crate::engine::Fault;
use crate::engine::tables::schema::{self, StreamValue};

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
    let name = schema::streams_table(number);
    let table = snapshot
        .transaction
        .open_table(TableDefinition::<&str, StreamValue>::new(&name))?;
    let mut rows = table.range::<&str>((by_name::start(prefix, after), Bound::Unbounded))?;
    let next_in_tables = || -> Result<Option<Named<StreamValue>>, Fault> {
        let Some(row) = rows.next().transpose()? else {
            return Ok(None);
        };
        let (stream_id, end) = (row.0.value(), row.1.value());
        Ok(stream_id
            .starts_with(prefix)
            .then(|| (stream_id.into(), end)))
    };
    let offer_newer = |later: Option<&str>, first: &mut First<StreamValue>| {
        let start = by_name::start(prefix, later.or(after));
        // Newest first: what an older generation says of a stream no longer holds.
        for generation in &snapshot.generations {
            let records = generation.segment.records();
            let streams = records.streams_from(number, start);
            let named = streams.map(|(stream_id, head)| {
                let end = (head.last_sequence, head.last_position);
                (stream_id, move || end)
            });
            first.offer_all(named.take_while(|(stream_id, _)| stream_id.starts_with(prefix)));
        }
    };
    let mut known = Merged::new(next_in_tables, offer_newer, limit)?;
    let mut streams = Vec::new();
    while streams.len() < limit {
        snapshot.check_wanted()?;
        let Some(known) = known.next()? else { break };
        streams.extend(as_of(snapshot, number, last, known)?);
    }
    Ok(streams)
}

/// Where a stream ends that ends so by now; `None` if it has no event up to position `last`.
fn as_of(
    snapshot: &Snapshot,
    number: u32,
    last: u64,
    (stream_id, (sequence, position)): Named<StreamValue>,
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
