//! `appendEvent` and `appendEvents`.
//!
//! A call is read and checked before the writer's turn, and then applied: a refused call has
//! changed nothing, and a batch is stored whole or not at all.

mod answer;
mod decision;
mod keys;
mod target;

use self::decision::Decision;
pub(super) use self::decision::{extent as decision_extent, load as load_decision};
use self::keys::{
    BATCH_KEYS, CHECKPOINT_OF_BATCH, CONDITIONS_OF_BATCH, ELEMENT_KEYS, IN_BATCH, KEY_OF_BATCH,
    SINGLE_KEYS, refuse_keys_of_events, refuse_keys_of_fail_if,
};
use self::target::Target;

use super::call_text::CallText;
use super::caller::Caller;
use super::consumers::{self, Checkpoint};
use super::delivery::AnswerForm;
use super::encryption::{Keys, Revealing, Sealing};
use super::expectation::{self, Expectations};
use super::fail_if::{self, FailIf};
use super::given_event::{ArgumentPath, DEFAULT_STREAM, GivenEvent};
use super::idempotency::{self, IdempotencyKey};
use super::kind::ResponseKind;
use super::limits::{BATCH_EVENTS_MAX, RESPONSE_BYTES_MAX};
use super::response::{Answer, Remarks};
use super::work::{Changes, Work, unprepared};
use crate::arguments::{self, Object, only, refuse_misplaced, refuse_misspelt};
use crate::engine::{Fault, NewEvent};
use crate::error::{Code, Error};
use crate::seam::{Preview, Transaction};

/// What an event takes in a response beside its five texts, in bytes: keys, id, time and number.
const RESPONSE_EVENT_BYTES: usize = 256;

/// What one byte of an identifier takes in JSON at the most: a control character is `\u0000`.
const ESCAPED_BYTES_MAX: usize = 6;

/// What a call appends, checked. It holds places in the call's text, and is given that text again.
pub(super) struct Append {
    target: Target,
    key: Option<IdempotencyKey>,
    expectations: Expectations,
    fail_if: FailIf,
    checkpoint: Option<Checkpoint>,
    events: Vec<GivenEvent>,
    /// What the events were decided on, if they were.
    decision: Option<Decision>,
    /// What events are encrypted with.
    keys: Keys,
    /// [`ResponseKind::Event`] or [`ResponseKind::Events`].
    kind: ResponseKind,
    /// In which form it is answered.
    form: AnswerForm,
    remarks: Remarks,
}

/// A call of `appendEvent` or `appendEvents`, or one that stores a decision.
pub(super) struct Appending {
    arguments: CallText,
    parse: Parse,
    form: AnswerForm,
    append: Option<Result<Append, Error>>,
}

/// Reads the parameters of a call, as [`Append::one`] and the like do.
type Parse = fn(&str, usize, &str) -> Result<Append, Error>;

impl Appending {
    /// What a call of `appendEvent` with these arguments does.
    pub(super) fn one(arguments: String, form: AnswerForm) -> Work {
        Self::work(arguments, Append::one, form)
    }

    /// What a call of `appendEvent` with these parameters does whose event JavaScript keeps for the response. They are the
    /// text, and not in an array.
    pub(super) fn kept(parameters: CallText) -> Work {
        Self::work(parameters, Append::one, AnswerForm::Kept)
    }

    /// What a call of `appendEvents` with these parameters does whose events JavaScript keeps for the response. They are the
    /// text, and not in an array.
    pub(super) fn kept_events(parameters: CallText) -> Work {
        Self::work(parameters, Append::many, AnswerForm::Kept)
    }

    /// What a call of `appendEvents` with these arguments does.
    pub(super) fn many(arguments: String, form: AnswerForm) -> Work {
        Self::work(arguments, Append::many, form)
    }

    /// What a call with these arguments does that stores a decision.
    pub(super) fn decided(arguments: String) -> Work {
        Self::work(arguments, Append::decided, AnswerForm::Values)
    }

    fn work(arguments: impl Into<CallText>, parse: Parse, form: AnswerForm) -> Work {
        Work::Change(Box::new(Self {
            arguments: arguments.into(),
            parse,
            form,
            append: None,
        }))
    }

    fn parse(&self, event_bytes_max: usize) -> Result<Append, Error> {
        let params = match self.form {
            AnswerForm::Kept => Some(&*self.arguments),
            AnswerForm::Values | AnswerForm::Json => only(&self.arguments),
        };
        let params = params.ok_or_else(|| Error::expected("params", "an object", "nothing"))?;
        let params = arguments::checked("params", params)?;
        (self.parse)(params, event_bytes_max, &self.arguments)
    }
}

impl Changes for Appending {
    fn bytes(&self) -> usize {
        self.arguments.len()
    }

    fn prepare(&mut self, latest: &dyn Preview, caller: &Caller, event_bytes_max: usize) {
        let mut append = self.parse(event_bytes_max);
        if let Ok(append) = &mut append {
            append.creates_by_default(caller.creates_instances);
            append.form = self.form;
            append.keys = caller.keys.clone();
            append.look_ahead(&self.arguments, latest);
        }
        self.append = Some(append);
    }

    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        match &self.append {
            Some(Ok(append)) => append.apply(&self.arguments, batch),
            Some(Err(error)) => Err(Fault::Refused(error.clone())),
            None => Err(unprepared()),
        }
    }
}

impl Append {
    /// Reads the parameters of `appendEvent`, JSON text that is a part of the text `call`.
    pub(super) fn one(params: &str, event_bytes_max: usize, call: &str) -> Result<Self, Error> {
        let mut remarks = Remarks::default();
        let given = Object::parse("params", params, &SINGLE_KEYS)?;
        refuse_misspelt(ArgumentPath::Call, &given.unknown, &SINGLE_KEYS)?;
        refuse_keys_of_fail_if(&given.unknown, ArgumentPath::Call)?;
        remarks.unknown_keys(ArgumentPath::Call, &given.unknown);
        let [
            event @ ..,
            instance,
            create,
            expected,
            of_streams,
            key,
            fail_if,
            checkpoint,
        ] = &given.values;
        let target =
            Target::parse(*instance, *create, call).map_err(|error| remarks.added_to(error))?;
        let event = GivenEvent::parse(
            event,
            &DEFAULT_STREAM,
            ArgumentPath::Call,
            call,
            &mut remarks,
        )
        .map_err(|error| remarks.added_to(error))?;
        event.check_size(ArgumentPath::Call, event_bytes_max, call)?;
        let of_event = "give `expectedSequence`, for the stream of the event";
        refuse_misplaced(expectation::OF_STREAMS, *of_streams, of_event)?;
        let fail_if = FailIf::parse(*fail_if)?;
        fail_if.remarks().for_each(|remark| remarks.add(remark));
        Ok(Self {
            target,
            key: IdempotencyKey::parse(*key, 1)?,
            expectations: Expectations::of_event(*expected, event.new_event(call).stream_id)?,
            fail_if,
            checkpoint: Checkpoint::parse(*checkpoint)?,
            events: vec![event],
            decision: None,
            keys: Keys::default(),
            kind: ResponseKind::Event,
            form: AnswerForm::Values,
            remarks,
        })
    }

    /// Reads the parameters of `appendEvents`, JSON text that is a part of the text `call`.
    pub(super) fn many(params: &str, event_bytes_max: usize, call: &str) -> Result<Self, Error> {
        let mut remarks = Remarks::default();
        let given = Object::parse("params", params, &BATCH_KEYS)?;
        refuse_misspelt(ArgumentPath::Call, &given.unknown, &BATCH_KEYS)?;
        refuse_keys_of_fail_if(&given.unknown, ArgumentPath::Call)?;
        refuse_keys_of_events(&given.unknown)?;
        remarks.unknown_keys(ArgumentPath::Call, &given.unknown);
        let [
            instance,
            create,
            events,
            expected,
            of_event,
            key,
            fail_if,
            checkpoint,
        ] = given.values;
        let target =
            Target::parse(instance, create, call).map_err(|error| remarks.added_to(error))?;
        let parse =
            |element: &_, place, remarks: &mut _| parse_element(element, place, call, remarks);
        let events = parse_events(events, event_bytes_max, call, &mut remarks, parse)
            .map_err(|error| remarks.added_to(error))?;
        refuse_misplaced(expectation::OF_EVENT, of_event, IN_BATCH)?;
        let fail_if = FailIf::parse(fail_if)?;
        fail_if.remarks().for_each(|remark| remarks.add(remark));
        Ok(Self {
            target,
            key: IdempotencyKey::parse(key, events.len())?,
            expectations: Expectations::of_streams(expected)?,
            fail_if,
            checkpoint: Checkpoint::parse(checkpoint)?,
            events,
            decision: None,
            keys: Keys::default(),
            kind: ResponseKind::Events,
            form: AnswerForm::Values,
            remarks,
        })
    }

    /// Says whether an instance that is not there is made if the call does not say so itself.
    pub(super) const fn creates_by_default(&mut self, creates: bool) {
        self.target.creates_by_default = creates;
    }

    /// Looks through what is there before the call's turn, if it has conditions on that. `call` is the text
    /// that it was read from.
    pub(super) fn look_ahead(&mut self, call: &str, latest: &dyn Preview) {
        if self.fail_if.is_empty() {
            return;
        }
        if let Ok(snapshot) = latest.snapshot() {
            let instance = self.target.instance.value(call);
            // What cannot be looked through here is looked through, or fails again, within the turn.
            let revealing = Revealing::by(&self.keys);
            if let Err(fault) = self.fail_if.look_ahead(instance, snapshot, &revealing) {
                snapshot.note(&fault);
            }
        }
    }

    /// Appends the events, in order, unless the call with this key has done so before. `call` is the text
    /// that they were read from.
    pub(super) fn apply(&self, call: &str, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        let found = self.target.find(call, batch, &self.remarks)?;
        if let Some(decision) = &self.decision {
            decision.check_instance(found, self.target.instance.value(call))?;
        }
        let revealing = Revealing::by(&self.keys);
        if let (Some(key), Some(number)) = (&self.key, found)
            && let Some(answer) = self.made_before(key, number, call, batch, &revealing)?
        {
            return Ok(answer);
        }
        self.expectations.check(found, batch)?;
        self.fail_if.check(found, batch, &revealing)?;
        let checkpoint = self.checkpoint.as_ref();
        let checkpoint = checkpoint.map(|checkpoint| {
            let consumer = checkpoint.check(found, batch)?;
            Ok::<_, Fault>((checkpoint, consumer))
        });
        let checkpoint = checkpoint.transpose()?;
        if self.kind != ResponseKind::Event {
            let instance_id = match found {
                Some(number) => batch.instance(number)?.id.as_str(),
                None => self.target.instance.value(call),
            };
            check_response(instance_id, &self.events, call)?;
        }
        let subjects = self.events.iter().filter_map(GivenEvent::subject);
        let sealing = Sealing::of(subjects, &self.keys, batch.now_ms())?;
        let number = found.map_or_else(|| self.target.create(call, batch), Ok)?;
        let key = self.key.as_ref().map(|key| key.call(self.events.len()));
        let keys = std::iter::once(key).chain(std::iter::repeat(None));
        let mut appended = Vec::with_capacity(self.events.len());
        for (event, key) in self.events.iter().zip(keys) {
            let subject = event.subject();
            let event = NewEvent {
                call: key,
                ..event.new_event(call)
            };
            appended.push(sealing.append(number, &event, subject, batch)?);
        }
        if let Some((checkpoint, consumer)) = checkpoint {
            checkpoint.put(consumer, batch)?;
        }
        let instance = batch.instance(number)?;
        match &self.decision {
            None => Ok(self.answer(&appended, &instance.id, call, false)),
            Some(_) => Ok(self.answer_decision(&appended, instance, call)),
        }
    }

    /// The answer to a call whose key is that of a call which was made before.
    fn made_before(
        &self,
        key: &IdempotencyKey,
        number: u32,
        call: &str,
        batch: &mut dyn Transaction,
        revealing: &Revealing<'_>,
    ) -> Result<Option<Answer>, Fault> {
        if let Some(decision) = &self.decision {
            return decision.made_before(key, number, call, batch, revealing);
        }
        let Some(made) = key.find(number, &self.events, call, batch, revealing)? else {
            return Ok(None);
        };
        if let Some(checkpoint) = &self.checkpoint {
            checkpoint.put_again(number, batch)?;
        }
        if made.has_gone {
            return self.answer_as_read(key, number, batch, revealing).map(Some);
        }
        let instance_id = batch.instance(number)?.id.as_str();
        Ok(Some(self.answer(&made.appended, instance_id, call, true)))
    }
}

/// Reads the value of `events`, each of which `parse` reads.
fn parse_events(
    raw: Option<&str>,
    event_bytes_max: usize,
    call: &str,
    remarks: &mut Remarks,
    parse: impl Fn(&str, ArgumentPath, &mut Remarks) -> Result<GivenEvent, Error>,
) -> Result<Vec<GivenEvent>, Error> {
    let raw = arguments::required("events", raw, "an array")?;
    let unit = "events in a call";
    let elements = arguments::list("events", raw, "an array", BATCH_EVENTS_MAX, unit)?;
    let mut events = Vec::with_capacity(elements.len());
    for (index, element) in elements.into_iter().enumerate() {
        let place = ArgumentPath::Element(index);
        let event = parse(element, place, remarks)?;
        event.check_size(place, event_bytes_max, call)?;
        events.push(event);
    }
    Ok(events)
}

/// Reads one of the `events` of a batch.
fn parse_element(
    raw: &str,
    place: ArgumentPath,
    call: &str,
    remarks: &mut Remarks,
) -> Result<GivenEvent, Error> {
    let given = Object::parse(place.path(), raw, &ELEMENT_KEYS)?;
    refuse_misspelt(place, &given.unknown, &ELEMENT_KEYS)?;
    refuse_keys_of_fail_if(&given.unknown, place)?;
    remarks.unknown_keys(place, &given.unknown);
    let [event @ .., expected, key, fail_if, checkpoint] = &given.values;
    let path = |key| format!("{place}{key}");
    refuse_misplaced(path(expectation::OF_EVENT), *expected, IN_BATCH)?;
    refuse_misplaced(path(idempotency::KEY), *key, KEY_OF_BATCH)?;
    refuse_misplaced(path(fail_if::KEY), *fail_if, CONDITIONS_OF_BATCH)?;
    refuse_misplaced(path(consumers::KEY), *checkpoint, CHECKPOINT_OF_BATCH)?;
    GivenEvent::parse(event, &DEFAULT_STREAM, place, call, remarks)
}

/// Refuses a batch whose response might be more than one JavaScript string can hold.
fn check_response(instance_id: &str, events: &[GivenEvent], call: &str) -> Result<(), Error> {
    let bytes: usize = events
        .iter()
        .map(|event| {
            let event = event.new_event(call);
            let texts = instance_id.len() + event.stream_id.len() + event.event_type.len();
            RESPONSE_EVENT_BYTES
                + ESCAPED_BYTES_MAX * texts
                + event.payload.len()
                + event.metadata.len()
        })
        .sum();
    if bytes <= RESPONSE_BYTES_MAX {
        return Ok(());
    }
    Err(Error::new(
        Code::LimitExceeded,
        format!(
            "events: expected a batch whose response takes at most {RESPONSE_BYTES_MAX} bytes, \
             found one that may take {bytes}: append fewer events at a time"
        ),
    ))
}
