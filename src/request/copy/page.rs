//! A page of an instance, as bytes on their way from one log to the other.
//!
//! ```text
//! version      u8      1
//! id, name     texts
//! description  u8      1 and a text, or 0
//! created      i64     milliseconds since the epoch; all numbers of fixed length are little endian
//! updated      i64
//! after        varint  up to which position the other log has the events
//! events       varint  how many follow
//! … each       bytes   a record
//! states       u8      1, and all that follows, or 0
//! bits         u8      into how many buckets states fall: two to the power of it
//! buckets      bytes   of each bucket, 1 if its states are here, and 0 if they are not
//! after        u8      1 and a text, or 0: the name after which states are here
//! through      u8      1 and a text, or 0: the name up to which they are; 0 if there are none after it
//! count        varint  how many follow
//! … each       text and bytes: a state
//! whole        u8      1 and the 32 bytes of a sum, or 0: that of all states, if the other log then has all of them
//! ```
//!
//! A text, and bytes, begin with their length as a varint. Both logs are of the same version of this package: a page is
//! never stored.

use uuid::Uuid;

use crate::block::bytes::{Reader, write_bytes, write_varint};
use crate::engine::{Instance, Record};
use crate::evidence::hash::Hash;

const VERSION: u8 = 1;

/// A page.
pub(super) struct Page<'a> {
    pub(super) id: &'a str,
    pub(super) name: &'a str,
    pub(super) description: Option<&'a str>,
    pub(super) created_at_ms: i64,
    pub(super) updated_at_ms: i64,
    /// Up to which position the other log has the events.
    pub(super) after: u64,
    pub(super) records: Vec<Record<'a>>,
    pub(super) states: Option<StatePart<'a>>,
}

/// The states of a page: all that there are in some buckets, between two names.
pub(super) struct StatePart<'a> {
    pub(super) bits: u32,
    /// Of each bucket, whether its states are here.
    pub(super) buckets: &'a [u8],
    pub(super) after: Option<&'a str>,
    pub(super) through: Option<&'a str>,
    /// In the order of the bytes of their names.
    pub(super) states: Vec<(&'a str, &'a [u8])>,
    /// The sum of all states of the instance, if these are all that differ.
    pub(super) whole: Option<Hash>,
}

/// Records, or states, that are gathered for a page.
#[derive(Default)]
pub(super) struct Gathered {
    pub(super) bytes: Vec<u8>,
    pub(super) count: u64,
    /// The id of the last event.
    pub(super) last_id: Option<Uuid>,
    /// A record before its length is known.
    record: Vec<u8>,
}

impl Gathered {
    pub(super) fn add(&mut self, record: &Record<'_>) {
        self.record.clear();
        record.encode(&mut self.record);
        write_bytes(&mut self.bytes, &self.record);
        self.count += 1;
        self.last_id = Some(record.id);
    }

    pub(super) fn add_state(&mut self, name: &str, value: &[u8]) {
        write_bytes(&mut self.bytes, name.as_bytes());
        write_bytes(&mut self.bytes, value);
        self.count += 1;
    }

    fn write(&self, out: &mut Vec<u8>) {
        write_varint(out, self.count);
        out.extend_from_slice(&self.bytes);
    }
}

/// The states that are gathered for a page; as [`StatePart`].
pub(super) struct GatheredStates {
    pub(super) bits: u32,
    pub(super) buckets: Vec<bool>,
    pub(super) after: Option<String>,
    pub(super) through: Option<String>,
    pub(super) states: Gathered,
    pub(super) whole: Option<Hash>,
}

/// The bytes of a page.
pub(super) fn encode(
    instance: &Instance,
    after: u64,
    events: &Gathered,
    states: Option<&GatheredStates>,
) -> Vec<u8> {
    let mut out = vec![VERSION];
    write_bytes(&mut out, instance.id.as_bytes());
    write_bytes(&mut out, instance.name.as_bytes());
    write_optional(&mut out, instance.description.as_deref());
    out.extend_from_slice(&instance.created_at_ms.to_le_bytes());
    out.extend_from_slice(&instance.head.updated_at_ms.to_le_bytes());
    write_varint(&mut out, after);
    events.write(&mut out);
    out.push(u8::from(states.is_some()));
    if let Some(part) = states {
        out.push(part.bits as u8);
        let buckets: Vec<u8> = part.buckets.iter().map(|here| u8::from(*here)).collect();
        write_bytes(&mut out, &buckets);
        write_optional(&mut out, part.after.as_deref());
        write_optional(&mut out, part.through.as_deref());
        part.states.write(&mut out);
        out.push(u8::from(part.whole.is_some()));
        out.extend_from_slice(part.whole.as_ref().map_or(&[][..], |sum| &sum[..]));
    }
    out
}

fn write_optional(out: &mut Vec<u8>, text: Option<&str>) {
    out.push(u8::from(text.is_some()));
    if let Some(text) = text {
        write_bytes(out, text.as_bytes());
    }
}

impl<'a> Page<'a> {
    /// Reads a page back; `None` if the bytes are none.
    pub(super) fn decode(bytes: &'a [u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let (id, name) = (reader.text()?, reader.text()?);
        let description = optional(&mut reader)?;
        let created_at_ms = reader.long()?.cast_signed();
        let updated_at_ms = reader.long()?.cast_signed();
        let after = reader.varint()?;
        let count = reader.count_of(1)?;
        let records = (1..=count as u64).map(|index| {
            let bytes = reader.bytes()?;
            Record::decode(bytes, after.checked_add(index)?).ok()
        });
        let records = records.collect::<Option<Vec<_>>>()?;
        let states = match reader.byte()? {
            0 => None,
            _ => Some(StatePart::read(&mut reader)?),
        };
        (version == VERSION && reader.is_at_end()).then_some(Self {
            id,
            name,
            description,
            created_at_ms,
            updated_at_ms,
            after,
            records,
            states,
        })
    }

    /// The position of the last event that the other log has with the page.
    pub(super) const fn last_position(&self) -> u64 {
        self.after + self.records.len() as u64
    }
}

impl<'a> StatePart<'a> {
    fn read(reader: &mut Reader<'a>) -> Option<Self> {
        let bits = u32::from(reader.byte()?);
        let buckets = reader.bytes()?;
        let after = optional(reader)?;
        let through = optional(reader)?;
        let count = reader.count_of(2)?;
        let states = (0..count).map(|_| Some((reader.text()?, reader.bytes()?)));
        let states = states.collect::<Option<Vec<_>>>()?;
        let whole = match reader.byte()? {
            0 => None,
            _ => Some(reader.array()?),
        };
        Some(Self {
            bits,
            buckets,
            after,
            through,
            states,
            whole,
        })
    }

    /// Whether a state of that name would be here if the other log had it.
    pub(super) fn covers(&self, name: &str) -> bool {
        let bucket = super::states::bucket_of(name, self.bits);
        self.buckets.get(bucket).is_some_and(|here| *here != 0)
            && self.after.is_none_or(|after| name > after)
            && self.through.is_none_or(|through| name <= through)
    }
}

fn optional<'a>(reader: &mut Reader<'a>) -> Option<Option<&'a str>> {
    match reader.byte()? {
        0 => Some(None),
        _ => Some(Some(reader.text()?)),
    }
}
