//! A commit that is a transaction, which locks what it rests on before it decides.

use std::collections::BTreeSet;
use std::time::Instant;

use codebolt_eventlog::engine::Head;
use tokio_postgres::types::ToSql;

use super::columns::{EventColumns, HeadColumns, names, unnested};
use super::frame::{self, StateColumns};
use super::outcome::{Fence, Pending};
use super::{Approach, Attempt, Committed, Committer, Stage, new_token};
use crate::failure::Failure;
use crate::memory::{ENDS_SINCE, KnownInstance};
use crate::session::{Session, Values};
use crate::staging::{Staged, StagedInstance, log_of};

/// About how many bytes of events go into one statement.
const SLICE_BYTES: usize = 16 << 20;

const LOCK_LOG: &str = "SELECT commits, next_instance FROM log FOR UPDATE";

const LOCK_HEADS: &str = "SELECT h.instance, h.commits, h.token, h.position, h.streams, h.bytes, h.updated_at, \
     h.latest, h.late_position, i.id, i.name, i.description, i.created_at FROM heads h JOIN instances i \
     USING (instance) WHERE h.instance = ANY($1) ORDER BY h.instance FOR UPDATE OF h";

const INSERT_EVENTS: &str = concat!(
    "INSERT INTO events (instance, ",
    names!(),
    ") SELECT $1::int, ",
    unnested!(
        "$2", "$3", "$4", "$5", "$6", "$7", "$8", "$9", "$10", "$11", "$12"
    )
);

const INSERT_HEAD: &str = "INSERT INTO heads (instance, commits, token, position, streams, bytes, updated_at, \
     latest, late_position) VALUES ($1, 1, $2, $3, $4, $5, $6, $7, $8)";

const UPDATE_HEAD: &str = "UPDATE heads SET commits = commits + 1, token = $2, position = $3, streams = $4, \
     bytes = $5, updated_at = $6, latest = $7, late_position = $8 WHERE instance = $1";

impl Committer {
    pub(super) fn attempt_locking(
        &mut self,
        session: &mut Session,
        stage: Stage<'_>,
        (heads, log): (&BTreeSet<u32>, bool),
        until: Instant,
    ) -> Result<Attempt, Failure> {
        self.lock(session, heads, log)?;
        stage.add_more();
        let staged = match self.stage(session, stage) {
            Ok(staged) => staged,
            // What was read of others may be older than what they are.
            Err((failure, touched)) if !failure.is_lost() && !touched.is_subset(heads) => {
                let heads = touched.union(heads).copied().collect();
                return Ok(Attempt::Again(Approach::Locking { heads, log }));
            }
            Err((failure, _)) => return Err(failure),
        };
        let needs_log = staged.next_instance.is_some();
        if !staged.touched.is_subset(heads) || needs_log && !log {
            let heads = staged.touched.union(heads).copied().collect();
            let log = log || needs_log;
            return Ok(Attempt::Again(Approach::Locking { heads, log }));
        }
        if staged.is_unchanged() {
            return Ok(Attempt::Done(Committed::default()));
        }
        let token = new_token();
        if let Some(number) = frame::only(&staged) {
            // The head is the only one that is locked, or else one of those: so nobody else can move it on.
            let frame = (number, token, true);
            return if self.send_frame(session, &staged, frame, until)? {
                Ok(Attempt::Done(self.learn(&staged, token)))
            } else {
                Err(undone())
            };
        }
        write(session, &staged, token)?;
        let frame = self.next_frame();
        session.rows(
            "UPDATE writers SET frame = $2 WHERE writer = $1",
            &[&self.writer, &frame],
        )?;
        let _ = session.take_warnings();
        // What was locked first is what a commit that comes late holds.
        self.pending = Some(Pending::one(match heads.first() {
            _ if log => Fence::Log,
            Some(number) => Fence::Head(*number),
            None => Fence::Log,
        }));
        let committed = session.run("COMMIT").map(|()| true);
        if self.outcome(session, committed, until)? {
            return Ok(Attempt::Done(self.learn(&staged, token)));
        }
        Err(undone())
    }

    /// Locks heads, and what the log has if so, and learns where they stand.
    fn lock(
        &mut self,
        session: &mut Session,
        heads: &BTreeSet<u32>,
        log: bool,
    ) -> Result<(), Failure> {
        let numbers: Vec<i32> = heads.iter().map(|number| *number as i32).collect();
        let rows = if log {
            let rows = session.run_then("BEGIN", LOCK_LOG, &[])?;
            self.memory.log = Some(log_of(&rows)?);
            session.rows(LOCK_HEADS, &[&numbers])?
        } else if let ([only], Some(known)) = (numbers.as_slice(), self.known_of(heads)) {
            let position = known.stored.instance.head.last_position as i64;
            let lock: Values<'_> = &[&numbers];
            // Once the lock is had, the next statement sees all that others have committed.
            let both = session.run_then_both(
                "BEGIN",
                (LOCK_HEADS, lock),
                (ENDS_SINCE, &[only, &position]),
            );
            let [rows, ends] = both?;
            self.follow(session, heads, &rows, Some(ends))?;
            return Ok(());
        } else {
            session.run_then("BEGIN", LOCK_HEADS, &[&numbers])?
        };
        self.follow(session, heads, &rows, None)?;
        Ok(())
    }

    /// What is known of the first of these instances.
    fn known_of(&self, heads: &BTreeSet<u32>) -> Option<&KnownInstance> {
        heads
            .first()
            .and_then(|number| self.memory.instance(*number))
    }
}

fn undone() -> Failure {
    Failure::Undone("the transaction was not committed".to_owned())
}

/// Writes what was staged.
fn write(session: &mut Session, staged: &Staged, token: i64) -> Result<(), Failure> {
    if let Some(next_instance) = staged.next_instance {
        write_names(session, staged)?;
        session.rows(
            "UPDATE log SET commits = commits + 1, token = $1, next_instance = $2",
            &[&token, &next_instance],
        )?;
    }
    for (number, after) in &staged.instances {
        write_instance(session, *number, after)?;
        let sql = if after.is_new {
            INSERT_HEAD
        } else {
            UPDATE_HEAD
        };
        write_head(session, sql, (*number, token), after.instance.head)?;
        write_events(session, staged, (*number, after))?;
        write_states(session, *number, after)?;
    }
    Ok(())
}

/// Deletes what is to be deleted, and has names lead to where they are to lead.
fn write_names(session: &mut Session, staged: &Staged) -> Result<(), Failure> {
    let deleted: Vec<i32> = staged.deleted.iter().map(|number| *number as i32).collect();
    if !deleted.is_empty() {
        let values: Values<'_> = &[&deleted];
        session.rows("DELETE FROM heads WHERE instance = ANY($1)", values)?;
        session.rows("DELETE FROM instances WHERE instance = ANY($1)", values)?;
        session.rows("DELETE FROM states WHERE instance = ANY($1)", values)?;
        session.rows("DELETE FROM events WHERE instance = ANY($1)", values)?;
        if session.tables.writes_blocks {
            session.rows("DELETE FROM blocks WHERE instance = ANY($1)", values)?;
        }
    }
    let names: Vec<&[u8]> = staged.names.keys().map(String::as_bytes).collect();
    session.rows("DELETE FROM names WHERE name = ANY($1)", &[&names])?;
    let leading = staged
        .names
        .iter()
        .filter_map(|(name, number)| Some((name.as_bytes(), (*number)? as i32)));
    let (names, numbers): (Vec<&[u8]>, Vec<i32>) = leading.unzip();
    session.rows(
        "INSERT INTO names (name, instance) SELECT * FROM unnest($1::bytea[], $2::int[])",
        &[&names, &numbers],
    )?;
    Ok(())
}

/// Writes what seldom changes of an instance, if it does.
fn write_instance(
    session: &mut Session,
    number: u32,
    after: &StagedInstance,
) -> Result<(), Failure> {
    let instance = &after.instance;
    let number = number as i32;
    let (name, description) = (
        instance.name.as_bytes(),
        instance.description.as_deref().map(str::as_bytes),
    );
    if after.is_new {
        session.rows(
            "INSERT INTO instances (instance, id, name, description, created_at) VALUES ($1, $2, $3, $4, $5)",
            &[&number, &instance.id.as_bytes(), &name, &description, &instance.created_at_ms],
        )?;
    } else if after.is_described {
        session.rows(
            "UPDATE instances SET name = $2, description = $3 WHERE instance = $1",
            &[&number, &name, &description],
        )?;
    }
    Ok(())
}

fn write_head(
    session: &mut Session,
    sql: &'static str,
    (number, token): (u32, i64),
    head: Head,
) -> Result<(), Failure> {
    let number = number as i32;
    let head = HeadColumns::of(head);
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&number, &token];
    values.extend(head.values());
    session.rows(sql, &values)?;
    Ok(())
}

/// Writes events, some at a time.
fn write_events(
    session: &mut Session,
    staged: &Staged,
    (number, after): (u32, &StagedInstance),
) -> Result<(), Failure> {
    let mut columns = EventColumns::default();
    for found in staged.records_of(after) {
        let (position, record) = found.map_err(|fault| Failure::Told(fault.into()))?;
        columns.push(position, &record);
        if columns.bytes() >= SLICE_BYTES {
            insert(session, number, &std::mem::take(&mut columns))?;
        }
    }
    insert(session, number, &columns)
}

pub(super) fn insert(
    session: &mut Session,
    number: u32,
    columns: &EventColumns<'_>,
) -> Result<(), Failure> {
    if columns.is_empty() {
        return Ok(());
    }
    let number = number as i32;
    let mut values: Vec<&(dyn ToSql + Sync)> = vec![&number];
    values.extend(columns.values());
    session.rows(INSERT_EVENTS, &values)?;
    Ok(())
}

fn write_states(session: &mut Session, number: u32, after: &StagedInstance) -> Result<(), Failure> {
    let states = StateColumns::of(after);
    let number = number as i32;
    if !states.names.is_empty() {
        session.rows(
            "INSERT INTO states (instance, name, value) SELECT $1, * FROM unnest($2::bytea[], $3::bytea[]) \
             ON CONFLICT (instance, name) DO UPDATE SET value = excluded.value",
            &[&number, &states.names, &states.values],
        )?;
    }
    if !states.removed.is_empty() {
        session.rows(
            "DELETE FROM states WHERE instance = $1 AND name = ANY($2)",
            &[&number, &states.removed],
        )?;
    }
    Ok(())
}
