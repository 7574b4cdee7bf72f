//! What has to be asked of the database before changes can be decided, and what it has answered.

use std::collections::{BTreeSet, HashMap, HashSet};

use crate::failure::Failure;
use crate::memory::{KnownLog, Memory, StreamEnd};
use crate::rows::{StoredInstance, text};
use crate::session::Session;

/// What is to be asked.
#[derive(Debug, Default)]
pub(crate) struct Questions {
    names: BTreeSet<String>,
    streams: BTreeSet<(u32, String)>,
    keys: BTreeSet<(u32, String)>,
    states: BTreeSet<(u32, String)>,
    log: bool,
}

/// What the database has answered, and memory does not keep. It holds as long as the heads have the tokens that they had.
#[derive(Debug, Default)]
pub(crate) struct Answers {
    absent_names: HashSet<String>,
    keys: HashMap<u32, HashMap<String, Option<u64>>>,
    states: HashMap<u32, HashMap<String, Option<Vec<u8>>>>,
}

const NAMES: &str = "SELECT h.instance, h.commits, h.token, h.position, h.streams, h.bytes, h.updated_at, h.latest, \
     h.late_position, i.id, i.name, i.description, i.created_at, n.name FROM names n JOIN heads h USING (instance) \
     JOIN instances i USING (instance) WHERE n.name = ANY($1)";

const STREAMS: &str = "SELECT q.instance, q.stream, e.sequence, e.position \
     FROM unnest($1::int[], $2::bytea[]) AS q (instance, stream) \
     LEFT JOIN LATERAL (SELECT sequence, position FROM events WHERE instance = q.instance AND stream = q.stream \
     ORDER BY sequence DESC LIMIT 1) e ON true";

const KEYS: &str = "SELECT q.instance, q.key, e.position FROM unnest($1::int[], $2::bytea[]) AS q (instance, key) \
     LEFT JOIN LATERAL (SELECT position FROM events WHERE instance = q.instance AND key = q.key LIMIT 1) e ON true";

const STATES: &str = "SELECT q.instance, q.name, s.value FROM unnest($1::int[], $2::bytea[]) AS q (instance, name) \
     LEFT JOIN states s ON s.instance = q.instance AND s.name = q.name";

/// What the whole log has.
pub(crate) const LOG: &str = "SELECT commits, next_instance FROM log";

impl Questions {
    pub(crate) fn is_empty(&self) -> bool {
        let named = [&self.streams, &self.keys, &self.states];
        !self.log && self.names.is_empty() && named.iter().all(|questions| questions.is_empty())
    }

    pub(super) fn ask_name(&mut self, name: &str) {
        self.names.insert(name.to_owned());
    }

    pub(super) const fn ask_log(&mut self) {
        self.log = true;
    }

    pub(super) fn ask_stream(&mut self, number: u32, stream_id: &str) {
        self.streams.insert((number, stream_id.to_owned()));
    }

    pub(super) fn ask_key(&mut self, number: u32, key: &str) {
        self.keys.insert((number, key.to_owned()));
    }

    pub(super) fn ask_state(&mut self, number: u32, name: &str) {
        self.states.insert((number, name.to_owned()));
    }

    /// Asks all of it.
    pub(crate) fn ask(
        &self,
        session: &mut Session,
        memory: &mut Memory,
        answers: &mut Answers,
    ) -> Result<(), Failure> {
        if self.log {
            memory.log = Some(log_of(&session.rows(LOG, &[])?)?);
        }
        self.ask_names(session, memory, answers)?;
        each_named(session, STREAMS, &self.streams, |number, stream_id, row| {
            let sequence: Option<i64> = row.get(2);
            let position: Option<i64> = row.get(3);
            if let Some(known) = memory.instance_mut(number) {
                let end = StreamEnd {
                    sequence: sequence.unwrap_or(0) as u64,
                    position: position.unwrap_or(0) as u64,
                };
                known.note_stream(stream_id.into(), end);
            }
        })?;
        each_named(session, KEYS, &self.keys, |number, key, row| {
            let position: Option<i64> = row.get(2);
            let keys = answers.keys.entry(number).or_default();
            keys.insert(key.to_owned(), position.map(|position| position as u64));
        })?;
        each_named(session, STATES, &self.states, |number, name, row| {
            let value: Option<&[u8]> = row.get(2);
            if let Some(known) = memory.instance_mut(number) {
                known.note_state(name, value);
            }
            let states = answers.states.entry(number).or_default();
            states.insert(name.to_owned(), value.map(<[u8]>::to_vec));
        })
    }

    fn ask_names(
        &self,
        session: &mut Session,
        memory: &mut Memory,
        answers: &mut Answers,
    ) -> Result<(), Failure> {
        if self.names.is_empty() {
            return Ok(());
        }
        let names: Vec<&[u8]> = self.names.iter().map(String::as_bytes).collect();
        let mut absent: HashSet<&str> = self.names.iter().map(String::as_str).collect();
        for row in session.rows(NAMES, &[&names])? {
            let stored = StoredInstance::of(&row)?;
            let number = stored.number;
            match memory.instance(number) {
                // It was renamed by somebody else since it was seen.
                Some(_) => memory.follow(session, stored, None)?,
                None => {
                    memory.note(stored);
                }
            }
            if let Some(name) = text(row.get(13)) {
                absent.remove(name);
            }
        }
        answers
            .absent_names
            .extend(absent.into_iter().map(str::to_owned));
        Ok(())
    }
}

impl Answers {
    /// Whether no instance has that id or name.
    pub(super) fn is_absent(&self, name: &str) -> bool {
        self.absent_names.contains(name)
    }

    /// The position of a key, if that was answered.
    pub(super) fn key(&self, number: u32, key: &str) -> Option<Option<u64>> {
        self.keys.get(&number)?.get(key).copied()
    }

    /// A state, if that was answered.
    pub(super) fn state(&self, number: u32, name: &str) -> Option<Option<Vec<u8>>> {
        self.states.get(&number)?.get(name).cloned()
    }
}

/// What the rows of [`LOG`] say.
pub(crate) fn log_of(rows: &[tokio_postgres::Row]) -> Result<KnownLog, Failure> {
    let row = rows
        .first()
        .ok_or_else(|| Failure::corrupted("the table log is empty"))?;
    Ok(KnownLog {
        commits: row.get(0),
        next_instance: row.get(1),
    })
}

/// Asks a question of things by instance and name, and calls `learn` with what was asked and each answer.
fn each_named(
    session: &mut Session,
    sql: &'static str,
    asked: &BTreeSet<(u32, String)>,
    mut learn: impl FnMut(u32, &str, &tokio_postgres::Row),
) -> Result<(), Failure> {
    if asked.is_empty() {
        return Ok(());
    }
    let numbers: Vec<i32> = asked.iter().map(|(number, _)| *number as i32).collect();
    let names: Vec<&[u8]> = asked.iter().map(|(_, name)| name.as_bytes()).collect();
    for row in session.rows(sql, &[&numbers, &names])? {
        let name = text(row.get(1)).ok_or_else(|| Failure::corrupted("a name is no text"))?;
        learn(row.get::<_, i32>(0) as u32, name, &row);
    }
    Ok(())
}
