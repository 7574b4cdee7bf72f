//! The same calls, made on a log in `PostgreSQL` and on one in memory, have the same answers.

use std::path::PathBuf;

use codebolt_eventlog::engine::IN_MEMORY;
use codebolt_eventlog::request::{Log, LogOptions};
use codebolt_eventlog::testing::{Caller, Random, asked};
use serde_json::{Value, json};

use crate::calls::open;
use crate::cluster::Cluster;

const SEEDS: std::ops::Range<u64> = 0..6;

const CALLS: usize = 60;

fn both() -> [Caller; 2] {
    let file = |done| Log::open(PathBuf::from(IN_MEMORY), LogOptions::default(), done);
    let options = Cluster::shared().options();
    [Caller::of(file), Caller::of(|done| open(&options, done))]
}

/// The parts of a query beside what it is from.
fn query(random: &mut Random) -> Value {
    let mut query = json!({});
    let fields = [
        "payload.n",
        "payload.text",
        "event_type",
        "timestamp",
        "sequence_number",
        "stream_id",
    ];
    if random.one_in(2) {
        let (field, operator) = (
            fields[random.below(2)],
            ["eq", "gte", "lt"][random.below(3)],
        );
        query["where"] =
            json!([{ "field": field, "operator": operator, "value": random.below(9) }]);
    }
    if random.one_in(3) {
        query["orderBy"] =
            json!({ "field": fields[random.below(fields.len())], "direction": "desc" });
    }
    if random.one_in(3) {
        query["limit"] = json!(random.below(6));
        query["offset"] = json!(random.below(4));
    }
    if random.one_in(3) {
        query["reduce"] =
            json!({ "type": "count", "groupBy": [fields[random.below(fields.len())]] });
    } else if random.one_in(4) {
        query["select"] = json!([fields[random.below(fields.len())]]);
    }
    query
}

#[test]
fn a_log_in_postgresql_answers_as_one_in_memory() {
    let (mut successes, mut failures) = (0, 0);
    for seed in SEEDS {
        let mut random = Random::of(seed);
        let mut of_query = random.fork();
        let [mut memory, mut postgres] = both();
        for step in 0..CALLS {
            let asked = asked(&mut random, &mut || query(&mut of_query));
            let now_ms = 1_790_000_000_000 + 1000 * step as i64;
            let expected = asked.answers(&mut memory, now_ms);
            let found = asked.answers(&mut postgres, now_ms);
            assert_eq!(found, expected, "seed {seed}, step {step}: {asked}");
            if expected.iter().any(|answer| answer.starts_with("0,")) {
                failures += 1;
            } else {
                successes += 1;
            }
        }
        memory.log.close_and_wait().unwrap();
        postgres.log.close_and_wait().unwrap();
    }
    // Calls that all fail would say nothing.
    assert!(2 * successes > 3 * failures, "{successes} and {failures}");
    assert!(failures > 10, "{failures}");
}
