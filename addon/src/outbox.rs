//! What is on its way to the JavaScript thread, as the text that it parses.

use std::hint;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::Mutex;

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::request::{Piece, Recipient, Response, ResponseGroup, ResponseGroups};

/// Calls the realm's thread. It carries nothing: the responses wait in the outbox.
pub(super) type WakeCall = ThreadsafeFunction<(), (), (), napi::Status, false, true>;

/// Responses, and pieces of results, that wait to be taken to JavaScript.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    /// How often something was added.
    arrivals: AtomicUsize,
    /// There while the realm has use for them: Node.js counts them among what a program has left open.
    calls: Mutex<Option<Arc<ThreadCalls>>>,
    /// Raised once nobody is left to hear anything.
    ended: Cancellation,
}

/// What calls the realm's thread. The event loop serves each of them once in a turn.
pub(super) struct ThreadCalls {
    /// Has it take a group. Those that it is called for meanwhile, it takes in the same turn.
    pub(super) wake: WakeCall,
    /// Has it look for another one after the turn.
    pub(super) relay: WakeCall,
}

#[derive(Default)]
struct Waiting {
    groups: ResponseGroups,
    /// Whether the thread comes by itself, so that nobody has to wake it.
    awake: bool,
}

impl Outbox {
    /// Says how the thread is called from now on.
    pub(super) fn call_with(&self, calls: ThreadCalls) -> Arc<ThreadCalls> {
        let calls = Arc::new(calls);
        *self.calls.lock() = Some(Arc::clone(&calls));
        calls
    }

    /// Has the thread not called any more, until that is said anew. Nothing is on its way to it.
    pub(super) fn call_no_more(&self) {
        let calls = self.calls.lock().take();
        // Calls that are under way find nothing.
        self.waiting.lock().awake = false;
        drop(calls);
    }

    pub(super) fn calls(&self) -> Option<Arc<ThreadCalls>> {
        self.calls.lock().clone()
    }

    fn wake(&self) {
        if let Some(calls) = self.calls() {
            calls.wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }

    /// What the reads of the realm's calls are called off with when it ends.
    pub(super) const fn ended(&self) -> &Cancellation {
        &self.ended
    }

    /// Takes nothing more, and drops what waits: the realm has ended.
    pub(super) fn end(&self) {
        self.ended.cancel();
        self.waiting.lock().groups.clear();
    }

    /// Takes the group that is next. If the turn of the event loop ends with it, the thread comes again in the next
    /// one; if not, it sleeps until it is woken.
    pub(super) fn take(&self) -> Option<ResponseGroup> {
        let mut waiting = self.waiting.lock();
        let group = waiting.groups.take();
        let comes_again = waiting.groups.is_turn_over();
        waiting.awake = comes_again;
        drop(waiting);
        if comes_again && let Some(calls) = self.calls() {
            calls
                .relay
                .call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
        group
    }

    /// Wakes the thread for the next group, which has a turn of its own, or lets it sleep until there is one.
    pub(super) fn look_again(&self) {
        let mut waiting = self.waiting.lock();
        waiting.groups.begin_turn();
        waiting.awake = !waiting.groups.is_empty();
        let is_awake = waiting.awake;
        drop(waiting);
        if is_awake {
            self.wake();
        }
    }

    /// Adds something and wakes the thread that waits for it. A realm that has ended hears nothing,
    /// and needs nothing.
    fn add(&self, add: impl FnOnce(&mut ResponseGroups)) {
        let mut waiting = self.waiting.lock();
        if self.ended.is_cancelled() {
            return;
        }
        add(&mut waiting.groups);
        let asleep = !std::mem::replace(&mut waiting.awake, true);
        drop(waiting);
        if asleep {
            self.wake();
        }
        // After the call, so that whoever has waited for it finds that the thread is called.
        self.arrivals.fetch_add(1, Ordering::Release);
    }

    /// How often something was added until now.
    pub(super) fn arrivals(&self) -> usize {
        self.arrivals.load(Ordering::Acquire)
    }

    /// Waits for something to be added since there were so many arrivals, as long as `bound` at most. Says whether
    /// something was.
    pub(super) fn await_arrival(&self, since: usize, bound: Duration) -> bool {
        let began = Instant::now();
        while self.arrivals() == since {
            if began.elapsed() >= bound {
                return false;
            }
            // Without yielding: where others are busy, that would be for longer than this takes.
            hint::spin_loop();
        }
        self.waiting.lock().groups.note_stay();
        true
    }
}

impl Recipient for Outbox {
    fn receive_piece(&self, number: u32, piece: &Piece, cancellation: &Cancellation) {
        let group = ResponseGroup::of_piece(number, piece, cancellation);
        self.add(|groups| groups.push(group));
    }

    fn receive(&self, number: u32, response: &Response) {
        if ResponseGroup::is_needed_for(response) {
            let group = ResponseGroup::of(number, response);
            self.add(|groups| groups.push(group));
        } else {
            self.add(|groups| groups.add(number, response));
        }
    }
}
