//! How the values of a column are written: the column's head says it, once for all of its cells.
//!
//! ```text
//! form       u8      0 constant, 1 dictionary, 2 decimals, 3 pattern, 4 seconds, 5 milliseconds,
//!                    6 hexadecimal, 7 texts, 8 compressed texts, 9 integers, 10 one integer, 11 ids
//! head               what the form has: see each one's file
//! ```

mod choice;
mod decimal;
mod dictionary;
mod hex;
mod instant;
mod pattern;

pub(super) use choice::{Choice, Values, choose};
pub(super) use dictionary::Dictionary;
pub(super) use hex::Hex;
pub(super) use instant::Precision;
pub(super) use pattern::Pattern;

use super::super::bytes::{Reader, write_signed};
use super::symbols::Symbols;

/// How the values of a column are written.
#[derive(Debug, PartialEq)]
pub(super) enum Form {
    /// Each one is this text.
    Constant(Box<[u8]>),
    /// Each one is one of these texts.
    Dictionary(Dictionary),
    /// Numbers with at most so many decimals.
    Decimals(u8),
    /// Texts with numbers in them.
    Pattern(Pattern),
    /// Quoted date-times.
    Instant(Precision),
    /// Texts with hexadecimal digits in them.
    Hex(Hex),
    /// Texts, compressed with symbols if there are any.
    Texts(Symbols),
    /// Integers that are no texts.
    Integers,
    /// Each one is this integer.
    Integer(i64),
    /// The ids of events.
    Ids,
}

impl Form {
    /// Whether the head says all, so that there are no cells.
    pub(super) const fn is_constant(&self) -> bool {
        matches!(self, Self::Constant(_) | Self::Integer(_))
    }

    /// Appends the head of a column.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        match self {
            Self::Constant(text) => {
                out.push(0);
                out.extend_from_slice(text);
            }
            Self::Dictionary(dictionary) => {
                out.push(1);
                dictionary.write(out);
            }
            Self::Decimals(decimals) => out.extend_from_slice(&[2, *decimals]),
            Self::Pattern(pattern) => {
                out.push(3);
                pattern.write(out);
            }
            Self::Instant(Precision::Seconds) => out.push(4),
            Self::Instant(Precision::Milliseconds) => out.push(5),
            Self::Hex(hex) => {
                out.push(6);
                hex.write(out);
            }
            Self::Texts(symbols) if symbols.is_empty() => out.push(7),
            Self::Texts(symbols) => {
                out.push(8);
                symbols.write(out);
            }
            Self::Integers => out.push(9),
            Self::Integer(integer) => {
                out.push(10);
                write_signed(out, *integer);
            }
            Self::Ids => out.push(11),
        }
    }

    /// Reads the head of a column; `None` where it is none.
    pub(super) fn read(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let form = match reader.byte()? {
            0 => Self::Constant(reader.take(reader.rest().len())?.into()),
            1 => Self::Dictionary(Dictionary::read(&mut reader)?),
            2 => {
                let decimals = reader.byte()?;
                (decimals <= decimal::DECIMALS_MAX).then_some(Self::Decimals(decimals))?
            }
            3 => Self::Pattern(Pattern::read(&mut reader)?),
            4 => Self::Instant(Precision::Seconds),
            5 => Self::Instant(Precision::Milliseconds),
            6 => Self::Hex(Hex::read(&mut reader)?),
            7 => Self::Texts(Symbols::default()),
            8 => {
                let symbols = Symbols::read(&mut reader)?;
                (!symbols.is_empty()).then_some(Self::Texts(symbols))?
            }
            9 => Self::Integers,
            10 => Self::Integer(reader.signed()?),
            11 => Self::Ids,
            _ => return None,
        };
        reader.is_at_end().then_some(form)
    }

    /// How much memory it takes beside its own place, or nearly so: what was compressed in the head is not any more.
    pub(super) fn memory_bytes(&self) -> usize {
        match self {
            Self::Constant(text) => text.len(),
            Self::Dictionary(dictionary) => dictionary.texts().memory_bytes(),
            Self::Pattern(pattern) => pattern.memory_bytes(),
            Self::Hex(hex) => hex.memory_bytes(),
            Self::Texts(symbols) => symbols.memory_bytes(),
            Self::Decimals(_)
            | Self::Instant(_)
            | Self::Integers
            | Self::Integer(_)
            | Self::Ids => 0,
        }
    }

    /// The symbols of texts that are compressed.
    pub(super) fn symbols(&self) -> Option<&Symbols> {
        match self {
            Self::Texts(symbols) if !symbols.is_empty() => Some(symbols),
            _ => None,
        }
    }

    /// How many integers a cell has for each value.
    pub(super) const fn slots(&self) -> usize {
        match self {
            Self::Decimals(_) | Self::Instant(_) | Self::Integers => 1,
            Self::Pattern(pattern) => pattern.slots(),
            _ => 0,
        }
    }

    /// Appends the text that these integers of a value stand for.
    pub(super) fn write_text(&self, mut integers: impl Iterator<Item = i64>, out: &mut Vec<u8>) {
        match self {
            Self::Pattern(pattern) => pattern.write_text(integers, out),
            Self::Decimals(decimals) => {
                decimal::write(out, integers.next().unwrap_or_default(), *decimals);
            }
            Self::Instant(precision) => {
                precision.write(integers.next().unwrap_or_default(), out);
            }
            _ => {}
        }
    }
}
