//! What the events of some blocks have in common, so that those blocks can be passed over together.

use uuid::Uuid;

use super::super::bytes::{Reader, write_bytes, write_signed, write_varint};

/// With more types, or more bytes of their names, no types are told.
const TYPES_MAX: usize = 64;
const TYPE_BYTES_MAX: usize = 4_096;

/// What is known of events that follow each other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Span {
    pub(super) events: u64,
    pub(super) times: (i64, i64),
    pub(super) ids: (Uuid, Uuid),
    /// How many events are of each type, in the order of their first events; `None` where there are too many types.
    pub(super) types: Option<Vec<(Box<str>, u32)>>,
}

impl Span {
    /// Adds an event.
    pub(super) fn add(&mut self, time: i64, id: Uuid, event_type: &str) {
        if self.events == 0 {
            (self.times, self.ids) = ((time, time), (id, id));
            self.types = Some(Vec::new());
        }
        self.events += 1;
        self.times = (self.times.0.min(time), self.times.1.max(time));
        self.ids = (self.ids.0.min(id), self.ids.1.max(id));
        self.add_type(event_type, 1);
    }

    fn add_type(&mut self, event_type: &str, count: u32) {
        let Some(types) = &mut self.types else {
            return;
        };
        match types.iter_mut().find(|(name, _)| **name == *event_type) {
            Some((_, own)) => *own = own.saturating_add(count),
            None => types.push((event_type.into(), count)),
        }
        let bytes: usize = types.iter().map(|(name, _)| name.len()).sum();
        if types.len() > TYPES_MAX || bytes > TYPE_BYTES_MAX {
            self.types = None;
        }
    }

    /// Adds the events of another span.
    pub fn add_all(&mut self, other: &Self) {
        if other.events == 0 {
            return;
        }
        if self.events == 0 {
            self.clone_from(other);
            return;
        }
        // What is damaged may have any number.
        self.events = self.events.saturating_add(other.events);
        self.times.0 = self.times.0.min(other.times.0);
        self.times.1 = self.times.1.max(other.times.1);
        self.ids.0 = self.ids.0.min(other.ids.0);
        self.ids.1 = self.ids.1.max(other.ids.1);
        match &other.types {
            Some(types) => types
                .iter()
                .for_each(|(name, count)| self.add_type(name, *count)),
            None => self.types = None,
        }
    }

    /// How many events there are.
    #[must_use]
    pub const fn events(&self) -> u64 {
        self.events
    }

    /// The lowest and the highest timestamp, in milliseconds since the epoch.
    #[must_use]
    pub const fn times(&self) -> (i64, i64) {
        self.times
    }

    /// The lowest and the highest event id.
    #[must_use]
    pub const fn ids(&self) -> (Uuid, Uuid) {
        self.ids
    }

    /// How many events are of each type, in the order of their first events; `None` where there are too many types.
    #[must_use]
    pub fn types(&self) -> Option<&[(Box<str>, u32)]> {
        self.types.as_deref()
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_varint(out, self.events);
        write_signed(out, self.times.0);
        write_varint(out, self.times.1.wrapping_sub(self.times.0) as u64);
        out.extend_from_slice(self.ids.0.as_bytes());
        out.extend_from_slice(self.ids.1.as_bytes());
        // One more than there are, or 0 where none are told.
        let types = self.types.as_ref();
        write_varint(out, types.map_or(0, |types| types.len() as u64 + 1));
        for (name, count) in types.into_iter().flatten() {
            write_bytes(out, name.as_bytes());
            write_varint(out, u64::from(*count));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let events = reader.varint()?;
        let low = reader.signed()?;
        let times = (low, low.wrapping_add(reader.varint()? as i64));
        let ids = (
            Uuid::from_bytes(reader.array()?),
            Uuid::from_bytes(reader.array()?),
        );
        let types = match reader.varint()?.checked_sub(1) {
            None => None,
            Some(count) => {
                let each = |_| {
                    let name = reader.text()?.into();
                    Some((name, u32::try_from(reader.varint()?).ok()?))
                };
                Some((0..count).map(each).collect::<Option<_>>()?)
            }
        };
        Some(Self {
            events,
            times,
            ids,
            types,
        })
    }
}
