//! Calls of a log, and what they are answered with.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::request::{Call, Log, LogOptions, Method, Piece, Recipient, Response, Work};
pub(crate) use codebolt_eventlog::testing::PATIENCE;
use codebolt_eventlog_postgres::Options;
use serde_json::Value;

/// Starts to open a log.
pub(crate) fn open(options: &Options, done: codebolt_eventlog::request::Done) -> Arc<Log> {
    let own = options.clone();
    let opener = move |unwanted: &Cancellation| codebolt_eventlog_postgres::open(&own, unwanted);
    Log::open_by(Box::new(opener), &LogOptions::default(), done)
}

/// Opens a log.
pub(crate) fn opened(options: &Options) -> Result<Arc<Log>, codebolt_eventlog::error::Error> {
    let (sender, outcomes) = channel();
    let log = open(
        options,
        Box::new(move |outcome| sender.send(outcome).unwrap()),
    );
    outcomes.recv_timeout(PATIENCE).unwrap().map(|()| log)
}

/// Why a log cannot be opened.
pub(crate) fn refused(options: &Options) -> codebolt_eventlog::error::Error {
    opened(options).err().unwrap()
}

/// What a call was answered with: the values of its response, and the pieces that came before it.
#[derive(Clone, Debug)]
pub(crate) struct Answered {
    pub(crate) values: Vec<Value>,
    pub(crate) pieces: Vec<Value>,
}

impl Answered {
    pub(crate) fn is_success(&self) -> bool {
        self.values[0] != 0
    }

    /// The code of a failure.
    pub(crate) fn code(&self) -> &str {
        assert!(!self.is_success(), "{self:?}");
        self.values
            .iter()
            .filter_map(Value::as_str)
            .find(|text| is_code(text))
            .unwrap()
    }

    /// The numbers of its events, in their order.
    pub(crate) fn numbers(&self) -> Vec<u64> {
        let mut found = Vec::new();
        for value in self.pieces.iter().chain(&self.values) {
            collect(value, &mut found);
        }
        found
    }

    /// All of it as text.
    pub(crate) fn text(&self) -> String {
        format!("{:?}{:?}", self.pieces, self.values)
    }
}

fn is_code(text: &str) -> bool {
    text.chars()
        .all(|letter| letter.is_ascii_uppercase() || letter == '_')
}

struct Inbox {
    pieces: parking_lot::Mutex<Vec<Value>>,
    sender: Sender<Answered>,
}

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        let mut text = String::new();
        piece.write_values(&mut text);
        self.pieces
            .lock()
            .push(serde_json::from_str(&format!("[{text}]")).unwrap());
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut text = String::new();
        response.write_values(&mut text);
        let values = serde_json::from_str(&format!("[{text}]")).unwrap();
        let pieces = std::mem::take(&mut *self.pieces.lock());
        // Whoever does not wait for it does not want to know.
        let _ = self.sender.send(Answered { values, pieces });
    }
}

/// Has some work done, whose answer comes.
pub(crate) fn begin_work(log: &Log, work: Work) -> Receiver<Answered> {
    begin_unless(log, work, Cancellation::default())
}

/// The same, unless it is called off.
pub(crate) fn begin_unless(
    log: &Log,
    work: Work,
    cancellation: Cancellation,
) -> Receiver<Answered> {
    let (sender, answers) = channel();
    let inbox = Inbox {
        pieces: parking_lot::Mutex::default(),
        sender,
    };
    log.call(Call::new(work, Arc::new(inbox), 0, cancellation));
    answers
}

/// Makes a call, whose answer comes.
pub(crate) fn begin(log: &Log, method: &str, arguments: &Value) -> Receiver<Answered> {
    let method = Method::named(method).unwrap();
    begin_work(log, method.call(arguments.to_string()).unwrap())
}

/// Makes a call, and waits for its answer.
pub(crate) fn call(log: &Log, method: &str, arguments: &Value) -> Answered {
    begin(log, method, arguments)
        .recv_timeout(PATIENCE)
        .unwrap()
}

/// Appends an event that has a number.
pub(crate) fn append(log: &Log, n: u64) -> Answered {
    call(log, "appendEvent", &numbered(n))
}

/// The arguments of a call that appends an event with a number.
pub(crate) fn numbered(n: u64) -> Value {
    serde_json::json!([{
        "instanceId": "i", "eventType": "made", "payload": { "n": n }, "autoCreateInstance": true,
    }])
}

/// The numbers of all events, in the order of the log.
pub(crate) fn numbers(log: &Log) -> Vec<u64> {
    let query = serde_json::json!([{ "from": { "instance": "i" }, "select": ["payload.n"], "limit": 100_000 }]);
    let answered = call(log, "queryEvents", &query);
    assert!(answered.is_success(), "{answered:?}");
    answered.numbers()
}

/// All that stands under the key `n`, however deep.
fn collect(value: &Value, found: &mut Vec<u64>) {
    match value {
        Value::Array(elements) => elements.iter().for_each(|element| collect(element, found)),
        Value::Object(members) => {
            for (key, member) in members {
                match member.as_u64().filter(|_| key == "n") {
                    Some(n) => found.push(n),
                    None => collect(member, found),
                }
            }
        }
        _ => {}
    }
}

/// Begins a check.
pub(crate) fn begin_check(log: &Log) -> Receiver<Answered> {
    let method = Method::named("verify").unwrap();
    let progress = codebolt_eventlog::progress::Progress::default();
    begin_work(log, method.operation("[]", progress).unwrap())
}

/// What `verify` says.
pub(crate) fn verified(log: &Log) -> String {
    begin_check(log).recv_timeout(PATIENCE).unwrap().text()
}

/// Checks that everything in the log is as it has to be.
pub(crate) fn check(log: &Log) {
    let found = verified(log);
    assert!(found.contains("\"intact\": Bool(true)"), "{found}");
}
