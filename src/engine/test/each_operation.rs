//! A fixed piece of work, with a loss of power, a kill or a fault at each of its disk operations in turn.
//!
//! A call that fails leaves it open or not whether it was stored, according to its code. So what is kept
//! is the set of all states that the log may be in: what is found has to be one of them, and what was
//! acknowledged is in all of them.

use std::collections::{BTreeMap, BTreeSet};
use std::panic::catch_unwind;
use std::sync::Arc;

use uuid::Uuid;

use super::memory_disk::{MemoryDisk, Process};
use super::random::Random;
use super::simulation::open;
use super::{append, check_invariants, events, run};
use crate::engine::Engine;
use crate::engine::Snapshot;
use crate::engine::journal::{Format, Layout};
use crate::engine::seeded_bug::{Bug, seed};
use crate::error::{Code, Error};

/// So small that the work fills several generations, and whole blocks. The file has the format before the last one until
/// it is compacted: then it is given the last one, and its blocks are sealed.
const LAYOUT: Layout = Layout {
    format: Format::Rows,
    segment_bytes: 4096,
    block_events: 3,
};

#[derive(Clone, Copy, Debug)]
enum Step {
    Make(&'static str),
    /// So many events of a stream, in one call.
    Append(&'static str, &'static str, u64),
    Rename(&'static str, &'static str),
    Delete(&'static str),
    /// The log is closed and opened again.
    Reopen,
    /// The log is compacted, and the whole blocks that are rows are sealed.
    Compact,
}

/// Among its calls, one that is larger than a segment and those that change instances go to the tables at
/// once, and the others to the journal.
const WORK: [Step; 22] = [
    Step::Make("a"),
    Step::Append("a", "s", 1),
    Step::Append("a", "t", 5),
    Step::Make("b"),
    Step::Append("b", "s", 20),
    Step::Append("b", "s", 20),
    Step::Append("b", "t", 20),
    Step::Append("a", "s", 90),
    Step::Append("b", "s", 1),
    Step::Rename("b", "c"),
    Step::Append("b", "s", 2),
    Step::Reopen,
    Step::Append("c", "u", 1),
    Step::Compact,
    Step::Delete("a"),
    Step::Append("b", "s", 30),
    Step::Make("a"),
    Step::Append("a", "s", 2),
    Step::Append("b", "s", 30),
    Step::Append("a", "s", 30),
    Step::Append("b", "t", 1),
    Step::Compact,
];

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Disaster {
    PowerLoss,
    Kill,
    Fault,
    FaultForGood,
}

/// Of each instance, by its id: its name, and how many events its streams have.
type State = BTreeMap<&'static str, (&'static str, BTreeMap<String, u64>)>;

/// The state after a step; `None` where the log refuses it.
fn after(state: &State, step: Step) -> Option<State> {
    let mut state = state.clone();
    let find = |name| {
        let mut all = state.iter();
        all.find_map(|(id, (own, _))| (*id == name || *own == name).then_some(*id))
    };
    match step {
        Step::Make(name) if find(name).is_none() => {
            state.insert(name, (name, BTreeMap::new()));
        }
        Step::Make(_) => return None,
        Step::Append(name, stream, count) => {
            let id = find(name)?;
            *state.get_mut(id)?.1.entry(stream.to_owned()).or_default() += count;
        }
        Step::Rename(name, new) => {
            let id = find(name)?;
            state.get_mut(id)?.0 = new;
        }
        Step::Delete(name) => {
            let id = find(name)?;
            state.remove(id);
        }
        Step::Reopen | Step::Compact => {}
    }
    Some(state)
}

struct Run {
    process: Process,
    engine: Option<Engine>,
    may_be: BTreeSet<State>,
    /// The events that were acknowledged of instances that are there for sure.
    acknowledged: BTreeMap<&'static str, Vec<Uuid>>,
}

impl Run {
    fn open(&mut self) {
        let opened = open(&self.process, false, false, LAYOUT);
        self.engine = match opened {
            Ok(engine) => Some(engine),
            Err(_) if self.process.is_dead() => None,
            Err(_) => {
                assert!(self.process.faults() > 0);
                self.process.heal();
                Some(open(&self.process, false, false, LAYOUT).unwrap())
            }
        };
    }

    fn do_step(&mut self, step: Step, is_over: impl Fn() -> bool) {
        let Some(engine) = &self.engine else {
            return;
        };
        let done = match step {
            Step::Make(name) => run(engine, |batch| batch.create(name, name, None)).map(|_| None),
            Step::Append(name, stream, count) => run(engine, move |batch| {
                batch.find(name)?;
                (0..count)
                    .map(|_| append(batch, name, stream))
                    .collect::<Result<Vec<_>, _>>()
            })
            .map(Some),
            Step::Rename(name, new) => run(engine, move |batch| {
                let number = batch.find(name)?;
                batch.update(number, Some(new), None)
            })
            .map(|_| None),
            Step::Delete(name) => run(engine, move |batch| {
                let number = batch.find(name)?;
                batch.delete(number)
            })
            .map(|_| None),
            // Whatever becomes of it changes nothing.
            Step::Compact => {
                let compacted = engine.compacted();
                let has_failed = is_over() || self.process.faults() > 0;
                assert!(has_failed || compacted.is_ok(), "{compacted:?}");
                return;
            }
            Step::Reopen => {
                // What closing meets is met again, or not, by the opening.
                let _ = self.engine.take().map(|engine| engine.stop());
                return self.open();
            }
        };
        let done = done.map(|appended| {
            let ids = appended.into_iter().flatten().map(|one| one.id);
            ids.collect::<Vec<_>>()
        });
        self.take(step, done, is_over());
    }

    /// Takes in what was answered to a step.
    fn take(&mut self, step: Step, done: Result<Vec<Uuid>, Error>, is_over: bool) {
        let before = std::mem::take(&mut self.may_be);
        let made = before.iter().filter_map(|state| after(state, step));
        let is_done = done.is_ok();
        self.may_be = match done {
            Ok(ids) => {
                if let Step::Append(name, ..) = step {
                    // Both names of the renamed one are its own.
                    let id = if name == "c" { "b" } else { name };
                    self.acknowledged.entry(id).or_default().extend(ids);
                }
                made.collect()
            }
            // Nobody has heard that.
            Err(_) if is_over => made.chain(before.iter().cloned()).collect(),
            Err(error) => match error.code() {
                Code::StorageFailed => before.clone(),
                Code::OutcomeUnknown => made.chain(before.iter().cloned()).collect(),
                Code::InstanceNotFound | Code::InstanceExists => {
                    let mut refused = before.clone();
                    refused.retain(|state| after(state, step).is_none());
                    refused
                }
                _ => panic!("{step:?}: {error}"),
            },
        };
        if let Step::Delete(name) = step
            && (is_done || self.may_be.iter().any(|state| !state.contains_key(name)))
        {
            self.acknowledged.remove(name);
        }
        assert!(!self.may_be.is_empty(), "{step:?}: no state is possible");
    }

    fn check(&self, engine: &Engine, what: &str) {
        check_invariants(engine);
        let snapshot = Snapshot::of(&engine.open_log).unwrap();
        let mut found = BTreeMap::new();
        for instance in snapshot.instances().unwrap() {
            let mut streams = BTreeMap::<String, u64>::new();
            let all = events(engine, &instance.id).unwrap();
            for (stream, _, _) in &all {
                *streams.entry(stream.clone()).or_default() += 1;
            }
            for id in self.acknowledged.get(&*instance.id).into_iter().flatten() {
                let is_there = all.iter().any(|event| event.2 == *id);
                assert!(is_there, "{what}: {id} is lost");
            }
            found.insert(instance.id, (instance.name, streams));
        }
        let is_found = |state: &State| {
            let state = state.iter();
            let state = state.map(|(id, (name, streams))| {
                ((*id).to_owned(), ((*name).to_owned(), streams.clone()))
            });
            state.collect::<BTreeMap<_, _>>() == found
        };
        assert!(
            self.may_be.iter().any(is_found),
            "{what}: expected one of {:#?}, found {found:#?}",
            self.may_be
        );
    }

    /// What a power loss now leaves is as it has to be.
    fn check_left(&self, image: Vec<u8>, what: &str) {
        if image.is_empty() {
            assert!(self.may_be.contains(&State::new()), "{what}: all is lost");
            return;
        }
        let disk = MemoryDisk::holding(image, Random::of(1));
        let engine = open(&disk.process(), false, false, LAYOUT)
            .unwrap_or_else(|error| panic!("{what}: {error}"));
        self.check(&engine, what);
        engine.stop().unwrap();
    }
}

/// Does the work with a disaster after so many operations. Returns whether that came.
fn survives(disaster: Disaster, operations: usize, seed: u64) -> bool {
    let what = format!("{disaster:?} after {operations} operations, seed {seed}");
    let disk = MemoryDisk::holding(Vec::new(), Random::of(seed));
    let process = disk.process();
    match disaster {
        Disaster::PowerLoss => disk.lose_power_after(operations),
        Disaster::Kill => process.kill_after(operations),
        Disaster::Fault => process.fail_after(operations, 1),
        Disaster::FaultForGood => process.fail_after(operations, usize::MAX),
    }
    let mut work = Run {
        process,
        engine: None,
        may_be: BTreeSet::from([State::new()]),
        acknowledged: BTreeMap::new(),
    };
    let is_over = |disk: &MemoryDisk, process: &Process| disk.has_lost_power() || process.is_dead();
    if disaster == Disaster::PowerLoss {
        // An opening that the power loss has ended is no fault.
        work.engine = open(&work.process, false, false, LAYOUT).ok();
    } else {
        work.open();
    }
    for step in WORK {
        let process = work.process.clone();
        if is_over(&disk, &process) {
            break;
        }
        if disaster == Disaster::PowerLoss && matches!(step, Step::Reopen) {
            let _ = work.engine.take().map(|engine| engine.stop());
            work.engine = open(&work.process, false, false, LAYOUT).ok();
            continue;
        }
        work.do_step(step, || is_over(&disk, &process));
    }
    finish(&disk, work, disaster, &what)
}

fn finish(disk: &Arc<MemoryDisk>, mut work: Run, disaster: Disaster, what: &str) -> bool {
    let came = match disaster {
        Disaster::PowerLoss => disk.has_lost_power(),
        Disaster::Kill => work.process.is_dead(),
        Disaster::Fault | Disaster::FaultForGood => work.process.faults() > 0,
    };
    if disaster != Disaster::PowerLoss {
        work.process.heal();
        if disaster == Disaster::Kill {
            work.process.kill_now();
            let _ = work.engine.take().map(|engine| engine.stop());
            work.process = disk.process();
            work.open();
        }
        // It goes on as if nothing had been.
        work.do_step(Step::Append("b", "s", 1), || false);
        if let Some(engine) = &work.engine {
            work.check(engine, what);
        }
        work.check_left(disk.image(), what);
    }
    let image = disk.lose_power();
    let _ = work.engine.take().map(|engine| engine.stop());
    work.check_left(image, what);
    came
}

/// Returns how many operations the work has.
fn at_each_operation(disaster: Disaster) -> usize {
    let mut operations = 0;
    // What becomes of the unsynced is chosen at random, as is the kind of a fault and how much of a write
    // is done before it.
    while survives(disaster, operations, operations as u64) {
        operations += 1;
    }
    println!("OPERATIONS {{\"{disaster:?}\":{operations}}}");
    assert!(
        operations > 150,
        "only {operations} operations were reached"
    );
    operations
}

#[test]
fn a_loss_of_power_at_any_operation_loses_nothing() {
    at_each_operation(Disaster::PowerLoss);
}

#[test]
fn a_kill_at_any_operation_loses_nothing() {
    at_each_operation(Disaster::Kill);
}

#[test]
fn a_fault_at_any_operation_is_told_as_it_is() {
    at_each_operation(Disaster::Fault);
}

#[test]
fn a_disk_that_fails_from_any_operation_on_is_told_as_it_is() {
    at_each_operation(Disaster::FaultForGood);
}

#[test]
fn a_bug_is_noticed_at_some_operation() {
    for (bug, disaster) in [
        (Bug::AnswerBeforeSync, Disaster::PowerLoss),
        (Bug::WrongTail, Disaster::Fault),
        (Bug::CounterOutsideTransaction, Disaster::PowerLoss),
        (Bug::SplitBatch, Disaster::PowerLoss),
        (Bug::SplitBatch, Disaster::Kill),
        (Bug::RowsDroppedFirst, Disaster::PowerLoss),
        (Bug::RowsDroppedFirst, Disaster::Kill),
        (Bug::GivenBackTooEarly, Disaster::Kill),
        (Bug::GivenBackTooEarly, Disaster::Fault),
    ] {
        let mut operations = 0;
        loop {
            seed(Some(bug));
            let survived = catch_unwind(|| survives(disaster, operations, operations as u64));
            seed(None);
            assert!(
                !matches!(survived, Ok(false)),
                "{bug:?} is not noticed at any of {operations} operations"
            );
            if survived.is_err() {
                break;
            }
            operations += 1;
        }
        println!("SEEDED BUG {bug:?}: noticed with {disaster:?} at operation {operations}");
    }
}
