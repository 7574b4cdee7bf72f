//! The keys of an event.

use crate::event::Event;
use crate::query::value::found::Found;

/// An event's eight public keys, in the order in which an event is written, and its position.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(in crate::query) enum EventKey {
    Id,
    InstanceId,
    StreamId,
    EventType,
    Payload,
    Metadata,
    Timestamp,
    SequenceNumber,
    /// 1, 2, 3 … within the instance.
    Position,
}

impl EventKey {
    const ALL: [Self; 9] = [
        Self::Id,
        Self::InstanceId,
        Self::StreamId,
        Self::EventType,
        Self::Payload,
        Self::Metadata,
        Self::Timestamp,
        Self::SequenceNumber,
        Self::Position,
    ];

    /// The key that `name` spells, in snake_case or in camelCase.
    pub(in crate::query) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "id" => Self::Id,
            "instanceId" | "instance_id" => Self::InstanceId,
            "stream_id" | "streamId" => Self::StreamId,
            "event_type" | "eventType" => Self::EventType,
            "payload" => Self::Payload,
            "metadata" => Self::Metadata,
            "timestamp" => Self::Timestamp,
            "sequence_number" | "sequenceNumber" => Self::SequenceNumber,
            "position" => Self::Position,
            _ => return None,
        })
    }

    /// The key that `name` spells but for case and underscores.
    pub(in crate::query) fn near(name: &str) -> Option<Self> {
        let plain = |name: &str| name.replace('_', "").to_lowercase();
        let name = plain(name);
        Self::ALL.into_iter().find(|key| plain(key.name()) == name)
    }

    /// The key as an event is written with it.
    pub(in crate::query) const fn name(self) -> &'static str {
        match self {
            Self::Id => "id",
            Self::InstanceId => "instanceId",
            Self::StreamId => "stream_id",
            Self::EventType => "event_type",
            Self::Payload => "payload",
            Self::Metadata => "metadata",
            Self::Timestamp => "timestamp",
            Self::SequenceNumber => "sequence_number",
            Self::Position => "position",
        }
    }

    /// Whether the value is JSON text, with paths into it.
    pub(in crate::query) const fn is_json(self) -> bool {
        matches!(self, Self::Payload | Self::Metadata)
    }

    /// The key's value in `event`.
    pub(in crate::query) fn read<'a>(self, event: &Event<'a>) -> Found<'a> {
        match self {
            Self::Id => Found::Id(event.id),
            Self::InstanceId => Found::Text(event.instance_id),
            Self::StreamId => Found::Text(event.stream_id),
            Self::EventType => Found::Text(event.event_type),
            Self::Payload => Found::Json(event.known_payload()),
            Self::Metadata => Found::Json(event.known_metadata()),
            Self::Timestamp => Found::Time(event.timestamp_ms),
            Self::SequenceNumber => Found::Whole(event.sequence_number),
            Self::Position => Found::Whole(event.position),
        }
    }
}
