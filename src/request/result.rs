//! A query's result on its way to JavaScript, in pieces.
//!
//! A long list as one text would hold up the event loop while it is parsed, and may be more than V8
//! takes as a string. So its elements go ahead in pieces, each of which is parsed in a turn of
//! its own, and the response carries the rest.

use super::delivery::{AnswerForm, Delivery};
use super::kind::ResponseKind;
use super::piece::Piece;
use super::response::Answer;
use crate::cancellation::Cancellation;
use crate::engine::Pace;
use crate::error::Error;
use crate::event::Event;
use crate::json;
use crate::query::{RESULT_BYTES_MAX, result_too_large};

/// After so much of a result that goes as one text, others have their turn.
const GIVING_WAY_BYTES: usize = 96 << 10;

/// Takes the elements of a result's list in their order, and then the rest of the result.
///
/// A query that fails after that, or panics, answers with its failure: then the elements that went
/// ahead are dropped.
pub struct ResultWriter<'call> {
    delivery: &'call mut Delivery,
    cancellation: &'call Cancellation,
    /// Between pieces, others have their turn.
    pace: &'call Pace,
    /// The elements that have not gone ahead yet.
    piece: Piece,
    /// The JSON text of all elements, each with a comma before it, if the answer goes as that: then none goes ahead.
    json: Option<String>,
    /// How much of it there was when others last had their turn.
    given_way: usize,
    /// The JSON text of all elements so far, each with a comma.
    list_bytes: usize,
    bytes_max: usize,
}

impl<'call> ResultWriter<'call> {
    pub(super) fn new(
        delivery: &'call mut Delivery,
        cancellation: &'call Cancellation,
        pace: &'call Pace,
    ) -> Self {
        let json = match delivery.form() {
            AnswerForm::Values | AnswerForm::Kept => None,
            AnswerForm::Json => Some(String::new()),
        };
        Self {
            delivery,
            cancellation,
            pace,
            piece: Piece::of_values(),
            json,
            given_way: 0,
            list_bytes: 0,
            bytes_max: RESULT_BYTES_MAX,
        }
    }

    /// What calls the reading off.
    pub(super) const fn cancellation(&self) -> &'call Cancellation {
        self.cancellation
    }

    /// Adds a whole event to the list.
    ///
    /// # Errors
    ///
    /// `LIMIT_EXCEEDED` where the result is over [`RESULT_BYTES_MAX`]; `ABORTED` once the query was
    /// called off.
    pub(super) fn event(&mut self, event: &Event<'_>) -> Result<(), Error> {
        if self.json.is_some() {
            return self.element(|json| event.write_json(json));
        }
        if !self.piece.takes_event(event) {
            self.send(Piece::of_events(event.instance_id))?;
        }
        let bytes = self.piece.add_event(event);
        self.count(bytes)
    }

    /// Adds a whole event to the list, with its position in the instance.
    ///
    /// # Errors
    ///
    /// As [`ResultWriter::event`].
    pub(super) fn placed_event(&mut self, position: u64, event: &Event<'_>) -> Result<(), Error> {
        if self.json.is_some() {
            return self.element(|json| event.write_placed_json(json));
        }
        if !self.piece.takes_event(event) {
            self.send(Piece::of_placed_events(event.instance_id))?;
        }
        let before = self.piece.values_bytes();
        self.piece.add_placed_event(position, event);
        self.count(self.piece.values_bytes() - before)
    }

    /// How many bytes of JSON text the list has so far.
    pub(super) const fn list_bytes(&self) -> usize {
        self.list_bytes
    }

    /// Adds an element that is no whole event to the list, as its JSON text.
    ///
    /// # Errors
    ///
    /// As [`ResultWriter::event`].
    pub(super) fn value(&mut self, json: &str) -> Result<(), Error> {
        if self.json.is_some() {
            return self.element(|list| list.push_str(json));
        }
        if !self.piece.takes_value(json) {
            self.send(Piece::of_values())?;
        }
        self.piece.add_value(json);
        self.count(json.len())
    }

    /// The turn of whoever reads what is written.
    pub(super) const fn pace(&self) -> &'call Pace {
        self.pace
    }

    /// Completes a result that has a list: `key` is the list's, and `rest` the JSON text of the
    /// members that follow it, such as `"total":3,"limit":50`.
    ///
    /// # Errors
    ///
    /// As [`ResultWriter::event`].
    pub(super) fn finish(self, key: &str, rest: &str) -> Result<Answer, Error> {
        let frame = "{\"\":[],}".len() + key.len() + rest.len();
        self.check(self.list_bytes.saturating_sub(",".len()) + frame)?;
        if let Some(list) = self.json {
            return Ok(json_result(list, key, rest));
        }
        let mut values = String::with_capacity(frame + self.piece.bytes());
        json::write_string(&mut values, key);
        values.push_str(",{");
        values.push_str(rest);
        values.push_str("},");
        self.piece.write_values(&mut values);
        Ok(Answer {
            kind: ResponseKind::Result,
            values,
            ..Answer::default()
        })
    }

    /// Answers with a result that has no list, given as the JSON text of its object.
    ///
    /// # Errors
    ///
    /// As [`ResultWriter::event`].
    pub(super) fn data(self, json: &str) -> Result<Answer, Error> {
        self.check(json.len())?;
        Ok(Answer::of_data(format!("{{\"result\":{json}}}")))
    }

    /// Sends what there is ahead, and goes on with `next`.
    fn send(&mut self, next: Piece) -> Result<(), Error> {
        let piece = std::mem::replace(&mut self.piece, next);
        if piece.is_empty() {
            return Ok(());
        }
        self.cancellation.check()?;
        self.delivery.send(&piece, self.cancellation);
        self.pace.give_way();
        Ok(())
    }

    /// Adds an element that `write` appends to the JSON text of the list.
    fn element(&mut self, write: impl FnOnce(&mut String)) -> Result<(), Error> {
        let Some(list) = &mut self.json else {
            return Ok(());
        };
        list.push(',');
        let before = list.len();
        write(list);
        let bytes = list.len() - before;
        if list.len() - self.given_way > GIVING_WAY_BYTES {
            self.given_way = list.len();
            self.cancellation.check()?;
            self.pace.give_way();
        }
        self.count(bytes)
    }

    /// Counts one more element of the list.
    fn count(&mut self, bytes: usize) -> Result<(), Error> {
        self.list_bytes += bytes + ",".len();
        self.within_limit(self.list_bytes - ",".len())
    }

    fn check(&self, bytes: usize) -> Result<(), Error> {
        self.cancellation.check()?;
        self.within_limit(bytes)
    }

    fn within_limit(&self, bytes: usize) -> Result<(), Error> {
        if bytes > self.bytes_max {
            return Err(result_too_large(self.bytes_max));
        }
        Ok(())
    }
}

/// A result as JSON text: `list` has a comma before each element.
fn json_result(mut list: String, key: &str, rest: &str) -> Answer {
    let mut head = String::from("{\"result\":{");
    json::write_string(&mut head, key);
    head.push_str(":[");
    list.replace_range(..usize::from(!list.is_empty()), &head);
    list.push_str("],");
    list.push_str(rest);
    list.push_str("}}");
    Answer::of_data(list)
}

#[cfg(test)]
mod tests;
