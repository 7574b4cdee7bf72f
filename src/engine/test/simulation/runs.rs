//! Simulations from many seeds, and what they have done in figures.

use super::Simulation;

const SEEDS: std::ops::Range<u64> = 0..150;

#[test]
fn each_call_gets_the_truth_whatever_happens() {
    let seeds = match std::env::var("SIMULATION_SEEDS") {
        Ok(seeds) => {
            let (start, end) = seeds.split_once("..").unwrap();
            start.parse().unwrap()..end.parse().unwrap()
        }
        Err(_) => SEEDS,
    };
    let (mut unknown, mut retries, mut acknowledged, mut crash_cycles) = (0, 0, 0, 0);
    let mut faults = [0; 2];
    for seed in seeds.clone() {
        let run = || {
            let mut simulation = Simulation::new(seed);
            simulation.run();
            simulation
        };
        match std::panic::catch_unwind(run) {
            Ok(done) => {
                unknown += done.unknown;
                retries += done.retries;
                acknowledged += done.acknowledged;
                crash_cycles += done.crash_cycles;
                faults[0] += done.faults[0];
                faults[1] += done.faults[1];
            }
            Err(panic) => {
                eprintln!("seed {seed}");
                std::panic::resume_unwind(panic);
            }
        }
    }
    let [eio, enospc] = faults;
    println!(
        "SIMULATION {{\"seeds\":\"{}..{}\",\"crashCycles\":{crash_cycles},\"faults\":{{\"EIO\":{eio},\"ENOSPC\":{enospc}}},\"acknowledged\":{acknowledged},\"unknown\":{unknown},\"retries\":{retries}}}",
        seeds.start, seeds.end
    );
}
