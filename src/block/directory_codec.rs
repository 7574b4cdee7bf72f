//! A directory as bytes.
//!
//! ```text
//! version    u8       1
//! checksum   u32      CRC-32 (ISO-HDLC) of all that follows, little endian
//! rows       varint
//! times      signed   the lowest timestamp; varint: how much higher the highest is
//! ids        32 bytes the lowest and the highest event id
//! flags      u8       1: no timestamp is lower than the one before it;
//!                     2: paths that are not named are nowhere but in opaque rows
//! types      varint n, then n times: text, varint: how many events
//! opaque     varint n, then n rows as integers
//! dropped    varint n, then n hashes of names as integers, ascending
//! columns    varint n, then n times: name, place; ascending by the hash of the name
//! ```
//!
//! A text or a name is a varint n and then n bytes.

use uuid::Uuid;

use super::bytes::{Reader, write_bytes, write_signed, write_varint};
use super::directory::{Directory, NamedColumn};
use super::integers;
use super::key::is_path;
use super::place::ColumnPlace;

const VERSION: u8 = 1;

const CHECKSUM_BYTES: usize = size_of::<u32>();

const TIME_SORTED: u8 = 1;
const COMPLETE: u8 = 2;

/// More events than any block has.
const ROWS_MAX: usize = 1 << u16::BITS;

/// More than a list has: paths that a block follows, or events.
const LIST_MAX: usize = 1 << u16::BITS;

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
        let flag = |flag: u8, is_set: bool| if is_set { flag } else { 0 };
        out.push(flag(TIME_SORTED, self.is_time_sorted) | flag(COMPLETE, self.is_complete));
        write_varint(&mut out, self.types.len() as u64);
        for (event_type, count) in &self.types {
            write_bytes(&mut out, event_type.as_bytes());
            write_varint(&mut out, u64::from(*count));
        }
        write_list(&mut out, &self.opaque);
        write_list(&mut out, &self.dropped);
        write_varint(&mut out, self.columns.len() as u64);
        for column in &self.columns {
            write_bytes(&mut out, &column.name);
            column.place.write(&mut out);
        }
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
        let directory = read(&mut reader)?;
        reader.is_at_end().then_some(directory)
    }
}

fn read(reader: &mut Reader<'_>) -> Option<Directory> {
    let rows = reader.count().filter(|rows| *rows <= ROWS_MAX)?;
    let min_time = reader.signed()?;
    let max_time = min_time.wrapping_add(reader.varint()? as i64);
    let min_id = Uuid::from_bytes(reader.array()?);
    let max_id = Uuid::from_bytes(reader.array()?);
    let flags = reader.byte()?;
    let types = read_types(reader)?;
    let opaque: Vec<u16> = read_list(reader)?;
    if opaque.last().is_some_and(|last| usize::from(*last) >= rows) {
        return None;
    }
    Some(Directory {
        rows,
        min_time,
        max_time,
        is_time_sorted: flags & TIME_SORTED != 0,
        min_id,
        max_id,
        is_complete: flags & COMPLETE != 0,
        types,
        opaque,
        dropped: read_list(reader)?,
        columns: read_columns(reader)?,
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

fn read_columns(reader: &mut Reader<'_>) -> Option<Vec<NamedColumn>> {
    let count = reader.count_of(2)?;
    let column = |_| {
        let name = reader.bytes()?;
        let place = ColumnPlace::read(reader, is_path(name))?;
        Some(NamedColumn::new(name, place))
    };
    let columns: Option<Vec<NamedColumn>> = (0..count).map(column).collect();
    columns.filter(|columns| columns.is_sorted_by_key(|column| column.hash))
}

fn write_list<T: Copy + Into<i64>>(out: &mut Vec<u8>, list: &[T]) {
    write_varint(out, list.len() as u64);
    let list: Vec<i64> = list.iter().map(|it| (*it).into()).collect();
    integers::write(out, &list);
}

/// Reads what [`write_list`] has written, if it is ascending.
fn read_list<T: TryFrom<i64> + PartialOrd>(reader: &mut Reader<'_>) -> Option<Vec<T>> {
    let count = reader.count().filter(|count| *count <= LIST_MAX)?;
    let list = integers::read(reader, count)?.into_iter();
    let list: Option<Vec<T>> = list.map(|it| T::try_from(it).ok()).collect();
    list.filter(|list| list.is_sorted())
}
