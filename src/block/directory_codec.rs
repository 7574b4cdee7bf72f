//! A directory as bytes.
//!
//! ```text
//! version    u8       1
//! checksum   u32      CRC-32 (ISO-HDLC) of all that follows, little endian
//! rows       varint
//! times      signed   the lowest timestamp; varint: how much higher the highest is
//! ids        32 bytes the lowest and the highest event id
//! sorted     u8       1 where no timestamp is lower than the one before it, else 0
//! types      varint n, then n times: text (varint m, m bytes), varint: how many events
//! opaque     varint n, then n rows as integers, ascending
//! complete   u8       1 where paths that are not named are nowhere but in opaque rows, else 0
//! dropped    varint   how many paths have no column
//! columns    varint   how many columns there are
//! index      the rest
//! ```

use uuid::Uuid;

use super::bytes::{Reader, write_bytes, write_signed, write_varint};
use super::column_index::ColumnIndex;
use super::directory::Directory;
use super::integers;

const VERSION: u8 = 1;

const CHECKSUM_BYTES: usize = size_of::<u32>();

/// More events than any block has.
const ROWS_MAX: usize = 1 << u16::BITS;

impl Directory {
    pub(super) fn encode(&self) -> Vec<u8> {
        let mut out = vec![VERSION];
        out.extend_from_slice(&[0; CHECKSUM_BYTES]);
        let content_at = out.len();
        write_varint(&mut out, self.rows as u64);
        write_signed(&mut out, self.min_time);
        write_varint(&mut out, self.max_time.wrapping_sub(self.min_time) as u64);
        out.extend_from_slice(self.min_id.as_bytes());
        out.extend_from_slice(self.max_id.as_bytes());
        out.push(u8::from(self.is_time_sorted));
        write_varint(&mut out, self.types.len() as u64);
        for (event_type, count) in &self.types {
            write_bytes(&mut out, event_type.as_bytes());
            write_varint(&mut out, u64::from(*count));
        }
        write_varint(&mut out, self.opaque.len() as u64);
        let opaque: Vec<i64> = self.opaque.iter().map(|row| i64::from(*row)).collect();
        integers::write(&mut out, &opaque);
        self.columns.write(&mut out);
        let checksum = crc32fast::hash(&out[content_at..]);
        out[content_at - CHECKSUM_BYTES..content_at].copy_from_slice(&checksum.to_le_bytes());
        out
    }

    /// Reads a directory; `None` where `bytes` are not what was stored.
    #[must_use]
    pub fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        if reader.byte()? != VERSION {
            return None;
        }
        let checksum = u32::from_le_bytes(reader.array()?);
        if checksum != crc32fast::hash(reader.rest()) {
            return None;
        }
        read(&mut reader)
    }
}

fn read(reader: &mut Reader<'_>) -> Option<Directory> {
    let rows = reader.count().filter(|rows| *rows <= ROWS_MAX)?;
    let min_time = reader.signed()?;
    let max_time = min_time.wrapping_add(reader.varint()? as i64);
    let min_id = Uuid::from_bytes(reader.array()?);
    let max_id = Uuid::from_bytes(reader.array()?);
    let is_time_sorted = match reader.byte()? {
        0 => false,
        1 => true,
        _ => return None,
    };
    let types = read_types(reader)?;
    Some(Directory {
        rows,
        min_time,
        max_time,
        is_time_sorted,
        min_id,
        max_id,
        types,
        opaque: read_opaque(reader, rows)?,
        columns: ColumnIndex::read(reader)?,
    })
}

fn read_types(reader: &mut Reader<'_>) -> Option<Vec<(Box<str>, u32)>> {
    let count = reader.count_of(2)?;
    let event_type = |_| {
        let text = reader.text()?.into();
        Some((text, u32::try_from(reader.varint()?).ok()?))
    };
    (0..count).map(event_type).collect()
}

fn read_opaque(reader: &mut Reader<'_>, rows: usize) -> Option<Vec<u16>> {
    let count = reader.count().filter(|count| *count <= rows)?;
    let opaque = integers::read(reader, count)?.into_iter();
    let opaque: Option<Vec<u16>> = opaque.map(|row| u16::try_from(row).ok()).collect();
    opaque.filter(|opaque| opaque.last().is_none_or(|last| usize::from(*last) < rows))
}
