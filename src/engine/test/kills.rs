//! A process is killed at each of its operations in turn, and perhaps a second one after it; what a
//! third one acknowledges then survives a power loss.

use std::sync::Arc;

use super::memory_disk::{MemoryDisk, Process};
use super::random::Random;
use super::{LAYOUT, append, check_invariants, events, run};
use crate::engine::storage::opening;
use crate::engine::{Engine, Options};
use crate::error::Error;

/// What the process is doing that is killed.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Deed {
    Append,
    /// As many appends as fill some generations.
    Appends,
    Make,
    Close,
}

/// Appends that the survivor makes; enough for some generations.
const APPENDS: usize = 16;

/// What a power loss can leave is looked at so many times, since it is chosen at random.
const IMAGES: usize = 2;

fn open(process: &Process) -> Result<Engine, Error> {
    open_with(process, Options::default())
}

fn open_with(process: &Process, options: Options) -> Result<Engine, Error> {
    let (process, own) = (process.clone(), options.clone());
    let opener = Box::new(move |again| opening::open(&process, &own, LAYOUT, again));
    Engine::start(opener, options, Arc::default())
}

fn check(disk: &Arc<MemoryDisk>, acknowledged: &[uuid::Uuid], what: &str) {
    for _ in 0..IMAGES {
        let left = MemoryDisk::holding(disk.image(), Random::of(1));
        let engine = open(&left.process()).unwrap_or_else(|error| panic!("{what}: {error}"));
        check_invariants(&engine);
        let found = events(&engine, "log").unwrap();
        for id in acknowledged {
            assert!(found.iter().any(|e| e.2 == *id), "{what}: {id} is lost");
        }
        engine.stop().unwrap();
    }
}

/// Does the deed, and returns what was acknowledged.
fn act(engine: &Engine, deed: Deed) -> Vec<uuid::Uuid> {
    let count = match deed {
        Deed::Append => 1,
        Deed::Appends => 20,
        Deed::Make => {
            // It may not come to an end.
            let _ = run(engine, |batch| batch.create("made", "made", None));
            return Vec::new();
        }
        Deed::Close => {
            let _ = engine.stop();
            return Vec::new();
        }
    };
    let appends = (0..count).map(|_| run(engine, |batch| append(batch, "log", "s")));
    appends.filter_map(|done| Some(done.ok()?.id)).collect()
}

/// Kills a process at each of the deeds at the operation that is named with it. Returns whether all
/// were killed.
fn killed_at(before: usize, deeds: &[(Deed, usize)], seed: u64) -> bool {
    let what = format!("{deeds:?} after {before}");
    let disk = MemoryDisk::holding(Vec::new(), Random::of(seed));
    let survivor = open(&disk.process()).unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..=before {
        let appended = run(&survivor, |batch| append(batch, "log", "s")).unwrap();
        acknowledged.push(appended.id);
    }
    let mut dead = true;
    for (deed, operations) in deeds {
        let process = disk.process();
        let victim = open(&process).unwrap();
        process.kill_after(*operations);
        acknowledged.extend(act(&victim, *deed));
        dead &= process.is_dead();
        process.kill_now();
        if *deed != Deed::Close {
            let _ = victim.stop();
        }
    }
    for appends in 0..APPENDS {
        let appended = run(&survivor, |batch| append(batch, "log", "s")).unwrap();
        acknowledged.push(appended.id);
        if appends < 2 || appends % 6 == 0 {
            check(&disk, &acknowledged, &what);
        }
        if appends == APPENDS / 2 {
            run(&survivor, |batch| batch.create("other", "other", None)).unwrap();
        }
    }
    check_invariants(&survivor);
    survivor.stop().unwrap();
    check(&disk, &acknowledged, &what);
    dead
}

#[test]
fn what_others_acknowledge_after_a_kill_survives_power_loss() {
    for deed in [Deed::Append, Deed::Appends, Deed::Make, Deed::Close] {
        // With and without a generation before the one under way.
        for before in [1, 9] {
            let mut operations = 0;
            while operations < 60 && killed_at(before, &[(deed, operations)], operations as u64) {
                operations += if deed == Deed::Appends { 4 } else { 1 };
            }
            assert!(operations > 1, "{deed:?} took {operations} operations");
        }
    }
}

/// Three processes have added to one generation. Two are killed in the next append, one after the
/// other, each at the operation that is named.
fn two_killed_at(first: usize, second: usize, seed: u64) {
    let disk = MemoryDisk::holding(Vec::new(), Random::of(seed));
    let processes = [(); 3].map(|()| disk.process());
    let engines = [0, 1, 2].map(|number: usize| open(&processes[number]).unwrap());
    run(&engines[0], |batch| batch.create("log", "log", None)).unwrap();
    let mut acknowledged: Vec<_> = engines
        .iter()
        .map(|engine| run(engine, |batch| append(batch, "log", "s")).unwrap().id)
        .collect();
    let what = format!("{first}, {second}, seed {seed}");
    for (victim, operations) in [(0, first), (1, second)] {
        processes[victim].kill_after(operations);
        acknowledged.extend(act(&engines[victim], Deed::Append));
        processes[victim].kill_now();
        let _ = engines[victim].stop();
        check(&disk, &acknowledged, &what);
    }
    for _ in 0..2 {
        acknowledged.extend(act(&engines[2], Deed::Append));
        check(&disk, &acknowledged, &what);
    }
    assert!(acknowledged.len() >= 5, "{what}");
    check_invariants(&engines[2]);
    engines[2].stop().unwrap();
}

#[test]
fn what_others_acknowledge_after_two_kills_survives_power_loss() {
    // An append takes two operations for the frame of another process and two for its own.
    for first in 0..5 {
        for second in 0..5 {
            for seed in 0..8 {
                two_killed_at(first, second, seed);
            }
        }
    }
}

/// A process is killed in an append, and another one, which can only read, is asked what there is.
fn shown_after_a_kill_at(operations: usize, seed: u64) {
    let disk = MemoryDisk::holding(Vec::new(), Random::of(seed));
    let process = disk.process();
    let victim = open(&process).unwrap();
    // As long as somebody has the tables open, whoever opens them does not recover them, which would sync the file.
    let idle = open(&disk.process()).unwrap();
    let mut acknowledged = Vec::new();
    for _ in 0..3 {
        acknowledged.extend(act(&victim, Deed::Append));
    }
    process.kill_after(operations);
    act(&victim, Deed::Append);
    process.kill_now();
    let _ = victim.stop();
    let read_only = Options {
        read_only: true,
        ..Options::default()
    };
    let reader = open_with(&disk.process(), read_only).unwrap();
    let shown: Vec<_> = events(&reader, "log")
        .unwrap()
        .iter()
        .map(|e| e.2)
        .collect();
    assert!(acknowledged.iter().all(|id| shown.contains(id)));
    let what = format!("{operations}, seed {seed}");
    for _ in 0..4 {
        check(&disk, &shown, &what);
    }
    reader.stop().unwrap();
    idle.stop().unwrap();
}

#[test]
fn what_a_reader_shows_after_a_kill_survives_power_loss() {
    for operations in 0..4 {
        for seed in 0..8 {
            shown_after_a_kill_at(operations, seed);
        }
    }
}
