//! One call: its method, its arguments as JSON text, and where its response goes.

use std::panic::{AssertUnwindSafe, catch_unwind};

use serde_json::value::RawValue;

use super::fields::Elements;
use super::response::{Answer, envelope};
use super::{append, instances, query};
use crate::engine::{Batch, Engine, Fault, Job, Snapshot};
use crate::error::{Code, Error};

/// A method of the log.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Method {
    /// `createInstance(name, description?)`
    CreateInstance,
    /// `getInstance(instanceId)`
    GetInstance,
    /// `listInstances()`
    ListInstances,
    /// `updateInstance(instanceId, updates)`
    UpdateInstance,
    /// `deleteInstance(instanceId)`
    DeleteInstance,
    /// `appendEvent(params)`
    AppendEvent,
    /// `appendEvents(params)`
    AppendEvents,
    /// `queryEvents(query)`
    QueryEvents,
    /// `getInstanceStats(instanceId)`
    GetInstanceStats,
}

impl Method {
    /// Every method.
    pub const ALL: [Self; 9] = [
        Self::CreateInstance,
        Self::GetInstance,
        Self::ListInstances,
        Self::UpdateInstance,
        Self::DeleteInstance,
        Self::AppendEvent,
        Self::AppendEvents,
        Self::QueryEvents,
        Self::GetInstanceStats,
    ];

    /// The method's name in JavaScript.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::CreateInstance => "createInstance",
            Self::GetInstance => "getInstance",
            Self::ListInstances => "listInstances",
            Self::UpdateInstance => "updateInstance",
            Self::DeleteInstance => "deleteInstance",
            Self::AppendEvent => "appendEvent",
            Self::AppendEvents => "appendEvents",
            Self::QueryEvents => "queryEvents",
            Self::GetInstanceStats => "getInstanceStats",
        }
    }

    /// Whether the method changes the log.
    #[must_use]
    pub const fn writes(self) -> bool {
        !matches!(
            self,
            Self::GetInstance | Self::ListInstances | Self::QueryEvents | Self::GetInstanceStats
        )
    }
}

/// Takes a response's JSON text. It is called once, on any thread.
pub type Respond = Box<dyn FnOnce(String) + Send>;

/// A call that waits to be run.
pub struct Call {
    method: Method,
    arguments: String,
    respond: Respond,
}

impl Call {
    /// Makes a call; `arguments` is the JSON text of an array of them.
    #[must_use]
    pub fn new(method: Method, arguments: String, respond: Respond) -> Self {
        Self {
            method,
            arguments,
            respond,
        }
    }

    /// Hands the call to the engine's writer or readers.
    pub(super) fn run(self, engine: &Engine) {
        if self.method.writes() {
            let job = Change {
                call: self,
                event_bytes_max: engine.options().event_bytes_max,
                answer: Answer::default(),
            };
            if let Err((job, error)) = engine.submit(Box::new(job)) {
                job.finish(Err(error));
            }
        } else {
            engine.read(move |snapshot| {
                let outcome = snapshot.and_then(|snapshot| self.read(&snapshot));
                self.answer(&outcome);
            });
        }
    }

    /// Answers with a failure.
    pub(super) fn refuse(self, error: Error) {
        self.answer(&Err(error));
    }

    fn answer(self, outcome: &Result<Answer, Error>) {
        (self.respond)(envelope(self.method, outcome));
    }

    fn read(&self, snapshot: &Snapshot) -> Result<Answer, Error> {
        let read = || -> Result<Answer, Fault> {
            let arguments = Arguments::parse(&self.arguments)?;
            match self.method {
                Method::GetInstance => instances::get(arguments.get(0), snapshot),
                Method::ListInstances => instances::list(snapshot),
                Method::GetInstanceStats => instances::stats(arguments.get(0), snapshot),
                _ => query::query_events(arguments.get(0), snapshot),
            }
        };
        match catch_unwind(AssertUnwindSafe(read)) {
            Ok(answer) => answer.map_err(Error::from),
            Err(panic) => Err(Error::new(
                Code::StorageFailed,
                format!(
                    "the reader failed unexpectedly: {}",
                    crate::error::panic_text(&*panic)
                ),
            )),
        }
    }
}

/// A call that changes the log.
struct Change {
    call: Call,
    event_bytes_max: usize,
    answer: Answer,
}

impl Job for Change {
    fn bytes(&self) -> usize {
        self.call.arguments.len()
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        let arguments = Arguments::parse(&self.call.arguments)?;
        let (first, second) = (arguments.get(0), arguments.get(1));
        let params = || first.ok_or_else(|| Error::expected("params", "an object", "nothing"));
        self.answer = match self.call.method {
            Method::CreateInstance => instances::create(first, second, batch),
            Method::UpdateInstance => instances::update(first, second, batch),
            Method::DeleteInstance => instances::delete(first, batch),
            Method::AppendEvents => append::append_events(params()?, self.event_bytes_max, batch),
            _ => append::append_event(params()?, self.event_bytes_max, batch),
        }?;
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { call, answer, .. } = *self;
        call.answer(&outcome.map(|()| answer));
    }
}

/// The arguments of a call. One that is `null` was `undefined` or left out.
pub(super) struct Arguments<'a>(Elements<'a>);

impl<'a> Arguments<'a> {
    pub(super) fn parse(text: &'a str) -> Result<Self, Error> {
        Elements::parse(text, "arguments").map(Self)
    }

    pub(super) fn get(&self, index: usize) -> Option<&'a RawValue> {
        let Self(Elements(elements)) = self;
        elements
            .get(index)
            .copied()
            .filter(|raw| raw.get() != "null")
    }
}
