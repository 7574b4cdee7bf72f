//! What is on its way to the JavaScript thread, as the text that it parses.

use std::sync::OnceLock;

use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::Mutex;

use crate::cancellation::Cancellation;
use crate::request::{Group, Groups, Piece, Recipient, Response};

/// Wakes the realm's thread. It carries nothing: the responses wait in the outbox.
pub(super) type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true>;

/// Responses, and pieces of results, that wait to be taken to JavaScript.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    wake: OnceLock<Wake>,
    /// Raised once nobody is left to hear anything.
    ended: Cancellation,
}

#[derive(Default)]
struct Waiting {
    groups: Groups,
    /// Whether the thread was woken and has not found the outbox empty since.
    awake: bool,
}

impl Outbox {
    /// Says how the thread is woken. It is said once.
    pub(super) fn wake_with(&self, wake: Wake) {
        // The realm was made just before, with an empty cell.
        let _ = self.wake.set(wake);
    }

    pub(super) fn wake(&self) -> Option<&Wake> {
        self.wake.get()
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

    /// Takes the group that is next. Whoever gets one comes again in the next turn of
    /// the event loop: nothing wakes the thread until it has found nothing here.
    pub(super) fn take(&self) -> Option<Group> {
        let mut waiting = self.waiting.lock();
        let group = waiting.groups.take();
        waiting.awake = group.is_some();
        group
    }

    /// Adds something and wakes the thread that waits for it. A realm that has ended hears nothing,
    /// and needs nothing.
    fn add(&self, add: impl FnOnce(&mut Groups)) {
        let mut waiting = self.waiting.lock();
        if self.ended.is_cancelled() {
            return;
        }
        add(&mut waiting.groups);
        let asleep = !std::mem::replace(&mut waiting.awake, true);
        drop(waiting);
        if let (true, Some(wake)) = (asleep, self.wake.get()) {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

impl Recipient for Outbox {
    fn receive_piece(&self, number: u32, piece: &Piece, cancellation: &Cancellation) {
        let group = Group::of_piece(number, piece, cancellation);
        self.add(|groups| groups.push(group));
    }

    fn receive(&self, number: u32, response: &Response) {
        if Group::is_needed_for(response) {
            let group = Group::of(number, response);
            self.add(|groups| groups.push(group));
        } else {
            self.add(|groups| groups.add(number, response));
        }
    }
}
