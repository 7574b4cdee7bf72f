//! Tests of calls that are made together.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError, Sender, channel};

use super::{Inbox, PATIENCE, call, next, open_log};
use crate::cancellation::Cancellation;
use crate::request::{Call, Log, LogOptions, Method, Piece, Recipient, Response};

/// Hands on the number and the text of each response.
struct Numbered(Sender<(u32, String)>);

impl Recipient for Numbered {
    fn receive_piece(&self, _: u32, _: &Piece, _: &Cancellation) {}

    fn receive(&self, number: u32, response: &Response) {
        let mut text = String::new();
        response.write_values(&mut text);
        self.0.send((number, text)).unwrap();
    }
}

/// Calls methods of a log together. Each is answered under its place.
fn call_all(log: &Log, calls: &[(&str, String)]) -> Receiver<(u32, String)> {
    let (sender, answers) = channel();
    let recipient = Arc::new(Numbered(sender));
    let calls = (0..).zip(calls).map(|(number, (method, arguments))| {
        let work = Method::named(method).unwrap().call(arguments.clone());
        Call::new(
            work.unwrap(),
            recipient.clone(),
            number,
            Cancellation::default(),
        )
    });
    log.call_all(calls.collect());
    answers
}

/// The answers to so many calls, by their numbers. There is no other one.
fn all_of(answers: &Receiver<(u32, String)>, count: usize) -> Vec<String> {
    let mut texts = vec![None; count];
    for _ in 0..count {
        let (number, text) = answers.recv_timeout(PATIENCE).unwrap();
        let before = texts[number as usize].replace(text);
        assert_eq!(before, None, "call {number}");
    }
    // Whoever answers a call is gone by then.
    let after = answers.recv_timeout(PATIENCE);
    assert_eq!(after, Err(RecvTimeoutError::Disconnected));
    texts.into_iter().map(Option::unwrap).collect()
}

/// An append that is refused unless its stream has so many events.
fn append(expected: usize) -> (&'static str, String) {
    let arguments = format!(
        r#"[{{"instanceId":"i","streamId":"s","eventType":"t","expectedSequence":{expected},"autoCreateInstance":true}}]"#
    );
    ("appendEvent", arguments)
}

fn stats() -> (&'static str, String) {
    ("getInstanceStats", r#"["i"]"#.to_owned())
}

/// How many events an answer to [`stats`] counts.
fn count_in(answer: &str) -> usize {
    let (_, rest) = answer.split_once("\"eventCount\":").unwrap();
    let end = rest.find(',').unwrap();
    rest[..end].parse().unwrap()
}

fn commits(log: &Log) -> u64 {
    log.counts().unwrap().commits
}

/// A log that is being opened.
fn opening(folder: &tempfile::TempDir, options: LogOptions) -> Arc<Log> {
    let path = folder.path().join("log.redb");
    Log::open(path, options, Box::new(|_| ()))
}

#[test]
fn changes_that_are_called_together_are_one_commit_in_their_order() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let calls: Vec<_> = (0..500).map(append).collect();
    let before = commits(&log);
    for answer in all_of(&call_all(&log, &calls), calls.len()) {
        assert!(answer.starts_with("2,"), "{answer}");
    }
    assert_eq!(commits(&log), before + 1);
    log.close_and_wait().unwrap();
}

#[test]
fn reads_between_changes_see_none_of_those_behind_them() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let calls = [
        append(0),
        ("listInstances", "[]".to_owned()),
        append(1),
        append(7),
        append(2),
    ];
    let answers = all_of(&call_all(&log, &calls), calls.len());
    let succeeded: Vec<bool> = (answers.iter())
        .map(|answer| !answer.contains("SEQUENCE_CONFLICT"))
        .collect();
    assert_eq!(succeeded, [true, true, true, false, true]);
    let calls = [append(3), stats(), append(4), append(5), stats(), append(6)];
    let answers = all_of(&call_all(&log, &calls), calls.len());
    assert!((3..=4).contains(&count_in(&answers[1])), "{answers:?}");
    assert!((3..=6).contains(&count_in(&answers[4])), "{answers:?}");
    log.close_and_wait().unwrap();
}

#[test]
fn calls_on_a_log_that_is_being_opened_wait_for_it() {
    let folder = tempfile::tempdir().unwrap();
    let log = opening(&folder, LogOptions::default());
    let calls: Vec<_> = (0..20).map(append).collect();
    for answer in all_of(&call_all(&log, &calls), calls.len()) {
        assert!(answer.starts_with("2,"), "{answer}");
    }
    log.close_and_wait().unwrap();
    for answer in all_of(&call_all(&log, &[append(20), stats()]), 2) {
        assert!(answer.contains("\"CLOSED\""), "{answer}");
    }
}

#[test]
fn one_that_is_refused_leaves_the_others() {
    const BYTES_MAX: usize = 10_000;
    let folder = tempfile::tempdir().unwrap();
    let mut options = LogOptions::default();
    options.engine.queued_bytes_max = BYTES_MAX;
    let log = opening(&folder, options);
    let (sender, answers) = channel();
    let wanted = Cancellation::default();
    call(
        &log,
        "listInstances",
        "[]",
        Arc::new(Inbox(sender)),
        &wanted,
    );
    // It is open.
    next(&answers);
    let text = "x".repeat(BYTES_MAX);
    let large = format!(r#"[{{"instanceId":"i","eventType":"t","payload":{{"x":"{text}"}}}}]"#);
    let calls = [
        append(0),
        ("appendEvent", large),
        append(1),
        ("appendEvent", "[5]".to_owned()),
        append(2),
    ];
    let answers = all_of(&call_all(&log, &calls), calls.len());
    for (at, code) in [(1, "LIMIT_EXCEEDED"), (3, "INVALID_ARGUMENT")] {
        assert!(answers[at].contains(code), "{}", answers[at]);
    }
    for at in [0, 2, 4] {
        assert!(answers[at].starts_with("2,"), "{}", answers[at]);
    }
    log.close_and_wait().unwrap();
}

#[test]
fn a_log_that_takes_no_changes_reads_what_is_called_with_them() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let first = call_all(&log, &[append(0)]);
    assert!(all_of(&first, 1)[0].starts_with("2,"));
    log.close_and_wait().unwrap();
    let mut options = LogOptions::default();
    options.engine.read_only = true;
    let log = opening(&folder, options);
    for _ in 0..2 {
        let answers = all_of(&call_all(&log, &[append(1), stats(), append(2)]), 3);
        assert!(answers[0].contains("readOnly"), "{}", answers[0]);
        assert_eq!(count_in(&answers[1]), 1);
        assert!(answers[2].contains("readOnly"), "{}", answers[2]);
    }
    log.close_and_wait().unwrap();
}
