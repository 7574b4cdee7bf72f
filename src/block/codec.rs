//! A column as bytes.
//!
//! ```text
//! presence   u8       1 = each row has something; 2 = a bit for each row; 3 = a list of rows
//!            bits     where 2: whether the row has something, lowest bit first
//!            varint   where 3: how many rows have something
//!            integers where 3: the rows
//! codes      integers the code, or the print, of each of those rows
//! numbers    numbers  of those rows whose code is NUMBER, if there are any
//! values     varint   how many values there are
//!            integers the length of each
//!            text     one after the other
//! ```
//!
//! Prints end after the codes. Times are integers and nothing else. All of it is compressed with LZ4
//! where that makes it an eighth smaller; where it does not, reading it would be slower for little.

use std::borrow::Cow;

use super::bytes::{Reader, write_varint};
use super::column::{ABSENT, Column, FIRST_VALUE, NUMBER};
use super::column_builder::ColumnBuilder;
use super::values::Values;
use super::{integers, numbers};

const EACH_ROW: u8 = 1;
const BITMAP: u8 = 2;
const LIST: u8 = 3;

/// LZ4 finds nothing in less.
const COMPRESSED_MIN: usize = 64;

/// What LZ4 can make of a byte at most.
const EXPANSION_MAX: usize = 256;

/// The bytes of a column, as they are stored.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Packed {
    pub(super) bytes: Vec<u8>,
    /// How many bytes they are made of; 0 where they are stored as they are.
    pub(super) expanded: usize,
}

impl Packed {
    pub(super) fn of(plain: Vec<u8>) -> Self {
        if plain.len() >= COMPRESSED_MIN {
            let compressed = lz4_flex::block::compress(&plain);
            if compressed.len() <= plain.len() - plain.len() / 8 {
                return Self {
                    bytes: compressed,
                    expanded: plain.len(),
                };
            }
        }
        Self {
            bytes: plain,
            expanded: 0,
        }
    }
}

/// What [`Packed`] was made of.
pub(super) fn expand(bytes: &[u8], expanded: usize) -> Option<Cow<'_, [u8]>> {
    if expanded == 0 {
        return Some(Cow::Borrowed(bytes));
    }
    if expanded > bytes.len().saturating_mul(EXPANSION_MAX) {
        return None;
    }
    let plain = lz4_flex::block::decompress(bytes, expanded).ok()?;
    (plain.len() == expanded).then_some(Cow::Owned(plain))
}

pub(super) fn pack_column(column: &ColumnBuilder, rows: usize) -> Packed {
    let mut out = Vec::new();
    write_entries(&mut out, column.entries(), rows);
    if !column.numbers().is_empty() {
        numbers::write(&mut out, column.numbers());
    }
    let values = column.values();
    write_varint(&mut out, values.len() as u64);
    let lengths: Vec<i64> = values.iter().map(|raw| raw.len() as i64).collect();
    integers::write(&mut out, &lengths);
    out.extend_from_slice(values.text().as_bytes());
    Packed::of(out)
}

pub(super) fn unpack_column(plain: &[u8], rows: usize) -> Option<Column> {
    let mut reader = Reader::new(plain);
    let codes = read_entries(&mut reader, rows)?;
    let mut numbers = Vec::new();
    // Finding out whether there are any is much quicker than counting them.
    if codes.contains(&NUMBER) {
        let numbered = codes.iter().filter(|code| **code == NUMBER).count();
        numbers = numbers::read(&mut reader, numbered)?;
        if numbered < rows {
            numbers = spread(&numbers, &codes);
        }
    }
    Column::new(codes, read_values(reader)?, numbers)
}

/// The numbers of the rows whose code is [`NUMBER`], with something in the place of the others.
fn spread(numbers: &[f64], codes: &[u16]) -> Vec<f64> {
    let mut numbers = numbers.iter();
    let number = |code: &u16| match *code {
        NUMBER => numbers.next().copied().unwrap_or_default(),
        _ => 0.0,
    };
    codes.iter().map(number).collect()
}

fn read_values(mut reader: Reader<'_>) -> Option<Values> {
    let count = reader.count()?;
    if count > usize::from(u16::MAX - FIRST_VALUE) + 1 {
        return None;
    }
    let lengths = integers::read(&mut reader, count)?;
    let mut end = 0_u32;
    let mut ends = Vec::with_capacity(count);
    for length in lengths {
        end = end.checked_add(u32::try_from(length).ok()?)?;
        ends.push(end);
    }
    let text = String::from_utf8(reader.rest().to_vec()).ok()?;
    Values::of_parts(text, ends)
}

pub(super) fn pack_prints(prints: &[(u16, u16)], rows: usize) -> Packed {
    let mut out = Vec::new();
    write_entries(&mut out, prints, rows);
    Packed::of(out)
}

pub(super) fn unpack_prints(plain: &[u8], rows: usize) -> Option<Vec<u16>> {
    let mut reader = Reader::new(plain);
    let prints = read_entries(&mut reader, rows)?;
    reader.is_at_end().then_some(prints)
}

pub(super) fn pack_times(times: &[i64]) -> Packed {
    let mut out = Vec::new();
    integers::write(&mut out, times);
    Packed::of(out)
}

pub(super) fn unpack_times(plain: &[u8], rows: usize) -> Option<Vec<i64>> {
    let mut reader = Reader::new(plain);
    let times = integers::read(&mut reader, rows)?;
    reader.is_at_end().then_some(times)
}

/// Appends the code of each row that has one.
fn write_entries(out: &mut Vec<u8>, entries: &[(u16, u16)], rows: usize) {
    if entries.len() == rows {
        out.push(EACH_ROW);
    } else {
        write_presence(out, entries, rows);
    }
    let codes: Vec<i64> = entries.iter().map(|(_, code)| i64::from(*code)).collect();
    integers::write(out, &codes);
}

/// Appends which rows have something, as what takes less of a list and a bitmap.
fn write_presence(out: &mut Vec<u8>, entries: &[(u16, u16)], rows: usize) {
    let bitmap_bytes = rows.div_ceil(8);
    let start = out.len();
    out.push(LIST);
    write_varint(out, entries.len() as u64);
    let list: Vec<i64> = entries.iter().map(|(row, _)| i64::from(*row)).collect();
    integers::write(out, &list);
    if out.len() - start > 1 + bitmap_bytes {
        out.truncate(start);
        out.push(BITMAP);
        let bits_at = out.len();
        out.resize(bits_at + bitmap_bytes, 0);
        for (row, _) in entries {
            out[bits_at + usize::from(row / 8)] |= 1 << (row % 8);
        }
    }
}

/// The code of each row, which is [`ABSENT`] where none was written.
fn read_entries(reader: &mut Reader<'_>, rows: usize) -> Option<Vec<u16>> {
    let presence = reader.byte()?;
    if presence == EACH_ROW {
        return read_codes(reader, rows);
    }
    let list = match presence {
        BITMAP => rows_of_bitmap(reader.take(rows.div_ceil(8))?, rows)?,
        LIST => rows_of_list(reader, rows)?,
        _ => return None,
    };
    let mut codes = vec![ABSENT; rows];
    for (row, code) in list.iter().zip(read_codes(reader, list.len())?) {
        *codes.get_mut(*row)? = code;
    }
    Some(codes)
}

fn read_codes(reader: &mut Reader<'_>, count: usize) -> Option<Vec<u16>> {
    let mut all = 0;
    let codes = integers::read_as(reader, count, |code| {
        all |= code;
        code as u16
    })?;
    // What is set in any of them is set in this: it is a code only if all are.
    u16::try_from(all).is_ok().then_some(codes)
}

fn rows_of_list(reader: &mut Reader<'_>, rows: usize) -> Option<Vec<usize>> {
    let count = reader.count().filter(|count| *count <= rows)?;
    let list = integers::read(reader, count)?.into_iter();
    list.map(|row| usize::try_from(row).ok()).collect()
}

/// `None` where there are bits for rows that are not.
fn rows_of_bitmap(bitmap: &[u8], rows: usize) -> Option<Vec<usize>> {
    let mut list = Vec::new();
    for (at, byte) in bitmap.iter().enumerate() {
        let mut bits = *byte;
        while bits != 0 {
            list.push(at * 8 + bits.trailing_zeros() as usize);
            bits &= bits - 1;
        }
    }
    list.last().is_none_or(|last| *last < rows).then_some(list)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// What is pushed for a row: nothing, that it is unread, or a value.
    fn row() -> impl Strategy<Value = Option<Option<String>>> {
        prop_oneof![
            3 => Just(None),
            1 => Just(Some(None)),
            4 => any::<i16>().prop_map(|it| Some(Some(it.to_string()))),
            2 => any::<f64>().prop_map(|it| Some(Some(it.to_string()))),
            2 => Just(Some(Some("\"again\"".to_owned()))),
            2 => "[a-z ]{0,80}".prop_map(|it| Some(Some(format!("\"{it}\"")))),
        ]
    }

    fn pushed(rows: &[Option<Option<String>>]) -> ColumnBuilder {
        let mut column = ColumnBuilder::new();
        for (row, pushed) in rows.iter().enumerate() {
            match pushed {
                None => {}
                Some(None) => column.push_unread(row),
                Some(Some(raw)) => column.push(row, raw),
            }
        }
        column
    }

    fn plain(packed: &Packed) -> Vec<u8> {
        expand(&packed.bytes, packed.expanded).unwrap().into_owned()
    }

    fn round_trip(mut column: ColumnBuilder, rows: usize) -> Packed {
        let prints = column.prints();
        let packed = pack_prints(&prints, rows);
        let mut by_row = vec![ABSENT; rows];
        for (row, print) in &prints {
            by_row[usize::from(*row)] = *print;
        }
        assert_eq!(unpack_prints(&plain(&packed), rows), Some(by_row));
        column.settle();
        let packed = pack_column(&column, rows);
        let unpacked = unpack_column(&plain(&packed), rows);
        assert_eq!(unpacked, Some(column.finish(rows)));
        packed
    }

    proptest! {
        #[test]
        fn columns_are_unpacked_as_they_were_packed(
            rows in prop::collection::vec(row(), 0..300),
            gap in 0_usize..2_000,
        ) {
            round_trip(pushed(&rows), rows.len());
            let sparse: Vec<_> = rows.iter().flat_map(|row| {
                std::iter::repeat_n(None, gap / rows.len()).chain([row.clone()])
            }).collect();
            round_trip(pushed(&sparse), sparse.len());
        }

        #[test]
        fn bytes_that_are_no_column_are_refused_not_a_panic(
            bytes in prop::collection::vec(any::<u8>(), 0..60),
            presence in 0_u8..5,
            rows in 0_usize..40,
            expanded in 0_usize..100_000,
        ) {
            let bytes = [&[presence][..], &bytes].concat();
            if let Some(column) = unpack_column(&bytes, rows) {
                prop_assert_eq!(column.rows(), rows);
            }
            if let Some(prints) = unpack_prints(&bytes, rows) {
                prop_assert_eq!(prints.len(), rows);
            }
            if let Some(times) = unpack_times(&bytes, rows) {
                prop_assert_eq!(times.len(), rows);
            }
            if let Some(plain) = expand(&bytes, expanded) {
                prop_assert!(expanded == 0 || plain.len() == expanded);
            }
        }

        #[test]
        fn times_are_unpacked_as_they_were_packed(
            times in prop::collection::vec(any::<i64>(), 0..100),
        ) {
            let packed = pack_times(&times);
            prop_assert_eq!(unpack_times(&plain(&packed), times.len()), Some(times));
        }
    }

    #[test]
    fn codes_that_are_too_large_or_lead_nowhere_are_refused() {
        let column = |codes: &[i64]| {
            let mut bytes = vec![EACH_ROW];
            integers::write(&mut bytes, codes);
            let prints = unpack_prints(&bytes, codes.len());
            bytes.push(0);
            (unpack_column(&bytes, codes.len()), prints)
        };
        assert_eq!(
            column(&[0, 1]),
            (
                Some(Column::new(vec![0, 1], Values::default(), vec![]).unwrap()),
                Some(vec![0, 1])
            )
        );
        assert_eq!(column(&[0, 3]), (None, Some(vec![0, 3])));
        assert_eq!(column(&[0, 65_535]).1, Some(vec![0, 65_535]));
        assert_eq!(column(&[0, 65_536]), (None, None));
        assert_eq!(column(&[-1, 0]), (None, None));
    }

    #[test]
    fn a_column_takes_what_it_needs() {
        let column = |raw: &dyn Fn(usize) -> Option<String>| {
            let rows: Vec<_> = (0..4_096).map(|row| raw(row).map(Some)).collect();
            round_trip(pushed(&rows), rows.len()).bytes.len()
        };
        // One value in all rows.
        assert!(column(&|_| Some("\"same\"".to_owned())) < 20);
        // A bit for each row, and the two values.
        assert!(column(&|row| Some((row * row % 7 > 2).to_string())) < 512 + 20);
        // Few rows: some bits for each.
        assert!(column(&|row| (row % 100 == 0).then(|| "true".to_owned())) < 60);
        // Numbers that follow from each other.
        assert!(column(&|row| Some((1_000_000 + 7 * row).to_string())) < 30);
        // Decimals: 14 bits each.
        assert!(column(&|row| Some(format!("{}.25", row * 7_919 % 100))) < 4_096 * 14 / 8 + 20);
        // Texts that are much alike.
        assert!(column(&|row| Some(format!("\"/api/v1/projects/{row}/tasks\""))) < 4_096 * 12);
    }
}
