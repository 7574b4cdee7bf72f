//! A call as a job of the writer.

use std::time::Instant;

use super::append::Append;
use super::call::{Arguments, Call, Subject};
use super::method::Method;
use super::response::Answer;
use super::{consumers, instances, projections};
use crate::engine::{Batch, Fault, Job, Latest};
use crate::error::Error;

/// A call that changes the log.
pub(super) struct Change {
    call: Call,
    event_bytes_max: usize,
    /// What is to be appended, once it has been read.
    append: Option<Result<Append, Error>>,
    answer: Answer,
}

impl Change {
    /// Makes a job of a call. No event may be larger than `event_bytes_max`.
    pub(super) fn new(call: Call, event_bytes_max: usize) -> Self {
        Self {
            call,
            event_bytes_max,
            append: None,
            answer: Answer::default(),
        }
    }

    fn read_append(call: &Call, event_bytes_max: usize) -> Result<Append, Error> {
        let params = only(&call.arguments)
            .ok_or_else(|| Error::expected("params", "an object", "nothing"))?;
        let mut append = if call.method == Method::AppendEvents {
            Append::many(params, event_bytes_max, &call.arguments)?
        } else {
            Append::one(params, event_bytes_max, &call.arguments)?
        };
        append.creates_by_default(call.caller.creates_instances);
        Ok(append)
    }

    fn apply_arguments(&self, batch: &mut Batch<'_>) -> Result<Answer, Fault> {
        let arguments = Arguments::parse(&self.call.arguments)?;
        let (first, second) = (arguments.get(0), arguments.get(1));
        match self.call.method {
            Method::CreateInstance => instances::create(first, second, arguments.get(2), batch),
            Method::UpdateInstance => instances::update(first, second, batch),
            Method::ResetConsumer => consumers::reset(first, batch),
            Method::StoreSnapshot => projections::store(first, batch),
            Method::DeleteSnapshots => projections::delete(first, batch),
            Method::DeleteConsumer => consumers::delete(first, batch),
            _ => instances::delete(first, batch),
        }
    }
}

impl Job for Change {
    fn bytes(&self) -> usize {
        self.call.bytes()
    }

    fn since(&self) -> Instant {
        self.call.since
    }

    fn prepare(&mut self, latest: &Latest) {
        if let Some(Subject::Import(lines)) = &mut self.call.subject {
            lines.read(self.event_bytes_max);
        } else if self.call.method.appends() {
            let mut append = Self::read_append(&self.call, self.event_bytes_max);
            if let Ok(append) = &mut append {
                append.look_ahead(&self.call.arguments, latest);
            }
            self.append = Some(append);
        }
    }

    fn apply(&mut self, batch: &mut Batch<'_>) -> Result<(), Fault> {
        batch.set_now(self.call.caller.now_ms);
        self.answer = if let Some(Subject::Import(lines)) = &self.call.subject {
            lines.apply(batch)?
        } else if let Some(Subject::Consumer(reading, change)) = &self.call.subject {
            let place = reading.move_consumer(*change, batch)?;
            consumers::moved(&place)
        } else if self.call.method.appends() {
            let (call, event_bytes_max) = (&self.call, self.event_bytes_max);
            let append = self
                .append
                .get_or_insert_with(|| Self::read_append(call, event_bytes_max));
            match append {
                Ok(append) => append.apply(&call.arguments, batch)?,
                Err(error) => return Err(Fault::Refused(error.clone())),
            }
        } else {
            self.apply_arguments(batch)?
        };
        Ok(())
    }

    fn finish(self: Box<Self>, outcome: Result<(), Error>) {
        let Self { call, answer, .. } = *self;
        call.answer(outcome.map(|()| answer));
    }
}

/// The argument of a call that has one. It is not looked at here: whoever reads it finds out whether
/// it is one JSON value, and a large one is read once.
fn only(arguments: &str) -> Option<&str> {
    let argument = arguments.strip_prefix('[')?.strip_suffix(']')?;
    (!argument.is_empty() && argument != "null").then_some(argument)
}
