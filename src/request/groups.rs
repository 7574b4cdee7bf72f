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
mod tests {
    use super::super::response::Answer;
    use super::*;
    use serde_json::{Value, json};

    fn response(follows_pieces: bool) -> Response {
        Response::new(Ok(Answer::of_data("{}".to_owned())), follows_pieces)
    }

    fn piece(value: &str) -> Piece {
        let mut piece = Piece::of_values();
        piece.add_value(value);
        piece
    }

    /// The numbers of the calls that the next group has responses of, or `-number` for a piece.
    fn next(groups: &mut ResponseGroups) -> Option<Vec<i64>> {
        groups.begin_turn();
        next_of_turn(groups)
    }

    /// As [`next`], in the turn that was begun.
    fn next_of_turn(groups: &mut ResponseGroups) -> Option<Vec<i64>> {
        let group = groups.take()?;
        let responses = group.responses();
        let values: Vec<Value> = serde_json::from_str(&group.into_text()).unwrap();
        if responses == 0 {
            assert_eq!(values[1..3], [json!(5), json!(1)]);
            return Some(vec![-values[0].as_i64().unwrap()]);
        }
        // Each response ends with its data, and the call's number is the first one in it.
        let numbers = values.chunk_by(|value, _| *value != json!({}));
        let numbers: Vec<i64> = numbers
            .filter_map(|values| values.iter().find_map(Value::as_i64))
            .collect();
        assert_eq!(numbers.len(), responses);
        Some(numbers)
    }

    #[test]
    fn responses_are_grouped_and_a_long_one_is_alone() {
        let mut groups = ResponseGroups::default();
        for number in 0..=GROUP_RESPONSES as u32 {
            groups.add(number, &response(false));
        }
        let long = Answer::of_data(format!("[\"{}\"]", "x".repeat(GROUP_BYTES)));
        let long = Response::new(Ok(long), false);
        assert!(
            ResponseGroup::is_needed_for(&long) && !ResponseGroup::is_needed_for(&response(false))
        );
        groups.push(ResponseGroup::of(500, &long));
        groups.add(501, &response(false));

        let first: Vec<i64> = (0..GROUP_RESPONSES as i64).collect();
        assert_eq!(next(&mut groups), Some(first));
        assert_eq!(next(&mut groups), Some(vec![GROUP_RESPONSES as i64]));
        assert_eq!(next(&mut groups), Some(vec![500]));
        assert_eq!(next(&mut groups), Some(vec![501]));
        assert_eq!(next(&mut groups), None);
    }

    #[test]
    fn a_turn_has_no_more_than_a_group_may_hold() {
        let mut groups = ResponseGroups::default();
        // What comes while the thread is at work on the group before.
        for number in 0..GROUP_RESPONSES as i64 {
            assert_eq!(next_of_turn(&mut groups), None);
            assert!(!groups.is_turn_over());
            groups.add(number as u32, &response(false));
            assert_eq!(next_of_turn(&mut groups), Some(vec![number]));
        }
        groups.add(500, &response(false));
        assert_eq!(next_of_turn(&mut groups), None);
        assert!(groups.is_turn_over());
        assert_eq!(next(&mut groups), Some(vec![500]));

        let half = Answer::of_data(format!("[\"{}\"]", "x".repeat(GROUP_BYTES * 2 / 3)));
        let half = Response::new(Ok(half), false);
        for number in [1, 2] {
            groups.begin_turn();
            groups.push(ResponseGroup::of(number, &half));
            assert!(groups.take().is_some());
            groups.push(ResponseGroup::of(number, &half));
            assert!(groups.take().is_none() && groups.is_turn_over());
            groups.begin_turn();
            assert!(groups.take().is_some() && !groups.is_turn_over());
        }
    }

    #[test]
    fn a_turn_ends_with_a_piece_and_where_more_waits() {
        let mut groups = ResponseGroups::default();
        let cancellation = Cancellation::default();
        groups.push(ResponseGroup::of_piece(1, &piece("true"), &cancellation));
        assert_eq!(next(&mut groups), Some(vec![-1]));
        assert!(groups.is_turn_over());
        groups.add(2, &response(false));
        assert_eq!(next_of_turn(&mut groups), None);
        groups.push(ResponseGroup::of(1, &response(true)));
        assert_eq!(next(&mut groups), Some(vec![1]));
        assert_eq!(next_of_turn(&mut groups), None);
        assert!(groups.is_turn_over());
        assert_eq!(next(&mut groups), Some(vec![2]));
    }

    #[test]
    fn responses_and_pieces_of_results_take_turns() {
        let cancellation = Cancellation::default();
        let mut groups = ResponseGroups::default();
        for _ in 0..4 {
            groups.push(ResponseGroup::of_piece(1, &piece("true"), &cancellation));
        }
        assert!(ResponseGroup::is_needed_for(&response(true)));
        groups.push(ResponseGroup::of(1, &response(true)));
        assert_eq!(next(&mut groups), Some(vec![-1]));
        groups.add(2, &response(false));
        groups.add(3, &response(false));
        let mut order = Vec::new();
        while let Some(numbers) = next(&mut groups) {
            // Who is answered calls again at once.
            if order.len() < 4 {
                groups.add(4, &response(false));
            }
            order.push(numbers);
        }
        let expected: [&[i64]; 7] = [&[-1], &[2, 3, 4], &[-1], &[4, 4], &[-1], &[4], &[1]];
        assert_eq!(order, expected);
    }

    #[test]
    fn pieces_of_a_query_that_was_called_off_are_dropped_but_not_its_response() {
        let (first, second) = (Cancellation::default(), Cancellation::default());
        let mut groups = ResponseGroups::default();
        for (number, cancellation) in [(1, &first), (2, &second), (1, &first)] {
            groups.push(ResponseGroup::of_piece(number, &piece("1"), cancellation));
        }
        groups.push(ResponseGroup::of(1, &response(true)));
        first.cancel();
        assert_eq!(next(&mut groups), Some(vec![-2]));
        assert_eq!(next(&mut groups), Some(vec![1]));
        assert_eq!(next(&mut groups), None);

        groups.push(ResponseGroup::of_piece(2, &piece("1"), &second));
        groups.add(3, &response(false));
        groups.clear();
        assert_eq!(next(&mut groups), None);
    }
}
