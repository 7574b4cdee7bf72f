//! Where streams stand that the journal has not touched of late, as the tables have told.

use std::fmt;
use std::sync::Arc;

use quick_cache::unsync::{Cache, DefaultLifecycle};
use quick_cache::{Equivalent, OptionsBuilder, UnitWeighter};

use crate::engine::journal::StreamHead;
use crate::hashing::TextHash;

/// How many stream heads are remembered; at about 100 bytes each, some 20 MiB.
pub(in crate::engine) const STREAMS_MAX: usize = 200_000;

/// Heads of streams, in a bounded number: those that are not asked for are forgotten first.
pub(in crate::engine) struct Streams(
    /// By the number of the instance, which is never used again, and the stream's name.
    Cache<(u32, Arc<str>), StreamHead, UnitWeighter, TextHash>,
);

/// What a stream is looked for by.
#[derive(Hash)]
struct StreamKey<'a>(u32, &'a str);

impl Equivalent<(u32, Arc<str>)> for StreamKey<'_> {
    fn equivalent(&self, (number, name): &(u32, Arc<str>)) -> bool {
        (self.0, self.1) == (*number, &**name)
    }
}

impl Default for Streams {
    fn default() -> Self {
        Self::of(STREAMS_MAX)
    }
}

impl fmt::Debug for Streams {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Streams({} of {})", self.0.len(), self.0.capacity())
    }
}

impl Streams {
    /// Remembers that many streams: of those, half are the ones that came in last, at least. Most streams have
    /// their events one soon after the other, and then no more.
    #[expect(clippy::expect_used, reason = "all that is needed is given")]
    pub(in crate::engine) fn of(max: usize) -> Self {
        let options = OptionsBuilder::new()
            .weight_capacity(max as u64)
            .estimated_items_capacity(max)
            .shards(1)
            .hot_allocation(0.5)
            // What was forgotten would be noted in as much room as what is remembered.
            .ghost_allocation(0.0)
            .build()
            .expect("a capacity");
        let (hash, lifecycle) = (TextHash::default(), DefaultLifecycle::default());
        Self(Cache::with_options(options, UnitWeighter, hash, lifecycle))
    }

    pub(in crate::engine) fn get(&self, number: u32, stream_id: &str) -> Option<StreamHead> {
        self.0.get(&StreamKey(number, stream_id)).copied()
    }

    /// Remembers where a stream stands, in place of what was known.
    pub(in crate::engine) fn insert(&mut self, number: u32, name: Arc<str>, head: StreamHead) {
        self.0.insert((number, name), head);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn head(last_sequence: u64) -> StreamHead {
        StreamHead {
            last_sequence,
            last_position: last_sequence,
        }
    }

    #[test]
    fn the_newest_heads_are_remembered_and_no_more_than_the_bound() {
        let mut streams = Streams::default();
        for stream in 0..3 * STREAMS_MAX as u64 {
            streams.insert(1, stream.to_string().into(), head(stream));
            streams.insert(1, "hot".into(), head(stream));
            assert_eq!(streams.get(1, "hot"), Some(head(stream)));
        }
        let newest = 3 * STREAMS_MAX as u64 - 1;
        assert_eq!(streams.get(1, &newest.to_string()), Some(head(newest)));
        assert_eq!(streams.0.len(), STREAMS_MAX);
        let kept = (0..=newest).filter(|stream| streams.get(1, &stream.to_string()).is_some());
        assert_eq!(kept.count(), STREAMS_MAX - 1);
    }

    #[test]
    fn half_of_those_that_are_remembered_are_the_newest_whatever_was_before() {
        let mut streams = Streams::of(100);
        for stream in 0..1_000_u64 {
            streams.insert(1, stream.to_string().into(), head(stream));
            // The only time that it is asked for.
            let Some(earlier) = stream.checked_sub(49) else {
                continue;
            };
            let known = streams.get(1, &earlier.to_string());
            assert_eq!(known, Some(head(earlier)), "after {stream}");
        }
    }

    #[test]
    fn a_head_that_is_remembered_is_the_one_that_came_in_last() {
        for max in 1..20 {
            let mut streams = Streams::of(max);
            let mut newest = std::collections::HashMap::new();
            let mut remembered = 0;
            for step in 0..2_000_u64 {
                let key = ((step * 7_919 % 3) as u32, (step * step % 31).to_string());
                streams.insert(key.0, key.1.as_str().into(), head(step));
                newest.insert(key, head(step));
                for ((number, name), newest) in &newest {
                    let known = streams.get(*number, name);
                    assert!(
                        known.is_none_or(|known| known == *newest),
                        "{number} {name}"
                    );
                    remembered += usize::from(known.is_some());
                }
                assert!(streams.0.len() <= max);
            }
            assert!(remembered >= 2_000, "{remembered} of {max}");
        }
    }
}
