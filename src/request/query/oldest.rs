//! Finding the oldest events of a stream, without walking its chain back from the newest.

use super::BlockChunk;
use crate::engine::Fault;
use crate::query::{Chunk as _, Effort, Query};
use crate::seam::EventChunks;

/// Events of a stream that follow each other.
#[derive(Clone, Copy, Debug)]
pub(in crate::request) struct StreamPart {
    /// How many the stream has.
    pub(in crate::request) total: u64,
    /// How many come before them.
    pub(in crate::request) offset: u64,
    /// How many they are, unless the stream has fewer.
    pub(in crate::request) limit: u64,
    /// How many of those before them the query does not ask for itself.
    pub(in crate::request) excluded: u64,
}

impl StreamPart {
    /// How many events of the stream come up to the end of them.
    const fn end(self) -> u64 {
        let end = self.offset.saturating_add(self.limit);
        if end < self.total { end } else { self.total }
    }

    /// How many steps of the chain lead from the newest event to the first of them.
    pub(super) const fn steps_back(self) -> u64 {
        self.total.saturating_sub(self.offset)
    }
}

/// Going through the blocks of an instance from the first one, as long as that is the shorter way.
pub(in crate::request) struct Oldest<'a> {
    pub(in crate::request) query: &'a Query,
    pub(in crate::request) instance_id: &'a str,
    pub(in crate::request) chunks: &'a dyn EventChunks,
    /// How many steps along a chain take as long as a block.
    pub(in crate::request) dense: u64,
}

impl Oldest<'_> {
    /// Where the events stand, if `query` asks for the stream, and for all of its events after the excluded ones; `None` if they are not found for
    /// less than the walk back costs, which is the way that is left then. `examined` is told of each block.
    pub(in crate::request) fn places(
        &self,
        part: StreamPart,
        mut examined: impl FnMut(Effort, bool) -> Result<(), Fault>,
    ) -> Result<Option<Vec<u64>>, Fault> {
        let count = self.chunks.len() as u64;
        let blocks = part.end().saturating_mul(count) / part.total.max(1) + 1;
        let mut effort = part.steps_back();
        if blocks.saturating_mul(self.dense) >= effort {
            return Ok(None);
        }
        let (mut met, mut places) = (part.excluded, Vec::new());
        for index in 0..self.chunks.len() {
            let chunk = BlockChunk::new(self.chunks.chunk(index)?, self.instance_id);
            let found = self.query.examine(self.instance_id, &chunk)?;
            examined(found.effort, chunk.chunk.is_sealed())?;
            for place in found.places() {
                met += 1;
                if met > part.offset {
                    places.push(place);
                }
                if met == part.end() {
                    return Ok(Some(places));
                }
            }
            // A block that its directory excludes costs next to nothing.
            let cost = if found.effort.skipped || chunk.len() == 0 {
                1
            } else {
                self.dense
            };
            effort = effort.saturating_sub(cost);
            if effort == 0 {
                break;
            }
        }
        Ok(None)
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::super::plan::Plan;
    use super::super::{Setting, WayBounds, answer};
    use crate::cancellation::Cancellation;
    use crate::engine::test::{Site, run};
    use crate::engine::{Engine, NewEvent, Pace};
    use crate::query::Query;
    use crate::request::encryption::{Keys, Revealing};
    use crate::testing::List;

    const BOUNDS: WayBounds = WayBounds {
        alone: std::time::Duration::MAX,
        dense: 1,
        looked_up_at_once: 1,
    };

    /// A log in which every fourth event, of `events`, is of the stream `long`, and the last three of `late`.
    fn log(site: &Site, events: u64) -> Engine {
        let engine = site.open();
        run(&engine, move |batch| {
            let number = batch.create("log", "log", None)?;
            for n in 0..events {
                let stream_id = match n {
                    _ if n + 3 >= events => "late",
                    _ if n % 4 == 0 => "long",
                    _ => "other",
                };
                let event = NewEvent {
                    stream_id,
                    event_type: "tested",
                    payload: "{}",
                    metadata: "{}",
                    timestamp_ms: None,
                    call: None,
                };
                batch.append(number, &event)?;
            }
            Ok(())
        })
        .unwrap();
        engine
    }

    /// The sequence numbers that a query finds, and how it went.
    fn found(engine: &Engine, query: &Value) -> (Vec<u64>, Plan) {
        let query = Query::parse(&query.to_string()).unwrap();
        let snapshot = engine.snapshot().unwrap();
        let mut list = List::default();
        let keys = Keys::default();
        let setting = Setting {
            snapshot: &snapshot,
            revealing: &Revealing::by(&keys),
            cancellation: &Cancellation::default(),
            pace: &Pace::at_once(),
            bounds: BOUNDS,
        };
        let (outcome, plan) = answer(&query, setting, &mut list).unwrap();
        drop(outcome);
        let events: Vec<Value> = serde_json::from_str(&list.into_json()).unwrap();
        let sequences = events
            .iter()
            .map(|event| event["sequence_number"].as_u64().unwrap());
        (sequences.collect(), plan)
    }

    fn page(stream: &str, order: Option<&str>, offset: u64, limit: u64) -> Value {
        let mut query = json!({
            "from": { "instance": "log", "stream": stream },
            "offset": offset,
            "limit": limit,
        });
        if let Some(field) = order {
            query["orderBy"] = json!({ "field": field, "direction": "asc" });
        }
        query
    }

    #[test]
    fn the_oldest_events_of_a_stream_cost_as_much_however_many_follow_them() {
        for events in [400, 4000] {
            let site = Site::new(1 << 20, 8);
            let engine = log(&site, events);
            for order in [None, Some("sequence_number"), Some("timestamp")] {
                for (offset, limit, blocks) in [(0, 1, 1), (0, 3, 2), (5, 2, 4)] {
                    let (sequences, plan) = found(&engine, &page("long", order, offset, limit));
                    assert!(sequences.iter().copied().eq(offset + 1..=offset + limit));
                    let looked_at = (plan.blocks_read, plan.events_read);
                    assert!(
                        looked_at.0 <= blocks && looked_at.1 <= 8 * blocks,
                        "{looked_at:?}"
                    );
                }
            }
            // From near the newest, the chain is shorter.
            let total = (events - 3).div_ceil(4);
            let (sequences, plan) = found(&engine, &page("long", None, total - 2, 9));
            assert_eq!(sequences, [total - 1, total]);
            assert_eq!((plan.blocks_read, plan.events_read), (0, 2));
            engine.close().unwrap();
        }
    }

    #[test]
    fn a_stream_that_begins_late_costs_no_more_than_its_chain() {
        let site = Site::new(1 << 20, 8);
        let engine = log(&site, 4000);
        for (offset, limit) in [(0, 1), (1, 1), (0, 9)] {
            let (sequences, plan) = found(&engine, &page("late", None, offset, limit));
            assert!(
                sequences
                    .iter()
                    .copied()
                    .eq(offset + 1..=3.min(offset + limit))
            );
            assert!(plan.blocks_read <= 3 && plan.events_read <= 3);
        }
        engine.close().unwrap();
    }
}
