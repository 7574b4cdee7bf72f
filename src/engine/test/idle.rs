//! Threads of an open log: there is none without work, and one that ends misses nothing.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::time::Duration;

use super::disk::Disk;
use super::{Engine, LAYOUT, Options, Seen, append, check_invariants, events, read, run, submit};
use crate::engine::storage::opening;

/// An engine whose threads end as soon as they have nothing to do.
pub(super) fn restless(path: &std::path::Path) -> Engine {
    let disk = Disk::at(path);
    let opener = Box::new(move |again| opening::open(&disk, &Options::default(), LAYOUT, again));
    Engine::start_with(opener, Options::default(), Arc::default(), Duration::ZERO).unwrap()
}

/// Waits until the writer has ended, and says whether there was one.
pub(super) fn writer_ends(engine: &Engine) -> bool {
    let writer = engine.writer.lock().take();
    writer.map(|writer| writer.join().unwrap()).is_some()
}

#[test]
fn a_log_has_no_thread_before_its_first_call_and_none_some_time_after_its_last() {
    let folder = tempfile::tempdir().unwrap();
    let engine = restless(&folder.path().join("log"));
    assert!(!writer_ends(&engine));
    assert_eq!(engine.thread_counts(), [0; 3]);
    for _ in 0..3 {
        run(&engine, |batch| append(batch, "log", "s")).unwrap();
        assert!(writer_ends(&engine));
        let (sender, looked) = channel();
        read(&engine, move |seen: Seen| {
            sender.send(seen.is_ok()).unwrap();
        });
        assert!(looked.recv().unwrap());
        let (sender, woken) = channel();
        let wait = engine.follow(None, u64::MAX, Box::new(move || sender.send(()).unwrap()));
        wait.unwrap().end();
        woken.recv().unwrap();
        engine.until_idle();
        assert_eq!(engine.thread_counts(), [0; 3]);
    }
    assert_eq!(events(&engine, "log").unwrap().len(), 3);
    engine.stop().unwrap();
}

#[test]
fn a_call_that_comes_as_a_thread_ends_is_answered_and_in_its_order() {
    let folder = tempfile::tempdir().unwrap();
    let engine = Arc::new(restless(&folder.path().join("log")));
    run(&engine, |batch| batch.create("log", "log", None)).unwrap();
    let lanes: Vec<_> = (0..4)
        .map(|lane| {
            let engine = Arc::clone(&engine);
            std::thread::spawn(move || {
                let stream = format!("s{lane}");
                let mut answers = Vec::new();
                for round in 0..150 {
                    let stream = stream.clone();
                    let answer = submit(&engine, move |batch| append(batch, "log", &stream));
                    answers.push(answer);
                    // Now and then all that was asked for is there, so that the writer ends.
                    if round % 3 == 0 {
                        let (sender, looked) = channel();
                        read(&engine, move |seen: Seen| {
                            sender.send(seen.is_ok()).unwrap();
                        });
                        assert!(looked.recv().unwrap());
                        let last = answers.last().map(|answer| answer.recv().unwrap().unwrap());
                        assert_eq!(last.unwrap().sequence_number, round + 1);
                        answers.pop();
                        for _ in 0..round % 64 {
                            std::thread::yield_now();
                        }
                    }
                }
                let rest = answers.iter().map(|answer| answer.recv().unwrap().unwrap());
                assert!(rest.is_sorted_by_key(|appended| appended.sequence_number));
            })
        })
        .collect();
    for lane in lanes {
        lane.join().unwrap();
    }
    check_invariants(&engine);
    assert_eq!(events(&engine, "log").unwrap().len(), 4 * 150);
    engine.stop().unwrap();
}
