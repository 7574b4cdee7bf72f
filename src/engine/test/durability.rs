//! The answer never runs ahead of the disk.
//!
//! A kill cannot show this: the page cache survives the process. So the disk keeps what was in the
//! file at its last sync, which is what a power loss can leave, and at each answer that image is
//! opened and searched for the event that was just acknowledged.

use std::sync::Arc;
use std::sync::mpsc::channel;

use super::disk::Disk;
use super::{Options, append, check_invariants, engine_on, events};

const THREADS: usize = 3;
const APPENDS: usize = 8;

fn acknowledged_events_survive_power_loss(exclusive: bool) {
    let folder = tempfile::tempdir().unwrap();
    let disk = Disk::at(&folder.path().join("log"));
    let options = Options {
        exclusive,
        ..Options::default()
    };
    let engine = engine_on(&disk, options.clone()).unwrap();
    let (answered, images) = channel();
    std::thread::scope(|scope| {
        for thread in 0..THREADS {
            let (engine, disk, answered) = (&engine, &disk, answered.clone());
            scope.spawn(move || {
                for _ in 0..APPENDS {
                    let (done, waiting) = channel();
                    let (disk, answered) = (Arc::clone(disk), answered.clone());
                    let appended = Arc::new(parking_lot::Mutex::new(None));
                    let staged = Arc::clone(&appended);
                    let task = super::Task {
                        apply: move |batch: &mut super::Batch<'_>| {
                            let stream = format!("stream {thread}");
                            *staged.lock() = Some(append(batch, "log", &stream)?);
                            Ok(())
                        },
                        outcome: Some(Box::new(move |outcome| {
                            assert!(outcome.is_ok());
                            let id = appended.lock().take().unwrap().id;
                            answered.send((id, disk.image_at_last_sync())).unwrap();
                            done.send(()).unwrap();
                        })),
                    };
                    assert!(engine.submit(Box::new(task)).is_ok());
                    waiting.recv().unwrap();
                }
            });
        }
    });
    drop(answered);
    engine.stop().unwrap();

    let mut answers = 0;
    for (id, image) in images {
        let path = folder.path().join(format!("image {answers}"));
        std::fs::write(&path, image).unwrap();
        let recovered = engine_on(&Disk::at(&path), options.clone()).unwrap();
        let found = events(&recovered, "log").unwrap();
        assert!(
            found.iter().any(|event| event.2 == id),
            "answer {answers}: {id} is lost"
        );
        check_invariants(&recovered);
        recovered.stop().unwrap();
        answers += 1;
    }
    assert_eq!(answers, THREADS * APPENDS);
}

#[test]
fn in_a_shared_file() {
    acknowledged_events_survive_power_loss(false);
}

#[test]
fn in_an_exclusive_file() {
    acknowledged_events_survive_power_loss(true);
}
