//! How the random logs come about that are asked random queries.

use std::time::Duration;

use proptest::prelude::*;
use serde_json::Value;

use super::generate::{self, Growth};
use super::stored::Stored;
use crate::request::WayBounds;

/// How a log is cut.
#[derive(Clone, Copy, Debug)]
pub struct Cut {
    /// How many bytes a segment of its journal has, if it has one.
    pub segment_bytes: u32,
    /// How many events a block has.
    pub block_events: u32,
    /// Whether whole blocks are sealed when they become whole, where blocks are.
    pub seals: bool,
}

/// How a log comes about, and what it is asked.
#[derive(Clone, Debug)]
pub(super) struct Story {
    pub(super) cut: Cut,
    pub(super) chapters: Vec<Chapter>,
    pub(super) bounds: WayBounds,
    /// How its events become many, in a story of long logs.
    pub(super) growth: Option<Growth>,
}

/// What happens between queries.
#[derive(Clone, Debug)]
pub(super) struct Chapter {
    /// Which of the processes appends.
    pub(super) node: usize,
    pub(super) events: Vec<Stored>,
    /// Whether its events have times of their own, and not those at which they are appended.
    pub(super) has_times: bool,
    pub(super) then: Then,
    pub(super) queries: Queries,
}

/// The streams that are asked, or the whole instance, each with the parts of a query beside `from`.
pub(super) type Queries = Vec<(Option<&'static str>, Value)>;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Then {
    Nothing,
    /// The process closes the log and opens it again.
    Reopen,
    /// The instance is deleted and made anew.
    Begin,
    /// The log is compacted, by which all whole blocks are sealed.
    Compact,
    /// So many percent of the events that are left are trimmed.
    Trim(u64),
    /// So many percent of those of a stream are.
    TrimStream(&'static str, u64),
}

fn chapter() -> impl Strategy<Value = Chapter> {
    let streams = || prop::sample::select(vec!["a", "b", "c"]);
    let stream = prop::option::of(streams());
    (
        0..2_usize,
        generate::log_with_erased(),
        any::<bool>(),
        prop_oneof![6 => Just(Then::Nothing), 2 => Just(Then::Reopen), 1 => Just(Then::Begin),
            2 => Just(Then::Compact), 3 => (0..=100_u64).prop_map(Then::Trim),
            6 => (streams(), 0..=100_u64).prop_map(|(stream, percent)| Then::TrimStream(stream, percent))],
        prop::collection::vec((stream, generate::parts()), 0..6),
    )
        .prop_map(|(node, events, has_times, then, queries)| Chapter {
            node,
            events,
            has_times,
            then,
            queries,
        })
}

pub(super) fn story() -> impl Strategy<Value = Story> {
    let bounds = (0..2_u64, 0..20_u64, 1..40_usize);
    let bounds = bounds.prop_map(|(alone, dense, looked_up_at_once)| WayBounds {
        alone: Duration::from_secs(alone),
        dense,
        looked_up_at_once,
    });
    let short = || {
        let segment_bytes = prop::sample::select(vec![2048, 4096, 16_384]);
        let block_events = prop::sample::select(vec![1, 3, 8, 40]);
        (segment_bytes, block_events, Just(None))
    };
    // Several groups of events in a block, the last of which may be short, and a page of a journal for each commit.
    let long = || {
        let block_events = prop::sample::select(vec![200, 384, 1000]);
        let growth = generate::growth().prop_map(Some);
        (Just(1 << 18), block_events, growth)
    };
    (
        prop_oneof![11 => short().boxed(), 1 => long().boxed()],
        any::<bool>(),
        prop::collection::vec(chapter(), 1..10),
        bounds,
    )
        .prop_map(
            |((segment_bytes, block_events, growth), seals, chapters, bounds)| Story {
                cut: Cut {
                    segment_bytes,
                    block_events,
                    seals,
                },
                chapters,
                bounds,
                growth,
            },
        )
}
