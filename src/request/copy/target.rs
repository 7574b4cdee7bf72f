//! Storing a page of an instance that is copied: first everything is checked, then everything is staged, so that a page
//! which is refused has changed nothing.

use std::collections::BTreeMap;

use super::mark::{MARK, Mark};
use super::page::{Page, StatePart};
use crate::engine::{Fault, NewEvent, NewInstance, Record};
use crate::error::{Code, Error};
use crate::hashing::{TextMap, TextSet};
use crate::request::caller::Caller;
use crate::request::response::Answer;
use crate::request::work::{Changes, Work};
use crate::seam::{Preview, Transaction};

/// A page that is to be stored.
pub struct CopiedPage {
    bytes: Vec<u8>,
    /// Whether an instance without a mark was compared with the other log.
    adopts: bool,
    event_bytes_max: usize,
}

/// What is there already.
enum Place {
    New,
    Stored { number: u32, mark: Option<Mark> },
}

impl CopiedPage {
    /// A page as another log has given it. `adopts` says that an instance which no copy has made was found to be a part of
    /// the one that is copied.
    #[must_use]
    pub const fn new(bytes: Vec<u8>, adopts: bool) -> Self {
        Self {
            bytes,
            adopts,
            event_bytes_max: 0,
        }
    }

    /// What a call does that stores the page, all of it or nothing. Its answer says whether it was stored: it is not if the
    /// log is not where the page begins.
    #[must_use]
    pub fn work(self) -> Work {
        Work::Change(Box::new(self))
    }

    pub(super) fn read(&mut self, event_bytes_max: usize) {
        self.event_bytes_max = event_bytes_max;
    }
}

impl Changes for CopiedPage {
    /// Copies do not count: each has one page in flight, and waits where others would be refused.
    fn bytes(&self) -> usize {
        0
    }

    fn prepare(&mut self, _: &dyn Preview, _: &Caller, event_bytes_max: usize) {
        self.read(event_bytes_max);
    }

    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        let page = Page::decode(&self.bytes);
        let page = page.ok_or_else(|| Error::internal("the copy", "a page is none"))?;
        let Some(place) = find(&page, self.adopts, batch)? else {
            return Ok(Answer::of_data("{\"stored\":false}".to_owned()));
        };
        check_names(&page, batch)?;
        check_events(&page, &place, self.event_bytes_max, batch)?;
        let position = page.last_position();
        stage(&page, &place, batch).map_err(undone)?;
        Ok(Answer::of_data(format!(
            "{{\"stored\":true,\"position\":{position}}}"
        )))
    }
}

fn conflict(page: &Page<'_>, text: &str) -> Fault {
    let text = format!("instance {:?}: {text}", page.id);
    Fault::refused(Code::ImportConflict, text)
}

/// Where the page belongs; `None` if the log is not where it begins, since another copy was quicker.
fn find(
    page: &Page<'_>,
    adopts: bool,
    batch: &mut dyn Transaction,
) -> Result<Option<Place>, Fault> {
    let holder = batch.holder(page.id)?;
    let Some(number) = holder else {
        return Ok((page.after == 0).then_some(Place::New));
    };
    let instance = batch.instance(number)?;
    if instance.id != page.id {
        // A name that an instance has had which was copied before.
        return Ok((page.after == 0).then_some(Place::New));
    }
    if instance.created_at_ms != page.created_at_ms {
        let text = "expected the one that is copied, found one that was made at another time";
        return Err(conflict(page, text));
    }
    let last = instance.head.last_position;
    let mark = mark_of(number, batch)?;
    match mark {
        Some(mark) if mark.position != last => {
            let text = "expected what the copy has stored, found events that were appended since";
            return Err(conflict(page, text));
        }
        None if !adopts => {
            let text = "expected none, or one that a copy has made, found one that was made since";
            return Err(conflict(page, text));
        }
        _ => {}
    }
    Ok((last == page.after).then_some(Place::Stored { number, mark }))
}

/// The other instance that has an id or a name which the page's instance has, and the id of that one.
fn other_holder(
    name: &str,
    page: &Page<'_>,
    batch: &mut dyn Transaction,
) -> Result<Option<(u32, String)>, Fault> {
    let Some(holder) = batch.holder(name)? else {
        return Ok(None);
    };
    let id = batch.instance(holder)?.id.clone();
    Ok((id != page.id).then_some((holder, id)))
}

/// Checks that the instance's id and name are free, or names that the copy has given other instances.
fn check_names(page: &Page<'_>, batch: &mut dyn Transaction) -> Result<(), Fault> {
    for name in [page.id, page.name] {
        let Some((holder, id)) = other_holder(name, page, batch)? else {
            continue;
        };
        if id == name || mark_of(holder, batch)?.is_none() {
            let text = format!(
                "expected an id and a name ({:?}) that no other instance has as its id or name, found them \
                 with the instance {id:?}",
                page.name
            );
            return Err(conflict(page, &text));
        }
    }
    Ok(())
}

fn mark_of(number: u32, batch: &mut dyn Transaction) -> Result<Option<Mark>, Fault> {
    let bytes = batch.state(number, MARK)?;
    bytes.map(|bytes| Mark::decode(&bytes)).transpose()
}

/// Checks that each event is the next one of its stream, that its key is new, and that the log takes it.
fn check_events(
    page: &Page<'_>,
    place: &Place,
    event_bytes_max: usize,
    batch: &mut dyn Transaction,
) -> Result<(), Fault> {
    let mut sequences: TextMap<&str, u64> = TextMap::default();
    let mut keys: TextSet<&str> = TextSet::default();
    for (position, record) in (page.after + 1..).zip(&page.records) {
        let bytes = new_event(record).bytes();
        if bytes > event_bytes_max {
            let text = format!(
                "instance {:?}, position {position}: expected an event of at most {event_bytes_max} bytes of \
                 UTF-8 (eventBytesMax), found {bytes}",
                page.id
            );
            return Err(Fault::refused(Code::LimitExceeded, text));
        }
        let last = match (sequences.get(record.stream_id), place) {
            (Some(last), _) => *last,
            (None, Place::Stored { number, .. }) => {
                batch.last_sequence(*number, record.stream_id)?
            }
            (None, Place::New) => 0,
        };
        if record.sequence != last + 1 {
            let text = format!(
                "position {position}: expected number {} of the stream {:?}, found {}",
                last + 1,
                record.stream_id,
                record.sequence
            );
            return Err(conflict(page, &text));
        }
        sequences.insert(record.stream_id, record.sequence);
        let Some(call) = record.call else { continue };
        let is_stored = match place {
            Place::Stored { number, .. } => batch.position_of_key(*number, call.text)?.is_some(),
            Place::New => false,
        };
        if is_stored || !keys.insert(call.text) {
            let text = format!(
                "position {position}: expected an idempotency key that no event before it has, found {:?}",
                call.text
            );
            return Err(conflict(page, &text));
        }
    }
    Ok(())
}

const fn new_event<'a>(record: &Record<'a>) -> NewEvent<'a> {
    NewEvent {
        stream_id: record.stream_id,
        event_type: record.event_type,
        payload: record.payload,
        metadata: record.metadata,
        timestamp_ms: Some(record.timestamp_ms),
        call: record.call,
    }
}

fn stage(page: &Page<'_>, place: &Place, batch: &mut dyn Transaction) -> Result<(), Fault> {
    // In the log that is copied, that one has another name by now. It has its id as its name until it is copied again.
    for name in [page.id, page.name] {
        if let Some((holder, id)) = other_holder(name, page, batch)? {
            // That is no change of its own.
            let updated_at_ms = batch.instance(holder)?.head.updated_at_ms;
            batch.set_now(Some(updated_at_ms));
            batch.update(holder, Some(&id), None)?;
        }
    }
    let (number, before) = match *place {
        Place::New => {
            let new = NewInstance {
                id: page.id,
                name: page.name,
                description: page.description.map(str::to_owned),
                created_at_ms: page.created_at_ms,
                updated_at_ms: Some(page.updated_at_ms),
            };
            (batch.make(new)?, None)
        }
        Place::Stored { number, mark } => {
            stage_changes(page, number, batch)?;
            (number, mark)
        }
    };
    for record in &page.records {
        batch.restore(number, &new_event(record), record.id, record.timestamp_ms)?;
    }
    if let Some(part) = &page.states {
        stage_states(part, number, batch)?;
    }
    let mark = Mark {
        position: page.last_position(),
        states: match &page.states {
            Some(part) => part.whole,
            // Events alone leave states as they are.
            None => before.and_then(|mark| mark.states),
        },
    };
    if before != Some(mark) {
        batch.put_state(number, MARK, &mark.encode())?;
    }
    Ok(())
}

/// Changes what may change of an instance: its name, its description, and when it was changed.
fn stage_changes(page: &Page<'_>, number: u32, batch: &mut dyn Transaction) -> Result<(), Fault> {
    let instance = batch.instance(number)?;
    let name = (instance.name != page.name).then_some(page.name);
    let is_other = instance.description.as_deref() != page.description;
    let description = page.description.filter(|_| is_other);
    if name.is_some() || description.is_some() {
        // The time of the change is that of the other log. What follows in the page has times of its own.
        batch.set_now(Some(page.updated_at_ms));
        batch.update(number, name, description)?;
    }
    batch.advance(number, page.updated_at_ms)
}

/// Puts the states of a page, and removes those that the other log does not have any more.
fn stage_states(
    part: &StatePart<'_>,
    number: u32,
    batch: &mut dyn Transaction,
) -> Result<(), Fault> {
    if !part.buckets.contains(&1) {
        return Ok(());
    }
    let given: BTreeMap<&str, &[u8]> = part.states.iter().copied().collect();
    for name in batch.state_names(number, "")? {
        if name != MARK && part.covers(&name) && !given.contains_key(name.as_str()) {
            batch.delete_state(number, &name)?;
        }
    }
    for (name, value) in given {
        batch.put_state(number, name, value)?;
    }
    Ok(())
}

/// A refusal after something was staged would leave that behind; as a fault, it undoes the commit.
fn undone(fault: Fault) -> Fault {
    match fault {
        Fault::Refused(error) => std::io::Error::other(error).into(),
        other => other,
    }
}
