//! The list of an answer that is written at once, cut into pieces.
//!
//! A long list as one text would hold up the event loop while it is parsed. So each piece but the last goes
//! ahead of the response, to a turn of its own, as those of a query's result do.

use super::kind::ResponseKind;
use super::piece::Piece;
use super::response::Answer;
use crate::event::Event;
use crate::json;

/// Elements of a list, in their order.
pub(super) struct List {
    /// Those that are full.
    pieces: Vec<Piece>,
    last: Piece,
    bytes: usize,
}

impl List {
    /// A list of whole events of an instance.
    pub(super) fn of_events(instance_id: &str) -> Self {
        Self::beginning_with(Piece::of_events(instance_id))
    }

    /// A list of whole events of an instance, each with its position.
    pub(super) fn of_placed_events(instance_id: &str) -> Self {
        Self::beginning_with(Piece::of_placed_events(instance_id))
    }

    /// A list of other elements.
    pub(super) fn of_values() -> Self {
        Self::beginning_with(Piece::of_values())
    }

    const fn beginning_with(last: Piece) -> Self {
        Self {
            pieces: Vec::new(),
            last,
            bytes: 0,
        }
    }

    /// Adds an event of the instance.
    pub(super) fn event(&mut self, event: &Event<'_>) {
        if !self.last.takes_event(event) {
            self.go_on_with(Piece::of_events(event.instance_id));
        }
        self.bytes += self.last.add_event(event);
    }

    /// Adds an event of the instance, and its position.
    pub(super) fn placed_event(&mut self, position: u64, event: &Event<'_>) {
        if !self.last.takes_event(event) {
            self.go_on_with(Piece::of_placed_events(event.instance_id));
        }
        let before = self.last.values_bytes();
        self.last.add_placed_event(position, event);
        self.bytes += self.last.values_bytes() - before;
    }

    /// Adds an element that is no whole event, as its JSON text.
    pub(super) fn value(&mut self, json: &str) {
        if !self.last.takes_value(json) {
            self.go_on_with(Piece::of_values());
        }
        self.last.add_value(json);
        self.bytes += json.len() + ",".len();
    }

    fn go_on_with(&mut self, next: Piece) {
        self.pieces.push(std::mem::replace(&mut self.last, next));
    }

    /// About as many bytes as its elements have as JSON text.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    /// An answer with the list under `key`, and then with the members of `rest`, such as `"hasMore":true`.
    pub(super) fn answer(self, key: &str, rest: &str) -> Answer {
        let mut values = String::new();
        json::write_string(&mut values, key);
        values.push_str(",{");
        values.push_str(rest);
        values.push_str("},");
        self.ending(ResponseKind::List, values)
    }

    /// An answer with the events that a call has stored, now or, as `duplicate` says, before.
    pub(super) fn answer_of_stored(self, duplicate: bool) -> Answer {
        let kind = match duplicate {
            true => ResponseKind::DuplicateListOfEvents,
            false => ResponseKind::ListOfEvents,
        };
        self.ending(kind, String::new())
    }

    fn ending(self, kind: ResponseKind, mut values: String) -> Answer {
        self.last.write_values(&mut values);
        Answer {
            kind,
            values,
            pieces: self.pieces,
            ..Answer::default()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(piece: &Piece) -> String {
        let mut text = String::new();
        piece.write_values(&mut text);
        text
    }

    #[test]
    fn a_long_list_is_cut_and_keeps_its_order() {
        let mut list = List::of_values();
        let value = |n: usize| format!("\"{n:0>1000}\"");
        for n in 0..250 {
            list.value(&value(n));
        }
        assert!(list.bytes() >= 250 * 1002);
        let answer = list.answer("names", "\"hasMore\":true");
        assert_eq!(answer.pieces.len(), 2);
        let mut texts: Vec<String> = answer.pieces.iter().map(text).collect();
        texts.push(answer.values);
        assert!(texts[2].starts_with("\"names\",{\"hasMore\":true},5,"));
        let mut at = 0;
        for text in texts {
            assert!(text.len() <= 97 << 10, "{} bytes", text.len());
            while text.contains(&value(at)) {
                at += 1;
            }
        }
        assert_eq!(at, 250);
    }

    #[test]
    fn a_short_list_is_whole() {
        let answer = List::of_values().answer("names", "");
        assert_eq!(answer.pieces.len(), 0);
        assert_eq!(answer.values, "\"names\",{},5,0");
    }
}
