//! Whatever happens to processes and to the disk, each call gets the truth.
//!
//! A few processes use one log at random: they append, many at once, make, rename and delete
//! instances, read, are closed and opened again. Disk operations fail, processes are killed, and the
//! power goes, at any moment. What may and what must be in the log is kept in a [`Model`], against
//! which the log is compared all the time.
//!
//! `SIMULATION_SEEDS=1000..9000 cargo test --release simulation` runs other seeds than the usual.

pub(crate) mod bugs;
mod change;
mod model;
mod node;
mod runs;

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use self::model::{Append, Call, Model, Seen, Truth, look};
pub(super) use self::node::open;
use self::node::{Node, open_with, stage};
use super::memory_disk::MemoryDisk;
use super::random::Random;
use super::{check_invariants, submit};
use crate::engine::Snapshot;
use crate::engine::journal::{Format, Layout};
use crate::engine::{Appended, Batch, threads};
use crate::error::{Code, Error};

/// Power losses in one simulation.
const LOSSES: usize = 3;

/// What is done between two power losses, at the most.
const STEPS: usize = 24;

/// How many operations fail one after the other: one, some, or all until the disk is healed.
pub(crate) fn faults(random: &mut Random) -> usize {
    match random.below(4) {
        0 => 1,
        1 | 2 => 2 + random.below(4),
        _ => usize::MAX,
    }
}

struct Simulation {
    random: Random,
    disk: Arc<MemoryDisk>,
    nodes: Vec<Node>,
    model: Model,
    layout: Layout,
    streams: usize,
    /// How long threads wait for more work.
    idle: Duration,
    unknown: usize,
    retries: usize,
    acknowledged: usize,
    crash_cycles: usize,
    faults: [usize; 2],
}

impl Simulation {
    fn new(seed: u64) -> Self {
        let mut random = Random::of(seed);
        let layout = Layout {
            format: [Format::Rows, Format::Sealed, Format::Packed][random.below(3)],
            segment_bytes: [2048, 4096, 8192][random.below(3)],
            block_events: [1, 3, 8, 40][random.below(4)],
        };
        let disk = MemoryDisk::holding(Vec::new(), random.fork());
        let streams = [1, 3, 200][random.below(3)];
        // Some logs are idle after each call.
        let idle = [threads::IDLE, Duration::ZERO][usize::from(random.one_in(3))];
        Self {
            disk,
            nodes: Vec::new(),
            model: Model::default(),
            layout,
            streams,
            idle,
            unknown: 0,
            retries: 0,
            acknowledged: 0,
            crash_cycles: 0,
            faults: [0; 2],
            random,
        }
    }

    fn run(&mut self) {
        for _ in 0..LOSSES {
            let exclusive = self.random.one_in(5);
            let writers = if exclusive {
                1
            } else {
                1 + self.random.below(3)
            };
            for number in 0..=writers {
                let read_only = number == writers;
                if read_only && (exclusive || !self.random.one_in(3)) {
                    continue;
                }
                self.nodes.push(Node {
                    process: self.disk.process(),
                    engine: None,
                    read_only,
                    exclusive,
                    faults: 0,
                    grace: 0,
                });
            }
            if self.random.one_in(2) {
                self.disk.lose_power_after(self.random.below(500));
            }
            for _ in 0..self.random.below(STEPS) {
                self.step();
                if self.disk.has_lost_power() {
                    break;
                }
            }
            if self.random.one_in(4) {
                self.close_all();
            }
            self.lose_power();
        }
    }

    fn close_all(&mut self) {
        for node in 0..self.nodes.len() {
            self.close(node);
        }
    }

    fn lose_power(&mut self) {
        self.crash_cycles += 1;
        let image = self.disk.lose_power();
        for mut node in self.nodes.drain(..) {
            if let Some(engine) = node.engine.take() {
                let _ = engine.stop();
            }
        }
        for (sum, met) in self.faults.iter_mut().zip(self.disk.faults()) {
            *sum += met;
        }
        let seen = self.look_into(image.clone());
        let since = self.model.tick();
        self.model.check(&seen, since);
        self.model.resolve(&seen);
        self.disk = MemoryDisk::holding(image, self.random.fork());
    }

    /// Opens the log that a power loss has left.
    fn look_into(&mut self, image: Vec<u8>) -> Seen {
        if image.is_empty() {
            return Seen::default();
        }
        let disk = MemoryDisk::holding(image, self.random.fork());
        let engine = open(&disk.process(), false, false, self.layout)
            .unwrap_or_else(|error| panic!("what a power loss has left: {error}"));
        check_invariants(&engine);
        let seen = look(&Snapshot::of(&engine.open_log).unwrap()).unwrap();
        engine.stop().unwrap();
        seen
    }

    fn step(&mut self) {
        for node in &mut self.nodes {
            node.grace = node.grace.saturating_sub(1);
        }
        let node = self.random.below(self.nodes.len());
        self.revive(node);
        if self.random.one_in(8) {
            self.peek();
        }
        match self.random.below(20) {
            0 => self.close(node),
            1 => {
                let count = self.random.below(60);
                let times = faults(&mut self.random);
                self.nodes[node].process.fail_after(count, times);
            }
            2 => {
                let within = [6, 60][self.random.below(2)];
                let count = self.random.below(within);
                self.nodes[node].process.kill_after(count);
            }
            3 => self.nodes[node].process.heal(),
            4..=6 => self.change(node),
            _ => self.calls(),
        }
    }

    /// Looks at what a power loss could leave now.
    fn peek(&mut self) {
        let since = self.model.tick();
        if !self.disk.has_lost_power() {
            let image = self.disk.image();
            let seen = self.look_into(image);
            self.model.check(&seen, since);
        }
    }

    /// Opens what is not open, in place of a process that has died with a new one.
    fn revive(&mut self, number: usize) {
        let layout = self.layout;
        let lost = self.disk.has_lost_power();
        let node = &mut self.nodes[number];
        if node.process.is_dead() && !lost {
            if let Some(engine) = node.engine.take() {
                let _ = engine.stop();
            }
            node.process = self.disk.process();
            node.faults = 0;
            node.grace = 0;
        }
        if node.engine.is_none() {
            let opened = open_with(
                &node.process,
                node.exclusive,
                node.read_only,
                layout,
                self.idle,
            );
            node.met_faults();
            match opened {
                Ok(engine) => node.engine = Some(engine),
                Err(_) if node.may_fail() => node.process.heal(),
                // There may be no log to read yet.
                Err(_) if node.read_only => {}
                Err(error) => panic!("opening: {error}"),
            }
        }
    }

    fn close(&mut self, number: usize) {
        let node = &mut self.nodes[number];
        if let Some(engine) = node.engine.take() {
            let closed = engine.stop();
            node.met_faults();
            if let Err(error) = closed {
                assert!(node.may_fail(), "closing: {error}");
            }
        }
    }

    /// Makes some calls at once, and reads beside them.
    fn calls(&mut self) {
        let certain = self.model.certain();
        if certain.is_empty() {
            return self.change(0);
        }
        let names: Arc<BTreeMap<_, _>> = Arc::new(certain.iter().cloned().collect());
        for number in 0..self.nodes.len() {
            self.revive(number);
        }
        let mut waiting = Vec::new();
        let mut reading = Vec::new();
        for _ in 0..=self.random.below(5) {
            let number = self.random.below(self.nodes.len());
            if self.nodes[number].engine.is_none() {
                continue;
            }
            if self.nodes[number].read_only || self.random.one_in(4) {
                let since = self.model.tick();
                let (sender, receiver) = channel();
                if let Some(engine) = &self.nodes[number].engine {
                    super::read(engine, move |snapshot| {
                        let seen = snapshot.and_then(|snapshot| {
                            look(&snapshot).map_err(|fault| {
                                snapshot.note(&fault);
                                Error::from(fault)
                            })
                        });
                        let _ = sender.send(seen);
                    });
                }
                reading.push((number, since, receiver));
                continue;
            }
            let mut appends = Vec::new();
            for _ in 0..=self.random.below(2) {
                let (instance, _) = &certain[self.random.below(certain.len())];
                appends.extend(self.model.appends(&mut self.random, instance, self.streams));
            }
            let call = self.begin(appends.clone());
            let names = Arc::clone(&names);
            if let Some(engine) = &self.nodes[number].engine {
                let job = move |batch: &mut Batch<'_>| stage(batch, &appends, &names);
                waiting.push((number, call, submit(engine, job)));
            }
        }
        let mut calls = Vec::new();
        for (number, call, receiver) in waiting {
            let outcome = receiver.recv().unwrap();
            self.finish(number, call, outcome);
            calls.push(call);
        }
        for (number, since, receiver) in reading {
            let seen = receiver.recv();
            let node = &mut self.nodes[number];
            node.met_faults();
            match seen {
                Ok(Ok(seen)) => self.model.check(&seen, since),
                Ok(Err(error)) => assert!(node.may_fail(), "reading: {error}"),
                Err(error) => panic!("reading has panicked: {error}"),
            }
        }
        for call in calls {
            if self.random.one_in(2) {
                self.retry(call, &names);
            }
        }
    }

    /// Makes a call again, whatever became of it, if it can be made twice: it is stored once.
    fn retry(&mut self, call: usize, names: &Arc<BTreeMap<String, String>>) {
        let number = self.random.below(self.nodes.len());
        self.revive(number);
        let node = &self.nodes[number];
        let Some(engine) = node.engine.as_ref().filter(|_| !node.read_only) else {
            return;
        };
        let made = self.model.calls[call].clone();
        if !made.appends.iter().all(|append| append.keyed) {
            return;
        }
        let (appends, names) = (made.appends.clone(), Arc::clone(names));
        let receiver = submit(engine, move |batch| stage(batch, &appends, &names));
        if made.truth == Truth::No {
            // It may be there from now on.
            self.model.calls[call].answered = u64::MAX;
            self.model.calls[call].truth = Truth::Unknown;
        }
        let outcome = receiver.recv().unwrap();
        let told = outcome.is_ok();
        self.retries += usize::from(told && made.truth != Truth::No);
        self.finish(number, call, outcome);
        let call = &mut self.model.calls[call];
        if made.truth == Truth::Yes {
            let sequences = std::mem::replace(&mut call.sequences, made.sequences);
            assert!(!told || sequences == call.sequences, "{call:?}");
        }
        if made.truth != Truth::No && !told || made.truth == Truth::Yes {
            // What was known of it is still true, and this says nothing of what became of it before.
            call.truth = made.truth;
            call.answered = made.answered;
        }
    }

    fn begin(&mut self, appends: Vec<Append>) -> usize {
        let made = self.model.tick();
        self.model.calls.push(Call {
            appends,
            sequences: Vec::new(),
            truth: Truth::Unknown,
            made,
            answered: u64::MAX,
        });
        self.model.calls.len() - 1
    }

    /// Takes in what was answered to a call, and returns what that means.
    fn finish(
        &mut self,
        number: usize,
        call: usize,
        outcome: Result<Vec<Appended>, Error>,
    ) -> Truth {
        let answered = self.model.tick();
        let node = &mut self.nodes[number];
        node.met_faults();
        let call = &mut self.model.calls[call];
        match outcome {
            Ok(appended) => {
                call.truth = Truth::Yes;
                call.answered = answered;
                self.acknowledged += appended.len();
                call.sequences = appended.iter().map(|event| event.sequence_number).collect();
            }
            // Nobody has heard that.
            Err(_) if node.process.is_dead() => {}
            Err(error) => {
                assert!(node.may_fail(), "{error}");
                match error.code() {
                    Code::StorageFailed => {
                        call.truth = Truth::No;
                        call.answered = answered;
                    }
                    Code::OutcomeUnknown => self.unknown += 1,
                    _ => panic!("{error}"),
                }
            }
        }
        call.truth
    }
}
