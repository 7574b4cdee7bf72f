//! What `decide` asks of the log: whether its call was made before, and to store what was decided.
//!
//! Both answer with whole events and their positions. So nothing has to be read once a decision is stored, which
//! might fail.

use super::answer::check_stored;
use super::{Append, Target, parse_events};
use crate::arguments::{self, Arguments, Object, identifier, refuse_misplaced, refuse_misspelt};
use crate::engine::{Appended, Fault, Instance, Record};
use crate::error::{Code, Error};
use crate::request::consumers;
use crate::request::delivery::AnswerForm;
use crate::request::encryption::{Keys, Revealing};
use crate::request::expectation::{self, Expectations};
use crate::request::extent::Extent;
use crate::request::fail_if::{self, FailIf};
use crate::request::given_event::{ArgumentPath, GivenEvent, keys_with};
use crate::request::idempotency::{self, IdempotencyKey};
use crate::request::kind::ResponseKind;
use crate::request::list::List;
use crate::request::listing::instance_of;
use crate::request::named_instance::find_in_snapshot;
use crate::request::part::Identifier;
use crate::request::response::{Answer, Remarks};
use crate::seam::{ReadSnapshot, Transaction};

/// The keys of the question whether the call was made before.
const LOADED_KEYS: [&str; 3] = ["instance", "stream", idempotency::KEY];

/// The keys of what is to be stored.
const STORED_KEYS: [&str; 7] = [
    "instance",
    "number",
    "stream",
    "sequence",
    "autoCreateInstance",
    idempotency::KEY,
    "events",
];

/// The keys of an event that was decided.
const EVENT_KEYS: [&str; 13] = keys_with([
    "instanceId",
    expectation::OF_EVENT,
    idempotency::KEY,
    fail_if::KEY,
    consumers::KEY,
]);

/// What is said of an expectation of an event.
const OF_STATE: &str =
    "what is decided is stored only if the stream still ends where the state does";

/// What is said of the key of an event.
const KEY_OF_CALL: &str = "give `idempotencyKey` beside `decide`, for all that it decides";

/// What is said of guards that a decision has not.
const OF_APPENDS: &str = "append with `appendEvents` for that";

/// What events were decided on.
pub(super) struct Decision {
    stream: Identifier,
    /// The number of the instance; `None` if there was none.
    number: Option<u32>,
}

/// What is expected where a stream is to be named.
const STREAM: &str = "the id of a stream";

/// The question what the call with a key has stored.
struct Question {
    instance: String,
    stream: String,
    key: IdempotencyKey,
}

impl Question {
    fn parse(arguments: &Arguments<'_>) -> Result<Self, Error> {
        let raw = arguments.get(0).unwrap_or("null");
        let [instance, stream, key] = Object::parse("options", raw, &LOADED_KEYS)?.values;
        let instance = instance_of(instance)?;
        let stream = arguments::required("stream", stream, STREAM)?;
        let stream = identifier("stream", stream, STREAM)?.into_owned();
        let key = IdempotencyKey::parse(key, 1)?
            .ok_or_else(|| Error::expected(idempotency::KEY, "a string", "nothing"))?;
        Ok(Self {
            instance,
            stream,
            key,
        })
    }
}

/// How much there is to be read of the call with a key.
pub(in crate::request) fn extent(
    arguments: &Arguments<'_>,
    mut snapshot: &dyn ReadSnapshot,
) -> Result<Extent, Fault> {
    let Question { instance, key, .. } = Question::parse(arguments)?;
    let number = find_in_snapshot("instance", &instance, snapshot)?;
    let events = key.count(number, &mut snapshot)?;
    Ok(Extent::of_events(events, &snapshot.instance(number)?))
}

/// Tells the events that the call with a key has stored, if it has stored any.
pub(in crate::request) fn load(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
    revealing: &Revealing<'_>,
) -> Result<Answer, Fault> {
    let revealed = revealing.over(snapshot);
    let mut snapshot: &dyn ReadSnapshot = &revealed;
    let question = Question::parse(arguments)?;
    let Question {
        instance,
        stream,
        key,
    } = &question;
    let number = find_in_snapshot("instance", instance, snapshot)?;
    let mut events = Written::new(&snapshot.instance(number)?.id);
    let add = |position, record: &Record<'_>| events.add_stored(position, record, stream, key);
    if key.each_event(number, &mut snapshot, add)? {
        return Ok(events.answer(true, Remarks::default()));
    }
    Ok(Answer::of_data("null".to_owned()))
}

impl Decision {
    /// Refuses to store what was decided on another instance than the one that has the name now.
    pub(super) fn check_instance(&self, found: Option<u32>, instance: &str) -> Result<(), Error> {
        if self.number.is_none() || self.number == found {
            return Ok(());
        }
        let text =
            format!("the instance {instance:?} was deleted while it was decided what to append");
        Err(Error::new(Code::InstanceNotFound, text))
    }

    /// The answer to a call whose key is that of a call which was made before: what was stored then, which need not
    /// be what was decided now.
    pub(super) fn made_before(
        &self,
        key: &IdempotencyKey,
        number: u32,
        call: &str,
        batch: &mut dyn Transaction,
        revealing: &Revealing<'_>,
    ) -> Result<Option<Answer>, Fault> {
        let stream = self.stream.value(call);
        let instance_id = batch.instance(number)?.id.clone();
        let mut events = Written::new(&instance_id);
        let add = |position, record: &Record<'_>| {
            revealing.record(&instance_id, record, |record| {
                events.add_stored(position, record, stream, key)
            })
        };
        let found = key.each_event(number, batch, add)?;
        Ok(found.then(|| events.answer(true, Remarks::default())))
    }
}

impl Append {
    /// Reads the parameters of a call that stores a decision, JSON text that is a part of the text `call`.
    pub(super) fn decided(params: &str, event_bytes_max: usize, call: &str) -> Result<Self, Error> {
        let mut remarks = Remarks::default();
        let [instance, number, stream, sequence, create, key, events] =
            Object::parse("params", params, &STORED_KEYS)?.values;
        let target = Target::parse(instance, create, call)?;
        let stream = arguments::required("stream", stream, STREAM)?;
        let stream = Identifier::parse("stream", stream, call)?;
        let given = number.map(|raw| arguments::whole_number("number", raw));
        let number = given.transpose()?.map(|number| number as u32);
        let sequence = arguments::required("sequence", sequence, "a whole number")?;
        let sequence = arguments::whole_number("sequence", sequence)?;
        let of = Of {
            instance: target.instance.value(call),
            stream: &stream,
            call,
        };
        let parse = |element: &_, place, remarks: &mut _| of.parse(element, place, remarks);
        let events = parse_events(events, event_bytes_max, call, &mut remarks, parse)
            .map_err(|error| remarks.added_to(error))?;
        Ok(Self {
            key: IdempotencyKey::parse(key, events.len())?,
            expectations: Expectations::of_decision("stream", stream.value(call), sequence),
            fail_if: FailIf::default(),
            checkpoint: None,
            events,
            decision: Some(Decision { stream, number }),
            keys: Keys::default(),
            target,
            kind: ResponseKind::Data,
            form: AnswerForm::Values,
            remarks,
        })
    }

    /// The answer to a call whose events were stored so, as the last ones of their instance.
    pub(super) fn answer_decision(
        &self,
        appended: &[Appended],
        instance: &Instance,
        call: &str,
    ) -> Answer {
        let first = instance.head.last_position + 1 - appended.len() as u64;
        let mut events = Written::new(&instance.id);
        for (position, (event, appended)) in (first..).zip(self.events.iter().zip(appended)) {
            let event = event.new_event(call);
            let record = Record {
                id: appended.id,
                timestamp_ms: appended.timestamp_ms,
                sequence: appended.sequence_number,
                back: 0,
                stream_id: event.stream_id,
                event_type: event.event_type,
                call: None,
                payload: event.payload,
                metadata: event.metadata,
            };
            events.add(position, &record);
        }
        events.answer(false, self.remarks.clone())
    }
}

/// What events are decided on, as their call says it.
struct Of<'a> {
    instance: &'a str,
    stream: &'a Identifier,
    call: &'a str,
}

impl Of<'_> {
    /// Reads an event, which belongs there.
    fn parse(
        &self,
        raw: &str,
        place: ArgumentPath,
        remarks: &mut Remarks,
    ) -> Result<GivenEvent, Error> {
        let given = Object::parse(place.path(), raw, &EVENT_KEYS)?;
        refuse_misspelt(place, &given.unknown, &EVENT_KEYS)?;
        remarks.unknown_keys(place, &given.unknown);
        let [event @ .., instance, expected, key, fail_if, checkpoint] = &given.values;
        let path = |key| format!("{place}{key}");
        refuse_misplaced(path(expectation::OF_EVENT), *expected, OF_STATE)?;
        refuse_misplaced(path(idempotency::KEY), *key, KEY_OF_CALL)?;
        refuse_misplaced(path(fail_if::KEY), *fail_if, OF_APPENDS)?;
        refuse_misplaced(path(consumers::KEY), *checkpoint, OF_APPENDS)?;
        if let Some(raw) = instance {
            let instance = Identifier::parse(path("instanceId"), raw, self.call)?;
            refuse_other(
                &path("instanceId"),
                self.instance,
                instance.value(self.call),
            )?;
        }
        let [stream, ..] = event;
        let key = if stream.is_some() {
            "streamId"
        } else {
            "stream_id"
        };
        let event = GivenEvent::parse(event, self.stream, place, self.call, remarks)?;
        let stream = event.new_event(self.call).stream_id;
        refuse_other(&path(key), self.stream.value(self.call), stream)?;
        Ok(event)
    }
}

/// Refuses an event that names another place than the one that was decided on.
fn refuse_other(path: &str, decided: &str, found: &str) -> Result<(), Error> {
    if decided == found {
        return Ok(());
    }
    let expected = format!("nothing, or {decided:?}, which is decided on");
    Err(Error::expected(path, &expected, &format!("{found:?}")))
}

/// Events with their positions.
struct Written {
    instance_id: String,
    list: List,
}

impl Written {
    fn new(instance_id: &str) -> Self {
        Self {
            instance_id: instance_id.to_owned(),
            list: List::of_placed_events(instance_id),
        }
    }

    /// Adds an event that the call with that key has stored, which has to be of the stream.
    fn add_stored(
        &mut self,
        position: u64,
        record: &Record<'_>,
        stream: &str,
        key: &IdempotencyKey,
    ) -> Result<(), Fault> {
        if record.stream_id != stream {
            let found = format!(
                "one that has stored something in the stream {:?}",
                record.stream_id
            );
            return Err(key.mismatch(&found).into());
        }
        self.add(position, record);
        check_stored(self.list.bytes())
    }

    fn add(&mut self, position: u64, record: &Record<'_>) {
        let event = record.event(&self.instance_id, position);
        self.list.placed_event(position, &event);
    }

    /// The answer with these events; `duplicate` says whether they were stored before.
    fn answer(self, duplicate: bool, remarks: Remarks) -> Answer {
        let answer = self
            .list
            .answer("events", &format!("\"duplicate\":{duplicate}"));
        Answer { remarks, ..answer }
    }
}
