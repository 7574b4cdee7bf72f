//! Whatever way is chosen, a query on a log in a file answers as one that looks at each event in turn.
//!
//! `EQUIVALENCE_SEEDS=0..100000 cargo test --release equivalence` tries other cases than the usual.

use crate::engine::Engine;
use crate::engine::test::{Random, Site};
use crate::error::Code;
use crate::seam::LogEngine;
use crate::testing::equivalence::{Cut, Nodes, tell_stories};

const SEEDS: std::ops::Range<u64> = 0..4;

/// Stories told for each seed.
const STORIES: u32 = 16;

struct Processes {
    site: Site,
    engines: [Engine; 2],
}

impl Nodes for Processes {
    fn engine(&self, node: usize) -> &dyn LogEngine {
        &self.engines[node]
    }

    fn reopen(&mut self, node: usize) {
        let opened = self.site.open();
        std::mem::replace(&mut self.engines[node], opened)
            .close()
            .unwrap();
    }

    fn compact(&self, node: usize) {
        // The other one may be reading at that moment, for itself: then nothing is compacted.
        while let Err(error) = self.engines[node].compacted() {
            assert_eq!(error.code(), Code::Locked, "{error:?}");
            std::thread::yield_now();
        }
    }

    fn close(self) {
        for engine in self.engines {
            engine.close().unwrap();
        }
    }
}

#[test]
fn every_way_answers_like_looking_at_each_event() {
    tell_stories(SEEDS, STORIES, |cut| {
        let Cut {
            segment_bytes,
            block_events,
            seals,
        } = cut;
        let site = Site::of(seals, segment_bytes, block_events, Random::of(1));
        let engines = [site.open(), site.open()];
        Processes { site, engines }
    });
}
