//! The class that the package's JavaScript wraps.
//!
//! A call has passed that JavaScript, which has checked what it can and made JSON text of the rest. It comes with a
//! [`SettleFunction`] function, the number under which JavaScript keeps the promise, and what the call is about: a method by
//! its place in the table of them and the text of its arguments, or what it takes the next step of.

use std::sync::Arc;

use napi::bindgen_prelude::{Env, External, Result, Uint8Array};
use napi_derive::napi;

use crate::collected::Collecting;
use crate::courses::{FailedEvent, move_of};
use crate::json_texts::{JsonCall, part_of, stringified};
use crate::methods::{method_at, wrong_kind};
use crate::opening;
use crate::outbox::Outbox;
use crate::realm::{Realm, SettleFunction};
use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::progress::Progress;
use codebolt_eventlog::request::{
    Call, CopiedPage, CopyPage, Done, Export, Hold, Import, JsonEnvelope, Lines, Log, Move,
    Reading, Recipient as _, Response, Work,
};

/// How many numbers a call of a batch has.
const CALL_NUMBERS: usize = 6;

/// A log that was opened.
#[napi]
pub struct EventLog {
    log: Arc<Log>,
    realm: Realm,
}

#[napi]
impl EventLog {
    /// One call of a batch, which counts as in flight; `None` if its text is not as `JSON.stringify` writes it.
    fn batched_call(
        &self,
        env: &Env,
        settle: &SettleFunction<'_>,
        texts: &[u8],
        &[number, method, start, end, id_start, id_end]: &[u32; CALL_NUMBERS],
    ) -> Result<Option<Call>> {
        let method = method_at(method)?;
        let Some(arguments) = stringified(part_of(texts, start, end)?) else {
            return Ok(None);
        };
        let id = part_of(texts, id_start, id_end)?;
        let id = str::from_utf8(id).map_err(|error| failed(&error))?;
        let work = method.json_call(arguments);
        let work = work.ok_or_else(|| wrong_kind(method))?;
        let envelope = JsonEnvelope {
            method: method.name(),
            request_id: (!id.is_empty()).then(|| id.to_owned()),
        };
        let outbox = self.realm.begin(env, settle)?;
        let cancellation = outbox.ended().clone();
        Ok(Some(
            Call::new(work, outbox, number, cancellation).in_json(envelope),
        ))
    }

    /// Begins to open the log whose path and options the arguments are.
    #[napi(catch_unwind)]
    pub fn open(
        env: Env,
        realm: &External<Realm>,
        settle: SettleFunction<'_>,
        number: u32,
        arguments: String,
    ) -> Result<Self> {
        let outbox = realm.begin(&env, &settle)?;
        let done = closing_response(outbox, number);
        let log = opening::open(&arguments, done);
        realm.adopt(&log);
        Ok(Self {
            log,
            realm: Realm::clone(realm),
        })
    }

    /// Takes no more calls, and answers once all earlier ones are answered and the file is released.
    #[napi(catch_unwind)]
    pub fn close(&self, env: Env, settle: SettleFunction<'_>, number: u32) -> Result<()> {
        let outbox = self.realm.begin(&env, &settle)?;
        self.log.close(closing_response(outbox, number));
        Ok(())
    }

    /// Sets the time of the calls that come next, in milliseconds since the epoch.
    #[napi(catch_unwind)]
    pub fn set_time(&self, now_ms: f64) {
        self.log.set_time(now_ms as i64);
    }

    /// What the engine of the log has done, as JSON text; `null` if the log is not open.
    #[napi(catch_unwind)]
    pub fn counts(&self) -> Result<Option<String>> {
        let text = |counts| serde_json::to_string(&counts);
        let text = self.log.counts().map(text).transpose();
        text.map_err(|error| failed(&error))
    }

    /// The commits and checkpoints that were made since somebody last asked, as JSON text; `null` if there are none.
    #[napi(catch_unwind)]
    pub fn take_timed(&self) -> Result<Option<String>> {
        let timed = self.log.take_timed();
        if timed.is_empty() {
            return Ok(None);
        }
        let text = serde_json::to_string(&timed);
        text.map(Some).map_err(|error| failed(&error))
    }

    /// Calls a method with arguments. Returns what calls it off, if it is `abortable`.
    #[napi(catch_unwind)]
    pub fn call(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        method: u32,
        arguments: String,
        abortable: bool,
    ) -> Result<Option<External<Cancellation>>> {
        let method = method_at(method)?;
        let work = method.call(arguments).ok_or_else(|| wrong_kind(method))?;
        let outbox = self.realm.begin(&env, &settle)?;
        // A call that nothing can call off ends with the realm alone.
        let own = abortable.then(|| outbox.ended().part());
        let cancellation = own.as_ref().unwrap_or_else(|| outbox.ended()).clone();
        let is_read = matches!(work, Work::Read(_));
        self.hand_over(Call::new(work, outbox, number, cancellation), is_read);
        Ok(own.map(External::new))
    }

    /// Calls a method with the JSON text of its one argument, to be answered with JSON text under that id, which is JSON
    /// text as well. Returns what calls it off, if it is `abortable`.
    #[napi(catch_unwind)]
    pub fn call_json(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        method: u32,
        json: &[u8],
        call: JsonCall,
    ) -> Result<Option<External<Cancellation>>> {
        let method = method_at(method)?;
        let json = str::from_utf8(json);
        let json = json.map_err(|error| failed(&error))?;
        let work = method.json_call(format!("[{json}]"));
        let work = work.ok_or_else(|| wrong_kind(method))?;
        let outbox = self.realm.begin(&env, &settle)?;
        let own = call.abortable.then(|| outbox.ended().part());
        let cancellation = own.as_ref().unwrap_or_else(|| outbox.ended()).clone();
        let envelope = JsonEnvelope {
            method: method.name(),
            request_id: call.request_id,
        };
        let is_read = matches!(work, Work::Read(_));
        let call = Call::new(work, outbox, number, cancellation).in_json(envelope);
        self.hand_over(call, is_read);
        Ok(own.map(External::new))
    }

    /// Has the calls be collected in these bytes that JavaScript makes of this log until it hands them over. See
    /// [`crate::collected`] for how they lie there.
    #[napi(catch_unwind)]
    pub fn collect(&self, env: Env, settle: SettleFunction<'_>, bytes: Uint8Array) -> Result<()> {
        let log = Arc::clone(&self.log);
        self.realm.collect(&env, &settle, Collecting { log, bytes })
    }

    /// Calls methods with JSON texts as [`EventLog::call_json`] does, one after the other, up to the first text that is not as
    /// `JSON.stringify` writes it. Returns how many were called. Each call is six numbers: its own and that of its method; from
    /// where to where the text of its argument stands in `texts`; and the JSON text of the id of its response, if it
    /// has one. None can be called off.
    #[napi(catch_unwind)]
    pub fn call_json_batch(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        texts: &[u8],
        calls: &[u32],
    ) -> Result<u32> {
        let mut made = Vec::with_capacity(calls.len() / CALL_NUMBERS);
        let mut failure = None;
        for call in calls.as_chunks().0 {
            match self.batched_call(&env, &settle, texts, call) {
                Ok(Some(call)) => made.push(call),
                Ok(None) => break,
                Err(error) => {
                    failure = Some(error);
                    break;
                }
            }
        }
        let count = made.len() as u32;
        // Those before one that cannot be read as well: they count as in flight.
        self.log.call_all(made);
        failure.map_or(Ok(count), Err)
    }

    /// Calls a method that takes long. JavaScript asks the progress meanwhile how far it is.
    #[napi(catch_unwind)]
    pub fn operate(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        method: u32,
        arguments: String,
        progress: &External<Progress>,
    ) -> Result<()> {
        let method = method_at(method)?;
        let work = method.operation(&arguments, Progress::clone(progress));
        self.make(
            &env,
            &settle,
            number,
            work.ok_or_else(|| wrong_kind(method))?,
        )
    }

    /// Reads the next page of a reading.
    #[napi(catch_unwind)]
    pub fn read_page(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        let outbox = self.realm.begin(&env, &settle)?;
        let cancellation = outbox.ended().clone();
        // Of the first page, nobody has one to go through meanwhile.
        let is_first = !reading.has_begun();
        let call = Call::new(reading.page(), outbox, number, cancellation);
        self.hand_over(call, is_first);
        Ok(())
    }

    /// Waits for a commit that the last page of a subscription has not seen.
    #[napi(catch_unwind)]
    pub fn await_commit(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
    ) -> Result<()> {
        self.make(&env, &settle, number, reading.next_commit())
    }

    /// Moves the consumer of a subscription: makes it where it is not there, without positions; has it be done with
    /// every event up to the one position; or moves it over events that it does not ask for, after the first
    /// position and up to the second.
    #[napi(catch_unwind)]
    pub fn move_consumer(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
        positions: Vec<f64>,
    ) -> Result<()> {
        self.make(&env, &settle, number, reading.moving(move_of(&positions)?))
    }

    /// Has an event be done that a consumer had parked and that was put back in that turn.
    #[napi(catch_unwind)]
    pub fn finish_event(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
        turn: f64,
        position: f64,
    ) -> Result<()> {
        let (turn, position) = (turn as u64, position as u64);
        let work = reading.moving(Move::Finish { turn, position });
        self.make(&env, &settle, number, work)
    }

    /// Parks an event that was given out so many times, and was put back in that turn if it had been parked before.
    #[napi(catch_unwind)]
    pub fn park_event(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        reading: &External<Arc<Reading>>,
        failed: FailedEvent,
    ) -> Result<()> {
        let work = reading.moving(Move::Park(failed.into()));
        self.make(&env, &settle, number, work)
    }

    /// Waits until a hold is ended, or the log is closed.
    #[napi(catch_unwind)]
    pub fn await_end(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        hold: &External<Arc<Hold>>,
    ) -> Result<()> {
        self.make(&env, &settle, number, hold.work())
    }

    /// Reads the next page of an export.
    #[napi(catch_unwind)]
    pub fn export_page(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        course: &External<Arc<Export>>,
    ) -> Result<()> {
        self.make(&env, &settle, number, course.next())
    }

    /// Stores the lines of the next bytes of an import; `last` says that nothing follows them.
    #[napi(catch_unwind)]
    pub fn import_lines(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        course: &External<Arc<Import>>,
        bytes: Uint8Array,
        last: bool,
    ) -> Result<()> {
        let lines = Lines::new(Arc::clone(course), bytes.to_vec(), last);
        self.make(&env, &settle, number, lines.work())
    }

    /// Reads a page of an instance that is to be copied.
    #[napi(catch_unwind)]
    pub fn read_copy_page(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        page: &External<Arc<CopyPage>>,
    ) -> Result<()> {
        self.make(&env, &settle, number, page.work())
    }

    /// Stores such a page of another log; `adopts` says that what is there was found to be a part of that one.
    #[napi(catch_unwind)]
    pub fn store_copy_page(
        &self,
        env: Env,
        settle: SettleFunction<'_>,
        number: u32,
        bytes: Uint8Array,
        adopts: bool,
    ) -> Result<()> {
        let page = CopiedPage::new(bytes.to_vec(), adopts);
        self.make(&env, &settle, number, page.work())
    }
}

impl EventLog {
    /// Makes a call that is answered under that number.
    fn make(&self, env: &Env, settle: &SettleFunction<'_>, number: u32, work: Work) -> Result<()> {
        let outbox = self.realm.begin(env, settle)?;
        let cancellation = outbox.ended().clone();
        self.hand_over(Call::new(work, outbox, number, cancellation), false);
        Ok(())
    }

    /// Hands a call over. If it `stays`, this stays a moment for the answer.
    fn hand_over(&self, call: Call, stays: bool) {
        let arrivals = self.realm.arrivals();
        self.log.call(call);
        if stays {
            self.realm.linger(arrivals);
        }
    }
}

impl Drop for EventLog {
    /// A log that its program has lost is closed for it.
    fn drop(&mut self) {
        // Nobody holds the log any more who could hear of a failed close.
        self.log.close(Box::new(|_| {}));
    }
}

fn failed(error: &impl std::fmt::Display) -> napi::Error {
    napi::Error::from_reason(error.to_string())
}

/// Answers an opening or a closing, as a response without data.
fn closing_response(outbox: Arc<Outbox>, number: u32) -> Done {
    Box::new(move |outcome| outbox.receive(number, &Response::without_data(outcome)))
}
