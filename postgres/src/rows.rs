//! Rows of the database as what they are.

use codebolt_eventlog::engine::{CallKey, Fault, Head, Instance, Record};
use tokio_postgres::Row;

use crate::failure::Failure;
use crate::session::{Session, Values};

/// How many bytes of events are read at once, about.
const PAGE_BYTES: usize = 1 << 20;

/// How many events are read at once: at first, and at the most.
const PAGE_EVENTS: [u64; 2] = [64, 2048];

/// Reads what an instance is and where it stands: `$1` are numbers.
pub(crate) const INSTANCES: &str = "SELECT h.instance, h.commits, h.token, h.position, h.streams, h.bytes, \
     h.updated_at, h.latest, h.late_position, i.id, i.name, i.description, i.created_at FROM heads h \
     JOIN instances i USING (instance) WHERE h.instance = ANY($1)";

/// Reads the same of all, oldest first.
pub(crate) const ALL_INSTANCES: &str = "SELECT h.instance, h.commits, h.token, h.position, h.streams, h.bytes, \
     h.updated_at, h.latest, h.late_position, i.id, i.name, i.description, i.created_at FROM heads h \
     JOIN instances i USING (instance) ORDER BY h.instance";

/// An instance as the database has it.
#[derive(Clone, Debug)]
pub(crate) struct StoredInstance {
    pub(crate) number: u32,
    /// How many commits have changed it.
    pub(crate) commits: i64,
    /// The token of the last one.
    pub(crate) token: i64,
    pub(crate) instance: Instance,
}

impl StoredInstance {
    pub(crate) fn of(row: &Row) -> Result<Self, Failure> {
        let number = row.get::<_, i32>(0) as u32;
        let description: Option<&[u8]> = row.get(11);
        let text_of = |bytes| {
            text(bytes)
                .ok_or_else(|| Failure::corrupted(format!("instances: row {number} is no text")))
        };
        Ok(Self {
            number,
            commits: row.get(1),
            token: row.get(2),
            instance: Instance {
                id: text_of(row.get(9))?.to_owned(),
                name: text_of(row.get(10))?.to_owned(),
                description: description.map(text_of).transpose()?.map(str::to_owned),
                created_at_ms: row.get(12),
                head: Head {
                    last_position: row.get::<_, i64>(3) as u64,
                    stream_count: row.get::<_, i64>(4) as u64,
                    stored_bytes: row.get::<_, i64>(5) as u64,
                    updated_at_ms: row.get(6),
                    latest_ms: row.get(7),
                    late_position: row.get::<_, i64>(8) as u64,
                },
            },
        })
    }
}

/// The columns of an event, in the order in which [`record_of`] takes them.
macro_rules! event_columns {
    () => {
        "SELECT position, sequence, previous, at, id, stream, type, key, call_events, payload, metadata FROM events "
    };
}

/// Events of an instance from a position up to another one.
pub(crate) const EVENTS: &str = concat!(
    event_columns!(),
    "WHERE instance = $1 AND position BETWEEN $2 AND $3 ORDER BY position"
);

/// Events of an instance at some positions.
pub(crate) const EVENTS_AT: &str = concat!(
    event_columns!(),
    "WHERE instance = $1 AND position = ANY($2) ORDER BY position"
);

/// Events of a stream from a sequence number up to another one.
pub(crate) const STREAM_EVENTS: &str = concat!(
    event_columns!(),
    "WHERE instance = $1 AND stream = $2 AND sequence BETWEEN $3 AND $4 ORDER BY sequence"
);

/// Bytes as text; `None` if they are none.
pub(crate) fn text(bytes: &[u8]) -> Option<&str> {
    std::str::from_utf8(bytes).ok()
}

/// The event that a row is, and its position.
pub(crate) fn record_of(row: &Row) -> Result<(u64, Record<'_>), Fault> {
    let position = row.get::<_, i64>(0) as u64;
    let damaged = || {
        Fault::Corrupted(format!(
            "the event at position {position} is not what was written"
        ))
    };
    let text = |at: usize| text(row.get(at)).ok_or_else(damaged);
    let previous = row.get::<_, i64>(2) as u64;
    let key: Option<&[u8]> = row.get(7);
    let events: Option<i32> = row.get(8);
    let call = match (key, events) {
        (None, None) => None,
        (Some(key), Some(events)) if events > 0 => Some(CallKey {
            text: std::str::from_utf8(key).map_err(|_| damaged())?,
            events: events as u64,
        }),
        _ => return Err(damaged()),
    };
    if previous >= position {
        return Err(damaged());
    }
    let record = Record {
        id: row.get(4),
        timestamp_ms: row.get(3),
        sequence: row.get::<_, i64>(1) as u64,
        back: if previous == 0 {
            0
        } else {
            position - previous
        },
        stream_id: text(5)?,
        event_type: text(6)?,
        call,
        payload: row.get(9),
        metadata: row.get(10),
    };
    Ok((position, record))
}

/// The failure that an event is not there.
pub(crate) fn missing(position: u64) -> Fault {
    Fault::Corrupted(format!("the event at position {position} is missing"))
}

/// How much is read at once of events in a row: by their sizes so far, as much as fits into a page.
#[derive(Debug)]
pub(crate) struct PageSize {
    events: u64,
}

impl Default for PageSize {
    fn default() -> Self {
        Self {
            events: PAGE_EVENTS[0],
        }
    }
}

impl PageSize {
    pub(crate) const fn events(&self) -> u64 {
        self.events
    }

    /// Learns from a page that was read.
    pub(crate) fn learn(&mut self, rows: &[Row]) {
        let bytes: usize = rows.iter().map(Row::raw_size_bytes).sum();
        let each = (bytes / rows.len().max(1)).max(1);
        let fitting = (PAGE_BYTES / each) as u64;
        // No more than four times as many: the next ones may be larger.
        self.events = fitting.clamp(1, (self.events * 4).min(PAGE_EVENTS[1]));
    }
}

/// Calls `visit` with the events at these positions, oldest first, until it fails.
pub(crate) fn each_in(
    session: &mut Session,
    number: u32,
    positions: std::ops::RangeInclusive<u64>,
    visit: &mut dyn FnMut(u64, &Record<'_>) -> Result<(), Fault>,
) -> Result<(), Fault> {
    let (mut next, last) = positions.into_inner();
    let mut size = PageSize::default();
    while next <= last {
        let end = last.min(next + size.events() - 1);
        let values: Values<'_> = &[&(number as i32), &(next as i64), &(end as i64)];
        let rows = session.rows(EVENTS, values)?;
        for row in &rows {
            let (position, record) = record_of(row)?;
            if position != next {
                return Err(missing(next));
            }
            visit(position, &record)?;
            next += 1;
        }
        if next <= end {
            return Err(missing(next));
        }
        size.learn(&rows);
    }
    Ok(())
}
