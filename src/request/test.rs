//! Tests of calls on a log as a whole.

mod together;
mod wire;

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};

use parking_lot::RwLock;
use tempfile::TempDir;

use super::caller::Caller;
use super::encryption::Revealing;
use super::extent::Extent;
use super::response::Answer;
use super::result::ResultWriter;
use super::work::{Changes, Follows, Reads, Woken};
use super::{Call, Log, LogOptions, Method, Piece, Recipient, Response, Work};
use crate::cancellation::Cancellation;
use crate::engine::Fault;
use crate::progress::Progress;
use crate::seam::{LogEngine, Operation, Preview, ReadSnapshot, Transaction};
use crate::testing::PATIENCE;

/// Hands on the text of each response.
struct Inbox(Sender<String>);

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, _: &Piece, _: &Cancellation) {}

    fn receive(&self, _: u32, response: &Response) {
        let mut text = String::new();
        response.write_values(&mut text);
        self.0.send(text).unwrap();
    }
}

/// Keeps the threads that answer until its gate is open.
struct Gated {
    gate: Arc<RwLock<()>>,
    passed: Arc<AtomicUsize>,
    inbox: Inbox,
}

impl Recipient for Gated {
    fn receive_piece(&self, number: u32, piece: &Piece, cancellation: &Cancellation) {
        self.inbox.receive_piece(number, piece, cancellation);
    }

    fn receive(&self, number: u32, response: &Response) {
        let _open = self.gate.read();
        self.passed.fetch_add(1, Ordering::SeqCst);
        self.inbox.receive(number, response);
    }
}

fn open_log(folder: &TempDir) -> Arc<Log> {
    let (sender, opened) = channel();
    let path = folder.path().join("log.redb");
    let done = Box::new(move |outcome| sender.send(outcome).unwrap());
    let log = Log::open(path, LogOptions::default(), done);
    opened.recv_timeout(PATIENCE).unwrap().unwrap();
    log
}

fn call(
    log: &Log,
    method: &str,
    arguments: &str,
    to: Arc<dyn Recipient>,
    cancellation: &Cancellation,
) {
    let method = Method::named(method).unwrap();
    let work = method.call(arguments.to_owned()).unwrap();
    log.call(Call::new(work, to, 0, cancellation.clone()));
}

fn next(answers: &Receiver<String>) -> String {
    answers.recv_timeout(PATIENCE).unwrap()
}

#[test]
fn appends_are_answered_while_a_thousand_queries_wait() {
    const MANY: usize = 1000;
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let wanted = Cancellation::default();
    let (sender, appended) = channel();
    let inbox = Arc::new(Inbox(sender));
    let append = |event_type| {
        let arguments = format!(
            r#"[{{"instanceId":"i","eventType":{event_type:?},"autoCreateInstance":true}}]"#
        );
        call(&log, "appendEvent", &arguments, inbox.clone(), &wanted);
    };
    append("before");
    assert!(next(&appended).starts_with("2,"));

    let (gate, passed) = (Arc::new(RwLock::new(())), Arc::new(AtomicUsize::new(0)));
    let (sender, queried) = channel();
    let gated = Arc::new(Gated {
        gate: Arc::clone(&gate),
        passed: Arc::clone(&passed),
        inbox: Inbox(sender),
    });
    let closed = gate.write();
    let query = r#"[{"from":{"instance":"i"},"limit":0,"where":[{"field":"event_type","operator":"eq","value":"before"}]}]"#;
    for _ in 0..MANY {
        call(&log, "queryEvents", query, gated.clone(), &wanted);
    }
    for _ in 0..MANY {
        append("after");
    }
    for _ in 0..MANY {
        assert!(next(&appended).starts_with("2,"));
    }
    assert_eq!(passed.load(Ordering::SeqCst), 0);
    drop(closed);
    for _ in 0..MANY {
        let answer = next(&queried);
        assert!(answer.contains("\"total\":1"), "{answer}");
    }
    log.close_and_wait().unwrap();
}

#[test]
fn a_read_that_was_called_off_is_not_begun() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let (sender, answers) = channel();
    let inbox = Arc::new(Inbox(sender));
    let realm = Cancellation::default();
    let (query, other) = (realm.part(), realm.part());
    query.cancel();
    // It has an argument that would be found to be wrong.
    call(&log, "queryEvents", "[5]", inbox.clone(), &query);
    assert!(next(&answers).ends_with("\"ABORTED\",null"));
    call(&log, "queryEvents", "[5]", inbox.clone(), &other);
    assert!(next(&answers).ends_with("\"INVALID_ARGUMENT\",null"));
    realm.cancel();
    call(&log, "listInstances", "[]", inbox.clone(), &realm);
    assert!(next(&answers).ends_with("\"ABORTED\",null"));
    // Changes are made, whether or not anybody is left to hear of them.
    call(&log, "createInstance", "[\"i\"]", inbox, &realm);
    assert!(next(&answers).starts_with("1,"));
    log.close_and_wait().unwrap();
}

/// Work of each kind that panics at some point.
struct Panics(&'static str);

impl Panics {
    fn at(&self, point: &str) {
        assert!(self.0 != point, "on purpose");
    }
}

impl Reads for Panics {
    fn extent(&self, _: &dyn ReadSnapshot) -> Result<Extent, Fault> {
        Ok(Extent::Small)
    }

    fn read(
        &mut self,
        _: &dyn ReadSnapshot,
        _: ResultWriter<'_>,
        _: &Revealing<'_>,
    ) -> Result<Answer, Fault> {
        self.at("read");
        Ok(Answer::of_data("null".to_owned()))
    }
}

impl Changes for Panics {
    fn bytes(&self) -> usize {
        0
    }

    fn prepare(&mut self, _: &dyn Preview, _: &Caller, _: usize) {
        self.at("prepare");
    }

    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        self.at("apply");
        batch.create(self.0, self.0, None)?;
        Ok(Answer::of_data("null".to_owned()))
    }
}

impl Follows for Panics {
    fn wait(&self, _: &dyn LogEngine, woken: Woken) {
        self.at("wait");
        woken(Ok(()));
    }

    fn interrupt(&self) {}
}

/// Panics when it is given a success.
struct PanicsOnce(Inbox);

impl Recipient for PanicsOnce {
    fn receive_piece(&self, _: u32, _: &Piece, _: &Cancellation) {}

    fn receive(&self, number: u32, response: &Response) {
        let mut text = String::new();
        response.write_values(&mut text);
        assert!(!text.starts_with('1'), "on purpose");
        self.0.receive(number, response);
    }
}

#[test]
fn a_panic_in_any_kind_of_work_is_answered_as_a_fault_of_this_package() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let (sender, answers) = channel();
    let inbox = Arc::new(Inbox(sender));
    let wanted = Cancellation::default();
    let works = [
        Work::Read(Box::new(Panics("read"))),
        Work::Change(Box::new(Panics("prepare"))),
        Work::Change(Box::new(Panics("apply"))),
        Work::Wait(Arc::new(Panics("wait"))),
    ];
    for work in works {
        log.call(Call::new(work, inbox.clone(), 0, wanted.clone()));
        let answer = next(&answers);
        assert!(answer.ends_with("\"INTERNAL\",null"), "{answer}");
        assert!(
            answer.contains("by a fault of codebolt-eventlog"),
            "{answer}"
        );
        assert!(
            answer.contains("on purpose (src/request/test.rs:"),
            "{answer}"
        );
    }
    call(&log, "getInstance", "[\"apply\"]", inbox.clone(), &wanted);
    assert!(next(&answers).contains("INSTANCE_NOT_FOUND"));
    // The log goes on.
    let work = Work::Change(Box::new(Panics("nowhere")));
    log.call(Call::new(work, inbox, 0, wanted));
    assert!(next(&answers).starts_with("1,"));
    log.close_and_wait().unwrap();
}

#[test]
fn a_panic_in_giving_the_answer_leaves_no_call_without_one() {
    let folder = tempfile::tempdir().unwrap();
    let log = open_log(&folder);
    let (sender, answers) = channel();
    let (inbox, panicking) = (
        Arc::new(Inbox(sender.clone())),
        Arc::new(PanicsOnce(Inbox(sender))),
    );
    let wanted = Cancellation::default();
    for (work, code) in [
        (Work::Read(Box::new(Panics("nowhere"))), "INTERNAL"),
        (Work::Change(Box::new(Panics("stored"))), "OUTCOME_UNKNOWN"),
        (
            Work::Operation(Ok(Operation::Verify), Progress::default()),
            "INTERNAL",
        ),
        (Work::Wait(Arc::new(Panics("nowhere"))), "INTERNAL"),
    ] {
        log.call(Call::new(work, panicking.clone(), 0, wanted.clone()));
        let answer = next(&answers);
        assert!(answer.contains(&format!("\"{code}\"")), "{answer}");
        assert!(answer.contains("on purpose"), "{answer}");
    }
    // What was not known was that it is stored.
    call(&log, "getInstance", "[\"stored\"]", inbox, &wanted);
    assert!(next(&answers).starts_with("1,"));
    log.close_and_wait().unwrap();
}
