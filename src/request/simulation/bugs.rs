//! Bugs that are put in are noticed, and without them the same seeds pass.

use std::panic::{AssertUnwindSafe, catch_unwind};

use super::Simulation;
use crate::engine::seeded_bug::Bug;
use crate::engine::test::simulation::bugs::notice;

/// Seeds within which a bug must be noticed. It takes far fewer, but how many is not the same each
/// time, since threads take turns as they like.
const SEEDS: u64 = 5_000;

fn is_noticed(bug: Bug) {
    is_noticed_in(bug, None);
}

/// `exclusive` is that of the simulation.
fn is_noticed_in(bug: Bug, exclusive: Option<bool>) {
    notice(bug, SEEDS, "the simulation of calls", |seed, cycles| {
        let mut simulation = Simulation::new(seed);
        simulation.exclusive = exclusive;
        let run = catch_unwind(AssertUnwindSafe(|| simulation.run()));
        *cycles += simulation.counts.losses;
        run
    });
}

#[test]
fn what_is_seen_before_it_is_on_disk_is_noticed() {
    is_noticed(Bug::SeenBeforeSync);
}

#[test]
fn what_is_seen_with_exclusive_before_it_is_confirmed_is_noticed() {
    is_noticed_in(Bug::SeenUnconfirmed, Some(true));
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

#[test]
fn a_tree_that_is_made_a_second_time_is_noticed() {
    is_noticed(Bug::TreeMadeAnew);
}

#[test]
fn a_proof_that_leads_to_an_old_root_is_noticed() {
    is_noticed(Bug::ProofOfOldRoot);
}
