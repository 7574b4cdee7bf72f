//! The way back: responses go from any thread to the JavaScript that waits for them.

use std::cell::RefCell;
use std::rc::Rc;
use std::sync::{Arc, OnceLock, Weak};

use napi::bindgen_prelude::{Env, External, Function, FunctionRef, Result};
use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use napi_derive::napi;
use parking_lot::Mutex;

use super::keep_alive;
use crate::request::Log;

/// Wakes the realm's thread. It carries nothing: the responses wait in the outbox.
type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true>;

/// Takes the JSON text `[number, response, number, response, …]`.
type Settle = FunctionRef<(String,), ()>;

/// The most text in one string for V8, which takes no string over 2^29 - 24 units. One response
/// alone may be longer: the limits on results and events keep it below that.
const SETTLE_BYTES: usize = 32 << 20;

/// Responses that wait to be taken to JavaScript.
#[derive(Default)]
pub(super) struct Outbox {
    responses: Mutex<Vec<(u32, String)>>,
    wake: OnceLock<Wake>,
}

/// One load of the package's JavaScript, with promises of its own. Jest loads it anew for each
/// test file, in a context of its own.
#[derive(Clone)]
pub struct Realm {
    outbox: Arc<Outbox>,
    waiting: Rc<RefCell<Waiting>>,
    logs: Logs,
}

/// The logs that a realm has opened and not lost.
#[derive(Clone, Default)]
struct Logs(Arc<Mutex<Vec<Weak<Log>>>>);

/// What the realm's own thread knows.
#[derive(Default)]
struct Waiting {
    calls: usize,
    /// There only while calls are in flight: held for longer, it would keep a context from being
    /// collected after its test file has ended.
    settle: Option<Settle>,
}

impl Outbox {
    /// Adds a response and wakes the thread that waits for it. A realm that has ended hears
    /// nothing, and needs nothing.
    pub(super) fn push(&self, number: u32, response: String) {
        let mut responses = self.responses.lock();
        responses.push((number, response));
        let first = responses.len() == 1;
        drop(responses);
        // Whoever takes the first takes all that came until then.
        if let (true, Some(wake)) = (first, self.wake.get()) {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

/// Makes the realm of whoever loads the package's JavaScript, on the thread of `env`.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn create_realm(env: Env) -> Result<External<Realm>> {
    let realm = Realm {
        outbox: Arc::default(),
        waiting: Rc::default(),
        logs: Logs::default(),
    };
    // The outbox holds what wakes this function: held by it in turn, neither would ever be freed.
    let (outbox, waiting) = (Arc::downgrade(&realm.outbox), Rc::clone(&realm.waiting));
    let deliver = env.create_function_from_closure::<(), (), _>("deliver", move |context| {
        match outbox.upgrade() {
            Some(outbox) => deliver(context.env, &outbox, &waiting),
            None => Ok(()),
        }
    })?;
    let wake = deliver
        .build_threadsafe_function::<()>()
        .callee_handled::<false>()
        .weak::<true>()
        .build_callback(|_| Ok(()))?;
    // The cell was made just above and is still empty.
    let _ = realm.outbox.wake.set(wake);

    env.add_env_cleanup_hook(realm.logs.clone(), |logs| logs.close())?;
    Ok(External::new(realm))
}

/// Waits until every change that the realm's logs were called for is committed, for the end of the
/// process.
#[napi(skip_typescript, catch_unwind)]
pub(super) fn drain(realm: &External<Realm>) {
    for log in realm.logs.alive() {
        log.drain();
    }
}

impl Realm {
    /// Notes that one more call is in flight, to be answered through `settle`.
    pub(super) fn begin(
        &self,
        env: &Env,
        settle: &Function<'_, (String,), ()>,
    ) -> Result<Arc<Outbox>> {
        let mut waiting = self.waiting.borrow_mut();
        if waiting.calls == 0 {
            waiting.settle = Some(settle.create_ref()?);
            if let Some(wake) = self.outbox.wake.get() {
                keep_alive::hold(env, wake.raw())?;
            }
        }
        waiting.calls += 1;
        Ok(Arc::clone(&self.outbox))
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

    /// Closes them all: what was called is committed.
    fn close(&self) {
        for log in self.alive() {
            // The environment is ending: nobody is left to hear of a failed close.
            let _ = log.close_at_exit();
        }
    }
}

/// Takes all responses that wait to JavaScript.
fn deliver(env: &Env, outbox: &Outbox, waiting: &RefCell<Waiting>) -> Result<()> {
    let responses = std::mem::take(&mut *outbox.responses.lock());
    let settle = {
        let mut waiting = waiting.borrow_mut();
        waiting.calls -= responses.len();
        if waiting.calls == 0 {
            if let Some(wake) = outbox.wake.get() {
                keep_alive::release(env, wake.raw())?;
            }
            waiting.settle.take()
        } else {
            match &waiting.settle {
                Some(settle) => Some(settle.borrow_back(env)?.create_ref()?),
                None => None,
            }
        }
    };
    let Some(settle) = settle else {
        return Ok(());
    };
    let settle = settle.borrow_back(env)?;
    let mut text = String::new();
    let mut settled = Ok(());
    for (number, response) in responses {
        if !text.is_empty() && text.len() + response.len() > SETTLE_BYTES {
            text.push(']');
            // A failure must not keep the other responses back.
            settled = settled.and(settle.call((std::mem::take(&mut text),)));
        }
        text.push(if text.is_empty() { '[' } else { ',' });
        text.push_str(&number.to_string());
        text.push(',');
        text.push_str(&response);
    }
    if !text.is_empty() {
        text.push(']');
        settled = settled.and(settle.call((text,)));
    }
    settled
}
