//! Where streams stand that the journal has not touched of late, as the tables have told.

use std::sync::Arc;

use rustc_hash::FxHashMap;

use crate::engine::journal::StreamHead;

/// How many stream heads are remembered; at about 100 bytes each, some 20 MiB.
pub(in crate::engine) const STREAMS_MAX: usize = 200_000;

type Heads = FxHashMap<u32, FxHashMap<Arc<str>, StreamHead>>;

/// Heads of streams, in a bounded number: of those that came in least recently, the older half is
/// forgotten at once.
#[derive(Debug)]
pub(in crate::engine) struct Streams {
    young: Heads,
    young_count: usize,
    old: Heads,
    max: usize,
}

impl Default for Streams {
    fn default() -> Self {
        Self::of(STREAMS_MAX)
    }
}

impl Streams {
    /// Remembers that many streams, or a few more.
    pub(in crate::engine) fn of(max: usize) -> Self {
        Self {
            young: Heads::default(),
            young_count: 0,
            old: Heads::default(),
            max,
        }
    }

    pub(in crate::engine) fn get(
        &self,
        number: u32,
        stream_id: &str,
    ) -> Option<(Arc<str>, StreamHead)> {
        [&self.young, &self.old].into_iter().find_map(|heads| {
            let (name, head) = heads.get(&number)?.get_key_value(stream_id)?;
            Some((Arc::clone(name), *head))
        })
    }

    /// Remembers where a stream stands, in place of what was known.
    pub(in crate::engine) fn insert(&mut self, number: u32, name: Arc<str>, head: StreamHead) {
        if self.young_count >= self.max / 2 {
            self.old = std::mem::take(&mut self.young);
            self.young_count = 0;
        }
        let new = self.young.entry(number).or_default().insert(name, head);
        self.young_count += usize::from(new.is_none());
    }

    /// Forgets the streams of an instance that is no more.
    pub(in crate::engine) fn remove(&mut self, number: u32) {
        let removed = self.young.remove(&number).map_or(0, |heads| heads.len());
        self.young_count -= removed;
        self.old.remove(&number);
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
            streams.insert(1, stream.to_string().into(), head(1));
            streams.insert(1, "hot".into(), head(stream));
        }
        assert_eq!(streams.get(1, "0"), None);
        let newest = (3 * STREAMS_MAX - 1).to_string();
        assert_eq!(streams.get(1, &newest).map(|(_, head)| head), Some(head(1)));
        let hot = streams.get(1, "hot").map(|(_, head)| head.last_sequence);
        assert_eq!(hot, Some(3 * STREAMS_MAX as u64 - 1));
        let count = |heads: &Heads| heads.values().map(FxHashMap::len).sum::<usize>();
        assert!(count(&streams.young) + count(&streams.old) <= STREAMS_MAX + 2);
        streams.remove(1);
        assert_eq!(streams.get(1, "hot"), None);
        assert_eq!(streams.young_count, 0);
    }
}
