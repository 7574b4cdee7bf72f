//! Heads and events as columns, as statements take them.

use codebolt_eventlog::engine::{Head, Record};
use tokio_postgres::types::ToSql;
use uuid::Uuid;

/// Where an instance stands, a value for each column.
#[derive(Debug)]
pub(super) struct HeadColumns {
    numbers: [i64; 6],
}

impl HeadColumns {
    pub(super) const fn of(head: Head) -> Self {
        let numbers = [
            head.last_position as i64,
            head.stream_count as i64,
            head.stored_bytes as i64,
            head.updated_at_ms,
            head.latest_ms,
            head.late_position as i64,
        ];
        Self { numbers }
    }

    /// The values of `position`, `streams`, `bytes`, `updated_at`, `latest` and `late_position`.
    pub(super) fn values(&self) -> [&(dyn ToSql + Sync); 6] {
        self.numbers.each_ref().map(|number| number as _)
    }
}

/// Some events of an instance, a column each.
#[derive(Debug, Default)]
pub(super) struct EventColumns<'a> {
    positions: Vec<i64>,
    sequences: Vec<i64>,
    previous: Vec<i64>,
    times: Vec<i64>,
    ids: Vec<Uuid>,
    streams: Vec<&'a [u8]>,
    types: Vec<&'a [u8]>,
    keys: Vec<Option<&'a [u8]>>,
    call_events: Vec<Option<i32>>,
    payloads: Vec<&'a str>,
    metadata: Vec<&'a str>,
    bytes: usize,
}

impl<'a> EventColumns<'a> {
    pub(super) fn push(&mut self, position: u64, record: &Record<'a>) {
        self.positions.push(position as i64);
        self.sequences.push(record.sequence as i64);
        let previous = if record.back == 0 {
            0
        } else {
            position - record.back
        };
        self.previous.push(previous as i64);
        self.times.push(record.timestamp_ms);
        self.ids.push(record.id);
        self.streams.push(record.stream_id.as_bytes());
        self.types.push(record.event_type.as_bytes());
        self.keys.push(record.call.map(|call| call.text.as_bytes()));
        self.call_events
            .push(record.call.map(|call| call.events as i32));
        self.payloads.push(record.payload);
        self.metadata.push(record.metadata);
        self.bytes += record.payload.len() + record.metadata.len();
    }

    /// The bytes of their JSON texts.
    pub(super) const fn bytes(&self) -> usize {
        self.bytes
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.positions.is_empty()
    }

    /// The event, if it is only one.
    pub(super) fn only(&self) -> Option<EventValues<'a>> {
        let [position] = *self.positions else {
            return None;
        };
        Some(EventValues {
            numbers: [
                position,
                *self.sequences.first()?,
                *self.previous.first()?,
                *self.times.first()?,
            ],
            id: *self.ids.first()?,
            names: [*self.streams.first()?, *self.types.first()?],
            key: *self.keys.first()?,
            call_events: *self.call_events.first()?,
            texts: [*self.payloads.first()?, *self.metadata.first()?],
        })
    }

    /// The columns, as `unnest` takes them.
    pub(super) fn values(&self) -> [&(dyn ToSql + Sync); 11] {
        [
            &self.positions,
            &self.sequences,
            &self.previous,
            &self.times,
            &self.ids,
            &self.streams,
            &self.types,
            &self.keys,
            &self.call_events,
            &self.payloads,
            &self.metadata,
        ]
    }
}

/// An event, a value for each column.
#[derive(Debug)]
pub(super) struct EventValues<'a> {
    numbers: [i64; 4],
    id: Uuid,
    names: [&'a [u8]; 2],
    key: Option<&'a [u8]>,
    call_events: Option<i32>,
    texts: [&'a str; 2],
}

impl EventValues<'_> {
    /// The values, in the order of [`EventColumns::values`].
    pub(super) fn values(&self) -> [&(dyn ToSql + Sync); 11] {
        let [position, sequence, previous, at] = &self.numbers;
        let ([stream, kind], [payload, metadata]) = (&self.names, &self.texts);
        [
            position,
            sequence,
            previous,
            at,
            &self.id,
            stream,
            kind,
            &self.key,
            &self.call_events,
            payload,
            metadata,
        ]
    }
}

/// The names of the columns, in the order of [`EventColumns::values`].
macro_rules! names {
    () => {
        "position, sequence, previous, at, id, stream, type, key, call_events, payload, metadata"
    };
}
pub(super) use names;

/// The columns as what is selected, a row for each event, of which the values are eleven from `$i` on. So they are read in step;
/// as a table, each of them would be gone through once more.
macro_rules! unnested {
    ($a:literal, $b:literal, $c:literal, $d:literal, $e:literal, $f:literal, $g:literal, $h:literal, $i:literal, $j:literal, $k:literal) => {
        concat!(
            "unnest(",
            $a,
            "::bigint[]), unnest(",
            $b,
            "::bigint[]), unnest(",
            $c,
            "::bigint[]), unnest(",
            $d,
            "::bigint[]), ",
            "unnest(",
            $e,
            "::uuid[]), unnest(",
            $f,
            "::bytea[]), unnest(",
            $g,
            "::bytea[]), unnest(",
            $h,
            "::bytea[]), ",
            "unnest(",
            $i,
            "::int[]), unnest(",
            $j,
            "::text[]), unnest(",
            $k,
            "::text[])"
        )
    };
}
pub(super) use unnested;
