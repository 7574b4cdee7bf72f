//! An instance: the container of streams that callers name.

use serde::{Deserialize, Serialize};

use super::schema::HeadValue;
use crate::engine::Fault;

/// One instance and where its log stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Instance {
    /// The id that never changes.
    pub id: String,
    /// The name, which an update can change. It may equal the id.
    pub name: String,
    /// A remark for people.
    pub description: Option<String>,
    /// When it was made, in milliseconds since the epoch.
    pub created_at_ms: i64,
    /// What every append changes.
    pub head: Head,
}

/// Where an instance's log stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The position of the last event. Positions have no gaps, so it is the number of events.
    pub last_position: u64,
    /// How many streams there are.
    pub stream_count: u64,
    /// Bytes of all records.
    pub stored_bytes: u64,
    /// When the instance was last updated or appended to, in milliseconds since the epoch. It
    /// never runs backwards.
    pub updated_at_ms: i64,
    /// The latest timestamp of all events, in milliseconds since the epoch; the lowest number if
    /// there is none.
    pub latest_ms: i64,
    /// The position of the last event that has a lower timestamp than one before it; 0 if there is
    /// none. From there on, events are in the order of their timestamps, and later than all before.
    pub late_position: u64,
}

impl Head {
    pub(in crate::engine) const fn from_value(value: HeadValue) -> Self {
        Self {
            last_position: value.0,
            stream_count: value.1,
            stored_bytes: value.2,
            updated_at_ms: value.3,
            latest_ms: value.4,
            late_position: value.5,
        }
    }

    /// Notes one more event, which may be the first one of its stream. Returns its position.
    pub fn add_event(&mut self, timestamp_ms: i64, begins_stream: bool) -> u64 {
        self.last_position += 1;
        self.stream_count += u64::from(begins_stream);
        if timestamp_ms < self.latest_ms {
            self.late_position = self.last_position;
        }
        self.latest_ms = self.latest_ms.max(timestamp_ms);
        self.last_position
    }

    /// The later one of two heads of an instance: events are never taken away, and a change without one moves
    /// the time on.
    pub(in crate::engine) const fn or_later(self, other: Self) -> Self {
        if other.last_position > self.last_position
            || other.last_position == self.last_position && other.updated_at_ms > self.updated_at_ms
        {
            other
        } else {
            self
        }
    }

    pub(in crate::engine) const fn to_value(self) -> HeadValue {
        (
            self.last_position,
            self.stream_count,
            self.stored_bytes,
            self.updated_at_ms,
            self.latest_ms,
            self.late_position,
        )
    }
}

/// The part of an instance that seldom changes, as the `instances` table holds it.
#[derive(Serialize, Deserialize)]
struct InstanceRow<'a> {
    #[serde(borrow)]
    id: std::borrow::Cow<'a, str>,
    #[serde(borrow)]
    name: std::borrow::Cow<'a, str>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    description: Option<String>,
    created_at_ms: i64,
}

impl Instance {
    pub(in crate::engine) fn encode_row(&self) -> Result<Vec<u8>, Fault> {
        serde_json::to_vec(&InstanceRow {
            id: self.id.as_str().into(),
            name: self.name.as_str().into(),
            description: self.description.clone(),
            created_at_ms: self.created_at_ms,
        })
        .map_err(|error| Fault::Corrupted(format!("instances: cannot encode a row: {error}")))
    }

    pub(in crate::engine) fn decode(number: u32, row: &[u8], head: Head) -> Result<Self, Fault> {
        let row: InstanceRow<'_> = serde_json::from_slice(row)
            .map_err(|error| Fault::Corrupted(format!("instances: row {number}: {error}")))?;
        Ok(Self {
            id: row.id.into_owned(),
            name: row.name.into_owned(),
            description: row.description,
            created_at_ms: row.created_at_ms,
            head,
        })
    }
}
