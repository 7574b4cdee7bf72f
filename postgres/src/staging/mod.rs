//! One commit in the making: what changes stage, decided on what the writer knows.
//!
//! What the writer does not know (where a stream ends, whether there is a key) is noted as a question and taken to be
//! absent, so that one turn of all changes finds all that there is to ask. If there were questions, they are
//! answered together and the changes are staged anew: a commit costs one more turn, and not one for each stream. What is
//! asked only then is answered at once.

mod events;
mod instances;
mod questions;
mod states;

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;
use std::sync::Arc;

use codebolt_eventlog::engine::{Appended, Fault, Instance, NewEvent, NewInstance, Record};
use codebolt_eventlog::seam::Transaction;
use uuid::Uuid;

pub(crate) use self::questions::{Answers, Questions, log_of};
use crate::failure::Failure;
use crate::memory::{Memory, StreamEnd};
use crate::rows::{self, INSTANCES, StoredInstance};
use crate::session::Session;

/// What is staged of one instance.
#[derive(Debug)]
pub(crate) struct StagedInstance {
    /// As it stands after the commit.
    pub(crate) instance: Instance,
    /// Its events: where among the staged records each lies, in the order of positions.
    pub(crate) records: Vec<Range<usize>>,
    pub(crate) streams: HashMap<Arc<str>, StreamEnd>,
    /// The keys of its calls, each with the position of the call's first event.
    keys: HashMap<String, u64>,
    /// The states that are put, and with `None` those that are removed.
    pub(crate) states: BTreeMap<String, Option<Vec<u8>>>,
    /// Whether the commit makes it.
    pub(crate) is_new: bool,
    /// Whether its name or description is another one.
    pub(crate) is_described: bool,
}

/// What a commit changes.
#[derive(Debug, Default)]
pub(crate) struct Staged {
    /// The instances that were looked at, and were there before.
    pub(crate) touched: BTreeSet<u32>,
    pub(crate) instances: BTreeMap<u32, StagedInstance>,
    /// The ids and names that change: the instance that each then leads to, if it leads to any.
    pub(crate) names: HashMap<String, Option<u32>>,
    pub(crate) deleted: BTreeSet<u32>,
    /// The number that the next instance gets, if any are made, renamed or deleted.
    pub(crate) next_instance: Option<i64>,
    /// The records of all events.
    pub(crate) records: Vec<u8>,
}

impl Staged {
    /// Whether there is nothing to commit.
    pub(crate) fn is_unchanged(&self) -> bool {
        self.instances.is_empty() && self.next_instance.is_none()
    }

    /// How many events it appends.
    pub(crate) fn event_count(&self) -> usize {
        self.instances
            .values()
            .map(|staged| staged.records.len())
            .sum()
    }

    /// The events of an instance, with their positions.
    pub(crate) fn records_of<'a>(
        &'a self,
        staged: &'a StagedInstance,
    ) -> impl Iterator<Item = Result<(u64, Record<'a>), Fault>> {
        let first = staged.instance.head.last_position + 1 - staged.records.len() as u64;
        (first..).zip(&staged.records).map(|(position, range)| {
            let bytes = self.records.get(range.clone()).unwrap_or_default();
            Ok((position, Record::decode(bytes, position)?))
        })
    }
}

/// How questions are answered that come up.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Asking {
    /// Together, once all changes were staged.
    Together,
    /// Each as it comes up.
    AtOnce,
    /// Not at all: the connection has something else to do. What cannot be read without a question fails.
    Never,
}

/// Stages changes.
pub(crate) struct Staging<'a> {
    memory: &'a mut Memory,
    session: &'a mut Session,
    answers: &'a mut Answers,
    questions: Questions,
    asking: Asking,
    staged: Staged,
    began_ms: i64,
    now_ms: i64,
    /// What has failed in asking the database.
    failure: Option<Failure>,
}

impl<'a> Staging<'a> {
    pub(crate) fn begin(
        (memory, session, answers): (&'a mut Memory, &'a mut Session, &'a mut Answers),
        now_ms: i64,
        asking: Asking,
    ) -> Self {
        Self {
            memory,
            session,
            answers,
            questions: Questions::default(),
            asking,
            staged: Staged::default(),
            began_ms: now_ms,
            now_ms,
            failure: None,
        }
    }

    /// What has failed in asking the database, whatever the changes have made of it.
    pub(crate) const fn failure(&mut self) -> Option<Failure> {
        self.failure.take()
    }

    /// What was staged, and what there is to be asked before it means anything.
    pub(crate) fn finish(self) -> (Staged, Questions) {
        (self.staged, self.questions)
    }

    /// Has the question answered that was just asked, if questions are answered at once. Returns whether it was.
    fn answer_now(&mut self) -> bool {
        if self.asking != Asking::AtOnce {
            return false;
        }
        let questions = std::mem::take(&mut self.questions);
        let asked = questions.ask(self.session, self.memory, self.answers);
        self.failure = asked.err().or_else(|| self.failure.take());
        self.failure.is_none()
    }

    /// Notes a failure, which spoils the commit.
    fn failed(&mut self, failure: Failure) -> Fault {
        self.failure = Some(failure.clone());
        failure.into()
    }

    /// Fails if nothing can be asked now.
    fn check_asking(&mut self) -> Result<(), Fault> {
        if self.asking == Asking::Never {
            let text = "the connection has something else to do".to_owned();
            return Err(self.failed(Failure::Undone(text)));
        }
        Ok(())
    }

    /// The instance of that number, as it stands within this commit.
    fn known(&mut self, number: u32) -> Result<&Instance, Fault> {
        if !self.staged.instances.contains_key(&number) {
            if self.memory.instance(number).is_none() {
                self.ask_for(number)?;
            }
            self.staged.touched.insert(number);
        }
        let staged = self
            .staged
            .instances
            .get(&number)
            .map(|staged| &staged.instance);
        let known = || {
            self.memory
                .instance(number)
                .map(|known| &known.stored.instance)
        };
        staged.or_else(known).ok_or_else(|| missing(number))
    }

    /// Learns of an instance that the writer does not know.
    fn ask_for(&mut self, number: u32) -> Result<(), Fault> {
        self.check_asking()?;
        let found = self.session.rows(INSTANCES, &[&vec![number as i32]]);
        let found = found.map_err(|failure| self.failed(failure))?;
        let row = found
            .first()
            .filter(|_| !self.staged.deleted.contains(&number));
        let row = row.ok_or_else(|| missing(number))?;
        let stored = StoredInstance::of(row).map_err(|failure| self.failed(failure))?;
        self.memory.note(stored);
        Ok(())
    }

    /// The instance of that number, to be changed.
    fn changed(&mut self, number: u32) -> Result<&mut StagedInstance, Fault> {
        if !self.staged.instances.contains_key(&number) {
            let staged = StagedInstance::of(self.known(number)?.clone(), false);
            self.staged.instances.insert(number, staged);
        }
        self.staged
            .instances
            .get_mut(&number)
            .ok_or_else(|| missing(number))
    }

    /// Whether the database knows the instance.
    fn is_stored(&self, number: u32) -> bool {
        !self
            .staged
            .instances
            .get(&number)
            .is_some_and(|staged| staged.is_new)
    }

    /// Calls `visit` with the stored events at these positions.
    fn each_stored(
        &mut self,
        number: u32,
        positions: std::ops::RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.check_asking()?;
        rows::each_in(self.session, number, positions, visit).inspect_err(|fault| {
            // What `visit` refuses is none of the database's failures.
            if let Fault::Failed(error) = fault {
                self.failure = Some(if self.session.is_closed() {
                    Failure::Lost(error.text().to_owned())
                } else {
                    Failure::Told(error.clone())
                });
            }
        })
    }
}

impl StagedInstance {
    fn of(instance: Instance, is_new: bool) -> Self {
        Self {
            instance,
            records: Vec::new(),
            streams: HashMap::new(),
            keys: HashMap::new(),
            states: BTreeMap::new(),
            is_new,
            is_described: false,
        }
    }
}

fn missing(number: u32) -> Fault {
    Fault::Corrupted(format!("instances: row {number} is missing"))
}

impl Transaction for Staging<'_> {
    fn set_now(&mut self, now_ms: Option<i64>) {
        self.now_ms = now_ms.unwrap_or(self.began_ms);
    }

    fn now_ms(&self) -> i64 {
        self.now_ms
    }

    fn find(&mut self, id_or_name: &str) -> Result<u32, Fault> {
        self.number_of(id_or_name)
            .ok_or_else(|| instances::not_found(id_or_name))
    }

    fn holder(&mut self, id_or_name: &str) -> Result<Option<u32>, Fault> {
        Ok(self.number_of(id_or_name))
    }

    fn instance(&mut self, number: u32) -> Result<&Instance, Fault> {
        self.known(number)
    }

    fn make(&mut self, new: NewInstance<'_>) -> Result<u32, Fault> {
        self.stage_new(new)
    }

    fn update(
        &mut self,
        number: u32,
        name: Option<&str>,
        description: Option<&str>,
    ) -> Result<Instance, Fault> {
        self.stage_update(number, name, description)
    }

    fn advance(&mut self, number: u32, updated_at_ms: i64) -> Result<(), Fault> {
        if self.known(number)?.head.updated_at_ms < updated_at_ms {
            self.changed(number)?.instance.head.updated_at_ms = updated_at_ms;
        }
        Ok(())
    }

    fn delete(&mut self, number: u32) -> Result<Instance, Fault> {
        self.stage_deletion(number)
    }

    fn last_sequence(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Ok(self.stream_end(number, stream_id)?.sequence)
    }

    fn last_position(&mut self, number: u32, stream_id: &str) -> Result<u64, Fault> {
        Ok(self.stream_end(number, stream_id)?.position)
    }

    fn position_of_key(&mut self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        self.find_key(number, key)
    }

    fn each_record(
        &mut self,
        number: u32,
        positions: std::ops::RangeInclusive<u64>,
        visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.visit_records(number, positions, visit)
    }

    fn append(&mut self, number: u32, event: &NewEvent<'_>) -> Result<Appended, Fault> {
        let now_ms = self.now_ms;
        let head = &mut self.changed(number)?.instance.head;
        head.updated_at_ms = head.updated_at_ms.max(now_ms);
        let timestamp_ms = event.timestamp_ms.unwrap_or(head.updated_at_ms);
        self.stage_event(number, event, Uuid::now_v7(), timestamp_ms)
    }

    fn restore(
        &mut self,
        number: u32,
        event: &NewEvent<'_>,
        id: Uuid,
        timestamp_ms: i64,
    ) -> Result<Appended, Fault> {
        self.stage_event(number, event, id, timestamp_ms)
    }

    fn state(&mut self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        self.find_state(number, name)
    }

    fn state_names(&mut self, number: u32, prefix: &str) -> Result<Vec<String>, Fault> {
        self.find_state_names(number, prefix)
    }

    fn put_state(&mut self, number: u32, name: &str, value: &[u8]) -> Result<(), Fault> {
        let states = &mut self.changed(number)?.states;
        states.insert(name.to_owned(), Some(value.to_vec()));
        Ok(())
    }

    fn delete_state(&mut self, number: u32, name: &str) -> Result<bool, Fault> {
        let is_there = self.find_state(number, name)?.is_some();
        if is_there {
            self.changed(number)?.states.insert(name.to_owned(), None);
        }
        Ok(is_there)
    }
}
