//! A commit that is one statement.

use std::time::Instant;

use futures_util::future::join;
use tokio_postgres::types::ToSql;
use tokio_postgres::{Client, Statement};
use uuid::Uuid;

use super::Committer;
#[cfg(feature = "testing")]
use super::by_sequence;
use super::columns::{EventColumns, HeadColumns, names, unnested};
use super::outcome::{Fence, Pending};
use crate::failure::Failure;
#[cfg(feature = "testing")]
use crate::seeded_bug::SeededBug;
use crate::session::Session;
use crate::staging::{Staged, StagedInstance};

/// The most bytes of events that go into one statement.
const BYTES_MAX: usize = 16 << 20;

/// Moves a head on from its token, notes that this writer has done so, and stores events; or does none of that. The server
/// says how many rows the last part has stored: without any, the head had another token.
macro_rules! frame {
    ($($part:expr),+) => {
        concat!(
            "WITH head AS (UPDATE heads SET commits = commits + 1, token = $3, position = $4, streams = $5, bytes = $6, ",
            "updated_at = $7, latest = $8, late_position = $9 WHERE instance = $1 AND token = $2 RETURNING instance), ",
            "writer AS (UPDATE writers SET frame = $11 FROM head WHERE writer = $10)",
            $($part),+
        )
    };
}

/// Stores the events of arrays.
macro_rules! insert {
    () => {
        concat!(
            "INSERT INTO events (instance, ",
            names!(),
            ") SELECT head.instance, ",
            unnested!(
                "$12", "$13", "$14", "$15", "$16", "$17", "$18", "$19", "$20", "$21", "$22"
            ),
            " FROM head"
        )
    };
}

const EVENTS: &str = frame!(" ", insert!());

/// The same with one event. To make rows of arrays takes the server longer than to store a row.
const EVENT: &str = frame!(
    " INSERT INTO events (instance, ",
    names!(),
    ") SELECT head.instance, $12::bigint, $13::bigint, $14::bigint, $15::bigint, $16::uuid, $17::bytea, $18::bytea, \
     $19::bytea, $20::int, $21::text, $22::text FROM head"
);

/// The same with any number of events, also none, and with states, of which those of `$25` are removed.
const EVENTS_AND_STATES: &str = frame!(
    ", event AS (",
    insert!(),
    "), put AS (INSERT INTO states (instance, name, value) SELECT head.instance, s.name, s.value FROM head, \
     unnest($23::bytea[], $24::bytea[]) AS s (name, value) \
     ON CONFLICT (instance, name) DO UPDATE SET value = excluded.value), \
     removed AS (DELETE FROM states USING head WHERE states.instance = head.instance AND states.name = ANY($25)) \
     SELECT FROM head"
);

/// States that are put, and the names of those that are removed.
#[derive(Debug, Default)]
pub(super) struct StateColumns<'a> {
    pub(super) names: Vec<&'a [u8]>,
    pub(super) values: Vec<&'a [u8]>,
    pub(super) removed: Vec<&'a [u8]>,
}

impl<'a> StateColumns<'a> {
    pub(super) fn of(staged: &'a StagedInstance) -> Self {
        let mut columns = Self::default();
        for (name, value) in &staged.states {
            match value {
                Some(value) => {
                    columns.names.push(name.as_bytes());
                    columns.values.push(value);
                }
                None => columns.removed.push(name.as_bytes()),
            }
        }
        columns
    }
}

/// The instance that what was staged concerns, if it can be one statement: it is the only one, there was before, and what
/// it gets is not large.
pub(super) fn only(staged: &Staged) -> Option<u32> {
    let (number, staged_instance) = staged.instances.iter().next()?;
    let is_alone = staged.instances.len() == 1
        && staged.next_instance.is_none()
        && !staged_instance.is_described
        && staged.touched.iter().eq([number]);
    (is_alone && staged.records.len() <= BYTES_MAX).then_some(*number)
}

/// The statement of a frame that stores this.
pub(super) fn sql_of(after: &StagedInstance) -> &'static str {
    match after.records.len() {
        1 if after.states.is_empty() => EVENT,
        2.. if after.states.is_empty() => EVENTS,
        _ => EVENTS_AND_STATES,
    }
}

/// A frame as it is sent.
pub(super) struct Frame<'a> {
    pub(super) after: &'a StagedInstance,
    pub(super) staged: &'a Staged,
    pub(super) instance: u32,
    /// The token that the head has to have, and the one that it has then.
    pub(super) tokens: [i64; 2],
    /// Who writes, and the number of the frame.
    pub(super) writer: (Uuid, i64),
}

impl Frame<'_> {
    /// Sends it as it is first polled. Returns whether it was stored; if not, somebody else has moved the head on.
    pub(super) async fn send(
        &self,
        client: &Client,
        statement: &Statement,
    ) -> Result<bool, Failure> {
        let mut events = EventColumns::default();
        for found in self.staged.records_of(self.after) {
            let (position, record) = found.map_err(|fault| Failure::Told(fault.into()))?;
            events.push(position, &record);
        }
        let head = HeadColumns::of(self.after.instance.head);
        let [before, token] = &self.tokens;
        let (writer, frame) = &self.writer;
        let instance = self.instance as i32;
        let states = StateColumns::of(self.after);
        let mut values: Vec<&(dyn ToSql + Sync)> = vec![&instance, before, token];
        values.extend(head.values());
        values.extend([writer as &(dyn ToSql + Sync), frame]);
        let one = events.only();
        match &one {
            Some(event) if sql_of(self.after) == EVENT => values.extend(event.values()),
            _ => values.extend(events.values()),
        }
        if sql_of(self.after) == EVENTS_AND_STATES {
            values.extend([
                &states.names as &(dyn ToSql + Sync),
                &states.values,
                &states.removed,
            ]);
        }
        Ok(client.execute(statement, &values).await? > 0)
    }
}

impl Committer {
    /// Sends a frame, which ends the transaction that there is if it is locked, and waits for what becomes of it. Returns
    /// whether it was stored; if not, somebody else has moved the head on.
    pub(super) fn send_frame(
        &mut self,
        session: &mut Session,
        staged: &Staged,
        (number, token, is_locked): (u32, i64, bool),
        until: Instant,
    ) -> Result<bool, Failure> {
        let (Some(after), Some(known)) =
            (staged.instances.get(&number), self.memory.instance(number))
        else {
            return Ok(false);
        };
        #[cfg(feature = "testing")]
        if !is_locked && self.server.options.has(SeededBug::PositionsBySequence) {
            return by_sequence::send(session, staged, (number, token));
        }
        let frame = Frame {
            after,
            staged,
            instance: number,
            tokens: [known.stored.token, token],
            writer: (self.writer, self.next_frame()),
        };
        // Prepared before, so that what fails in that is known to have stored nothing.
        let statement = session.statement(sql_of(after))?;
        let _ = session.take_warnings();
        self.pending = Some(Pending::one(Fence::Head(number)));
        let is_moved = session.ask(async |client| {
            if !is_locked {
                return frame.send(client, &statement).await;
            }
            // Each is sent when it is first polled, which `join` does in this order.
            let both = join(
                frame.send(client, &statement),
                client.batch_execute("COMMIT"),
            );
            let (is_moved, committed) = both.await;
            let is_moved = is_moved?;
            committed.map_err(Failure::from).map(|()| is_moved)
        });
        self.outcome(session, is_moved, until)
    }
}
