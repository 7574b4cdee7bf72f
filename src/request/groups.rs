//! What waits to be taken to JavaScript, in groups: each is the text that one turn of the event
//! loop parses and settles.

use std::collections::VecDeque;
use std::fmt::Write as _;

use super::piece::Piece;
use super::response::Response;
use crate::cancellation::Cancellation;
use crate::timestamp;

/// The most responses that one turn of the event loop settles. What follows a response in the
/// program runs in the same turn, and timers and sockets wait for its end.
const GROUP_RESPONSES: usize = 128;

/// The most text in one group, unless one response alone is longer. V8 puts a longer string into a
/// space of its own, which costs more than the string.
const GROUP_BYTES: usize = 96 << 10;

/// As how many responses it counts for a turn that the thread has stayed for an answer, beside the answer: it stays for 7 in
/// one turn.
const STAY_RESPONSES: usize = GROUP_RESPONSES / 8;

/// What the number of a call takes, with the punctuation around it, in bytes.
const NUMBER_BYTES: usize = 16;

/// The groups that wait. Long results have a lane of their own, which takes turns with that of the
/// responses: an append does not wait for all that a query has found.
///
/// A turn of the event loop has no more of them than one group may hold, unless one response alone is longer.
#[derive(Default)]
pub struct ResponseGroups {
    responses: VecDeque<ResponseGroup>,
    /// Pieces of results, and the responses that follow them.
    results: VecDeque<ResponseGroup>,
    /// Whether the lane of the results comes first.
    results_first: bool,
    turn: LaneTurn,
}

/// What was taken in one turn of the event loop.
#[derive(Default)]
struct LaneTurn {
    responses: usize,
    bytes: usize,
    /// Whether nothing more is to be taken in it.
    is_over: bool,
}

/// What one turn of the event loop settles.
pub struct ResponseGroup {
    /// The JSON text of an array without its end: for each response its number and its values, with
    /// the time of all that follow it before the first and wherever it changes; or the number of a
    /// call and a piece of its result.
    text: String,
    /// The responses that go as JSON text, one after the other.
    json: String,
    responses: usize,
    time_ms: i64,
    /// Whether it has a part of a result that comes in pieces.
    of_result: bool,
    /// That of the query whose piece this is.
    cancellation: Option<Cancellation>,
}

impl ResponseGroups {
    /// Adds a response to the group that waits last, or as a group of its own.
    pub fn add(&mut self, number: u32, response: &Response) {
        match self.responses.back_mut() {
            Some(group) if group.has_room(response) => group.add(number, response),
            _ => self.push(ResponseGroup::of(number, response)),
        }
    }

    /// Adds a group. What is written into it takes long, and is better done before, where others
    /// wait for the groups meanwhile.
    pub fn push(&mut self, group: ResponseGroup) {
        if group.of_result {
            self.results.push_back(group);
        } else {
            self.responses.push_back(group);
        }
    }

    /// Takes the next group, unless there is none, or the turn has no room for it. Pieces of queries that were called
    /// off are dropped.
    pub fn take(&mut self) -> Option<ResponseGroup> {
        if self.turn.is_over {
            return None;
        }
        let results_first = self.results_first;
        let group = if results_first {
            self.take_result().or_else(|| self.responses.pop_front())
        } else {
            self.responses.pop_front().or_else(|| self.take_result())
        }?;
        if !self.turn.has_room(&group) {
            self.turn.is_over = true;
            self.put_back(group);
            return None;
        }
        self.results_first = !results_first;
        self.turn.add(&group);
        // What comes in pieces is long: each has a turn of its own.
        self.turn.is_over = group.of_result || !self.is_empty();
        Some(group)
    }

    /// Notes that the thread has stayed for an answer. Who is answered at once may call again in the same turn, and timers
    /// and sockets have theirs in between.
    pub const fn note_stay(&mut self) {
        self.turn.responses += STAY_RESPONSES;
    }

    /// Whether nothing more is to be taken until the next turn begins.
    #[must_use]
    pub const fn is_turn_over(&self) -> bool {
        self.turn.is_over
    }

    /// Begins a turn of the event loop.
    pub fn begin_turn(&mut self) {
        self.turn = LaneTurn::default();
    }

    fn put_back(&mut self, group: ResponseGroup) {
        if group.of_result {
            self.results.push_front(group);
        } else {
            self.responses.push_front(group);
        }
    }

    fn take_result(&mut self) -> Option<ResponseGroup> {
        std::iter::from_fn(|| self.results.pop_front()).find(ResponseGroup::is_wanted)
    }

    /// Whether none waits.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.responses.is_empty() && self.results.is_empty()
    }

    /// Drops all groups.
    pub fn clear(&mut self) {
        *self = Self::default();
    }
}

impl LaneTurn {
    const fn has_room(&self, group: &ResponseGroup) -> bool {
        self.responses == 0
            || self.responses + group.responses <= GROUP_RESPONSES
                && self.bytes + group.bytes() <= GROUP_BYTES
    }

    const fn add(&mut self, group: &ResponseGroup) {
        self.responses += group.responses;
        self.bytes += group.bytes();
    }
}

impl ResponseGroup {
    /// A group with one response.
    #[must_use]
    pub fn of(number: u32, response: &Response) -> Self {
        let mut group = Self::with_capacity(response.values_bytes());
        group.of_result = response.follows_pieces();
        group.add(number, response);
        group
    }

    /// A group with a piece of a result.
    #[must_use]
    pub fn of_piece(number: u32, piece: &Piece, cancellation: &Cancellation) -> Self {
        let mut group = Self::with_capacity(NUMBER_BYTES + piece.bytes());
        group.of_result = true;
        group.cancellation = Some(cancellation.clone());
        // Writing to a String cannot fail.
        let _ = write!(group.text, "[{number},");
        piece.write_values(&mut group.text);
        group
    }

    /// Whether a response needs a group of its own: it is long, or stays behind the pieces of its
    /// result.
    #[must_use]
    pub fn is_needed_for(response: &Response) -> bool {
        response.follows_pieces() || response.bytes() > GROUP_BYTES
    }

    fn with_capacity(bytes: usize) -> Self {
        Self {
            text: String::with_capacity(bytes),
            json: String::new(),
            responses: 0,
            time_ms: i64::MIN,
            of_result: false,
            cancellation: None,
        }
    }

    fn has_room(&self, response: &Response) -> bool {
        self.responses < GROUP_RESPONSES && self.bytes() + response.bytes() <= GROUP_BYTES
    }

    fn add(&mut self, number: u32, response: &Response) {
        self.text.push(if self.responses == 0 { '[' } else { ',' });
        self.responses += 1;
        let now_ms = timestamp::now();
        if now_ms != self.time_ms {
            self.time_ms = now_ms;
            self.text.push('"');
            timestamp::write(&mut self.text, now_ms);
            self.text.push_str("\",");
        }
        // Writing to a String cannot fail.
        let _ = write!(self.text, "{number},");
        response.write(now_ms, &mut self.text, &mut self.json);
    }

    /// How much text there is so far.
    const fn bytes(&self) -> usize {
        self.text.len() + self.json.len()
    }

    fn is_wanted(&self) -> bool {
        !self
            .cancellation
            .as_ref()
            .is_some_and(Cancellation::is_cancelled)
    }

    /// How many calls are answered in it.
    #[must_use]
    pub const fn responses(&self) -> usize {
        self.responses
    }

    /// Takes the responses that go as JSON text, one after the other; `None` if there are none.
    pub fn take_json(&mut self) -> Option<String> {
        let json = std::mem::take(&mut self.json);
        (!json.is_empty()).then_some(json)
    }

    /// The whole JSON text of the values.
    #[must_use]
    pub fn into_text(mut self) -> String {
        self.text.push(']');
        self.text
    }
}

#[cfg(test)]
mod tests;
