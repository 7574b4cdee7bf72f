//! The values that a column has in one group of rows: a part of the group's piece.
//!
//! ```text
//! exceptions varint  how many values are written otherwise than the column's form says; only where
//!                    the form is decimals, pattern, seconds, milliseconds or hexadecimal
//!            series  where there are any: which ones
//!            varint  how many different texts they have
//!            series  where each of those ends
//!            bytes   those texts
//!            bits    which of them each exception has
//! values             dictionary: a number of bits each; decimals and the like: a series for each
//!                    number in the text; hexadecimal: four bits for each digit; texts: a series of
//!                    where each ends, and the bytes; integers: a series; ids: see there
//! ```
//!
//! How many values there are is known from the shapes of the rows.

use std::ops::Range;

use super::super::bytes::Reader;
use super::bits::{Bits, bits_of};
use super::form::Form;
use super::identity::Ids;
use super::ranks::{Ranks, with_bits};
use super::series::Series;
use super::symbols::{Search, Symbols};

/// How many bits a hexadecimal digit takes.
pub(super) const DIGIT_BITS: u8 = 4;

/// Where the values of a cell are in the piece of its group. It is of use with that piece alone.
#[derive(Debug, Default)]
pub(super) struct Cell {
    /// Most have none.
    exceptions: Option<Box<Exceptions>>,
    content: Content,
}

#[derive(Debug)]
struct Exceptions {
    places: Ranks,
    texts: Packed,
    codes: Bits,
}

/// Texts in a piece.
#[derive(Debug)]
struct Packed {
    ends: Series,
    at: u32,
}

#[derive(Debug, Default)]
enum Content {
    #[default]
    Nothing,
    Codes(Bits),
    Integer(Series),
    Integers(Box<[Series]>),
    Digits(Bits),
    Texts(Packed),
    Ids(Box<Ids>),
}

impl Cell {
    /// What a column has whose head says all.
    fn constant(form: &Form, count: usize) -> Option<Self> {
        let content = match form {
            Form::Integer(integer) => {
                Content::Integer(Series::constant(*integer, u32::try_from(count).ok()?))
            }
            _ => Content::Nothing,
        };
        Some(Self {
            exceptions: None,
            content,
        })
    }

    /// Reads the cell of `count` values that is in that range of a piece; `None` where it is no such cell.
    pub(super) fn read(
        piece: &[u8],
        range: Range<usize>,
        form: &Form,
        count: usize,
    ) -> Option<Self> {
        if form.is_constant() {
            return Self::constant(form, count);
        }
        // What is found is where it is in the whole piece.
        let end = range.end;
        let mut reader = Reader::new(piece.get(range)?);
        let mut exceptions = None;
        if matches!(
            form,
            Form::Decimals(_) | Form::Pattern(_) | Form::Instant(_) | Form::Hex(_)
        ) {
            exceptions = read_exceptions(&mut reader, piece.get(..end)?, count)?;
        }
        let content = match form {
            Form::Constant(_) | Form::Integer(_) => return None,
            Form::Dictionary(dictionary) => {
                let bits = dictionary.bits() as u8;
                Content::Codes(Bits::read(&mut reader, end, bits, count)?)
            }
            Form::Decimals(_) | Form::Instant(_) | Form::Integers => {
                Content::Integer(Series::read(&mut reader, end, count)?)
            }
            Form::Pattern(pattern) if pattern.slots() == 1 => {
                Content::Integer(Series::read(&mut reader, end, count)?)
            }
            Form::Pattern(pattern) => {
                let slot = |_| Series::read(&mut reader, end, count);
                Content::Integers((0..pattern.slots()).map(slot).collect::<Option<_>>()?)
            }
            Form::Hex(hex) => {
                let digits = count.checked_mul(hex.digits())?;
                Content::Digits(Bits::read(&mut reader, end, DIGIT_BITS, digits)?)
            }
            Form::Texts(_) => {
                let ends = Series::read(&mut reader, end, count)?;
                let at = u32::try_from(end - reader.rest().len()).ok()?;
                let bytes = count.checked_sub(1).map_or(0, |last| ends.get(piece, last));
                reader.take(usize::try_from(bytes).ok()?)?;
                Content::Texts(Packed { ends, at })
            }
            Form::Ids => Content::Ids(Box::new(Ids::read(&mut reader, end, count)?)),
        };
        reader.is_at_end().then_some(())?;
        Some(Self {
            exceptions: exceptions.map(Box::new),
            content,
        })
    }

    /// How much memory it takes, about, beside its own place and the piece.
    pub(super) fn memory_bytes(&self) -> usize {
        let apart = match &self.content {
            Content::Integers(series) => size_of_val(&**series),
            Content::Ids(ids) => size_of::<Ids>() + ids.memory_bytes(),
            _ => 0,
        };
        let exceptions = self.exceptions.as_ref().map_or(0, |exceptions| {
            size_of::<Exceptions>() + exceptions.places.memory_bytes()
        });
        apart + exceptions
    }

    /// The cell with the piece that it is in.
    pub(super) const fn of<'a>(&'a self, piece: &'a [u8]) -> Values<'a> {
        Values { cell: self, piece }
    }
}

/// The values of a cell.
#[derive(Clone, Copy)]
pub(super) struct Values<'a> {
    cell: &'a Cell,
    piece: &'a [u8],
}

impl<'a> Values<'a> {
    /// Appends the text of the value with the number `index`; `None` where there is none.
    #[inline]
    pub(super) fn write_text(self, form: &Form, index: usize, out: &mut Vec<u8>) -> Option<()> {
        let piece = self.piece;
        if let Some(exceptions) = &self.cell.exceptions
            && let Some(found) = exceptions.places.rank(index)
        {
            let text = exceptions.codes.get(piece, found) as usize;
            out.extend_from_slice(exceptions.texts.get(piece, text)?);
            return Some(());
        }
        match (&self.cell.content, form) {
            (Content::Nothing, Form::Constant(text)) => out.extend_from_slice(text),
            (Content::Codes(codes), Form::Dictionary(dictionary)) => {
                let code = codes.get(piece, index) as usize;
                out.extend_from_slice(dictionary.get(code)?);
            }
            (Content::Integer(series), _) => {
                let integer = series.get(piece, index);
                form.write_text(std::iter::once(integer), out);
            }
            (Content::Integers(slots), _) => {
                let integers = slots.iter().map(|slot| slot.get(piece, index));
                form.write_text(integers, out);
            }
            (Content::Digits(digits), Form::Hex(hex)) => {
                let first = index * hex.digits();
                let digit = |at| digits.get(piece, first + at) as u8;
                hex.write_text((0..hex.digits()).map(digit), out);
            }
            (Content::Texts(texts), Form::Texts(symbols)) => {
                expand(symbols, texts.get(piece, index)?, out)?;
            }
            _ => return None,
        }
        Some(())
    }

    /// Appends the texts of all values, of which there are so many, and puts where each ends in `out` into `ends`; `None`
    /// where they are not there.
    pub(super) fn write_texts(
        self,
        form: &Form,
        count: usize,
        (out, ends): (&mut Vec<u8>, &mut Vec<u32>),
    ) -> Option<()> {
        let piece = self.piece;
        match (&self.cell.exceptions, &self.cell.content, form) {
            (None, Content::Texts(texts), Form::Texts(symbols)) if !symbols.is_empty() => {
                let compressed = piece.get(texts.at as usize..)?;
                symbols.expand_all(compressed, texts.ends.iter(piece), (out, ends))?;
            }
            (None, Content::Integer(series), form) => {
                for integer in series.iter(piece) {
                    form.write_text(std::iter::once(integer), out);
                    ends.push(u32::try_from(out.len()).ok()?);
                }
            }
            _ => {
                for index in 0..count {
                    self.write_text(form, index, out)?;
                    ends.push(u32::try_from(out.len()).ok()?);
                }
            }
        }
        (ends.len() == count).then_some(())
    }

    /// Calls `each` with the numbers of the compressed texts in which a search finds something, with `ends` for where texts
    /// end; `None` where they are not there.
    pub(super) fn find_texts(
        self,
        search: &Search,
        ends: &mut Vec<u32>,
        each: impl FnMut(usize),
    ) -> Option<()> {
        let Content::Texts(texts) = &self.cell.content else {
            return None;
        };
        ends.clear();
        for end in texts.ends.iter(self.piece) {
            ends.push(u32::try_from(end).ok()?);
        }
        search.find_all(self.piece.get(texts.at as usize..)?, ends, each)
    }

    /// Whether a search finds something in the compressed text with the number `index`; `None` where there is none.
    pub(super) fn finds_in_text(self, search: &Search, index: usize) -> Option<bool> {
        match &self.cell.content {
            Content::Texts(texts) => Some(search.finds_in(texts.get(self.piece, index)?)),
            _ => None,
        }
    }

    /// The integer with the number `index`.
    #[inline]
    pub(super) fn integer(self, index: usize) -> Option<i64> {
        match &self.cell.content {
            Content::Integer(series) => Some(series.get(self.piece, index)),
            _ => None,
        }
    }

    /// The integer, if the piece says in one that all are the same.
    pub(super) const fn only(self) -> Option<i64> {
        match &self.cell.content {
            Content::Integer(series) => series.only(),
            _ => None,
        }
    }

    /// What lies between the integers with the numbers `index` - 1 and `index`.
    #[inline]
    pub(super) fn span(self, index: usize) -> Option<Range<usize>> {
        let Content::Integer(series) = &self.cell.content else {
            return None;
        };
        let (start, end) = series.span(self.piece, index);
        Some(usize::try_from(start).ok()?..usize::try_from(end).ok()?)
    }

    /// The integer that the text with the number `index` stands for, unless it is an exception.
    #[inline]
    pub(super) fn decimal(self, index: usize) -> Option<i64> {
        let exceptions = self.cell.exceptions.as_ref();
        if exceptions.is_some_and(|exceptions| exceptions.places.rank(index).is_some()) {
            return None;
        }
        self.integer(index)
    }

    /// The number of a text in the dictionary.
    #[inline]
    pub(super) fn code(self, index: usize) -> Option<usize> {
        match &self.cell.content {
            Content::Codes(codes) => Some(codes.get(self.piece, index) as usize),
            _ => None,
        }
    }

    /// The numbers of all texts in the dictionary, in order, of which there are so many.
    pub(super) fn codes(self, count: usize) -> Option<impl Iterator<Item = usize> + 'a> {
        let Content::Codes(codes) = &self.cell.content else {
            return None;
        };
        let piece = self.piece;
        Some((0..count).map(move |index| codes.get(piece, index) as usize))
    }

    /// The integers that all texts stand for, of each of which there is one, in order, where none is an exception.
    pub(super) fn decimals(self) -> Option<impl Iterator<Item = i64> + 'a> {
        match &self.cell.exceptions {
            None => self.integers(),
            Some(_) => None,
        }
    }

    /// All integers, in order.
    pub(super) fn integers(self) -> Option<impl Iterator<Item = i64> + 'a> {
        match &self.cell.content {
            Content::Integer(series) => Some(series.iter(self.piece)),
            _ => None,
        }
    }

    /// The id with the number `index`.
    #[inline]
    pub(super) fn id(self, index: usize) -> Option<u128> {
        match &self.cell.content {
            Content::Ids(ids) => ids.get(self.piece, index),
            _ => None,
        }
    }
}

#[inline]
fn expand(symbols: &Symbols, text: &[u8], out: &mut Vec<u8>) -> Option<()> {
    if symbols.is_empty() {
        out.extend_from_slice(text);
        return Some(());
    }
    symbols.expand(text, out)
}

/// `Some(None)` where there are none.
fn read_exceptions(
    reader: &mut Reader<'_>,
    piece: &[u8],
    count: usize,
) -> Option<Option<Exceptions>> {
    let number = reader.count().filter(|number| *number <= count)?;
    if number == 0 {
        return Some(None);
    }
    let places = Series::read(reader, piece.len(), number)?;
    let places = with_bits(count, |words| {
        for place in places.iter(piece) {
            let place = usize::try_from(place).ok().filter(|place| *place < count)?;
            words[place / 64] |= 1 << (place % 64);
        }
        Some(Ranks::new(words))
    })?;
    let different = reader
        .count()
        .filter(|texts| (1..=number).contains(texts))?;
    let ends = Series::read(reader, piece.len(), different)?;
    let at = u32::try_from(piece.len() - reader.rest().len()).ok()?;
    reader.take(usize::try_from(ends.get(piece, different - 1)).ok()?)?;
    let bits = bits_of(different as u64 - 1) as u8;
    let codes = Bits::read(reader, piece.len(), bits, number)?;
    Some(Some(Exceptions {
        places,
        texts: Packed { ends, at },
        codes,
    }))
}

impl Packed {
    #[inline]
    fn get<'a>(&self, piece: &'a [u8], index: usize) -> Option<&'a [u8]> {
        let (start, end) = self.ends.span(piece, index);
        let (start, end) = (usize::try_from(start).ok()?, usize::try_from(end).ok()?);
        piece.get(self.at as usize..)?.get(start..end)
    }
}
