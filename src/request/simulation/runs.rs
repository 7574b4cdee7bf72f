//! Simulations from many seeds, and what they have done in figures.

use std::panic::{catch_unwind, resume_unwind};

use super::{Counts, Simulation};

const SEEDS: std::ops::Range<u64> = 0..60;

#[test]
fn what_was_told_stays_true_whatever_happens() {
    let seeds = match std::env::var("SIMULATION_SEEDS") {
        Ok(seeds) => {
            let (start, end) = seeds.split_once("..").unwrap();
            start.parse().unwrap()..end.parse().unwrap()
        }
        Err(_) => SEEDS,
    };
    let mut sum = Counts::default();
    for seed in seeds.clone() {
        let run = || {
            let mut simulation = Simulation::new(seed);
            simulation.run();
            simulation.counts
        };
        match catch_unwind(run) {
            Ok(counts) => sum.add(counts),
            Err(panic) => {
                eprintln!("seed {seed}");
                resume_unwind(panic);
            }
        }
    }
    println!(
        "REQUESTS {{\"seeds\":\"{}..{}\",{sum}}}",
        seeds.start, seeds.end
    );
}

impl Counts {
    fn add(&mut self, other: Self) {
        self.calls += other.calls;
        self.successes += other.successes;
        self.refusals += other.refusals;
        self.unknown += other.unknown;
        self.given_out += other.given_out;
        self.acknowledged += other.acknowledged;
        self.parked += other.parked;
        self.put_back += other.put_back;
        self.snapshots += other.snapshots;
        self.checkpoints += other.checkpoints;
        self.proofs += other.proofs;
        self.erased += other.erased;
        self.losses += other.losses;
        self.faults += other.faults;
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self {
            calls,
            successes,
            refusals,
            unknown,
            given_out,
            acknowledged,
            parked,
            put_back,
            snapshots,
            checkpoints,
            proofs,
            erased,
            losses,
            faults,
        } = self;
        write!(
            f,
            "\"crashCycles\":{losses},\"faults\":{faults},\"calls\":{calls},\"successes\":{successes},\"refusals\":{refusals},\"unknown\":{unknown},\"givenOut\":{given_out},\"acknowledged\":{acknowledged},\"parked\":{parked},\"putBack\":{put_back},\"snapshots\":{snapshots},\"checkpoints\":{checkpoints},\"proofs\":{proofs},\"erased\":{erased}"
        )
    }
}
