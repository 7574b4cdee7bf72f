//! The way back: responses go from any thread to the JavaScript that waits for them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, Weak};

use napi::bindgen_prelude::{Buffer, Env, External, FnArgs, Function, FunctionRef, Result};
use napi_derive::napi;
use parking_lot::Mutex;

use crate::collected::Collecting;
use crate::keep_alive;
use crate::outbox::{Outbox, ThreadCalls, WakeCall};
use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::request::{Lingering, Log, Recipient as _, Response, ResponseGroup};

/// Takes the text of a group of responses, and of those that go as JSON text.
type Settle = FunctionRef<FnArgs<(String, Option<Buffer>)>, ()>;

/// Settles promises. JavaScript gives it with each call.
pub(super) type SettleFunction<'a> = Function<'a, FnArgs<(String, Option<Buffer>)>, ()>;

/// One load of the package's JavaScript, with promises of its own. Jest loads it anew for each
/// test file, in a context of its own.
#[derive(Clone)]
pub struct Realm {
    outbox: Arc<Outbox>,
    waiting: Rc<RefCell<CallsInFlight>>,
    logs: Logs,
    /// What checks and backups are called off with when the process ends.
    operations: Cancellation,
}

/// The logs that a realm has opened and not lost.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<Weak<Log>>>>);

/// What the realm's own thread knows.
#[derive(Default)]
struct CallsInFlight {
    calls: usize,
    lingering: Lingering,
    /// There only while calls are in flight: held for longer, it would keep a context from being
    /// collected after its test file has ended.
    settle: Option<Settle>,
    /// Where calls are collected, from before the first of them until they are handed over.
    collecting: Option<Collecting>,
}

/// Makes the realm of whoever loads the package's JavaScript, on the thread of `env`.
#[napi(catch_unwind)]
pub(super) fn create_realm(env: Env) -> Result<External<Realm>> {
    let outbox = Arc::<Outbox>::default();
    let realm = Realm {
        operations: outbox.ended().part(),
        outbox,
        waiting: Rc::default(),
        logs: Logs::default(),
    };
    let (outbox, logs) = (Arc::downgrade(&realm.outbox), realm.logs.clone());
    let waiting = Rc::downgrade(&realm.waiting);
    env.add_env_cleanup_hook((outbox, waiting, logs), |(outbox, waiting, logs)| {
        if let Some(outbox) = outbox.upgrade() {
            if let Some(waiting) = waiting.upgrade() {
                // The thread was ended in the midst of its turn. Nobody is left to hear what is wrong with that.
                let _ = hand_over(&mut waiting.borrow_mut(), &outbox);
            }
            outbox.end();
        }
        logs.close();
    })?;
    Ok(External::new(realm))
}

/// Makes what has the realm's thread `serve` the outbox.
fn call_for(
    env: &Env,
    outbox: &Arc<Outbox>,
    serve: impl Fn(&Env, &Outbox) -> Result<()> + 'static,
) -> Result<WakeCall> {
    // The outbox holds what calls this function: held by it in turn, neither would ever be freed.
    let outbox = Arc::downgrade(outbox);
    let function = env.create_function_from_closure::<(), (), _>("serve", move |context| {
        match outbox.upgrade() {
            Some(outbox) => serve(context.env, &outbox),
            None => Ok(()),
        }
    })?;
    function
        .build_threadsafe_function::<()>()
        .callee_handled::<false>()
        .weak::<true>()
        .build_callback(|_| Ok(()))
}

/// Waits until every change that the realm's logs were called for is committed, for the end of the
/// process. Checks and backups are called off, so that they leave nothing behind.
#[napi(catch_unwind)]
pub(super) fn drain(realm: &External<Realm>) {
    realm.operations.cancel();
    for log in realm.logs.alive() {
        log.drain();
    }
}

/// Hands over the calls of a log that JavaScript has collected. Returns how many that are.
#[napi(catch_unwind)]
pub(super) fn hand_over_collected(realm: &External<Realm>) -> Result<u32> {
    hand_over(&mut realm.waiting.borrow_mut(), &realm.outbox)
}

/// Hands over the calls that were collected, unless they were before.
fn hand_over(waiting: &mut CallsInFlight, outbox: &Arc<Outbox>) -> Result<u32> {
    let Some(collecting) = waiting.collecting.take() else {
        return Ok(0);
    };
    let calls = collecting.calls(outbox)?;
    let count = calls.len();
    waiting.calls += count;
    collecting.log.call_all(calls);
    Ok(count as u32)
}

/// Answers in a later turn of the event loop.
#[napi(catch_unwind)]
pub(super) fn next_turn(
    env: Env,
    realm: &External<Realm>,
    settle: SettleFunction<'_>,
    number: u32,
) -> Result<()> {
    let outbox = realm.begin(&env, &settle)?;
    outbox.receive(number, &Response::without_data(Ok(())));
    Ok(())
}

impl Realm {
    /// Notes that one more call is in flight, to be answered through `settle`.
    pub(super) fn begin(&self, env: &Env, settle: &SettleFunction<'_>) -> Result<Arc<Outbox>> {
        let mut waiting = self.waiting.borrow_mut();
        self.listen(env, settle, &mut waiting)?;
        waiting.calls += 1;
        Ok(Arc::clone(&self.outbox))
    }

    /// Has calls of a log be collected until they are handed over.
    pub(super) fn collect(
        &self,
        env: &Env,
        settle: &SettleFunction<'_>,
        collecting: Collecting,
    ) -> Result<()> {
        let mut waiting = self.waiting.borrow_mut();
        self.listen(env, settle, &mut waiting)?;
        waiting.collecting = Some(collecting);
        Ok(())
    }

    /// Makes sure that answers are heard.
    fn listen(
        &self,
        env: &Env,
        settle: &SettleFunction<'_>,
        waiting: &mut CallsInFlight,
    ) -> Result<()> {
        if waiting.settle.is_none() {
            let calls = match self.outbox.calls() {
                Some(calls) => calls,
                None => self.outbox.call_with(self.calls(env)?),
            };
            waiting.settle = Some(settle.create_ref()?);
            keep_alive::hold(env, calls.wake.raw())?;
        }
        Ok(())
    }

    /// How often something was on its way to the realm's thread until now.
    pub(super) fn arrivals(&self) -> usize {
        self.outbox.arrivals()
    }

    /// Stays a moment for the answer to the call that was just made, if none else is in flight. `since` is how many arrivals
    /// there were before it.
    pub(super) fn linger(&self, since: usize) {
        let waiting = &mut *self.waiting.borrow_mut();
        if waiting.calls == 1
            && let Some(bound) = waiting.lingering.bound()
        {
            let has_come = self.outbox.await_arrival(since, bound);
            waiting.lingering.note(has_come);
        }
    }

    /// Makes what calls the realm's thread.
    fn calls(&self, env: &Env) -> Result<ThreadCalls> {
        let (waiting, logs) = (Rc::clone(&self.waiting), self.logs.clone());
        let wake = call_for(env, &self.outbox, move |env, outbox| {
            deliver(env, outbox, &waiting, &logs)
        })?;
        let relay = call_for(env, &self.outbox, |_, outbox| {
            outbox.look_again();
            Ok(())
        })?;
        Ok(ThreadCalls { wake, relay })
    }

    /// What a check or a backup is called off with, which ends with the realm.
    pub(super) fn operation(&self) -> Cancellation {
        self.operations.part()
    }

    /// Has the log closed when the environment ends.
    pub(super) fn adopt(&self, log: &Arc<Log>) {
        let mut logs = self.logs.0.lock();
        logs.retain(|log| log.strong_count() > 0);
        logs.push(Arc::downgrade(log));
    }
}

impl Logs {
    fn alive(&self) -> Vec<Arc<Log>> {
        self.0.lock().iter().filter_map(Weak::upgrade).collect()
    }

    /// Whether one of them is open, or on its way to it or from it.
    fn are_in_use(&self) -> bool {
        let logs = self.0.lock();
        logs.iter()
            .filter_map(Weak::upgrade)
            .any(|log| log.is_in_use())
    }

    /// Closes them all: what was called is committed.
    fn close(&self) {
        for log in self.alive() {
            // The environment is ending: nobody is left to hear of a failed close.
            let _ = log.close_at_exit();
        }
    }
}

/// Takes a group of responses to JavaScript. After so many of them the turn of the event loop ends, so that timers and
/// sockets have theirs. No function of JavaScript is asked for that: a test may have replaced any that there is.
fn deliver(
    env: &Env,
    outbox: &Outbox,
    waiting: &RefCell<CallsInFlight>,
    logs: &Logs,
) -> Result<()> {
    let Some(mut group) = outbox.take() else {
        return Ok(());
    };
    let settle = match &waiting.borrow().settle {
        Some(settle) => settle.borrow_back(env)?,
        None => return Ok(()),
    };
    landed(env, outbox, waiting, logs, &group)?;
    let json = group.take_json().map(|json| json.into_bytes().into());
    settle.call((group.into_text(), json).into())
}

/// Notes that the calls of that group are in flight no more.
fn landed(
    env: &Env,
    outbox: &Outbox,
    waiting: &RefCell<CallsInFlight>,
    logs: &Logs,
    group: &ResponseGroup,
) -> Result<()> {
    let mut waiting = waiting.borrow_mut();
    waiting.calls -= group.responses();
    if waiting.calls == 0 {
        waiting.settle = None;
        if let Some(calls) = outbox.calls() {
            keep_alive::release(env, calls.wake.raw())?;
        }
        if !logs.are_in_use() {
            outbox.call_no_more();
        }
    }
    Ok(())
}
