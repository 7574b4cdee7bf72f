//! A table of symbols.
//!
//! ```text
//! count      u8      how many symbols there are
//! lengths    u8 each 1 to 8
//! texts              one after the other
//! ```

use super::super::super::bytes::Reader;
use super::matcher::Matcher;

/// The number that stands before a byte that is none of the symbols.
pub(super) const ESCAPE: u8 = u8::MAX;

/// How many bytes a symbol has at most.
pub(super) const SYMBOL_BYTES_MAX: usize = size_of::<u64>();

/// One to eight bytes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Hash)]
pub(super) struct Symbol {
    /// The first byte is the lowest.
    pub(super) word: u64,
    pub(super) length: u8,
}

impl Symbol {
    pub(super) const fn byte(byte: u8) -> Self {
        Self {
            word: byte as u64,
            length: 1,
        }
    }

    /// This one and the next as one, cut to what a symbol can have.
    pub(super) fn then(self, next: Self) -> Self {
        let length = (self.length + next.length).min(SYMBOL_BYTES_MAX as u8);
        let shifted = next.word.checked_shl(u32::from(self.length) * 8);
        let word = self.word | shifted.unwrap_or(0);
        Self {
            word: word & mask(length),
            length,
        }
    }
}

/// The lowest so many bytes of a word.
pub(super) fn mask(length: u8) -> u64 {
    let unused = u64::BITS - 8 * u32::from(length);
    u64::MAX.checked_shr(unused).unwrap_or(0)
}

/// The symbols of a column's texts.
#[derive(Clone, Debug, Default, PartialEq)]
pub(in super::super) struct Symbols {
    symbols: Vec<Symbol>,
}

impl Symbols {
    pub(super) const fn new(symbols: Vec<Symbol>) -> Self {
        Self { symbols }
    }

    /// The symbols, by their numbers.
    pub(super) fn symbols(&self) -> &[Symbol] {
        &self.symbols
    }

    pub(in super::super) fn is_empty(&self) -> bool {
        self.symbols.is_empty()
    }

    /// How much memory they take beside their own place.
    pub(in super::super) fn memory_bytes(&self) -> usize {
        size_of_val(&*self.symbols)
    }

    pub(in super::super) fn write(&self, out: &mut Vec<u8>) {
        // There are at most 255.
        out.push(self.symbols.len() as u8);
        out.extend(self.symbols.iter().map(|symbol| symbol.length));
        for symbol in &self.symbols {
            out.extend_from_slice(&symbol.word.to_le_bytes()[..usize::from(symbol.length)]);
        }
    }

    pub(in super::super) fn read(reader: &mut Reader<'_>) -> Option<Self> {
        let count = usize::from(reader.byte()?);
        let lengths = reader.take(count)?;
        let symbol = |length: &u8| {
            if !(1..=SYMBOL_BYTES_MAX as u8).contains(length) {
                return None;
            }
            let mut word = [0; SYMBOL_BYTES_MAX];
            let length_bytes = usize::from(*length);
            word[..length_bytes].copy_from_slice(reader.take(length_bytes)?);
            Some(Symbol {
                word: u64::from_le_bytes(word),
                length: *length,
            })
        };
        let symbols: Option<Vec<Symbol>> = lengths.iter().map(symbol).collect();
        symbols.map(Self::new)
    }

    /// What compresses texts with these symbols.
    pub(in super::super) fn matcher(&self) -> Matcher {
        let mut matcher = Matcher::new();
        for (number, symbol) in self.symbols.iter().enumerate() {
            matcher.insert(*symbol, number as u8);
        }
        matcher
    }

    /// Appends the texts that end there in `compressed`, and puts where each ends in `out` into `ends`; `None` where one is
    /// no sequence of symbols. It takes less time than to expand one after the other.
    pub(in super::super) fn expand_all(
        &self,
        compressed: &[u8],
        compressed_ends: impl Iterator<Item = i64>,
        (out, ends): (&mut Vec<u8>, &mut Vec<u32>),
    ) -> Option<()> {
        let (mut at, mut end) = (0, out.len());
        for text_end in compressed_ends {
            let text = compressed.get(at..usize::try_from(text_end).ok()?)?;
            at += text.len();
            // A symbol is written as eight bytes, of which some are overwritten by the next.
            let room = end + SYMBOL_BYTES_MAX * (text.len() + 1);
            if out.len() < room {
                out.resize(room.max(2 * out.len()), 0);
            }
            let mut numbers = text.iter();
            while let Some(number) = numbers.next() {
                if *number == ESCAPE {
                    out[end] = *numbers.next()?;
                    end += 1;
                    continue;
                }
                let symbol = self.symbols.get(usize::from(*number))?;
                let place = out.get_mut(end..end + SYMBOL_BYTES_MAX)?;
                place.copy_from_slice(&symbol.word.to_le_bytes());
                end += usize::from(symbol.length);
            }
            ends.push(u32::try_from(end).ok()?);
        }
        out.truncate(end);
        Some(())
    }

    /// Appends the text that `compressed` stands for; `None` where it is no sequence of symbols.
    #[inline]
    pub(in super::super) fn expand(&self, compressed: &[u8], out: &mut Vec<u8>) -> Option<()> {
        let start = out.len();
        let mut end = start;
        // A symbol is written as eight bytes, of which some are overwritten by the next.
        out.resize(start + SYMBOL_BYTES_MAX * compressed.len(), 0);
        let mut at = 0;
        while let Some(number) = compressed.get(at) {
            at += 1;
            if *number == ESCAPE {
                out[end] = *compressed.get(at)?;
                at += 1;
                end += 1;
                continue;
            }
            let symbol = self.symbols.get(usize::from(*number))?;
            let place = out.get_mut(end..end + SYMBOL_BYTES_MAX)?;
            place.copy_from_slice(&symbol.word.to_le_bytes());
            end += usize::from(symbol.length);
        }
        out.truncate(end);
        Some(())
    }
}
