//! One call: its method, its arguments as JSON text, and where its response goes.

use std::sync::Arc;
use std::time::Instant;

use serde_json::value::RawValue;

use super::caller::Caller;
use super::change::Change;
use super::delivery::{Delivery, Recipient};
use super::fields::Elements;
use super::flight::{Flight, Ticket};
use super::guarded::guarded;
use super::method::Method;
use super::operation::{self, Operation};
use super::reading::{Move, Reading};
use super::response::Answer;
use super::result::ResultWriter;
use super::transfer::{Export, Lines};
use super::{consumers, instances, projections, query, streams};
use crate::cancellation::Cancellation;
use crate::engine::{Engine, Fault, Snapshot};
use crate::error::{Code, Error};
use crate::progress::Progress;

/// What a call is about, if it is more than its arguments.
pub(super) enum Subject {
    /// It takes a step of that.
    Export(Arc<Export>),
    /// It takes a step of that.
    Import(Lines),
    /// It takes a step of that.
    Reading(Arc<Reading>),
    /// It changes where the consumer of that stands.
    Consumer(Arc<Reading>, Move),
    /// It does all of that, and tells how far it is.
    Operation(Operation, Progress),
    /// It compacts the file, unless that is called off before it begins.
    Compaction(Progress),
}

/// A call that waits to be run. However it ends, it is answered once.
pub struct Call {
    pub(super) method: Method,
    pub(super) arguments: String,
    pub(super) subject: Option<Subject>,
    pub(super) caller: Caller,
    delivery: Delivery,
    /// Raised once nobody wants what the call reads. Changes are made all the same.
    cancellation: Cancellation,
    /// Given back only after the answer.
    ticket: Option<Ticket>,
    /// When it was made.
    pub(super) since: Instant,
}

impl Call {
    /// Makes a call; `arguments` is the JSON text of an array of them. The recipient gets the
    /// response under `number`, whether or not a `cancellation` cuts the reading short.
    #[must_use]
    pub fn new(
        method: Method,
        arguments: String,
        recipient: Arc<dyn Recipient>,
        number: u32,
        cancellation: Cancellation,
    ) -> Self {
        Self {
            method,
            arguments,
            subject: None,
            caller: Caller::default(),
            delivery: Delivery::new(recipient, number),
            cancellation,
            ticket: None,
            since: Instant::now(),
        }
    }

    /// Makes a call for the next step of an export. Its answer says how far that has come.
    #[must_use]
    pub fn export(
        export: Arc<Export>,
        recipient: Arc<dyn Recipient>,
        number: u32,
        cancellation: Cancellation,
    ) -> Self {
        let (method, none) = (Method::ExportEvents, String::new());
        let mut call = Self::new(method, none, recipient, number, cancellation);
        call.subject = Some(Subject::Export(export));
        call
    }

    /// Makes a call that stores the next lines of an import, all of them or none. Its answer says how
    /// far that has come.
    #[must_use]
    pub fn import(
        lines: Lines,
        recipient: Arc<dyn Recipient>,
        number: u32,
        cancellation: Cancellation,
    ) -> Self {
        let (method, none) = (Method::ImportEvents, String::new());
        let mut call = Self::new(method, none, recipient, number, cancellation);
        call.subject = Some(Subject::Import(lines));
        call
    }

    /// Makes a call for the next page of a reading. Its answer has the events, and says whether there are
    /// more.
    #[must_use]
    pub fn reading(
        reading: Arc<Reading>,
        recipient: Arc<dyn Recipient>,
        number: u32,
        cancellation: Cancellation,
    ) -> Self {
        let (method, none) = (Method::ReadEvents, String::new());
        let mut call = Self::new(method, none, recipient, number, cancellation);
        call.subject = Some(Subject::Reading(reading));
        call
    }

    /// Makes a call that changes where the consumer of a subscription stands.
    #[must_use]
    pub fn consuming(
        reading: Arc<Reading>,
        change: Move,
        recipient: Arc<dyn Recipient>,
        number: u32,
        cancellation: Cancellation,
    ) -> Self {
        let (method, none) = (Method::MoveConsumer, String::new());
        let mut call = Self::new(method, none, recipient, number, cancellation);
        call.subject = Some(Subject::Consumer(reading, change));
        call
    }

    /// Makes a call of what an operator asks for: `Verify`, `Backup` or `Compact`. The `progress` tells how
    /// far it is, and calls it off. It is answered once nothing of it is left to do.
    #[must_use]
    pub fn operation(
        method: Method,
        arguments: &str,
        progress: Progress,
        recipient: Arc<dyn Recipient>,
        number: u32,
    ) -> Self {
        let cancellation = progress.cancellation().clone();
        let mut call = Self::new(method, String::new(), recipient, number, cancellation);
        call.subject = Some(match method {
            Method::Backup => Subject::Operation(Operation::backup(arguments), progress),
            Method::Compact => Subject::Compaction(progress),
            _ => Subject::Operation(Operation::Verify, progress),
        });
        call
    }

    /// The bytes that the call holds while it waits, towards the limit on them. Imports do not count:
    /// each has one call in flight, of a bounded size, and waits where others would be refused.
    pub(super) const fn bytes(&self) -> usize {
        self.arguments.len()
    }

    /// Whether the call changes the log.
    pub(super) const fn writes(&self) -> bool {
        self.method.writes()
    }

    const fn is_operation(&self) -> bool {
        matches!(self.subject, Some(Subject::Operation(..)))
    }

    /// Counts the call as in flight until it is answered. An operation may have files that are to be removed,
    /// so that it is waited for as changes are.
    pub(super) fn board(&mut self, flight: &Arc<Flight>) {
        let is_waited_for = self.writes() || self.is_operation();
        self.ticket = Some(flight.board(is_waited_for));
    }

    /// Makes a call that is answered once there are commits which a subscription has not seen, or it is
    /// [interrupted](Reading::interrupt).
    #[must_use]
    pub fn awaiting(
        reading: Arc<Reading>,
        recipient: Arc<dyn Recipient>,
        number: u32,
        cancellation: Cancellation,
    ) -> Self {
        let mut call = Self::reading(reading, recipient, number, cancellation);
        call.method = Method::AwaitEvents;
        call
    }

    /// The subscription that waits by this call, if it is such a call.
    pub(super) fn subscription(&self) -> Option<&Arc<Reading>> {
        match &self.subject {
            Some(Subject::Reading(reading)) if self.method == Method::AwaitEvents => Some(reading),
            _ => None,
        }
    }

    /// Hands the call to the engine's writer or readers, or has it wait for a commit.
    pub(super) fn run(mut self, engine: &Engine) {
        if let Some(reading) = self.subscription() {
            Arc::clone(reading).wait(engine, self);
            return;
        }
        let subject = self.subject.take();
        if let Some(Subject::Compaction(progress)) = subject {
            return engine.compact(progress, move |compacted| {
                self.answer(compacted.map(operation::compacted));
            });
        }
        if let Some(Subject::Operation(operation, progress)) = subject {
            return engine.operate(move |snapshot| {
                let outcome = snapshot.and_then(|snapshot| operation.run(snapshot, &progress));
                self.answer(outcome);
            });
        }
        self.subject = subject;
        if self.method.writes() {
            let job = Change::new(self, engine.options().event_bytes_max);
            if let Err((job, error)) = engine.submit(Box::new(job)) {
                job.finish(Err(error));
            }
        } else {
            engine.read(move |snapshot| {
                let outcome = snapshot.and_then(|snapshot| self.read(&snapshot));
                self.answer(outcome);
            });
        }
    }

    /// Answers with a failure.
    pub(super) fn refuse(self, error: Error) {
        self.answer(Err(error));
    }

    /// Answers a call that has waited. What there is to read is for the next step to find out.
    pub(super) fn wake(self) {
        self.answer(Ok(Answer::of_data("null".to_owned())));
    }

    pub(super) fn answer(mut self, outcome: Result<Answer, Error>) {
        self.delivery.answer(outcome);
    }

    fn read(&mut self, snapshot: &Snapshot) -> Result<Answer, Error> {
        let Self {
            method,
            arguments,
            subject,
            delivery,
            cancellation,
            ..
        } = self;
        let read = || -> Result<Answer, Fault> {
            cancellation.check()?;
            match subject {
                Some(Subject::Export(export)) => return export.step(snapshot),
                Some(Subject::Reading(reading)) => {
                    return reading.step(snapshot, ResultWriter::new(delivery, cancellation));
                }
                _ => {}
            }
            let arguments = Arguments::parse(arguments)?;
            match method {
                Method::GetInstance => instances::get(arguments.get(0), snapshot),
                Method::ListInstances => instances::list(snapshot),
                Method::GetInstanceStats => instances::stats(arguments.get(0), snapshot),
                Method::ListStreams => streams::list(arguments.get(0), snapshot),
                Method::LoadSnapshot => projections::load(arguments.get(0), snapshot),
                Method::ListConsumers => consumers::list(arguments.get(0), snapshot),
                _ => {
                    let writer = ResultWriter::new(delivery, cancellation);
                    query::query_events(arguments.get(0), snapshot, cancellation, writer)
                }
            }
        };
        guarded(snapshot, read)
    }
}

impl Drop for Call {
    /// Answers a call that was lost in a panic. What became of a change is not known here.
    fn drop(&mut self) {
        if !self.delivery.is_answered() {
            let code = if self.method.writes() {
                Code::OutcomeUnknown
            } else {
                Code::Corrupted
            };
            let error = Error::new(code, "the call failed unexpectedly, as none should");
            self.delivery.answer(Err(error));
        }
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
