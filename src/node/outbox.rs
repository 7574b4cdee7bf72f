//! Responses on their way to the JavaScript thread, as the text that it parses.

use std::collections::VecDeque;
use std::sync::OnceLock;

use napi::threadsafe_function::{ThreadsafeFunction, ThreadsafeFunctionCallMode};
use parking_lot::Mutex;

use crate::request::{Recipient, Response, time_text};
use crate::timestamp;

/// Wakes the realm's thread. It carries nothing: the responses wait in the outbox.
pub(super) type Wake = ThreadsafeFunction<(), (), (), napi::Status, false, true>;

/// The most responses that one turn of the event loop settles. What follows a response in the
/// program runs in the same turn, and timers and sockets wait for its end.
const GROUP_RESPONSES: usize = 128;

/// The most text in one group, unless one response alone is longer. V8 puts a longer string into a
/// space of its own, which costs more than the string.
const GROUP_BYTES: usize = 96 << 10;

/// Responses that wait to be taken to JavaScript.
#[derive(Default)]
pub(super) struct Outbox {
    waiting: Mutex<Waiting>,
    wake: OnceLock<Wake>,
}

#[derive(Default)]
struct Waiting {
    groups: VecDeque<Group>,
    /// Whether the thread was woken and has not found the outbox empty since.
    awake: bool,
}

/// The responses that one turn of the event loop settles.
pub(super) struct Group {
    /// The JSON text of an array: for each response its number and its values, with the time of
    /// all that follow it before the first and wherever it changes.
    text: String,
    responses: usize,
    time_ms: i64,
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

    /// Takes the group that has waited longest. Whoever gets one comes again in the next turn of
    /// the event loop: nothing wakes the thread until it has found nothing here.
    pub(super) fn take(&self) -> Option<Group> {
        let mut waiting = self.waiting.lock();
        let group = waiting.groups.pop_front();
        waiting.awake = group.is_some();
        group
    }
}

impl Recipient for Outbox {
    /// Adds a response and wakes the thread that waits for it. A realm that has ended hears
    /// nothing, and needs nothing.
    fn receive(&self, number: u32, response: &Response) {
        let bytes = response.bytes();
        // Written before the lock is taken, since it takes long.
        let alone = (bytes > GROUP_BYTES).then(|| Group::of(number, response));
        let mut waiting = self.waiting.lock();
        match (alone, waiting.groups.back_mut()) {
            (Some(group), _) => waiting.groups.push_back(group),
            (None, Some(group)) if group.has_room(bytes) => group.add(number, response),
            (None, _) => waiting.groups.push_back(Group::of(number, response)),
        }
        let asleep = !std::mem::replace(&mut waiting.awake, true);
        drop(waiting);
        if let (true, Some(wake)) = (asleep, self.wake.get()) {
            wake.call((), ThreadsafeFunctionCallMode::NonBlocking);
        }
    }
}

impl Group {
    fn of(number: u32, response: &Response) -> Self {
        let mut group = Self {
            text: String::with_capacity(response.bytes()),
            responses: 0,
            time_ms: i64::MIN,
        };
        group.add(number, response);
        group
    }

    fn has_room(&self, bytes: usize) -> bool {
        self.responses < GROUP_RESPONSES && self.text.len() + bytes <= GROUP_BYTES
    }

    fn add(&mut self, number: u32, response: &Response) {
        use std::fmt::Write as _;

        self.text.push(if self.responses == 0 { '[' } else { ',' });
        self.responses += 1;
        let now_ms = timestamp::now();
        if now_ms != self.time_ms {
            self.time_ms = now_ms;
            self.text.push('"');
            time_text::write(&mut self.text, now_ms);
            self.text.push_str("\",");
        }
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{number},");
        response.write_values(&mut self.text);
    }

    pub(super) fn responses(&self) -> usize {
        self.responses
    }

    /// The whole JSON text.
    pub(super) fn into_text(mut self) -> String {
        self.text.push(']');
        self.text
    }
}
