//! What the writer knows of the log, as of the last commit that it has made or seen.
//!
//! It may be older than the database: whoever commits on it says which tokens it is based on, and nothing is stored unless
//! the heads still have them. Of streams it may be newer than its heads, which does no harm: whoever brings the heads up to
//! date comes to the same.

use std::collections::HashMap;
use std::sync::Arc;

use codebolt_eventlog::engine::Instance;
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::rows::{INSTANCES, StoredInstance, text};
use crate::session::Session;

/// How many instances are known at the most.
const INSTANCES_MAX: usize = 4_096;

/// Of how many streams and states of an instance it is known where they stand, at the most.
const NAMED_MAX: usize = 65_536;

/// How long a state may be to be kept, in bytes.
const STATE_BYTES_MAX: usize = 1_024;

/// After how many events of others their streams are asked for anew, rather than followed.
const FOLLOWED_MAX: u64 = 10_000;

/// Where the streams end that others have added to.
pub(crate) const ENDS_SINCE: &str = "SELECT stream, max(sequence), max(position) FROM events \
     WHERE instance = $1 AND position > $2 GROUP BY stream";

/// Where a stream ends: the number and the position of its last event, zeros if it has none.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct StreamEnd {
    pub(crate) sequence: u64,
    pub(crate) position: u64,
}

/// What is known of which instances there are.
#[derive(Clone, Copy, Debug)]
pub(crate) struct KnownLog {
    pub(crate) commits: i64,
    pub(crate) next_instance: i64,
}

/// What is known of one instance.
#[derive(Debug)]
pub(crate) struct KnownInstance {
    pub(crate) stored: StoredInstance,
    streams: HashMap<Arc<str>, StreamEnd>,
    /// How many of the known streams have events.
    begun_count: u64,
    /// Short states, and those that are known not to be there.
    pub(crate) states: HashMap<String, Option<Vec<u8>>>,
}

/// What the writer knows.
#[derive(Debug, Default)]
pub(crate) struct Memory {
    pub(crate) log: Option<KnownLog>,
    numbers: HashMap<String, u32>,
    instances: HashMap<u32, KnownInstance>,
}

impl KnownInstance {
    /// Where a stream ends, if that is known.
    ///
    /// Where all streams are known that the head counts, any other one has no events: what a process makes anew, it never
    /// has to ask for. A stream that is newer than the head may be counted in the place of another one; then the head has
    /// another token by now, and nothing is stored that rests on this.
    pub(crate) fn stream_end(&self, stream_id: &str) -> Option<StreamEnd> {
        let known = self.streams.get(stream_id).copied();
        let knows_all = self.begun_count >= self.stored.instance.head.stream_count;
        known.or_else(|| knows_all.then(StreamEnd::default))
    }

    /// Notes where a stream ends, unless it is known to be longer.
    pub(crate) fn note_stream(&mut self, stream_id: Arc<str>, end: StreamEnd) {
        if self.streams.len() >= NAMED_MAX {
            self.forget_streams();
        }
        let known = self.streams.entry(stream_id).or_default();
        if known.sequence < end.sequence {
            self.begun_count += u64::from(known.sequence == 0);
            *known = end;
        }
    }

    fn forget_streams(&mut self) {
        self.streams.clear();
        self.begun_count = 0;
    }

    /// Notes what a state is, if it is short.
    pub(crate) fn note_state(&mut self, name: &str, value: Option<&[u8]>) {
        if self.states.len() >= NAMED_MAX {
            self.states.clear();
        }
        if value.is_some_and(|value| value.len() > STATE_BYTES_MAX) {
            self.states.remove(name);
        } else {
            let value = value.map(<[u8]>::to_vec);
            self.states.insert(name.to_owned(), value);
        }
    }
}

impl Memory {
    /// The number of the instance whose id or name that is, if it is known.
    pub(crate) fn number(&self, id_or_name: &str) -> Option<u32> {
        self.numbers.get(id_or_name).copied()
    }

    pub(crate) fn instance(&self, number: u32) -> Option<&KnownInstance> {
        self.instances.get(&number)
    }

    pub(crate) fn instance_mut(&mut self, number: u32) -> Option<&mut KnownInstance> {
        self.instances.get_mut(&number)
    }

    /// Forgets some, if there is more than it has room for. It is called between commits.
    pub(crate) fn shrink(&mut self) {
        if self.instances.len() > INSTANCES_MAX {
            self.instances.clear();
            self.numbers.clear();
        }
    }

    /// Notes an instance of which nothing is known yet, or anew what it is and where it stands.
    pub(crate) fn note(&mut self, stored: StoredInstance) -> &mut KnownInstance {
        let Instance { id, name, .. } = &stored.instance;
        if let Some(known) = self.instances.get(&stored.number) {
            let before = known.stored.instance.name.clone();
            if before != *name && before != *id {
                self.numbers.remove(&before);
            }
        }
        self.numbers.insert(id.clone(), stored.number);
        self.numbers.insert(name.clone(), stored.number);
        let number = stored.number;
        match self.instances.entry(number) {
            std::collections::hash_map::Entry::Occupied(entry) => {
                let known = entry.into_mut();
                known.stored = stored;
                known
            }
            std::collections::hash_map::Entry::Vacant(entry) => entry.insert(KnownInstance {
                stored,
                streams: HashMap::new(),
                begun_count: 0,
                states: HashMap::new(),
            }),
        }
    }

    /// Forgets an instance.
    pub(crate) fn forget(&mut self, number: u32) {
        self.instances.remove(&number);
        self.numbers.retain(|_, other| *other != number);
    }

    /// Takes back all that was noted of an instance since it stood so.
    pub(crate) fn take_back(&mut self, to: StoredInstance) {
        self.forget(to.number);
        self.note(to);
    }

    /// Brings what is known of an instance up to date with what the database has of it, of which the row is `found`.
    /// `ends` are the rows of [`ENDS_SINCE`] from the known position on, if they were read after that row.
    pub(crate) fn follow(
        &mut self,
        session: &mut Session,
        found: StoredInstance,
        ends: Option<Vec<Row>>,
    ) -> Result<(), Failure> {
        let number = found.number;
        let Some(known) = self.instances.get_mut(&number) else {
            self.note(found);
            return Ok(());
        };
        check_not_behind(&known.stored, &found)?;
        if known.stored.token == found.token {
            return Ok(());
        }
        known.states.clear();
        let before = known.stored.instance.head.last_position;
        if found.instance.head.last_position - before > FOLLOWED_MAX {
            known.forget_streams();
        } else {
            let read = || session.rows(ENDS_SINCE, &[&(number as i32), &(before as i64)]);
            for row in ends.map_or_else(read, Ok)? {
                let stream_id = text(row.get(0));
                let stream_id =
                    stream_id.ok_or_else(|| Failure::corrupted("the id of a stream is no text"))?;
                let end = StreamEnd {
                    sequence: row.get::<_, i64>(1) as u64,
                    position: row.get::<_, i64>(2) as u64,
                };
                known.note_stream(stream_id.into(), end);
            }
        }
        self.note(found);
        Ok(())
    }

    /// Learns of a server that may be another one than before how it stands, and forgets what has changed.
    pub(crate) fn compare(&mut self, session: &mut Session) -> Result<(), Failure> {
        self.log = None;
        let numbers: Vec<i32> = self.instances.keys().map(|number| *number as i32).collect();
        if numbers.is_empty() {
            return Ok(());
        }
        let mut found = HashMap::new();
        for row in session.rows(INSTANCES, &[&numbers])? {
            let stored = StoredInstance::of(&row)?;
            found.insert(stored.number, stored);
        }
        let mut changed = Vec::new();
        for (number, known) in &self.instances {
            match found.get(number) {
                Some(found) => {
                    check_not_behind(&known.stored, found)?;
                    if found.token != known.stored.token {
                        changed.push(*number);
                    }
                }
                None => changed.push(*number),
            }
        }
        for number in changed {
            self.forget(number);
        }
        Ok(())
    }
}

/// Fails if an instance does not have any more what it had.
fn check_not_behind(known: &StoredInstance, found: &StoredInstance) -> Result<(), Failure> {
    let places = |stored: &StoredInstance| (stored.instance.head.last_position, stored.commits);
    let ((expected, commits), (position, found_commits)) = (places(known), places(found));
    if position < expected || found_commits < commits {
        return Err(Failure::Gone(format!(
            "instance {:?} was seen at position {expected} after {commits} commits, and is at \
             position {position} after {found_commits} now: the server that had the rest has failed, and another one \
             has taken its place without it",
            known.instance.id
        )));
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use codebolt_eventlog::engine::Head;
    use uuid::Uuid;

    use super::*;

    fn instance(stream_count: u64) -> StoredInstance {
        StoredInstance {
            number: 1,
            commits: 1,
            token: 1,
            instance: Instance {
                id: Uuid::nil().to_string(),
                name: "shop".to_owned(),
                description: None,
                created_at_ms: 0,
                head: Head {
                    last_position: 0,
                    stream_count,
                    stored_bytes: 0,
                    updated_at_ms: 0,
                    latest_ms: 0,
                    late_position: 0,
                },
            },
        }
    }

    #[test]
    fn a_stream_is_new_where_all_others_are_known() {
        let end = |sequence| StreamEnd {
            sequence,
            position: sequence,
        };
        let mut memory = Memory::default();
        let known = memory.note(instance(2));
        assert_eq!(known.stream_end("new"), None);
        known.note_stream("a".into(), end(1));
        known.note_stream("a".into(), end(2));
        // One that has no events is none of those that are counted.
        known.note_stream("empty".into(), end(0));
        assert_eq!(known.stream_end("empty"), Some(end(0)));
        assert_eq!(known.stream_end("new"), None);
        known.note_stream("empty".into(), end(3));
        assert_eq!(known.stream_end("new"), Some(end(0)));
        assert_eq!(known.stream_end("a"), Some(end(2)));

        // Somebody else begins one.
        let known = memory.note(instance(3));
        assert_eq!(known.stream_end("new"), None);

        known.forget_streams();
        assert_eq!(known.stream_end("a"), None);
        assert_eq!(memory.note(instance(0)).stream_end("new"), Some(end(0)));
    }
}
