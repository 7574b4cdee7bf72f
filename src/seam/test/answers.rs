//! The same calls, made on both engines, have the same answers.

use std::path::PathBuf;

use proptest::strategy::{Strategy, ValueTree};
use proptest::test_runner::TestRunner;

use super::list_engine::ListEngine;
use crate::cancellation::Cancellation;
use crate::engine::IN_MEMORY;
use crate::request::{Log, LogOptions};
use crate::testing::generate::parts;
use crate::testing::{Caller, Random, asked};

const SEEDS: std::ops::Range<u64> = 0..6;

const CALLS: usize = 60;

fn both() -> [Caller; 2] {
    let options = LogOptions::default;
    let file = |done| Log::open(PathBuf::from(IN_MEMORY), options(), done);
    let opener = |_: &Cancellation| Ok(Box::new(ListEngine::default()) as _);
    let list = |done| Log::open_by(Box::new(opener), &options(), done);
    [Caller::of(file), Caller::of(list)]
}

#[test]
fn a_log_that_is_nothing_but_lists_answers_as_one_in_a_file() {
    let mut runner = TestRunner::deterministic();
    let (mut successes, mut failures) = (0, 0);
    for seed in SEEDS {
        let mut random = Random::of(seed);
        let [mut file, mut list] = both();
        for step in 0..CALLS {
            let asked = asked(&mut random, &mut || {
                parts().new_tree(&mut runner).unwrap().current()
            });
            let now_ms = 1_790_000_000_000 + 1000 * step as i64;
            let expected = asked.answers(&mut list, now_ms);
            let found = asked.answers(&mut file, now_ms);
            let what = format!("seed {seed}, step {step}: {asked}");
            assert_eq!(found, expected, "{what}");
            if expected.iter().any(|answer| answer.starts_with("0,")) {
                failures += 1;
            } else {
                successes += 1;
            }
        }
        file.log.close_and_wait().unwrap();
        list.log.close_and_wait().unwrap();
    }
    // Calls that all fail would say nothing.
    assert!(2 * successes > 3 * failures, "{successes} and {failures}");
    assert!(failures > 10, "{failures}");
}
