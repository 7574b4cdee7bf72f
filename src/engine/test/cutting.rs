//! Much that is queued at once is committed in parts, between jobs.

use std::sync::mpsc::channel;

use super::{Batch, Engine, Fault, Job, append, check_invariants, engine_at, events, run};
use crate::engine::journal::Start;
use crate::error::Error;

/// A job of so many bytes that appends so many events.
struct Sized<F> {
    bytes: usize,
    apply: F,
    answer: std::sync::mpsc::Sender<Result<u64, Error>>,
    commits: Option<u64>,
}

impl<F: FnMut(&mut Batch<'_>) -> Result<(), Fault> + Send> Job for Sized<F> {
    fn bytes(&self) -> usize {
        self.bytes
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        self.commits = Some(batch.commits());
        (self.apply)(batch)
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        let commits = self.commits.unwrap_or_default();
        self.answer.send(outcome.map(|()| commits)).unwrap();
    }
}

/// Queues jobs of these bytes, each with so many events, while the writer is busy. Returns after which commit each
/// was staged.
fn queue_at_once(engine: &Engine, jobs: &[(usize, usize)]) -> Vec<u64> {
    let (hold, held) = channel::<()>();
    let (begun, begins) = channel();
    let (answer, answers) = channel();
    let busy = Sized {
        bytes: 1,
        apply: move |_: &mut Batch<'_>| {
            begun.send(()).unwrap();
            held.recv().unwrap();
            Ok(())
        },
        answer: channel().0,
        commits: None,
    };
    let _ = engine.submit(Box::new(busy));
    begins.recv().unwrap();
    for (job, (bytes, count)) in jobs.iter().copied().enumerate() {
        let apply = move |batch: &mut Batch<'_>| {
            for _ in 0..count {
                append(batch, "log", &format!("s{job}"))?;
            }
            Ok(())
        };
        let (answer, commits) = (answer.clone(), None);
        let job = Sized {
            bytes,
            apply,
            answer,
            commits,
        };
        assert!(engine.submit(Box::new(job)).is_ok());
    }
    hold.send(()).unwrap();
    (jobs.iter())
        .map(|_| answers.recv().unwrap().unwrap())
        .collect()
}

/// Whether anything has gone to the tables directly since the log began.
fn begins_afresh(engine: &Engine) -> bool {
    let view = engine.open_log.view().known().unwrap();
    view.header.unwrap().start == Start::Fresh
}

#[test]
fn much_at_once_goes_into_several_frames_and_never_to_the_tables() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    // Some 90 bytes of record for each, in segments of 2,048 bytes.
    for round in 1..4 {
        let commits = queue_at_once(&engine, &[(100, 1); 60]);
        assert!(commits.is_sorted());
        let mut each: Vec<usize> = commits.chunk_by(|a, b| a == b).map(<[u64]>::len).collect();
        assert_eq!(each.iter().sum::<usize>(), 60);
        assert_eq!(each.pop_if(|last| *last == 5), Some(5));
        assert!(each.iter().all(|count| *count == 5), "{each:?}");
        assert_eq!(events(&engine, "log").unwrap().len(), 1 + 60 * round);
        assert!(!begins_afresh(&engine));
    }
    check_invariants(&engine);
    engine.stop().unwrap();
}

#[test]
fn a_job_is_never_parted_and_a_large_one_goes_alone() {
    let folder = tempfile::tempdir().unwrap();
    let engine = engine_at(&folder.path().join("log"));
    run(&engine, |batch| append(batch, "log", "s")).unwrap();
    let jobs = [
        (100, 1),
        (100, 1),
        (900, 9),
        (100, 1),
        (4000, 40),
        (100, 1),
        (500, 5),
    ];
    let commits = queue_at_once(&engine, &jobs);
    let first = commits[0];
    let after: Vec<u64> = commits.iter().map(|commits| commits - first).collect();
    // The large ones have a commit each, and so do what is before and after them.
    assert_eq!(after, [0, 0, 1, 2, 3, 4, 5]);
    let all = events(&engine, "log").unwrap();
    for (job, (_, count)) in jobs.iter().enumerate() {
        let stream = format!("s{job}");
        assert_eq!(
            all.iter().filter(|(name, ..)| *name == stream).count(),
            *count
        );
    }
    check_invariants(&engine);
    engine.stop().unwrap();
}
