//! Finds the longest symbol that a text begins with.

use super::super::bits::word_at;
use super::table::{ESCAPE, SYMBOL_BYTES_MAX, Symbol, mask};

/// How many places there are for symbols of three bytes and more.
const LONG: usize = 2_048;

/// What a text begins with: a symbol, or a byte that is none.
#[derive(Clone, Copy, Debug)]
pub(super) enum SymbolMatch {
    Symbol { number: u8, length: u8 },
    Byte(u8),
}

/// Symbols by their first bytes.
pub(in super::super) struct Matcher {
    /// By the first two bytes: the symbol of two bytes or else of one; its length is 0 if there is
    /// none.
    short: Vec<(u8, u8)>,
    /// By the first byte alone, for the end of a text.
    single: [Option<u8>; 256],
    /// By a hash of the first three bytes, one symbol each.
    long: Vec<Option<(Symbol, u8)>>,
}

impl Matcher {
    pub(super) fn new() -> Self {
        Self {
            short: vec![(0, 0); 1 << 16],
            single: [None; 256],
            long: vec![None; LONG],
        }
    }

    /// Makes it as it was when it was new.
    pub(super) fn clear(&mut self) {
        self.short.fill((0, 0));
        self.single = [None; 256];
        self.long.fill(None);
    }

    /// Adds a symbol. Tells whether there was a place for it.
    pub(super) fn insert(&mut self, symbol: Symbol, number: u8) -> bool {
        match symbol.length {
            0 => return false,
            1 => {
                let first = symbol.word as u8;
                self.single[usize::from(first)] = Some(number);
                for second in 0..256 {
                    let slot = &mut self.short[usize::from(first) | second << 8];
                    if slot.1 < 2 {
                        *slot = (number, 1);
                    }
                }
            }
            2 => self.short[symbol.word as usize & 0xffff] = (number, 2),
            _ => {
                let slot = &mut self.long[long_slot(symbol.word)];
                if slot.is_some() {
                    return false;
                }
                *slot = Some((symbol, number));
            }
        }
        true
    }

    /// What the text begins with whose first bytes are `word`, and which has `rest` bytes, at least
    /// one.
    #[inline]
    pub(super) fn find(&self, word: u64, rest: usize) -> SymbolMatch {
        if let Some((symbol, number)) = self.long[long_slot(word)]
            && word & mask(symbol.length) == symbol.word
            && usize::from(symbol.length) <= rest
        {
            return SymbolMatch::Symbol {
                number,
                length: symbol.length,
            };
        }
        let (number, length) = self.short[word as usize & 0xffff];
        if length > 0 && usize::from(length) <= rest {
            return SymbolMatch::Symbol { number, length };
        }
        match self.single[word as usize & 0xff] {
            Some(number) => SymbolMatch::Symbol { number, length: 1 },
            None => SymbolMatch::Byte(word as u8),
        }
    }

    /// Appends `text` as symbols.
    pub(in super::super) fn compress(&self, text: &[u8], out: &mut Vec<u8>) {
        let mut at = 0;
        while at < text.len() {
            match self.find(word_at(text, at), text.len() - at) {
                SymbolMatch::Symbol { number, length } => {
                    out.push(number);
                    at += usize::from(length);
                }
                SymbolMatch::Byte(byte) => {
                    out.extend_from_slice(&[ESCAPE, byte]);
                    at += 1;
                }
            }
        }
    }
}

const fn long_slot(word: u64) -> usize {
    const _: () = assert!(SYMBOL_BYTES_MAX == 8 && LONG.is_power_of_two());
    let first = word & 0xff_ffff;
    (first.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (u64::BITS - LONG.trailing_zeros())) as usize
}
