//! Whatever way is chosen, a query on a log in `PostgreSQL` answers as one that looks at each event in turn.
//!
//! `EQUIVALENCE_SEEDS=0..1000 cargo test --release -p codebolt-eventlog-postgres equivalence` tries other cases than the
//! usual.

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::seam::{LogEngine, LogShare};
use codebolt_eventlog::testing::equivalence::{Nodes, tell_stories};
use codebolt_eventlog_postgres::Options;

use crate::cluster::Cluster;

const SEEDS: std::ops::Range<u64> = 0..1;

/// Stories told for each seed.
const STORIES: u32 = 16;

struct Openings {
    options: Options,
    logs: [Box<dyn LogShare>; 2],
}

fn open(options: &Options) -> Box<dyn LogShare> {
    codebolt_eventlog_postgres::open(options, &Cancellation::default()).unwrap()
}

impl Nodes for Openings {
    fn engine(&self, node: usize) -> &dyn LogEngine {
        self.logs[node].engine()
    }

    fn reopen(&mut self, node: usize) {
        let opened = open(&self.options);
        std::mem::replace(&mut self.logs[node], opened)
            .release(false)
            .unwrap();
    }

    fn compact(&self, _: usize) {
        // The server cleans up by itself.
    }

    fn close(self) {
        for log in self.logs {
            log.release(false).unwrap();
        }
    }
}

#[test]
fn every_way_answers_like_looking_at_each_event() {
    tell_stories(SEEDS, STORIES, |cut| {
        let options = Options {
            block_events: Some(cut.block_events.into()),
            ..Cluster::shared().options()
        };
        let logs = [open(&options), open(&options)];
        Openings { options, logs }
    });
}
