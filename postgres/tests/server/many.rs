//! Several who write to the same log.

use std::sync::Arc;
use std::sync::mpsc::channel;
use std::thread;

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::request::{
    Call, Log, Piece, Reading, ReadingSource, Recipient, Response, Work,
};
use codebolt_eventlog_postgres::{Options, SeededBug};
use serde_json::json;

use crate::calls::{
    PATIENCE, append, begin, begin_check, call, check, numbered, numbers, opened, verified,
};
use crate::cluster::{Cluster, quoted_schema};

/// How many append at once.
const WRITERS: u64 = 4;

/// How many events each of them appends.
const EACH: u64 = 60;

/// Has several append to a log at once, each to a stream of his own. Returns what is wrong then.
fn append_at_once(bug: Option<SeededBug>) -> Result<(), String> {
    let options = Options {
        seeded_bug: bug,
        ..Cluster::shared().options()
    };
    let logs: Vec<Arc<Log>> = (0..WRITERS).map(|_| opened(&options).unwrap()).collect();
    let answered: Result<(), String> = thread::scope(|scope| {
        #[expect(
            clippy::needless_collect,
            reason = "all are started before one is waited for"
        )]
        let threads: Vec<_> = (0..)
            .zip(&logs)
            .map(|(writer, log)| scope.spawn(move || append_each(writer, log)))
            .collect();
        threads
            .into_iter()
            .try_for_each(|thread| thread.join().unwrap())
    });
    let found = answered.and_then(|()| are_all_there(&logs[0]));
    for log in logs {
        log.close_and_wait().unwrap();
    }
    found
}

/// Appends the events of one of them, eight at a time.
fn append_each(writer: u64, log: &Log) -> Result<(), String> {
    let numbers: Vec<u64> = (0..EACH).map(|n| writer * EACH + n).collect();
    for some in numbers.chunks(8) {
        let begun = |n: &u64| {
            let mut call = numbered(*n);
            call[0]["streamId"] = json!(format!("of {writer}"));
            begin(log, "appendEvent", &call)
        };
        for answer in some.iter().map(begun).collect::<Vec<_>>() {
            let answered = answer.recv_timeout(PATIENCE).unwrap();
            if !answered.is_success() {
                return Err(answered.text());
            }
        }
    }
    Ok(())
}

/// What is wrong with a log to which several have appended.
fn are_all_there(log: &Log) -> Result<(), String> {
    let verified = verified(log);
    if !verified.contains("\"intact\": Bool(true)") {
        return Err(verified);
    }
    let mut found = numbers(log);
    for writer in 0..WRITERS {
        // Each has its own in the order of its calls.
        let own = found.iter().filter(|n| **n / EACH == writer);
        if !own.is_sorted() {
            return Err(format!("{found:?}"));
        }
    }
    found.sort_unstable();
    if found != (0..WRITERS * EACH).collect::<Vec<u64>>() {
        return Err(format!("{found:?}"));
    }
    Ok(())
}

#[test]
fn those_who_append_at_once_leave_no_gap_and_no_repeat() {
    assert_eq!(append_at_once(None), Ok(()));
}

#[test]
fn positions_that_are_taken_before_the_commit_are_noticed() {
    append_at_once(Some(SeededBug::PositionsBySequence)).unwrap_err();
}

#[test]
fn what_is_to_be_there_once_is_stored_once_whoever_tries() {
    const NAMES: usize = 15;
    let options = Cluster::shared().options();
    let logs: Vec<Arc<Log>> = (0..3).map(|_| opened(&options).unwrap()).collect();
    let tried: Vec<(usize, String)> = thread::scope(|scope| {
        #[expect(clippy::needless_collect, reason = "all are started before one is waited for")]
        let threads: Vec<_> = logs
            .iter()
            .map(|log| {
                scope.spawn(move || {
                    let register = |name: usize| {
                        let taken = json!({ "where": [{ "field": "payload.n", "operator": "eq", "value": name }] });
                        let answered = call(log, "appendEvent", &json!([{
                            "instanceId": "i", "streamId": format!("s{}", name % 4), "eventType": "made",
                            "payload": { "n": name }, "failIf": taken, "autoCreateInstance": true,
                        }]));
                        let outcome = if answered.is_success() { "stored" } else { answered.code() };
                        (name, outcome.to_owned())
                    };
                    (0..NAMES).map(register).collect::<Vec<_>>()
                })
            })
            .collect();
        threads
            .into_iter()
            .flat_map(|thread| thread.join().unwrap())
            .collect()
    });
    for name in 0..NAMES {
        let outcomes: Vec<&str> = tried
            .iter()
            .filter(|(tried, _)| *tried == name)
            .map(|(_, outcome)| outcome.as_str())
            .collect();
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| **outcome == "stored")
                .count(),
            1,
            "{name}: {outcomes:?}"
        );
        assert_eq!(
            outcomes
                .iter()
                .filter(|outcome| **outcome == "CONDITION_FAILED")
                .count(),
            2,
            "{name}: {outcomes:?}"
        );
    }
    assert_eq!(numbers(&logs[0]).len(), NAMES);
    check(&logs[0]);
    for log in logs {
        log.close_and_wait().unwrap();
    }
}

#[test]
fn what_another_has_done_is_known_before_anything_is_refused() {
    let options = Cluster::shared().options();
    let [first, second] = [(); 2].map(|()| opened(&options).unwrap());
    let expecting = |n: u64, sequence: u64| {
        json!([{
            "instanceId": "i", "eventType": "made", "payload": { "n": n }, "expectedSequence": sequence,
            "idempotencyKey": format!("key {n}"), "autoCreateInstance": true,
        }])
    };
    // Each time the other one has appended what this one does not know of.
    for n in 0..20 {
        let log = if n % 2 == 0 { &first } else { &second };
        let answered = call(log, "appendEvent", &expecting(n, n));
        assert!(answered.is_success(), "{n}: {answered:?}");
        let refused = call(
            if n % 2 == 0 { &second } else { &first },
            "appendEvent",
            &expecting(100 + n, n),
        );
        assert_eq!(refused.code(), "SEQUENCE_CONFLICT");
        let again = call(
            if n % 2 == 0 { &second } else { &first },
            "appendEvent",
            &expecting(n, n),
        );
        assert!(again.is_success(), "{again:?}");
    }
    assert_eq!(numbers(&first), (0..20).collect::<Vec<u64>>());

    // What one of them would refuse by what it knows, the other one has made possible.
    for n in 20..40 {
        let log = if n % 2 == 0 { &first } else { &second };
        let answered = call(log, "appendEvent", &expecting(n, n));
        assert!(answered.is_success(), "{n}: {answered:?}");
    }

    // A name leads to another instance once it was given to one.
    assert!(call(&first, "updateInstance", &json!(["i", { "name": "old" }])).is_success());
    assert!(call(&second, "updateInstance", &json!(["i", { "name": "new" }])).is_success());
    assert!(call(&second, "createInstance", &json!(["old"])).is_success());
    let event = json!([{ "instanceId": "old", "eventType": "made", "payload": { "n": 7 } }]);
    assert!(call(&first, "appendEvent", &event).is_success());
    assert_eq!(numbers(&first).len(), 40);
    assert!(call(&second, "deleteInstance", &json!(["old"])).is_success());
    assert_eq!(
        call(&first, "appendEvent", &event).code(),
        "INSTANCE_NOT_FOUND"
    );
    check(&second);
    first.close_and_wait().unwrap();
    second.close_and_wait().unwrap();
}

#[test]
fn a_stream_that_another_has_begun_is_not_taken_for_a_new_one() {
    let options = Cluster::shared().options();
    let logs = [(); 2].map(|()| opened(&options).unwrap());
    let event = |n: usize, sequence: Option<u64>| {
        json!([{
            "instanceId": "i", "streamId": format!("s{n}"), "eventType": "made", "payload": { "n": n },
            "expectedSequence": sequence, "autoCreateInstance": true,
        }])
    };
    // Each knows all streams but the last one, which the other has just begun.
    for n in 0..12 {
        let (own, other) = (&logs[n % 2], &logs[(n + 1) % 2]);
        assert!(call(own, "appendEvent", &event(n, Some(0))).is_success());
        let refused = call(other, "appendEvent", &event(n, Some(0)));
        assert_eq!(refused.code(), "SEQUENCE_CONFLICT");
        let n = n + 100;
        assert!(call(own, "appendEvent", &event(n, None)).is_success());
        assert!(call(other, "appendEvent", &event(n, None)).is_success());
        assert!(call(own, "appendEvent", &event(n, Some(2))).is_success());
    }
    check(&logs[0]);
    for log in logs {
        log.close_and_wait().unwrap();
    }
}

/// Says that an answer has come.
struct Bell(std::sync::mpsc::Sender<()>);

impl Recipient for Bell {
    fn receive_piece(&self, _: u32, _: &Piece, _: &Cancellation) {}

    fn receive(&self, _: u32, _: &Response) {
        self.0.send(()).unwrap();
    }
}

fn make(log: &Log, work: Work) -> std::sync::mpsc::Receiver<()> {
    let (sender, answered) = channel();
    log.call(Call::new(
        work,
        Arc::new(Bell(sender)),
        0,
        Cancellation::default(),
    ));
    answered
}

#[test]
fn who_waits_for_an_instance_is_woken_by_what_another_appends_to_it() {
    let options = Cluster::shared().options();
    let [reader, writer] = [(); 2].map(|()| opened(&options).unwrap());
    for n in 0..3 {
        assert!(append(&writer, n).is_success());
    }
    let options = json!({ "instance": "i" }).to_string();
    let reading = Arc::new(Reading::new(ReadingSource::Subscription, options));
    for n in 3..8 {
        // Up to the end, where there is something to wait for.
        make(&reader, reading.page())
            .recv_timeout(PATIENCE)
            .unwrap();
        make(&reader, reading.page())
            .recv_timeout(PATIENCE)
            .unwrap();
        let woken = make(&reader, reading.next_commit());
        assert!(append(&writer, n).is_success());
        woken.recv_timeout(PATIENCE).unwrap();
    }
    reading.interrupt();
    reader.close_and_wait().unwrap();
    writer.close_and_wait().unwrap();
}

#[test]
fn a_read_sees_what_was_answered_before_it_was_called_and_nothing_that_was_called_after_it() {
    let log = opened(&Cluster::shared().options()).unwrap();
    assert!(append(&log, 0).is_success());
    let count = json!([{ "from": { "instance": "i" }, "reduce": { "type": "count" } }]);
    for n in 1..60 {
        let read = begin(&log, "queryEvents", &count);
        let appended = begin(&log, "appendEvent", &numbered(n));
        let text = read.recv_timeout(PATIENCE).unwrap().text();
        assert!(
            text.contains(&format!("\"total\": Number({n})")),
            "{n}: {text}"
        );
        assert!(appended.recv_timeout(PATIENCE).unwrap().is_success());
    }
    log.close_and_wait().unwrap();
}

#[test]
fn appends_do_not_wait_for_checks_that_go_on() {
    let cluster = Cluster::shared();
    let options = cluster.options();
    let log = opened(&options).unwrap();
    let events = vec![json!({ "eventType": "made" }); 4096];
    let batch = json!([{ "instanceId": "i", "autoCreateInstance": true, "events": events }]);
    assert!(call(&log, "appendEvents", &batch).is_success());
    // A check looks at the summary of the block in the end, and finds the table locked.
    let schema = quoted_schema(&options);
    let held = cluster.hold(&format!(
        "LOCK TABLE {schema}.blocks IN ACCESS EXCLUSIVE MODE"
    ));
    let checks = [(); 4].map(|()| begin_check(&log));
    assert!(append(&log, 1).is_success());
    drop(held);
    for check in checks {
        let text = check.recv_timeout(PATIENCE).unwrap().text();
        assert!(text.contains("\"intact\": Bool(true)"), "{text}");
    }
    log.close_and_wait().unwrap();
}
