//! No wake-up is lost: whoever reads only when woken comes to know all that concerns it.

use std::collections::HashMap;
use std::path::Path;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};
use std::sync::{Arc, Barrier};
use std::thread;

use super::disk::Disk;
use super::random::Random;
use super::{Engine, Options, Site, SiteProcess, append, engine_on, run};
use crate::engine::{Batch, Fault, Wait};
use crate::error::Error;
use crate::testing::PATIENCE;

const INSTANCES: [&str; 4] = ["a", "b", "c", "d"];

/// What there is of an instance: its number, its last position and its state.
type Standing = Option<(u32, u64, Option<Vec<u8>>)>;

/// What there is of an instance, and as of which commit.
fn look(engine: &Engine, instance: &str) -> Result<(Standing, u64), Error> {
    let snapshot = engine.snapshot()?;
    let standing = match snapshot.find(instance) {
        Ok(number) => {
            let last = snapshot.instance(number)?.head.last_position;
            Some((number, last, snapshot.state(number, "state")?))
        }
        Err(Fault::Refused(_)) => None,
        Err(fault) => return Err(fault.into()),
    };
    Ok((standing, snapshot.commits()))
}

/// Tells what there is of an instance, again and again, and looks only when it is woken.
fn follow(engine: &Engine, instance: &'static str, seen: &Sender<(&'static str, Standing)>) {
    loop {
        let Ok((standing, commits)) = look(engine, instance) else {
            // The disk fails at this moment.
            thread::yield_now();
            continue;
        };
        let number = standing.as_ref().map(|(number, ..)| *number);
        if seen.send((instance, standing)).is_err() {
            return;
        }
        let (sender, woken) = channel();
        let wake = Box::new(move || sender.send(()).unwrap());
        let _wait = engine.follow(number, commits, wake).unwrap();
        if woken.recv_timeout(PATIENCE) == Err(RecvTimeoutError::Timeout) {
            return;
        }
    }
}

/// Changes one instance, in one of the ways that there are.
fn change(engine: &Engine, random: &mut Random) {
    let instance = INSTANCES[random.below(INSTANCES.len())];
    let way = random.below(12);
    let value = vec![random.below(256) as u8];
    // It fails now and then, as the disk does, or because there is no such instance.
    let _ = run(engine, move |batch| match way {
        0 => recreate(batch, instance),
        1 => {
            let number = batch.find(instance)?;
            batch.delete(number).map(drop)
        }
        // More than a segment holds.
        2 => (0..60).try_for_each(|_| append(batch, instance, "s").map(drop)),
        3 | 4 => {
            let number = batch.find(instance)?;
            batch.put_state(number, "state", &value)
        }
        _ => append(batch, instance, "s").map(drop),
    });
}

fn recreate(batch: &mut Batch<'_>, instance: &str) -> Result<(), Fault> {
    if let Ok(number) = batch.find(instance) {
        batch.delete(number)?;
    }
    batch.create(instance, instance, None).map(drop)
}

/// Waits until everybody has seen how things stand.
fn all_have_seen(
    engine: &Engine,
    seen: &Receiver<(&'static str, Standing)>,
    last: &mut HashMap<&'static str, Standing>,
    round: usize,
) {
    for instance in INSTANCES {
        let (standing, _) = look(engine, instance).unwrap();
        while last.get(instance) != Some(&standing) {
            let (told, new) = seen.recv_timeout(PATIENCE).unwrap_or_else(|_| {
                panic!("round {round}: nobody told the follower of {instance} of {standing:?}")
            });
            last.insert(told, new);
        }
    }
}

/// Has instances changed by all engines at once in each round, after which everybody has to know how things stand.
/// `before` and `after` are called around a round.
fn miss_nothing(engines: Vec<Engine>, before: impl Fn(usize), after: impl Fn()) {
    let engines: Vec<_> = engines.into_iter().map(Arc::new).collect();
    let mut followers: Vec<_> = (engines.iter())
        .map(|engine| {
            let (sender, seen) = channel();
            let threads = INSTANCES.map(|instance| {
                let (engine, sender) = (Arc::clone(engine), sender.clone());
                thread::spawn(move || follow(&engine, instance, &sender))
            });
            (seen, threads, HashMap::new())
        })
        .collect();
    for round in 0..60 {
        before(round);
        let began = Barrier::new(engines.len());
        thread::scope(|scope| {
            for (engine, index) in engines.iter().zip(0..) {
                let (began, mut random) = (&began, Random::of(2 * round as u64 + index));
                scope.spawn(move || {
                    began.wait();
                    for _ in 0..random.below(8) {
                        change(engine, &mut random);
                    }
                });
            }
        });
        after();
        for ((seen, _, last), engine) in followers.iter_mut().zip(engines.iter().rev()) {
            all_have_seen(engine, seen, last, round);
        }
    }
    for ((seen, threads, _), engine) in followers.into_iter().zip(engines) {
        // Closing wakes them, and nobody listens any more.
        drop(seen);
        engine.followers.close();
        for thread in threads {
            thread.join().unwrap();
        }
        Arc::into_inner(engine).unwrap().close().unwrap();
    }
}

#[test]
fn whoever_reads_only_when_woken_misses_nothing_of_its_instance() {
    let site = Site::new(2048, 8);
    miss_nothing(vec![site.open(), site.open()], |_| {}, || {});
}

/// One after the other, at each operation of a commit.
#[test]
fn whoever_reads_only_when_woken_misses_nothing_beside_faults_of_the_disk() {
    for exclusive in [false, true] {
        let site = Site::new(2048, 8);
        let processes = [site.process(), site.process()];
        let processes = &processes[..if exclusive { 1 } else { 2 }];
        let open = |process: &SiteProcess| match exclusive {
            true => process.open_exclusive().unwrap(),
            false => process.open(false).unwrap(),
        };
        let fail = |round: usize| {
            if !round.is_multiple_of(3) {
                processes[round % processes.len()].fail_after(round % 11, 1);
            }
        };
        let heal = || processes.iter().for_each(SiteProcess::heal);
        miss_nothing(processes.iter().map(open).collect(), fail, heal);
    }
}

#[test]
fn whoever_reads_only_when_woken_misses_nothing_where_nobody_looks_for_commits() {
    let site = Site::new(2048, 8);
    let engine = site.process().open_exclusive().unwrap();
    miss_nothing(vec![engine], |_| {}, || {});
}

/// Waits for a commit to each of the instances after the last one, and for one that is not there.
fn all_wait(engine: &Engine) -> Vec<(Receiver<()>, Wait)> {
    let snapshot = engine.snapshot().unwrap();
    let seen = snapshot.commits();
    let numbers = INSTANCES.iter().map(|name| snapshot.find(name).ok());
    let wait = |number| {
        let (sender, woken) = channel();
        let wake = Box::new(move || sender.send(()).unwrap());
        (woken, engine.follow(number, seen, wake).unwrap())
    };
    numbers.map(wait).collect()
}

fn all_are_woken(waits: &[(Receiver<()>, Wait)]) {
    for (woken, _) in waits {
        woken.recv_timeout(PATIENCE).unwrap();
    }
}

fn open(path: &Path, exclusive: bool) -> (Arc<Disk>, Engine) {
    let disk = Disk::at(path);
    let options = Options {
        exclusive,
        ..Options::default()
    };
    let engine = engine_on(&disk, options).unwrap();
    for name in &INSTANCES[1..] {
        run(&engine, move |batch| batch.create(name, name, None)).unwrap();
    }
    run(&engine, |batch| append(batch, "b", "s")).unwrap();
    (disk, engine)
}

/// A commit that failed may be there once the disk works again. Whoever is next at work makes sure of it, and tells.
#[test]
fn what_a_failed_commit_has_left_wakes_whom_it_concerns_though_nothing_more_is_committed() {
    for exclusive in [false, true] {
        let mut left = 0;
        for healthy in 0..10 {
            let folder = tempfile::tempdir().unwrap();
            let (disk, engine) = open(&folder.path().join("log"), exclusive);
            disk.break_after(healthy);
            for _ in 0..4 {
                let _ = run(&engine, |batch| append(batch, "b", "s"));
            }
            disk.heal();
            let (standing, seen) = look(&engine, "b").unwrap();
            let (sender, woken) = channel();
            let wake = Box::new(move || sender.send(()).unwrap());
            let number = standing.as_ref().map(|(number, ..)| *number);
            let _wait = engine.follow(number, seen, wake).unwrap();
            run(&engine, |batch| batch.find("c")).unwrap();
            if look(&engine, "b").unwrap().0 != standing {
                woken.recv_timeout(PATIENCE).unwrap();
                left += 1;
            }
        }
        assert!(left > 0, "exclusive: {exclusive}");
    }
}

#[test]
fn a_failure_that_any_call_meets_wakes_everybody() {
    for exclusive in [false, true] {
        let folder = tempfile::tempdir().unwrap();
        let (disk, engine) = open(&folder.path().join("log"), exclusive);
        // A commit that fails.
        let waits = all_wait(&engine);
        disk.break_after(0);
        run(&engine, |batch| append(batch, "b", "s")).unwrap_err();
        all_are_woken(&waits);
        disk.heal();
        run(&engine, |batch| append(batch, "b", "s")).unwrap();
        // A read that fails.
        let waits = all_wait(&engine);
        engine.open_log.storage.note(&super::reading::disk_fault());
        all_are_woken(&waits);
        // The end.
        let waits = all_wait(&engine);
        engine.stop().unwrap();
        all_are_woken(&waits);
    }
}
