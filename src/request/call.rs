//! One call: what it does, and where its response goes.

use std::sync::Arc;
use std::time::Instant;

use super::caller::Caller;
use super::delivery::{Delivery, Recipient};
use super::encryption::{Keys, Revealing};
use super::extent::Extent;
use super::flight::{Flight, Ticket};
use super::json_response::JsonEnvelope;
use super::operation;
use super::response::Answer;
use super::result::ResultWriter;
use super::retained::RetainedSnapshot;
use super::work::{Changes, Follows, Reads, Work};
use crate::cancellation::Cancellation;
use crate::engine::{Fault, Pace};
use crate::error::{Code, Error};
use crate::panic::{caught, panic_of_unwinding};
use crate::seam::{
    LogEngine, Preview, QueuedChange, QueuedRead, ReadSnapshot, Transaction, guarded,
};

/// A call that waits to be run. However it ends, it is answered once.
pub struct Call {
    work: Work,
    caller: Caller,
    reply: Reply,
}

/// The answer that a call is owed.
struct Reply {
    delivery: Delivery,
    /// Raised once nobody wants what the call reads. Changes are made all the same.
    cancellation: Cancellation,
    /// Whether the call changes the log.
    writes: bool,
    /// Given back only after the answer.
    ticket: Option<Ticket>,
    /// When the call was made.
    since: Instant,
}

impl Call {
    /// Makes a call. The recipient gets the response under `number`, whether or not a `cancellation` cuts the
    /// reading short. An operation is called off by its progress instead.
    #[must_use]
    pub fn new(
        work: Work,
        recipient: Arc<dyn Recipient>,
        number: u32,
        cancellation: Cancellation,
    ) -> Self {
        let reply = Reply {
            delivery: Delivery::new(recipient, number),
            cancellation,
            writes: work.writes(),
            ticket: None,
            since: Instant::now(),
        };
        Self {
            work,
            caller: Caller::default(),
            reply,
        }
    }

    /// Has the call answered with JSON text, in that envelope.
    #[must_use]
    pub fn in_json(mut self, envelope: JsonEnvelope) -> Self {
        self.reply.delivery.in_json(envelope);
        self
    }

    /// Says what holds for the call because of the log that it is made on.
    pub(super) fn made_by(&mut self, caller: Caller) {
        self.caller = caller;
    }

    /// The bytes that the call holds while it waits, towards the limit on them.
    pub(super) fn bytes(&self) -> usize {
        self.work.bytes()
    }

    /// Whether the call changes the log.
    pub(super) const fn writes(&self) -> bool {
        self.reply.writes
    }

    /// Counts the call as in flight until it is answered.
    pub(super) fn board(&mut self, flight: &Arc<Flight>) {
        self.reply.ticket = Some(flight.board(self.work.is_waited_for()));
    }

    /// Who waits by this call for a commit, if it is such a call.
    pub(super) const fn follower(&self) -> Option<&Arc<dyn Follows>> {
        match &self.work {
            Work::Wait(follower) => Some(follower),
            Work::Read(_) | Work::Change(_) | Work::Operation(..) => None,
        }
    }

    /// Hands the call to the engine's writer or readers, or has it wait for a commit.
    pub(super) fn run(self, engine: &dyn LogEngine) {
        let Self {
            work,
            caller,
            reply,
        } = self;
        match work {
            Work::Read(work) => engine.read(Box::new(ReadCall {
                work,
                keys: caller.keys,
                reply,
            })),
            Work::Change(change) => {
                let event_bytes_max = engine.event_bytes_max();
                engine.change(ChangeJob::of(change, caller, reply, event_bytes_max));
            }
            Work::Operation(Ok(operation), progress) => {
                let done =
                    |operated: Result<_, Error>| reply.answer(operated.map(operation::answer));
                engine.operate(operation, progress, Box::new(done));
            }
            Work::Operation(Err(error), progress) => {
                reply.answer(progress.check().and(Err(error)));
            }
            Work::Wait(follower) => {
                let woken = move |outcome: Result<(), Error>| {
                    // What there is to read is for the next step to find out.
                    reply.answer(outcome.map(|()| Answer::of_data("null".to_owned())));
                };
                follower.wait(engine, Box::new(woken));
            }
        }
    }

    /// What the engine takes of a call that changes the log.
    ///
    /// # Errors
    ///
    /// The call, if it does something else.
    pub(super) fn into_change(
        self,
        event_bytes_max: usize,
    ) -> Result<Box<dyn QueuedChange>, Box<Self>> {
        match self.work {
            Work::Change(change) => {
                let (caller, reply) = (self.caller, self.reply);
                Ok(ChangeJob::of(change, caller, reply, event_bytes_max))
            }
            work => Err(Box::new(Self { work, ..self })),
        }
    }

    /// Answers with a failure.
    pub(super) fn refuse(self, error: Error) {
        self.reply.answer(Err(error));
    }
}

impl Reply {
    fn answer(mut self, mut outcome: Result<Answer, Error>) {
        if let Ok(answer) = &mut outcome {
            for piece in std::mem::take(&mut answer.pieces) {
                self.delivery.send(&piece, &self.cancellation);
            }
        }
        self.delivery.answer(outcome);
    }

    /// Reads what there is to answer.
    fn read(
        &mut self,
        work: &mut dyn Reads,
        keys: &Keys,
        snapshot: &dyn ReadSnapshot,
        pace: &Pace,
    ) -> Result<Answer, Error> {
        let Self {
            delivery,
            cancellation,
            ..
        } = self;
        guarded(snapshot, || {
            cancellation.check()?;
            let snapshot = &seen_by(work, snapshot);
            let writer = ResultWriter::new(delivery, cancellation, pace);
            work.read(snapshot, writer, &Revealing::by(keys))
        })
    }
}

/// The log as something is to see it that reads.
fn seen_by<'a>(work: &dyn Reads, snapshot: &'a dyn ReadSnapshot) -> RetainedSnapshot<'a> {
    if work.sees_trimmed() {
        RetainedSnapshot::with_trimmed(snapshot)
    } else {
        RetainedSnapshot::over(snapshot)
    }
}

impl Drop for Reply {
    /// Answers a call that was lost in a panic. What became of a change is not known here.
    fn drop(&mut self) {
        if !self.delivery.is_answered() {
            let error = lost(self.writes);
            // There is no other way to tell, if that panics as well.
            let _ = caught(|| self.delivery.answer(Err(error)));
        }
    }
}

/// What a call is answered with that was lost in a panic.
fn lost(writes: bool) -> Error {
    let error = panic_of_unwinding().fault("the call");
    if writes {
        let text = format!(
            "whether the change was stored is not known: {}",
            error.text()
        );
        return Error::new(Code::OutcomeUnknown, text);
    }
    error
}

/// Something to be read, with the answer that it is owed.
struct ReadCall {
    work: Box<dyn Reads>,
    keys: Keys,
    reply: Reply,
}

impl QueuedRead for ReadCall {
    fn check_wanted(&self) -> Result<(), Error> {
        self.reply.cancellation.check()
    }

    fn is_long(&self, snapshot: &dyn ReadSnapshot) -> bool {
        // What nobody waits for is at an end soon.
        if self.reply.cancellation.is_cancelled() || snapshot.check_wanted().is_err() {
            return false;
        }
        // What fails here fails again when it is read, and is answered then.
        let extent = guarded(snapshot, || {
            self.work.extent(&seen_by(&*self.work, snapshot))
        });
        extent.is_ok_and(|extent| extent == Extent::Long)
    }

    fn run(self: Box<Self>, snapshot: Result<&dyn ReadSnapshot, Error>, pace: &Pace) {
        let Self {
            mut work,
            keys,
            mut reply,
        } = *self;
        let read = |snapshot| reply.read(&mut *work, &keys, snapshot, pace);
        let outcome = snapshot.and_then(read);
        reply.answer(outcome);
    }

    fn run_unless_lost(
        mut self: Box<Self>,
        snapshot: &dyn ReadSnapshot,
        pace: &Pace,
    ) -> Option<Box<dyn QueuedRead>> {
        let Self { work, keys, reply } = &mut *self;
        let outcome = reply.read(&mut **work, keys, snapshot, pace);
        if outcome.is_err() && snapshot.is_lost() && !reply.delivery.has_sent() {
            return Some(self);
        }
        self.reply.answer(outcome);
        None
    }
}

/// A change that waits for its turn.
struct ChangeJob {
    change: Box<dyn Changes>,
    caller: Caller,
    reply: Reply,
    event_bytes_max: usize,
    /// What has gone wrong before its turn, as nothing should.
    fault: Option<Error>,
    answer: Answer,
}

impl ChangeJob {
    fn of(
        change: Box<dyn Changes>,
        caller: Caller,
        reply: Reply,
        event_bytes_max: usize,
    ) -> Box<dyn QueuedChange> {
        Box::new(Self {
            change,
            caller,
            reply,
            event_bytes_max,
            fault: None,
            answer: Answer::default(),
        })
    }
}

impl QueuedChange for ChangeJob {
    fn bytes(&self) -> usize {
        self.change.bytes()
    }

    fn since(&self) -> Instant {
        self.reply.since
    }

    fn prepare(&mut self, latest: &dyn Preview) {
        let Self {
            change,
            caller,
            event_bytes_max,
            ..
        } = self;
        let prepared = caught(|| change.prepare(latest, caller, *event_bytes_max));
        self.fault = prepared.err().map(|panic| panic.error("the call"));
    }

    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<(), Fault> {
        if let Some(fault) = &self.fault {
            return Err(Fault::Refused(fault.clone()));
        }
        batch.set_now(self.caller.now_ms);
        self.answer = self.change.apply(batch)?;
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { reply, answer, .. } = *self;
        reply.answer(outcome.map(|()| answer));
    }
}
