//! What a block's events have in common: see `directory`.

use uuid::Uuid;

use super::super::bytes::{Reader, write_bytes, write_signed, write_varint};
use super::texts::Texts;
use crate::block::EVENTS;
use crate::hashing::TextMap;

/// What a block's events have in common.
#[derive(Clone, Debug, Default, PartialEq)]
pub(super) struct Bounds {
    pub(super) rows: usize,
    pub(super) min_time: i64,
    pub(super) max_time: i64,
    pub(super) is_time_sorted: bool,
    pub(super) min_id: Uuid,
    pub(super) max_id: Uuid,
    pub(super) types: Vec<(Box<str>, u32)>,
}

impl Bounds {
    pub(super) fn of(ids: &[Uuid], times: &[i64], types: &Texts) -> Self {
        let mut counts: Vec<(Box<str>, u32)> = Vec::new();
        let mut index = TextMap::default();
        for text in types.iter() {
            let at = *index.entry(text).or_insert_with(|| {
                counts.push((String::from_utf8_lossy(text).into(), 0));
                counts.len() - 1
            });
            counts[at].1 += 1;
        }
        Self {
            rows: times.len(),
            min_time: times.iter().min().copied().unwrap_or_default(),
            max_time: times.iter().max().copied().unwrap_or_default(),
            is_time_sorted: times.is_sorted(),
            min_id: ids.iter().min().copied().unwrap_or_default(),
            max_id: ids.iter().max().copied().unwrap_or_default(),
            types: counts,
        }
    }

    pub(super) fn write(&self, out: &mut Vec<u8>) {
        write_varint(out, self.rows as u64);
        write_signed(out, self.min_time);
        write_varint(out, self.max_time.wrapping_sub(self.min_time) as u64);
        out.extend_from_slice(self.min_id.as_bytes());
        out.extend_from_slice(self.max_id.as_bytes());
        out.push(u8::from(self.is_time_sorted));
        write_varint(out, self.types.len() as u64);
        for (event_type, count) in &self.types {
            write_bytes(out, event_type.as_bytes());
            write_varint(out, u64::from(*count));
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let rows = reader.count().filter(|rows| *rows <= EVENTS)?;
        let min_time = reader.signed()?;
        let max_time = min_time.wrapping_add(reader.varint()? as i64);
        let min_id = Uuid::from_bytes(reader.array()?);
        let max_id = Uuid::from_bytes(reader.array()?);
        let is_time_sorted = read_flag(reader)?;
        let types = reader.count_of(2)?;
        let event_type = |_| {
            let text = reader.text()?.into();
            Some((text, u32::try_from(reader.varint()?).ok()?))
        };
        Some(Self {
            rows,
            min_time,
            max_time,
            is_time_sorted,
            min_id,
            max_id,
            types: (0..types).map(event_type).collect::<Option<_>>()?,
        })
    }
}

pub(super) fn read_flag(reader: &mut Reader<'_>) -> Option<bool> {
    match reader.byte()? {
        0 => Some(false),
        1 => Some(true),
        _ => None,
    }
}
