//! Bugs that are put in are noticed, and without them the same seeds pass.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Simulation;
use crate::engine::seeded_bug::{Bug, seed};

/// Seeds within which a bug must be noticed. It takes far fewer, but how many is not the same each
/// time, since threads take turns as they like.
const SEEDS: u64 = 1_000;

/// Runs the simulation with the bug until it fails, and then the same seed without it.
fn is_noticed(bug: Bug) {
    let mut cycles = 0;
    let noticed = (0..SEEDS).find(|number| {
        seed(Some(bug));
        let mut simulation = Simulation::new(*number);
        let run = catch_unwind(AssertUnwindSafe(|| simulation.run()));
        cycles += simulation.counts.losses;
        drop(simulation);
        seed(None);
        run.is_err()
    });
    let noticed = noticed.unwrap_or_else(|| panic!("{bug:?} is not noticed in {cycles} cycles"));
    println!(
        "SEEDED BUG {bug:?}: noticed by the simulation of calls at seed {noticed}, crash cycle {cycles}"
    );
    Simulation::new(noticed).run();
}

#[test]
fn what_is_seen_before_it_is_on_disk_is_noticed() {
    is_noticed(Bug::SeenBeforeSync);
}

#[test]
fn what_is_told_to_be_on_disk_before_it_is_is_noticed() {
    is_noticed(Bug::MarkedBeforeSync);
}

#[test]
fn what_a_killed_process_has_left_and_nobody_syncs_is_noticed() {
    is_noticed(Bug::TrustedLeftover);
}

#[test]
fn a_guard_that_is_not_repeated_within_the_turn_is_noticed() {
    is_noticed(Bug::GuardNotRepeated);
}

#[test]
fn an_acknowledgement_past_the_end_is_noticed() {
    is_noticed(Bug::AckPastTheEnd);
}

#[test]
fn an_event_that_is_passed_over_and_not_parked_is_noticed() {
    is_noticed(Bug::ParkedNowhere);
}

#[test]
fn a_subscription_that_does_not_look_again_is_noticed() {
    is_noticed(Bug::FollowerLooksOnce);
}

#[test]
fn a_snapshot_of_a_projection_that_goes_back_is_noticed() {
    is_noticed(Bug::SnapshotGoesBack);
}
