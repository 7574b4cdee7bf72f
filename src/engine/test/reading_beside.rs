//! No reader waits for the writer: not while it stages, syncs, or writes to the tables, and not for a checkpoint.
//!
//! The disk holds a sync up, at each sync of a piece of work in turn, and what is read meanwhile comes all the
//! same.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::channel;

use super::disk::Disk;
use super::{
    Batch, Engine, Fault, Options, Seen, append, check_invariants, engine_on, read, run, submit,
};
use crate::testing::PATIENCE;

/// How many events a reader on a thread of its own sees now; `None` if it never comes to that.
fn seen(engine: &Engine) -> Option<u64> {
    let (sender, receiver) = channel();
    read(engine, move |seen: Seen| {
        let count = seen.map(|snapshot| {
            let number = snapshot.find("log").unwrap();
            snapshot.instance(number).unwrap().head.last_position
        });
        let _ = sender.send(count);
    });
    receiver.recv_timeout(PATIENCE).ok().map(Result::unwrap)
}

/// Does the work with its syncs held up after `count` of them. Returns whether it came to that.
fn reads_beside(
    exclusive: bool,
    count: usize,
    work: impl FnMut(&mut Batch<'_>) -> Result<u64, Fault> + Send + 'static,
) -> bool {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let options = Options {
        exclusive,
        ..Options::default()
    };
    let engine = engine_on(&disk, options).unwrap();
    let before = 25;
    for _ in 0..before {
        // Enough for a generation, and a part of the next one.
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
    }
    disk.hold_after(count);
    let done = Arc::new(AtomicBool::new(false));
    let outcome = submit(&engine, work);
    let is_held = std::thread::scope(|scope| {
        let (disk, is_done) = (&disk, Arc::clone(&done));
        let added = scope.spawn(move || {
            let added = outcome.recv().unwrap();
            is_done.store(true, Ordering::SeqCst);
            disk.stir();
            added.unwrap()
        });
        let is_held = disk.wait_until_held(|| done.load(Ordering::SeqCst));
        let found = is_held.then(|| [(); 3].map(|()| seen(&engine)));
        disk.let_go();
        let added = added.join().unwrap();
        for found in found.into_iter().flatten() {
            // A checkpoint goes on beside what was answered.
            let may_be = [Some(before), Some(before + added)];
            assert!(
                may_be.contains(&found),
                "{found:?}, with the syncs after {count} held up"
            );
        }
        assert_eq!(seen(&engine), Some(before + added));
        is_held
    });
    check_invariants(&engine);
    engine.stop().unwrap();
    is_held
}

fn at_each_sync(
    least: usize,
    work: impl Fn(&mut Batch<'_>) -> Result<u64, Fault> + Clone + Send + 'static,
) {
    for exclusive in [false, true] {
        let syncs = (0..).take_while(|count| reads_beside(exclusive, *count, work.clone()));
        let syncs = syncs.count();
        assert!(syncs >= least, "only {syncs} syncs were held up");
    }
}

#[test]
fn nobody_waits_for_an_append() {
    at_each_sync(1, |batch| append(batch, "log", "s").map(|_| 1));
}

#[test]
fn nobody_waits_for_a_change_to_an_instance() {
    at_each_sync(3, |batch| batch.create("other", "other", None).map(|_| 0));
}

#[test]
fn nobody_waits_for_a_batch_that_is_larger_than_a_segment() {
    at_each_sync(3, |batch| {
        for _ in 0..100 {
            append(batch, "log", "s")?;
        }
        Ok(100)
    });
}
