//! Having summaries made and kept, behind what callers wait for.

use std::collections::HashSet;
use std::sync::atomic::{AtomicBool, Ordering};

use codebolt_eventlog::engine::workings::{IDLE, Lane, LaneWork};
use parking_lot::Mutex;

use super::stored::{Made, Maker};
use crate::failure::Failure;
use crate::rows::each_in;
use crate::session::Session;

/// How many blocks wait to be summarised, at the most. Whoever meets one of the others asks for it again.
const WAITING_MAX: usize = 4_096;

const IS_STORED: &str = "SELECT 1 FROM blocks WHERE instance = $1 AND block = $2";

/// Keeps a summary if its events are there, in the place of one of this version or an earlier one. The row of the instance
/// is locked, so that nothing is left of one that is deleted.
const STORE: &str = "INSERT INTO blocks (instance, block, last_id, directory, body) \
     SELECT i.instance, $2, e.id, $4, $5 FROM instances i JOIN events e ON e.instance = i.instance \
     WHERE i.instance = $1 AND e.position = $6 AND e.id = $3 FOR KEY SHARE OF i \
     ON CONFLICT (instance, block) DO UPDATE SET last_id = excluded.last_id, directory = excluded.directory, \
     body = excluded.body WHERE (blocks.last_id, blocks.directory, blocks.body) IS DISTINCT FROM \
     (excluded.last_id, excluded.directory, excluded.body) \
     AND substring(blocks.directory FROM 1 FOR 1) <= substring(excluded.directory FROM 1 FOR 1)";

/// A block of an instance whose summary is to be kept.
#[derive(Debug)]
pub(crate) struct Wanted {
    pub(crate) instance: u32,
    pub(crate) block: u32,
    /// The summary, if somebody has made it.
    pub(crate) made: Option<Made>,
    /// Whether what is kept of it is of no use.
    pub(crate) anew: bool,
}

impl Wanted {
    /// One that was completed just now.
    pub(crate) const fn completed(instance: u32, block: u32) -> Self {
        Self {
            instance,
            block,
            made: None,
            anew: false,
        }
    }

    /// The numbers of the instance and of the block.
    pub(crate) const fn name(&self) -> (u32, u32) {
        (self.instance, self.block)
    }

    /// Keeps the summary, which is made if it is not there.
    pub(crate) fn store(self, session: &mut Session) -> Result<(), Failure> {
        let (number, block) = (self.instance as i32, self.block as i32);
        if !session.tables.writes_blocks {
            return Ok(());
        }
        let made = match self.made {
            Some(made) => made,
            None if !self.anew && !session.rows(IS_STORED, &[&number, &block])?.is_empty() => {
                return Ok(());
            }
            None => match make(session, self.instance, self.block)? {
                Some(made) => made,
                None => return Ok(()),
            },
        };
        let end = session.tables.block_size.end_of(self.block) as i64;
        let (head, body) = (&*made.head, &*made.body);
        session.rows(STORE, &[&number, &block, &made.last_id, &head, &body, &end])?;
        Ok(())
    }
}

/// Makes the summary of a block; `None` if that cannot be, or its events are not there any more.
fn make(session: &mut Session, instance: u32, block: u32) -> Result<Option<Made>, Failure> {
    let size = session.tables.block_size;
    let mut maker = Maker::default();
    let positions = size.positions_of(block);
    let read = each_in(session, instance, positions, &mut |_, record| {
        maker.push(record);
        Ok(())
    });
    if let Err(fault) = read {
        return Err(Failure::Told(fault.into()));
    }
    let made = maker.finish(session.tables.log, (instance, block), size);
    Ok(made.map(|(made, _)| made))
}

/// What waits to be made.
pub(crate) struct Making {
    lane: Lane,
    waiting: Mutex<HashSet<(u32, u32)>>,
    closed: AtomicBool,
}

impl Making {
    pub(crate) fn new() -> Self {
        Self {
            lane: Lane::new("eventlog-blocks", 1, IDLE),
            waiting: Mutex::default(),
            closed: AtomicBool::new(false),
        }
    }

    /// Has `store` called for a block in its turn, unless that waits already or there is no room.
    pub(crate) fn push(&self, block: (u32, u32), store: LaneWork) {
        let mut waiting = self.waiting.lock();
        if waiting.len() < WAITING_MAX && waiting.insert(block) {
            drop(waiting);
            self.lane.run(store);
        }
    }

    /// Takes the block whose turn it is. Returns whether there is time left for it.
    pub(crate) fn take(&self, block: (u32, u32)) -> bool {
        self.waiting.lock().remove(&block);
        !self.closed.load(Ordering::Relaxed)
    }

    /// Finishes the block that is being made, and forgets the others: whoever meets them makes them.
    pub(crate) fn close(&self) {
        self.closed.store(true, Ordering::Relaxed);
        self.lane.close();
    }
}
