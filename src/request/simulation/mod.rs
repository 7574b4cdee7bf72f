//! Whatever happens to processes and to the disk, calls, subscriptions, consumers and projections get the truth,
//! and what one of them was told stays true.
//!
//! A few processes, or one that keeps others out, make calls on one log at random, many at once: appends with conditions, expected sequence
//! numbers, idempotency keys and checkpoints; decisions; steps of subscriptions and acknowledgements of what they
//! gave out; runs of a projection; a consumer that parks events, and puts them back; checkpoints, and proofs of what they
//! cover; erasures. Disk operations fail, processes
//! are killed and the power goes, at any moment. What was
//! answered, and what was given out, is kept in a [`Model`], with which the log is compared.
//!
//! `SIMULATION_SEEDS=1000..6000 cargo test --release request::simulation` runs other seeds than the usual.

mod appends;
mod bugs;
mod erasing;
mod evidence;
mod model;
mod parking;
mod process;
mod proving;
mod retention;
mod runs;
mod trimming;
mod work;

use self::model::Model;
use self::process::Process;
use crate::engine::test::simulation::faults;
use crate::engine::test::{Random, Site, check_invariants};

/// Power losses in one simulation.
const LOSSES: usize = 3;

/// What is done between two power losses, at the most.
const STEPS: usize = 24;

struct Simulation {
    random: Random,
    site: Site,
    processes: Vec<Process>,
    model: Model,
    counts: Counts,
    /// Whether one process at a time has the log, and keeps others out; if that is not left to chance.
    exclusive: Option<bool>,
}

/// What was done.
#[derive(Clone, Copy, Debug, Default)]
struct Counts {
    calls: usize,
    successes: usize,
    refusals: usize,
    unknown: usize,
    given_out: usize,
    acknowledged: usize,
    parked: usize,
    put_back: usize,
    snapshots: usize,
    checkpoints: usize,
    proofs: usize,
    erased: usize,
    losses: usize,
    faults: usize,
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut random = Random::of(seed);
        let segment_bytes = [2048, 4096, 8192][random.below(3)];
        let block_events = [1, 3, 8, 40][random.below(4)];
        let seals = random.below(4) > 0;
        Self {
            site: Site::of(seals, segment_bytes, block_events, random.fork()),
            processes: Vec::new(),
            model: Model::default(),
            counts: Counts::default(),
            exclusive: None,
            random,
        }
    }

    fn run(&mut self) {
        for _ in 0..LOSSES {
            let chosen = self.random.one_in(4);
            let exclusive = self.exclusive.unwrap_or(chosen);
            let processes = match exclusive {
                true => 1,
                false => 2 + self.random.below(3),
            };
            for _ in 0..processes {
                let process = Process::new(self.site.process(), exclusive);
                self.processes.push(process);
            }
            self.begin();
            if self.random.one_in(2) {
                self.site.lose_power_after(self.random.below(500));
            }
            for _ in 0..self.random.below(STEPS) {
                let unknown = self.counts.unknown;
                self.step();
                // Whoever is next at work makes sure of what nobody knows. Often nobody is.
                let is_left = self.counts.unknown > unknown && self.random.one_in(2);
                if is_left || self.site.has_lost_power() {
                    break;
                }
            }
            if !self.site.has_lost_power() && self.random.one_in(2) {
                self.catch_up();
            }
            self.lose_power();
        }
    }

    fn lose_power(&mut self) {
        let left = self.site.lose_power(self.random.fork());
        self.counts.faults += self.site.faults().iter().sum::<usize>();
        self.counts.losses += 1;
        for mut process in self.processes.drain(..) {
            process.leave();
        }
        let process = Process::new(left.process(), false);
        let mut process = process.opened().unwrap_or_else(|error| {
            panic!("what a power loss has left: {error}");
        });
        check_invariants(process.engine());
        let mut found = process.look(&self.model.checkpoints);
        found.events = self.model.erased.restored(found.events);
        process.leave();
        self.model.check(&found);
        // Opening it has brought to disk what was there.
        self.site = left.lose_power(self.random.fork());
        self.model.resolve(&found);
    }

    fn step(&mut self) {
        for process in &mut self.processes {
            process.grace = process.grace.saturating_sub(1);
        }
        let chosen = self.random.below(self.processes.len());
        match self.random.below(27) {
            0 => self.processes[chosen].close(),
            1 | 8 => {
                let count = self.random.below(60);
                let times = faults(&mut self.random);
                self.processes[chosen].site.fail_after(count, times);
            }
            2 | 9 => {
                let within = [3, 6, 60][self.random.below(3)];
                self.processes[chosen]
                    .site
                    .kill_after(self.random.below(within));
            }
            3 => self.processes[chosen].site.heal(),
            4 | 5 | 23 => self.acknowledge(chosen),
            6 | 7 => self.project(chosen),
            20 | 21 => self.keep(chosen),
            22 => self.put_back(chosen),
            24 | 25 => self.attest(),
            26 => self.erase(chosen),
            _ => self.calls(),
        }
    }
}
