//! A process that makes calls.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, Sender, channel};

use parking_lot::Mutex;
use serde_json::{Value, json};

use super::model::{Event, Found};
use super::parking::KEEPER;
use crate::cancellation::Cancellation;
use crate::engine::Engine;
use crate::engine::test::SiteProcess;
use crate::error::Error;
use crate::progress::Progress;
use crate::request::reading::{Move, ReadingSource};
use crate::request::{Call, Method, Piece, Reading, Recipient, Response, Work};
use crate::testing::{self, PATIENCE};

/// After a fault, in so many steps calls may be told of it: of the one that met it, and of the one
/// after a checkpoint that met it beside the calls.
const STEPS_FAILING: usize = 3;

pub(super) struct Process {
    pub(super) site: SiteProcess,
    /// Whether it keeps other processes out.
    pub(super) exclusive: bool,
    engine: Option<Engine>,
    pub(super) followers: Vec<Follower>,
    faults: usize,
    pub(super) grace: usize,
}

/// A subscription under way.
pub(super) struct Follower {
    pub(super) reading: Arc<Reading>,
    /// The position that comes next.
    pub(super) next: u64,
    /// Whether it has a consumer.
    pub(super) consumes: bool,
}

/// What a call was answered with.
#[derive(Debug)]
pub(super) enum Outcome {
    Success(Values),
    Failure { code: String, conflict: Value },
}

/// The values of a response, and the events that came with it.
#[derive(Debug)]
pub(super) struct Values {
    pub(super) response: Vec<Value>,
    pub(super) events: Vec<Event>,
}

/// A call that is waited for.
pub(super) struct Waiting(Receiver<Vec<Vec<Value>>>);

/// Keeps the values of pieces until the response comes.
struct Inbox {
    came: Mutex<Vec<Vec<Value>>>,
    answered: Sender<Vec<Vec<Value>>>,
}

fn values(write: impl FnOnce(&mut String)) -> Vec<Value> {
    let mut text = String::from("[");
    write(&mut text);
    text.push(']');
    serde_json::from_str(&text).unwrap()
}

impl Recipient for Inbox {
    fn receive_piece(&self, _: u32, piece: &Piece, _: &Cancellation) {
        let piece = values(|out| piece.write_values(out));
        self.came.lock().push(piece);
    }

    fn receive(&self, _: u32, response: &Response) {
        let mut came = std::mem::take(&mut *self.came.lock());
        came.push(values(|out| response.write_values(out)));
        self.answered.send(came).unwrap();
    }
}

/// The events of a piece of kind 7.
fn events_of(piece: &[Value]) -> Vec<Event> {
    if piece.first() != Some(&json!(7)) {
        return Vec::new();
    }
    // Of an event of which fields were erased, the payload that is left stands beside when and why.
    let payload = |event: &[Value]| event[6].get(1).unwrap_or(&event[5]).clone();
    let events = testing::events_of(piece).into_iter().map(|event| Event {
        position: event[7].as_u64().unwrap(),
        stream: event[1].as_str().unwrap().to_owned(),
        sequence: event[4].as_u64().unwrap(),
        payload: payload(&event),
    });
    events.collect()
}

/// The response of kind 12 with its data, of which the first elements have come before.
fn with_list(came: &[Vec<Value>], mut response: Vec<Value>) -> Vec<Value> {
    let last = response.split_off(5);
    let pieces = came.iter().chain([&last]);
    let elements = pieces.flat_map(|piece| piece[2..].to_vec()).collect();
    let mut data = response.pop().unwrap();
    let key = response.pop().unwrap();
    data[key.as_str().unwrap()] = Value::Array(elements);
    response.push(data);
    response
}

impl Waiting {
    /// The answer.
    pub(super) fn outcome(self) -> Outcome {
        let mut came = self.0.recv_timeout(PATIENCE).unwrap();
        let response = came.pop().unwrap();
        if response[0] == 0 {
            return Outcome::Failure {
                code: response[3].as_str().unwrap().to_owned(),
                conflict: response[4].clone(),
            };
        }
        let mut events: Vec<Event> = came.iter().flat_map(|piece| events_of(piece)).collect();
        let is_list = response[0] == 12;
        if response[0] == 6 || is_list {
            events.extend(events_of(&response[5..]));
        }
        let response = match is_list && response[5] == 5 {
            true => with_list(&came, response),
            false => response,
        };
        Outcome::Success(Values { response, events })
    }
}

impl Process {
    pub(super) fn new(site: SiteProcess, exclusive: bool) -> Self {
        Self {
            site,
            exclusive,
            engine: None,
            followers: Vec::new(),
            faults: 0,
            grace: 0,
        }
    }

    /// As a process that has the log open.
    pub(super) fn opened(mut self) -> Result<Self, Error> {
        self.engine = Some(self.open_site()?);
        Ok(self)
    }

    fn open_site(&self) -> Result<Engine, Error> {
        match self.exclusive {
            true => self.site.open_exclusive(),
            false => self.site.open(false),
        }
    }

    pub(super) fn engine(&self) -> &Engine {
        self.engine.as_ref().unwrap()
    }

    pub(super) fn is_open(&self) -> bool {
        self.engine.is_some()
    }

    pub(super) fn met_faults(&mut self) {
        let faults = self.site.faults();
        if faults != self.faults {
            self.faults = faults;
            self.grace = STEPS_FAILING;
        }
    }

    pub(super) fn may_fail(&self) -> bool {
        self.grace > 0 || self.site.is_dead()
    }

    /// Opens the log if it is not open.
    pub(super) fn open(&mut self) {
        if self.engine.is_some() {
            return;
        }
        let opened = self.open_site();
        self.met_faults();
        match opened {
            Ok(engine) => self.engine = Some(engine),
            Err(_) if self.may_fail() => self.site.heal(),
            Err(error) => panic!("opening: {error}"),
        }
    }

    pub(super) fn close(&mut self) {
        self.followers.clear();
        if let Some(engine) = self.engine.take() {
            let closed = engine.close();
            self.met_faults();
            if let Err(error) = closed {
                assert!(self.may_fail(), "closing: {error}");
            }
        }
    }

    /// Ends, whatever closing meets: there is nobody to hear of it.
    pub(super) fn leave(&mut self) {
        self.followers.clear();
        if let Some(engine) = self.engine.take() {
            let _ = engine.close();
        }
    }

    fn make(&self, work: Work) -> Waiting {
        let (answered, answer) = channel();
        let came = Mutex::default();
        let inbox = Arc::new(Inbox { came, answered });
        Call::new(work, inbox, 0, Cancellation::default()).run(self.engine());
        Waiting(answer)
    }

    /// Calls a method with these arguments.
    pub(super) fn call(&self, method: &str, arguments: &[&Value]) -> Waiting {
        let method = Method::named(method).unwrap();
        self.make(method.call(json!(arguments).to_string()).unwrap())
    }

    /// Does what is asked of the whole log.
    pub(super) fn operate(&self, method: &str, argument: &Value) -> Waiting {
        let method = Method::named(method).unwrap();
        let arguments = json!([argument]).to_string();
        self.make(method.operation(&arguments, Progress::default()).unwrap())
    }

    /// Makes the next step of a reading.
    pub(super) fn read(&self, reading: &Arc<Reading>) -> Waiting {
        self.make(reading.page())
    }

    /// Waits for commits that a subscription has not seen.
    pub(super) fn wait_for_events(&self, reading: &Arc<Reading>) -> Waiting {
        self.make(reading.next_commit())
    }

    pub(super) fn move_consumer(&self, reading: &Arc<Reading>, change: Move) -> Waiting {
        self.make(reading.moving(change))
    }

    /// Reads all events after a position.
    pub(super) fn read_all(&self, after: u64) -> Result<Vec<Event>, Outcome> {
        self.read_with(&json!({ "instance": "log", "afterPosition": after }))
    }

    /// Reads all events that the options of `readAll` ask for.
    pub(super) fn read_with(&self, options: &Value) -> Result<Vec<Event>, Outcome> {
        let reading = Arc::new(Reading::new(ReadingSource::Instance, options.to_string()));
        let mut events = Vec::new();
        loop {
            match self.read(&reading).outcome() {
                Outcome::Success(page) => {
                    events.extend(page.events);
                    if page.response[4]["ended"] == true {
                        return Ok(events);
                    }
                }
                failure @ Outcome::Failure { .. } => return Err(failure),
            }
        }
    }

    /// What a log has that is not used by others.
    pub(super) fn look(&self, checkpoints: &[(u64, Value)]) -> Found {
        let data = |waiting: Waiting| match waiting.outcome() {
            Outcome::Success(mut found) => found.response.pop().unwrap(),
            failure @ Outcome::Failure { .. } => panic!("{failure:?}"),
        };
        if data(self.call("listInstances", &[]))["instances"] == json!([]) {
            return Found::default();
        }
        let consumers = data(self.call("listConsumers", &[&json!({ "instance": "log" })]));
        let keeper = json!({ "instance": "log", "consumer": KEEPER, "limit": 10_000 });
        let parked = match self.call("listParked", &[&keeper]).outcome() {
            Outcome::Success(mut found) => found.response.pop().unwrap(),
            // It was lost before it was made.
            Outcome::Failure { code, .. } if code == "CONSUMER_NOT_FOUND" => Value::Null,
            failure @ Outcome::Failure { .. } => panic!("{failure:?}"),
        };
        let snapshot = json!({ "instance": "log", "name": "sums", "identity": "v1" });
        let snapshot = data(self.call("loadSnapshot", &[&snapshot]));
        let sizes: Vec<u64> = checkpoints.iter().map(|(size, _)| *size).collect();
        let tree = json!({ "instance": "log", "sizes": sizes });
        let tree = data(self.call("checkTree", &[&tree]));
        Found {
            tree,
            events: self.read_all(0).unwrap(),
            consumers,
            parked: parked["parked"].clone(),
            snapshot: snapshot["snapshot"].clone(),
        }
    }
}
