//! The log as of one moment: a transaction that only reads.

mod beginning;
mod blocks;
mod chain;
mod chunks;
mod lists;

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use codebolt_eventlog::cancellation::Cancellation;
use codebolt_eventlog::engine::{Fault, Horizon, Instance, StreamEnd, closed};
use codebolt_eventlog::error::{Code, Error};
use codebolt_eventlog::seam::{EventChain, EventChunks, ReadSnapshot};
use parking_lot::Mutex;
use tokio_postgres::Row;
use uuid::Uuid;

use self::beginning::{Begun, Newest};
use self::chain::Chain;
use self::chunks::Chunks;
use crate::block_size::BlockSize;
use crate::blocks::{KnownBlocks, Wanted};
use crate::failure::Failure;
use crate::observed::{DELETED, Observed};
use crate::rows::{ALL_INSTANCES, INSTANCES, StoredInstance};
use crate::session::{LogTables, Session, Values};

/// How many commits the log has had that make, rename or delete instances, and how many each of some instances has had.
pub(crate) const COMMITS: &str = "SELECT NULL::int, commits FROM log UNION ALL \
     SELECT instance, commits FROM heads WHERE instance = ANY($1)";

const BY_NAME: &str = "SELECT h.instance, h.commits, h.token, h.position, h.streams, h.bytes, h.updated_at, h.latest, \
     h.late_position, i.id, i.name, i.description, i.created_at FROM names n JOIN heads h USING (instance) \
     JOIN instances i USING (instance) WHERE n.name = $1";

/// The log as of one moment.
pub(crate) struct Snapshot {
    session: Mutex<Session>,
    tables: LogTables,
    observed: Arc<Observed>,
    known_blocks: Arc<KnownBlocks>,
    /// The blocks that it has met whose summaries are to be kept.
    wanted: Mutex<Vec<Wanted>>,
    /// See [`Observed::note_seen`].
    commits: u64,
    /// The number of the last change that was known before it began.
    before: u64,
    /// The instances that were asked for.
    instances: Mutex<HashMap<u32, Option<Instance>>>,
    /// Of those that somebody follows: the state that says where their events begin.
    horizons: HashMap<u32, Option<Vec<u8>>>,
    newest: Newest,
    /// Raised when nobody is left to hear what is read.
    unwanted: Cancellation,
    /// Raised when the connection is lost.
    lost: AtomicBool,
}

/// What rows of [`COMMITS`] say of the log and of those instances.
pub(crate) fn commits_of(rows: &[Row], numbers: &[i32]) -> Vec<(Option<u32>, i64)> {
    let mut seen: Vec<(Option<u32>, i64)> = rows
        .iter()
        .map(|row| {
            (
                row.get::<_, Option<i32>>(0).map(|number| number as u32),
                row.get(1),
            )
        })
        .collect();
    for number in numbers {
        let number = Some(*number as u32);
        if !seen.iter().any(|(other, _)| *other == number) {
            seen.push((number, DELETED));
        }
    }
    seen
}

/// Fails if the server lacks what was seen by when the last change had the number `before`.
pub(crate) fn check_not_behind(
    session: &Session,
    observed: &Observed,
    before: u64,
    seen: &[(Option<u32>, i64)],
) -> Result<(), Failure> {
    let mut seen = seen.iter();
    let is_behind = session.tables.may_be_behind
        && seen.any(|(instance, commits)| observed.was_ahead(before, *instance, *commits));
    if is_behind {
        return Err(Failure::Behind);
    }
    Ok(())
}

impl Snapshot {
    /// Begins one, which notes how those instances stand that somebody follows.
    pub(crate) fn begin(
        mut session: Session,
        (observed, known_blocks): (&Arc<Observed>, &Arc<KnownBlocks>),
        unwanted: Cancellation,
    ) -> Result<Self, Failure> {
        let followed = observed.followed();
        let before = observed.number();
        let Begun {
            seen,
            instances,
            horizons,
            newest,
        } = Begun::with(&mut session, observed, &followed)?;
        check_not_behind(&session, observed, before, &seen)?;
        let commits = observed.note_seen(before, &seen);
        Ok(Self {
            before,
            tables: session.tables,
            session: Mutex::new(session),
            observed: Arc::clone(observed),
            known_blocks: Arc::clone(known_blocks),
            wanted: Mutex::default(),
            commits,
            instances: Mutex::new(instances),
            horizons,
            newest,
            unwanted,
            lost: AtomicBool::new(false),
        })
    }

    /// Ends it, and gives the session back if it is of use, with the blocks whose summaries are to be kept.
    pub(crate) fn end(self) -> (Option<Session>, Vec<Wanted>) {
        let session = self.session.into_inner();
        let session = session.run("COMMIT").is_ok().then_some(session);
        (session, self.wanted.into_inner())
    }

    /// The id of the log.
    pub(crate) const fn log(&self) -> Uuid {
        self.tables.log
    }

    /// How many events a block has.
    pub(crate) const fn block_size(&self) -> BlockSize {
        self.tables.block_size
    }

    fn rows(&self, sql: &'static str, values: Values<'_>) -> Result<Vec<Row>, Fault> {
        let found = self.session.lock().rows(sql, values);
        if found.as_ref().is_err_and(Failure::is_lost) {
            self.lost.store(true, Ordering::Relaxed);
        }
        Ok(found?)
    }

    /// Notes an instance that was read.
    fn note_instance(&self, row: &Row) -> Result<(u32, Instance), Fault> {
        let stored = StoredInstance::of(row)?;
        let (number, commits) = (Some(stored.number), stored.commits);
        if self.tables.may_be_behind && self.observed.was_ahead(self.before, number, commits) {
            // The next one finds that out as it begins.
            self.observed.follow(stored.number);
            self.lost.store(true, Ordering::Relaxed);
            return Err(Failure::Behind.into());
        }
        self.observed.note(number, commits);
        let mut instances = self.instances.lock();
        instances.insert(stored.number, Some(stored.instance.clone()));
        Ok((stored.number, stored.instance))
    }

    /// The instance of that number, if there is one.
    fn find_instance(&self, number: u32) -> Result<Option<Instance>, Fault> {
        if let Some(known) = self.instances.lock().get(&number) {
            return Ok(known.clone());
        }
        let rows = self.rows(INSTANCES, &[&vec![number as i32]])?;
        let Some(row) = rows.first() else {
            self.observed.note(Some(number), DELETED);
            self.instances.lock().insert(number, None);
            return Ok(None);
        };
        Ok(Some(self.note_instance(row)?.1))
    }
}

impl ReadSnapshot for Snapshot {
    fn commits(&self) -> u64 {
        self.commits
    }

    fn find(&self, id_or_name: &str) -> Result<u32, Fault> {
        let rows = self.rows(BY_NAME, &[&id_or_name.as_bytes()])?;
        let row = rows.first().ok_or_else(|| {
            let text = format!("no instance has the id or name {id_or_name:?}");
            Fault::Refused(Error::new(Code::InstanceNotFound, text))
        })?;
        Ok(self.note_instance(row)?.0)
    }

    fn instance(&self, number: u32) -> Result<Instance, Fault> {
        let missing = || Fault::Corrupted(format!("instances: row {number} is missing"));
        self.find_instance(number)?.ok_or_else(missing)
    }

    fn has_instance(&self, number: u32) -> Result<bool, Fault> {
        Ok(self.find_instance(number)?.is_some())
    }

    fn instance_count(&self) -> Result<u64, Fault> {
        let rows = self.rows("SELECT count(*) FROM heads", &[])?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0) as u64))
    }

    fn instances(&self) -> Result<Vec<Instance>, Fault> {
        let rows = self.rows(ALL_INSTANCES, &[])?;
        rows.iter()
            .map(|row| Ok(self.note_instance(row)?.1))
            .collect()
    }

    fn chunks(&self, number: u32) -> Result<Box<dyn EventChunks + '_>, Fault> {
        Ok(Box::new(Chunks::new(self, number)?))
    }

    fn stream(&self, number: u32, stream_id: &str) -> Result<Box<dyn EventChain + '_>, Fault> {
        Ok(Box::new(Chain::new(self, number, stream_id)?))
    }

    fn streams(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<StreamEnd>, Fault> {
        lists::streams(self, number, prefix, after, limit)
    }

    fn state(&self, number: u32, name: &str) -> Result<Option<Vec<u8>>, Fault> {
        if let Some(known) = self.horizons.get(&number)
            && name == Horizon::STATE
        {
            return Ok(known.clone());
        }
        let sql = "SELECT value FROM states WHERE instance = $1 AND name = $2";
        let rows = self.rows(sql, &[&(number as i32), &name.as_bytes()])?;
        Ok(rows.first().map(|row| row.get(0)))
    }

    fn numbers_with_state(&self, name: &str) -> Result<Vec<u32>, Fault> {
        let sql = "SELECT instance FROM heads WHERE EXISTS (SELECT FROM states \
                   WHERE states.instance = heads.instance AND name = $1) ORDER BY instance";
        let rows = self.rows(sql, &[&name.as_bytes()])?;
        Ok(rows.iter().map(|row| row.get::<_, i32>(0) as u32).collect())
    }

    fn state_count(&self, number: u32) -> Result<u64, Fault> {
        let rows = self.rows(
            "SELECT count(*) FROM states WHERE instance = $1",
            &[&(number as i32)],
        )?;
        Ok(rows.first().map_or(0, |row| row.get::<_, i64>(0) as u64))
    }

    fn states(
        &self,
        number: u32,
        prefix: &str,
        after: Option<&str>,
        limit: usize,
    ) -> Result<Vec<(String, Vec<u8>)>, Fault> {
        lists::states(self, number, prefix, after, limit)
    }

    fn position_of_key(&self, number: u32, key: &str) -> Result<Option<u64>, Fault> {
        let sql = "SELECT position FROM events WHERE instance = $1 AND key = $2";
        let rows = self.rows(sql, &[&(number as i32), &key.as_bytes()])?;
        Ok(rows.first().map(|row| row.get::<_, i64>(0) as u64))
    }

    fn check_wanted(&self) -> Result<(), Fault> {
        if self.unwanted.is_cancelled() {
            return Err(Fault::Refused(closed()));
        }
        Ok(())
    }

    fn check_name(&self) -> Result<(), Fault> {
        // Each connection that is made looks whether it leads to the same log.
        Ok(())
    }

    fn is_lost(&self) -> bool {
        self.lost.load(Ordering::Relaxed)
    }

    fn note(&self, _: &Fault) {
        // A session that has failed is known by itself.
    }
}
