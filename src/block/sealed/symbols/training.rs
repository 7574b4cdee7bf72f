//! Choosing symbols for texts.

use super::super::bits::word_at;
use super::matcher::{Matcher, SymbolMatch};
use super::table::{ESCAPE, SYMBOL_BYTES_MAX, Symbol, Symbols};
use crate::hashing::TextMap;

/// How many bytes of the texts are looked at, about.
const SAMPLE_BYTES: usize = 12 * 1024;

/// How much of the sample, in 128ths, each generation of symbols is made from.
const GENERATIONS: [usize; 5] = [16, 40, 68, 98, 128];

/// Numbers up to 255 are bytes that are no symbols; the symbol 0 is 256.
const FIRST_SYMBOL: usize = 256;
const NUMBERS: usize = 512;

/// Symbols for texts of which each next one is given, spread over all of them.
pub(in super::super) fn train<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Symbols {
    let sample = sample(texts);
    let mut training = Training {
        matcher: Matcher::new(),
        symbols: Vec::new(),
        singles: vec![0; NUMBERS],
        pairs: vec![0_u16; NUMBERS * NUMBERS],
        met: Vec::new(),
    };
    for part in GENERATIONS {
        let texts = sample.len() * part / 128;
        let is_last = part == 128;
        training.count(&sample[..texts.max(1).min(sample.len())]);
        training.choose(part, is_last);
    }
    Symbols::new(training.symbols)
}

fn sample<'a>(texts: impl Iterator<Item = &'a [u8]>) -> Vec<&'a [u8]> {
    let mut bytes = 0;
    texts
        .take_while(|text| {
            let has_room = bytes < SAMPLE_BYTES;
            bytes += text.len();
            has_room
        })
        .map(|text| &text[..text.len().min(SAMPLE_BYTES)])
        .collect()
}

struct Training {
    matcher: Matcher,
    symbols: Vec<Symbol>,
    /// How often each number was met, and each pair of numbers.
    singles: Vec<u32>,
    pairs: Vec<u16>,
    /// The pairs that were met.
    met: Vec<u32>,
}

impl Training {
    fn count(&mut self, sample: &[&[u8]]) {
        self.singles.fill(0);
        for pair in self.met.drain(..) {
            self.pairs[pair as usize] = 0;
        }
        for text in sample {
            let mut at = 0;
            let mut before = None;
            while at < text.len() {
                let (number, length) = match self.matcher.find(word_at(text, at), text.len() - at) {
                    SymbolMatch::Symbol { number, length } => {
                        (FIRST_SYMBOL + usize::from(number), usize::from(length))
                    }
                    SymbolMatch::Byte(byte) => (usize::from(byte), 1),
                };
                self.singles[number] += 1;
                if let Some(before) = before {
                    let pair = before * NUMBERS + number;
                    if self.pairs[pair] == 0 {
                        self.met.push(pair as u32);
                    }
                    self.pairs[pair] = u16::saturating_add(self.pairs[pair], 1);
                }
                before = Some(number);
                at += length;
            }
        }
    }

    fn symbol(&self, number: usize) -> Symbol {
        match number.checked_sub(FIRST_SYMBOL) {
            Some(number) => self.symbols[number],
            None => Symbol::byte(number as u8),
        }
    }

    /// Makes symbols of those that save most.
    fn choose(&mut self, part: usize, is_last: bool) {
        // What is met less often in a small part may be chance.
        let least = (5 * part / 128).max(1) as u64;
        let mut gains: TextMap<Symbol, u64> = TextMap::default();
        for (number, count) in self.singles.iter().enumerate() {
            let symbol = if *count > 0 {
                self.symbol(number)
            } else {
                continue;
            };
            // A byte that is a symbol is not escaped.
            let weight = if symbol.length == 1 { 8 } else { 1 };
            let count = weight * u64::from(*count);
            if count >= least {
                *gains.entry(symbol).or_default() += count * u64::from(symbol.length);
            }
        }
        for pair in if is_last { &[][..] } else { &self.met } {
            let count = u64::from(self.pairs[*pair as usize]);
            let [first, second] = [*pair as usize / NUMBERS, *pair as usize % NUMBERS];
            let first = self.symbol(first);
            if count >= least && usize::from(first.length) < SYMBOL_BYTES_MAX {
                let both = first.then(self.symbol(second));
                *gains.entry(both).or_default() += count * u64::from(both.length);
            }
        }
        let mut best: Vec<(u64, Symbol)> = gains.into_iter().map(|(it, gain)| (gain, it)).collect();
        // Of equal gain the same one comes first in every run.
        best.sort_unstable_by_key(|(gain, symbol)| {
            (std::cmp::Reverse(*gain), symbol.length, symbol.word)
        });
        self.symbols.clear();
        self.matcher.clear();
        for (_, symbol) in best {
            if self.symbols.len() == usize::from(ESCAPE) {
                break;
            }
            if self.matcher.insert(symbol, self.symbols.len() as u8) {
                self.symbols.push(symbol);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::super::super::super::bytes::Reader;
    use super::*;
    use proptest::prelude::*;

    fn round_trip(texts: &[Vec<u8>]) -> (usize, usize) {
        let symbols = train(texts.iter().map(Vec::as_slice));
        let mut head = Vec::new();
        symbols.write(&mut head);
        let mut reader = Reader::new(&head);
        assert_eq!(Symbols::read(&mut reader), Some(symbols.clone()));
        assert!(reader.is_at_end());
        for length in 0..head.len() {
            assert_eq!(Symbols::read(&mut Reader::new(&head[..length])), None);
        }
        let matcher = symbols.matcher();
        let mut bytes = 0;
        let (mut all, mut ends) = (Vec::new(), Vec::new());
        for text in texts {
            let mut compressed = Vec::new();
            matcher.compress(text, &mut compressed);
            bytes += compressed.len();
            let mut expanded = b"before".to_vec();
            symbols.expand(&compressed, &mut expanded).unwrap();
            assert_eq!(&expanded[6..], text);
            all.append(&mut compressed);
            ends.push(all.len() as i64);
        }
        let (mut expanded, mut expanded_ends) = (b"before".to_vec(), Vec::new());
        let expanding = (&mut expanded, &mut expanded_ends);
        symbols
            .expand_all(&all, ends.into_iter(), expanding)
            .unwrap();
        assert_eq!(expanded[6..], texts.concat());
        let mut end = 6;
        let end_of = |text: &Vec<u8>| {
            end += text.len() as u32;
            end
        };
        assert_eq!(expanded_ends, texts.iter().map(end_of).collect::<Vec<_>>());
        (bytes, texts.iter().map(Vec::len).sum())
    }

    proptest! {
        #[test]
        fn any_texts_are_expanded_as_they_were(
            texts in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..30), 0..40),
        ) {
            round_trip(&texts);
        }

        #[test]
        fn texts_of_few_letters_are_expanded_as_they_were(
            texts in prop::collection::vec("[ab\0]{0,40}".prop_map(String::into_bytes), 0..60),
        ) {
            round_trip(&texts);
        }

        #[test]
        fn no_bytes_make_expanding_panic(
            table in prop::collection::vec(any::<u8>(), 0..60),
            compressed in prop::collection::vec(any::<u8>(), 0..60),
        ) {
            if let Some(symbols) = Symbols::read(&mut Reader::new(&table)) {
                let mut out = Vec::new();
                let _ = symbols.expand(&compressed, &mut out);
                prop_assert!(out.len() <= 8 * compressed.len());
                // Ends that go back, or beyond the last byte, are damage as well.
                let ends = compressed.iter().map(|byte| i64::from(*byte) - 3);
                let _ = symbols.expand_all(&compressed, ends, (&mut Vec::new(), &mut Vec::new()));
            }
        }
    }

    #[test]
    fn texts_that_are_alike_become_short() {
        let texts: Vec<Vec<u8>> = (0..500)
            .map(|n| {
                format!(
                    "\"the request {} was answered by worker {}\"",
                    n * 7_919 % 1_000,
                    n % 17
                )
            })
            .map(String::into_bytes)
            .collect();
        let (compressed, plain) = round_trip(&texts);
        assert!(compressed * 3 < plain, "{compressed} of {plain}");
    }

    #[test]
    fn an_escape_without_its_byte_is_refused() {
        let symbols = Symbols::default();
        let mut out = Vec::new();
        assert_eq!(symbols.expand(&[ESCAPE], &mut out), None);
        assert_eq!(symbols.expand(&[0], &mut out), None);
        out.clear();
        assert_eq!(symbols.expand(&[ESCAPE, b'a'], &mut out), Some(()));
        assert_eq!(out, b"a");
        // The byte after it belongs to the next text.
        let expand_all = |ends: [i64; 2]| {
            let out = (&mut Vec::new(), &mut Vec::new());
            symbols.expand_all(&[ESCAPE, b'a', ESCAPE, b'b'], ends.into_iter(), out)
        };
        assert_eq!(expand_all([2, 4]), Some(()));
        assert_eq!(expand_all([1, 4]), None);
        assert_eq!(expand_all([2, 3]), None);
        assert_eq!(expand_all([2, 5]), None);
        assert_eq!(expand_all([4, 2]), None);
    }
}
