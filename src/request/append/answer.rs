//! What an append is answered with.

use std::fmt::Write as _;

use super::{Append, RESPONSE_EVENT_BYTES};
use crate::engine::{Appended, Fault};
use crate::error::Code;
use crate::event::Event;
use crate::request::delivery::AnswerForm;
use crate::request::encryption::Revealing;
use crate::request::given_event::GivenEvent;
use crate::request::idempotency::IdempotencyKey;
use crate::request::kind::ResponseKind;
use crate::request::limits::RESPONSE_BYTES_MAX;
use crate::request::list::List;
use crate::request::response::Answer;
use crate::seam::Transaction;

/// The longest text of a call whose payloads JavaScript keeps for the response in any case. There it is a number of UTF-16
/// units, of which no text has more than bytes.
const KEPT_BYTES_MAX: usize = 512 << 10;

/// The most events whose response comes as one text.
const KEPT_EVENTS_MAX: usize = 2_000;

impl Append {
    /// The answer to a call whose events were stored so, now or, as `duplicate` says, before.
    pub(super) fn answer(
        &self,
        appended: &[Appended],
        instance_id: &str,
        call: &str,
        duplicate: bool,
    ) -> Answer {
        if self.form == AnswerForm::Json {
            return self.json(appended, instance_id, call, duplicate);
        }
        let is_kept = self.form == AnswerForm::Kept || !is_long(self.events.len(), call);
        if self.kind == ResponseKind::Events && !is_kept {
            let answer = self.list(appended, instance_id, call);
            return Answer {
                remarks: self.remarks.clone(),
                ..answer.answer_of_stored(duplicate)
            };
        }
        let instance_id = self.target.stored_id(instance_id, call);
        let mut values = String::new();
        if let (ResponseKind::Event, [event], [appended]) = (self.kind, &self.events[..], appended)
        {
            if self.form == AnswerForm::Kept {
                values.reserve(RESPONSE_EVENT_BYTES);
                GivenEvent::write_stored(*appended, &mut values);
                values.push(',');
                values.push_str(self.instance_unless_given(&instance_id, call));
            } else {
                values.reserve(call.len() + RESPONSE_EVENT_BYTES);
                event.write(*appended, &instance_id, call, &mut values);
            }
        } else {
            values.reserve(RESPONSE_EVENT_BYTES * self.events.len());
            values.push_str(&self.events.len().to_string());
            values.push(',');
            values.push_str(&instance_id);
            for (event, appended) in self.events.iter().zip(appended) {
                values.push(',');
                event.write_without_data(*appended, call, &mut values);
            }
        }
        Answer {
            kind: self.answer_kind(duplicate),
            values,
            remarks: self.remarks.clone(),
            ..Answer::default()
        }
    }

    fn answer_kind(&self, duplicate: bool) -> ResponseKind {
        match (self.kind, self.form, duplicate) {
            (ResponseKind::Event, AnswerForm::Kept, false) => ResponseKind::KeptEvent,
            (ResponseKind::Event, AnswerForm::Kept, true) => ResponseKind::DuplicateKeptEvent,
            (ResponseKind::Event, _, true) => ResponseKind::DuplicateEvent,
            (_, _, true) => ResponseKind::DuplicateEvents,
            (kind, _, false) => kind,
        }
    }

    /// The JSON text of the instance's id, or `null` if it is what the call has given.
    fn instance_unless_given<'a>(&self, instance_id: &'a str, call: &str) -> &'a str {
        if instance_id == self.target.instance.json(call) {
            "null"
        } else {
            instance_id
        }
    }

    /// The answer as JSON text.
    fn json(
        &self,
        appended: &[Appended],
        instance_id: &str,
        call: &str,
        duplicate: bool,
    ) -> Answer {
        let mut data = self.opened(call.len() + RESPONSE_EVENT_BYTES * appended.len());
        for event in self.stored(appended, instance_id, call) {
            event.write_json(&mut data);
            data.push(',');
        }
        self.closed(data, duplicate)
    }

    /// The answer to a call with that key that is made again, with its events as they are read: some were erased, or their
    /// subjects forgotten, so they are not those that the call gives.
    pub(super) fn answer_as_read(
        &self,
        key: &IdempotencyKey,
        number: u32,
        batch: &mut dyn Transaction,
        revealing: &Revealing<'_>,
    ) -> Result<Answer, Fault> {
        let instance_id = batch.instance(number)?.id.clone();
        let mut data = self.opened(RESPONSE_EVENT_BYTES * self.events.len());
        key.each_event(number, batch, |position, record| {
            revealing.record(&instance_id, record, |record| {
                let event = record.event(&instance_id, position);
                event.write_json(&mut data);
                data.push(',');
                check_stored(data.len())
            })
        })?;
        Ok(self.closed(data, true))
    }

    /// What stands before the events in an answer that is JSON text, with room for so many bytes.
    fn opened(&self, room: usize) -> String {
        let mut data = String::with_capacity(room);
        data.push_str(match self.kind {
            ResponseKind::Event => "{\"event\":",
            _ => "{\"events\":[",
        });
        data
    }

    /// The answer of that text, which has a comma after each event.
    fn closed(&self, mut data: String, duplicate: bool) -> Answer {
        if data.ends_with(',') {
            data.pop();
        }
        if self.kind != ResponseKind::Event {
            // Writing to a String cannot fail.
            let _ = write!(data, "],\"count\":{}", self.events.len());
        }
        if duplicate {
            data.push_str(",\"duplicate\":true");
        }
        data.push('}');
        Answer {
            remarks: self.remarks.clone(),
            ..Answer::of_data(data)
        }
    }

    /// The events as they were stored.
    fn list(&self, appended: &[Appended], instance_id: &str, call: &str) -> List {
        let mut list = List::of_events(instance_id);
        self.stored(appended, instance_id, call)
            .for_each(|event| list.event(&event));
        list
    }

    /// The events as they were stored, but for their positions, which no response tells.
    fn stored<'a>(
        &'a self,
        appended: &'a [Appended],
        instance_id: &'a str,
        call: &'a str,
    ) -> impl Iterator<Item = Event<'a>> {
        self.events
            .iter()
            .zip(appended)
            .map(move |(event, appended)| {
                let event = event.new_event(call);
                Event {
                    id: appended.id,
                    instance_id,
                    stream_id: event.stream_id,
                    event_type: event.event_type,
                    payload: event.payload,
                    metadata: event.metadata,
                    timestamp_ms: appended.timestamp_ms,
                    sequence_number: appended.sequence_number,
                    position: 0,
                }
            })
    }
}

/// Refuses to answer with stored events whose JSON text takes so many bytes, if it might be more than one JavaScript string
/// can hold.
pub(super) fn check_stored(bytes: usize) -> Result<(), Fault> {
    if bytes <= RESPONSE_BYTES_MAX {
        return Ok(());
    }
    let text = format!(
        "events: expected events that take at most {RESPONSE_BYTES_MAX} bytes together, found more"
    );
    Err(Fault::refused(Code::LimitExceeded, text))
}

/// Whether the response to a batch comes in pieces, with the payloads, unless JavaScript has said that it has them. To read those of a longer call once more in the
/// turn of the call would hold up the event loop: JavaScript does it for texts of up to [`KEPT_BYTES_MAX`].
const fn is_long(events: usize, call: &str) -> bool {
    call.len() > KEPT_BYTES_MAX || events > KEPT_EVENTS_MAX
}
