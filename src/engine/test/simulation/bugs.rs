//! Bugs that are put into the engine are noticed, and without them the same seeds pass.

use std::panic::{AssertUnwindSafe, catch_unwind, resume_unwind};

use super::Simulation;
use crate::engine::seeded_bug::{Bug, seed};

/// Seeds within which a bug must be noticed. It takes far fewer, but how many is not the same each
/// time, since threads take turns as they like.
const SEEDS: u64 = 400;

fn is_noticed(bug: Bug) {
    notice(bug, SEEDS, "the simulation", |seed, cycles| {
        let mut simulation = Simulation::new(seed);
        let run = catch_unwind(AssertUnwindSafe(|| simulation.run()));
        *cycles += simulation.crash_cycles;
        run
    });
}

/// Runs a simulation with the bug until it fails, and then the same seed without it. `simulate` runs the one of a seed,
/// and adds how many crash cycles that took.
pub(crate) fn notice(
    bug: Bug,
    seeds: u64,
    name: &str,
    simulate: impl Fn(u64, &mut usize) -> std::thread::Result<()>,
) {
    let mut cycles = 0;
    let noticed = (0..seeds).find(|number| {
        seed(Some(bug));
        let run = simulate(*number, &mut cycles);
        seed(None);
        run.is_err()
    });
    let noticed = noticed.unwrap_or_else(|| panic!("{bug:?} is not noticed in {cycles} cycles"));
    println!("SEEDED BUG {bug:?}: noticed by {name} at seed {noticed}, crash cycle {cycles}");
    if let Err(panic) = simulate(noticed, &mut 0) {
        resume_unwind(panic);
    }
}

#[test]
fn an_answer_before_the_sync_is_noticed() {
    is_noticed(Bug::AnswerBeforeSync);
}

#[test]
fn a_stale_cache_is_noticed() {
    is_noticed(Bug::StaleCache);
}

#[test]
fn a_wrong_tail_after_a_failed_commit_is_noticed() {
    is_noticed(Bug::WrongTail);
}

#[test]
fn a_batch_that_is_split_over_two_commits_is_noticed() {
    is_noticed(Bug::SplitBatch);
}

#[test]
fn a_counter_outside_the_transaction_is_noticed() {
    is_noticed(Bug::CounterOutsideTransaction);
}

#[test]
fn rows_that_are_dropped_before_their_block_is_durable_are_noticed() {
    is_noticed(Bug::RowsDroppedFirst);
}

#[test]
fn a_sealed_block_that_nobody_has_compared_with_its_events_is_noticed() {
    is_noticed(Bug::UncheckedBlock);
}

#[test]
fn a_look_up_without_some_of_its_events_is_noticed() {
    is_noticed(Bug::LookupMissesEvents);
}

#[test]
fn a_journal_that_is_given_back_before_the_tables_have_it_is_noticed() {
    is_noticed(Bug::GivenBackTooEarly);
}

#[test]
fn a_summary_that_is_sealed_too_early_is_noticed() {
    is_noticed(Bug::SealedTooEarly);
}
