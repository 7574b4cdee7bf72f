//! Whatever way is chosen, a query on a log in a file answers as one that looks at each event in turn.
//!
//! `EQUIVALENCE_SEEDS=0..100000 cargo test --release equivalence` tries other cases than the usual.

use crate::engine::Engine;
use crate::engine::test::{Random, Site};
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
        self.engines[node].compacted().unwrap();
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
