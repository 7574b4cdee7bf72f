//! Writes the values that a column has in one group of rows, as `cell` reads them.

use std::ops::Range;

use super::super::bytes::write_varint;
use super::bits::{bits_of, pack};
use super::cell::DIGIT_BITS;
use super::form::{Choice, Form, Values};
use super::series;
use super::texts::Texts;
use crate::hashing::TextMap;

/// The cell of the values in `range`; `symbols` is what compresses texts, if they are.
pub(super) fn write(
    choice: &Choice,
    texts: &Texts,
    range: Range<usize>,
    compress: &mut dyn FnMut(&[u8], &mut Vec<u8>),
) -> Vec<u8> {
    let mut out = Vec::new();
    match (&choice.values, &choice.form) {
        (Values::Codes(codes), Form::Dictionary(dictionary)) => {
            let codes = codes[range].iter().map(|code| u64::from(*code));
            pack(&mut out, dictionary.bits(), codes);
        }
        (Values::Integers(slots, exceptions), _) => {
            write_exceptions(&mut out, exceptions, texts, &range);
            for slot in slots {
                series::write(&mut out, &slot[range.clone()]);
            }
        }
        (Values::Digits(digits, exceptions), Form::Hex(hex)) => {
            write_exceptions(&mut out, exceptions, texts, &range);
            let digits = &digits[range.start * hex.digits()..range.end * hex.digits()];
            let digits = digits.iter().map(|digit| u64::from(*digit));
            pack(&mut out, u32::from(DIGIT_BITS), digits);
        }
        (_, Form::Texts(_)) => {
            let mut bytes = Vec::new();
            let mut end = |text: &[u8]| {
                compress(text, &mut bytes);
                bytes.len() as i64
            };
            let ends: Vec<i64> = texts.range(range).map(&mut end).collect();
            series::write(&mut out, &ends);
            out.append(&mut bytes);
        }
        _ => {}
    }
    out
}

fn write_exceptions(out: &mut Vec<u8>, exceptions: &[u32], texts: &Texts, range: &Range<usize>) {
    let of = |index: usize| exceptions.partition_point(|exception| (*exception as usize) < index);
    let exceptions = &exceptions[of(range.start)..of(range.end)];
    write_varint(out, exceptions.len() as u64);
    if exceptions.is_empty() {
        return;
    }
    let indexes = exceptions.iter().map(|exception| *exception as usize);
    let places = indexes.clone().map(|index| (index - range.start) as i64);
    series::write(out, &places.collect::<Vec<_>>());
    let mut different: Vec<&[u8]> = Vec::new();
    let mut numbers = TextMap::default();
    let number = |index| {
        let text = texts.get(index);
        *numbers.entry(text).or_insert_with(|| {
            different.push(text);
            different.len() as u64 - 1
        })
    };
    let codes: Vec<u64> = indexes.map(number).collect();
    write_varint(out, different.len() as u64);
    let mut end = 0;
    let mut end_of = |text: &&[u8]| {
        end += text.len() as i64;
        end
    };
    series::write(out, &different.iter().map(&mut end_of).collect::<Vec<_>>());
    out.extend(different.iter().copied().flatten());
    pack(out, bits_of(different.len() as u64 - 1), codes.into_iter());
}
