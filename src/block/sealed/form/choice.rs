//! Choosing the form of a column, and bringing its values into that form.

use std::hash::BuildHasher;

use hashbrown::HashTable;

use super::super::bits::bits_of;
use super::super::symbols::{Symbols, train};
use super::super::texts::Texts;
use super::Form;
use super::decimal;
use super::dictionary::{Dictionary, TEXTS_MAX};
use super::hex::Hex;
use super::instant::Precision;
use super::pattern::{Pattern, SLOTS_MAX};
use crate::hashing::TextHash;
use crate::json::{parse_decimal, scan};

/// How many values of a column are looked at before a form is tried on all.
const SAMPLE: usize = 64;

/// After how many values it is looked whether they repeat at all.
const REPEATS_AFTER: usize = 256;

/// How many bytes the texts of a dictionary have at most: all of them are read for one event.
const DICTIONARY_BYTES_MAX: usize = 256 << 10;

/// Of so many texts a table of symbols is not worth its bytes.
const SYMBOLS_BYTES_MIN: usize = 1_024;

/// What a value takes in a cell that has it as an exception, beside its text, in bits.
const EXCEPTION_BITS: usize = 16;

/// An exception that is like the one before it has its text in common with that.
struct Exceptions {
    places: Vec<u32>,
    bits: usize,
    last: Vec<u8>,
}

impl Exceptions {
    const fn new() -> Self {
        Self {
            places: Vec::new(),
            bits: 0,
            last: Vec::new(),
        }
    }

    fn push(&mut self, place: usize, text: &[u8]) {
        self.places.push(place as u32);
        self.bits += EXCEPTION_BITS;
        if self.last != text {
            self.bits += 8 * text.len();
            self.last.clear();
            self.last.extend_from_slice(text);
        }
    }
}

/// The form of a column, and what its cells are written from.
#[derive(Debug)]
pub(in super::super) struct Choice {
    pub(in super::super) form: Form,
    pub(in super::super) values: Values,
}

/// The values of a column in its form.
#[derive(Debug)]
pub(in super::super) enum Values {
    /// The texts themselves.
    Texts,
    /// The number of each in the dictionary.
    Codes(Vec<u16>),
    /// The integers of each by slot, and which values are exceptions, ascending.
    Integers(Vec<Vec<i64>>, Vec<u32>),
    /// The digits of each, and which values are exceptions, ascending.
    Digits(Vec<u8>, Vec<u32>),
}

/// A form that was tried on all values.
struct FormAttempt {
    choice: Choice,
    /// How many bits it would take, about.
    bits: usize,
}

/// The form in which the `texts` take least, as far as that is told without trying each.
pub(in super::super) fn choose(texts: &Texts) -> Choice {
    let first = if texts.len() > 0 { texts.get(0) } else { &[] };
    if texts.iter().all(|text| text == first) {
        return Choice {
            form: Form::Constant(first.into()),
            values: Values::Texts,
        };
    }
    let stride = texts.len().div_ceil(SAMPLE);
    let sample: Vec<&[u8]> = texts.iter().step_by(stride).collect();
    let repeated = dictionary(texts);
    let structured = structured(texts, &sample);
    let best = [repeated, structured].into_iter().flatten();
    let best = best.min_by_key(|attempt| attempt.bits);
    // Symbols make less than half of most texts.
    let as_texts = texts.bytes() * 4 + texts.len() * 8;
    match best {
        Some(attempt) if attempt.bits <= as_texts => attempt.choice,
        _ => as_symbols(texts),
    }
}

fn as_symbols(texts: &Texts) -> Choice {
    let symbols = if texts.bytes() < SYMBOLS_BYTES_MIN {
        Symbols::default()
    } else {
        // Coprime to what repeats in logs, so that the sample is spread over all of them.
        let stride = (texts.len() / 2_048).max(1) | 1;
        train((0..texts.len()).map(|at| texts.get(at * (stride * 7 + 2) % texts.len())))
    };
    Choice {
        form: Form::Texts(symbols),
        values: Values::Texts,
    }
}

fn dictionary(texts: &Texts) -> Option<FormAttempt> {
    let most = TEXTS_MAX.min(texts.len() / 2 + 8);
    let mut found = Texts::default();
    let mut index: HashTable<u16> = HashTable::new();
    let hasher = TextHash::default();
    let mut codes: Vec<u16> = Vec::with_capacity(texts.len());
    for text in texts.iter() {
        if let Some(last) = codes.last()
            && scan::is_same(found.get(usize::from(*last)), text)
        {
            codes.push(*last);
            continue;
        }
        let hash = hasher.hash_one(text);
        let code = index.find(hash, |code| {
            scan::is_same(found.get(usize::from(*code)), text)
        });
        let code = match code {
            Some(code) => *code,
            None => {
                let has_repeats =
                    codes.len() < REPEATS_AFTER || found.len() * 16 < codes.len() * 15;
                let has_room = found.bytes() + text.len() <= DICTIONARY_BYTES_MAX;
                if found.len() == most || !has_repeats || !has_room {
                    return None;
                }
                let code = found.len() as u16;
                found.push(text);
                index.insert_unique(hash, code, |code| {
                    hasher.hash_one(found.get(usize::from(*code)))
                });
                code
            }
        };
        codes.push(code);
    }
    let dictionary = Dictionary::new(found);
    let bytes = dictionary.texts().bytes() + 2 * dictionary.len();
    Some(FormAttempt {
        bits: texts.len() * dictionary.bits() as usize + bytes * 6,
        choice: Choice {
            form: Form::Dictionary(dictionary),
            values: Values::Codes(codes),
        },
    })
}

/// The form of numbers, times and the like that most of the sample has, tried on all.
fn structured(texts: &Texts, sample: &[&[u8]]) -> Option<FormAttempt> {
    let most = |fits: &dyn Fn(&[u8]) -> bool| {
        sample.iter().filter(|text| fits(text)).count() * 4 >= sample.len() * 3
    };
    if most(&|text| parse_decimal(text).is_some()) {
        return decimals(texts);
    }
    let precision = Precision::of(sample[sample.len() / 2]);
    if let Some(precision) = precision
        && most(&|text| precision.parse(text).is_some())
    {
        return Some(integers(texts, Form::Instant(precision), |text| {
            precision.parse(text).map(one_slot)
        }));
    }
    if let Some(pattern) = Pattern::of(sample) {
        let parse = |text: &[u8]| pattern.parse(text);
        let attempt = integers(texts, Form::Pattern(pattern.clone()), parse);
        if attempt.bits <= texts.bytes() * 4 {
            return Some(attempt);
        }
    }
    Hex::of(sample).map(|hex| digits(texts, hex))
}

fn one_slot(integer: i64) -> [i64; SLOTS_MAX] {
    let mut slots = [0; SLOTS_MAX];
    slots[0] = integer;
    slots
}

fn decimals(texts: &Texts) -> Option<FormAttempt> {
    let parsed: Vec<_> = texts.iter().map(parse_decimal).collect();
    let most = parsed
        .iter()
        .flatten()
        .map(|(_, decimals)| *decimals)
        .max()?;
    let mut parsed = parsed.into_iter();
    Some(integers(texts, Form::Decimals(most), |_| {
        let (value, own) = parsed.next()??;
        decimal::scale(value, own, most).map(one_slot)
    }))
}

fn integers(
    texts: &Texts,
    form: Form,
    mut parse: impl FnMut(&[u8]) -> Option<[i64; SLOTS_MAX]>,
) -> FormAttempt {
    let mut slots: Vec<Vec<i64>> = vec![Vec::with_capacity(texts.len()); form.slots()];
    let mut exceptions = Exceptions::new();
    let mut before = [0; SLOTS_MAX];
    for (index, text) in texts.iter().enumerate() {
        match parse(text) {
            Some(integers) => {
                if index == exceptions.places.len() {
                    // What stands for the exceptions at the beginning is not to widen the range.
                    for (slot, integer) in slots.iter_mut().zip(integers) {
                        slot.fill(integer);
                    }
                }
                before = integers;
            }
            None => exceptions.push(index, text),
        }
        for (slot, integer) in slots.iter_mut().zip(before) {
            slot.push(integer);
        }
    }
    FormAttempt {
        bits: exceptions.bits + slots.iter().map(|slot| range_bits(slot)).sum::<usize>(),
        choice: Choice {
            form,
            values: Values::Integers(slots, exceptions.places),
        },
    }
}

/// How many bits the integers take together, about.
fn range_bits(integers: &[i64]) -> usize {
    let above = |integers: &mut dyn Iterator<Item = i64>| {
        let (lowest, highest) = integers.fold((i64::MAX, i64::MIN), |(lowest, highest), it| {
            (lowest.min(it), highest.max(it))
        });
        bits_of(highest.wrapping_sub(lowest) as u64)
    };
    let differences = integers.windows(2).map(|two| two[1].wrapping_sub(two[0]));
    let bits = above(&mut integers.iter().copied());
    integers.len() * bits.min(1 + above(&mut differences.into_iter())) as usize
}

fn digits(texts: &Texts, hex: Hex) -> FormAttempt {
    let mut digits = Vec::with_capacity(texts.len() * hex.digits());
    let mut exceptions = Exceptions::new();
    for (index, text) in texts.iter().enumerate() {
        if hex.parse(text, &mut digits).is_none() {
            digits.resize(digits.len() + hex.digits(), 0);
            exceptions.push(index, text);
        }
    }
    FormAttempt {
        bits: exceptions.bits + 4 * digits.len(),
        choice: Choice {
            form: Form::Hex(hex),
            values: Values::Digits(digits, exceptions.places),
        },
    }
}
