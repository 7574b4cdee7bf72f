//! The beginning of a snapshot, with which is read what those ask for next who follow an instance.

use std::collections::HashMap;

use codebolt_eventlog::engine::{Horizon, Instance};
use tokio_postgres::Row;

use super::{COMMITS, commits_of};
use crate::failure::Failure;
use crate::observed::{DELETED, Observed};
use crate::rows::{EVENTS, StoredInstance};
use crate::session::{Session, Values};

const BEGIN: &str = "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY";

/// What [`COMMITS`] says, with what each of these instances is and where its events begin: all that whoever follows one has to know before
/// its events. `$2` is the name of the state that says where they begin, which is looked up by both columns of its key.
const FOLLOWED: &str = "SELECT h.instance, h.commits, h.token, h.position, h.streams, h.bytes, h.updated_at, h.latest, \
     h.late_position, i.id, i.name, i.description, i.created_at, \
     (SELECT value FROM states s WHERE s.instance = h.instance AND s.name = $2), log.commits FROM log \
     LEFT JOIN (heads h JOIN instances i USING (instance)) ON h.instance = ANY($1)";

/// How many instances are read with their commits at the most.
const FOLLOWED_MAX: usize = 8;

/// How many new events are read with the beginning of a snapshot, if one instance is followed. Who follows mostly gets a few.
const NEWEST_MAX: i64 = 8;

/// Events that were read with the beginning of a snapshot.
#[derive(Default)]
pub(super) struct Newest {
    instance: u32,
    /// The position of the first one.
    first: u64,
    rows: Vec<Row>,
}

impl Newest {
    /// The events at these positions, if all of them were read.
    pub(super) fn at(&self, instance: u32, low: u64, high: u64) -> Option<&[Row]> {
        let start = low.checked_sub(self.first)? as usize;
        let end = high.checked_sub(self.first)? as usize;
        let rows = self.rows.get(start..=end)?;
        Some(rows).filter(|_| instance == self.instance)
    }
}

/// What the first statements of a snapshot have read.
#[derive(Default)]
pub(super) struct Begun {
    /// How many commits there are, as [`commits_of`] has it.
    pub(super) seen: Vec<(Option<u32>, i64)>,
    pub(super) instances: HashMap<u32, Option<Instance>>,
    pub(super) horizons: HashMap<u32, Option<Vec<u8>>>,
    pub(super) newest: Newest,
}

impl Begun {
    /// Begins a transaction.
    pub(super) fn with(
        session: &mut Session,
        observed: &Observed,
        followed: &[i32],
    ) -> Result<Self, Failure> {
        let mut begun = Self::default();
        if followed.is_empty() || followed.len() > FOLLOWED_MAX {
            let rows = session.run_then(BEGIN, COMMITS, &[&followed])?;
            begun.seen = commits_of(&rows, followed);
            return Ok(begun);
        }
        let horizon = Horizon::STATE.as_bytes();
        let wanted: Values<'_> = &[&followed, &horizon];
        let passed = match followed {
            [only] => observed.position(*only as u32),
            _ => None,
        };
        let rows = match (followed, passed) {
            ([only], Some(passed)) => {
                let (first, last) = (passed as i64 + 1, passed as i64 + NEWEST_MAX);
                let newest: Values<'_> = &[only, &first, &last];
                let [rows, newest] =
                    session.run_then_both(BEGIN, (FOLLOWED, wanted), (EVENTS, newest))?;
                begun.newest = Newest {
                    instance: *only as u32,
                    first: passed + 1,
                    rows: newest,
                };
                rows
            }
            _ => session.run_then(BEGIN, FOLLOWED, wanted)?,
        };
        let log = rows.first();
        let log = log.ok_or_else(|| Failure::corrupted("the table log is empty"))?;
        begun.seen.push((None, log.get(14)));
        for row in &rows {
            // Without any of them, there is one row of the log alone.
            if row.get::<_, Option<i32>>(0).is_none() {
                continue;
            }
            let StoredInstance {
                number,
                commits,
                instance,
                ..
            } = StoredInstance::of(row)?;
            begun.seen.push((Some(number), commits));
            observed.note_position(number, instance.head.last_position);
            begun.instances.insert(number, Some(instance));
            begun.horizons.insert(number, row.get(13));
        }
        for number in followed.iter().map(|number| *number as u32) {
            if !begun.instances.contains_key(&number) {
                begun.seen.push((Some(number), DELETED));
                begun.instances.insert(number, None);
            }
        }
        Ok(begun)
    }
}
