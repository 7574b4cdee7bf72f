//! Finding the texts that have one of some parts, without putting them together of their symbols.

use super::sought::{STATES_MAX, Sought};
use super::table::{ESCAPE, Symbol, Symbols};

/// So many stretches of texts are gone through side by side: each step needs the one before it, and waits for memory.
const LANES: usize = 4;

/// How many bytes there are.
const BYTES: usize = 256;

/// An automaton that goes from symbol to symbol. It knows of each symbol what all of its bytes do to the search.
#[derive(Debug)]
pub(in super::super) struct Search {
    /// By where a state's part begins here, and the number of a symbol: where the next state's part begins. The states
    /// that have read [`ESCAPE`] come after the others; a byte follows there.
    next: Vec<u16>,
    found: u16,
}

impl Symbols {
    /// What finds the texts of these symbols that have one of the parts.
    pub(in super::super) fn search(&self, parts: &Sought) -> Search {
        const { assert!((2 * STATES_MAX - 1) * BYTES <= u16::MAX as usize) }
        let states = parts.states();
        // There is room, as was just seen.
        let place = |state: usize| (state * BYTES) as u16;
        let found = place(parts.found());
        // What is no symbol's number is found, so that who reads the text sees it.
        let mut next = vec![found; 2 * states * BYTES];
        for (number, symbol) in self.symbols().iter().enumerate() {
            let mut passed = [0; size_of::<u64>()];
            let end = through(parts, 0, *symbol, |at, state| passed[at] = state);
            next[number] = place(end);
            for state in 1..parts.found() {
                next[state * BYTES + number] = place(through_until(parts, state, *symbol, &passed));
            }
        }
        for state in 0..parts.found() {
            next[state * BYTES + usize::from(ESCAPE)] = place(states + state);
            for byte in 0..=u8::MAX {
                let after = place(parts.after(state, byte));
                next[(states + state) * BYTES + usize::from(byte)] = after;
            }
        }
        Search { next, found }
    }
}

/// The bytes of a symbol, in order.
fn bytes_of(symbol: Symbol) -> impl Iterator<Item = (usize, u8)> {
    let bytes = symbol.word.to_le_bytes().into_iter();
    bytes.take(usize::from(symbol.length)).enumerate()
}

/// The state that a symbol leads to from one. Tells which states it passes through.
fn through(
    parts: &Sought,
    mut state: usize,
    symbol: Symbol,
    mut pass: impl FnMut(usize, usize),
) -> usize {
    for (at, byte) in bytes_of(symbol) {
        state = parts.after(state, byte);
        pass(at, state);
    }
    state
}

/// As [`through`], where it is known what state 0 passes through: from where both are in the same, they stay together.
fn through_until(
    parts: &Sought,
    mut state: usize,
    symbol: Symbol,
    passed: &[usize; size_of::<u64>()],
) -> usize {
    for (at, byte) in bytes_of(symbol) {
        state = parts.after(state, byte);
        if state == passed[at] {
            return passed[usize::from(symbol.length) - 1];
        }
    }
    state
}

impl Search {
    /// Whether a text has one of the parts.
    pub(in super::super) fn finds_in(&self, compressed: &[u8]) -> bool {
        self.after(0, compressed) == self.found
    }

    /// Calls `each` with the numbers, from 0, of the texts that have one of the parts. They follow each other in
    /// `compressed` and end there in it; `None` where those are no ends of its parts.
    pub(in super::super) fn find_all(
        &self,
        compressed: &[u8],
        ends: &[u32],
        mut each: impl FnMut(usize),
    ) -> Option<()> {
        let end_of = |count: usize| count.checked_sub(1).map_or(0, |last| ends[last] as usize);
        // Where a text ends and another begins is no matter at first: nothing that is in one of them is passed over.
        let cuts: [usize; LANES + 1] = std::array::from_fn(|lane| ends.len() * lane / LANES);
        let mut lanes: [&[u8]; LANES] = [&[]; LANES];
        for (lane, cuts) in lanes.iter_mut().zip(cuts.windows(2)) {
            *lane = compressed.get(end_of(cuts[0])..end_of(cuts[1]))?;
        }
        let found = self.find_in_lanes(lanes);
        for (_, cuts) in found
            .into_iter()
            .zip(cuts.windows(2))
            .filter(|(found, _)| *found)
        {
            for number in cuts[0]..cuts[1] {
                if self.finds_in(compressed.get(end_of(number)..end_of(number + 1))?) {
                    each(number);
                }
            }
        }
        Some(())
    }

    /// Whether each of the lanes has one of the parts.
    fn find_in_lanes(&self, lanes: [&[u8]; LANES]) -> [bool; LANES] {
        let shortest = lanes.iter().map(|lane| lane.len()).min().unwrap_or(0);
        let [(a, rest_a), (b, rest_b), (c, rest_c), (d, rest_d)] =
            lanes.map(|lane| lane.split_at(shortest));
        let mut at = [0_u16; LANES];
        for (((a, b), c), d) in a.iter().zip(b).zip(c).zip(d) {
            at = [
                self.step(at[0], *a),
                self.step(at[1], *b),
                self.step(at[2], *c),
                self.step(at[3], *d),
            ];
        }
        let rests = [rest_a, rest_b, rest_c, rest_d];
        std::array::from_fn(|lane| self.after(at[lane], rests[lane]) == self.found)
    }

    fn after(&self, state: u16, compressed: &[u8]) -> u16 {
        let step = |state, number: &u8| self.step(state, *number);
        compressed.iter().fold(state, step)
    }

    #[inline]
    fn step(&self, state: u16, number: u8) -> u16 {
        // It is there: each state has a place for each number.
        let next = self.next.get(usize::from(state) + usize::from(number));
        next.copied().unwrap_or(self.found)
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::super::{table, train};
    use super::*;

    /// The numbers of the texts that have one of the parts, as the search finds them in what `symbols` make of the texts.
    fn found(symbols: &Symbols, texts: &[Vec<u8>], parts: &[&str]) -> Vec<usize> {
        let (matcher, mut compressed, mut ends) = (symbols.matcher(), Vec::new(), Vec::new());
        for text in texts {
            matcher.compress(text, &mut compressed);
            ends.push(compressed.len() as u32);
        }
        let search = symbols.search(&Sought::new(parts).unwrap());
        let mut found = Vec::new();
        let searched = search.find_all(&compressed, &ends, |number| found.push(number));
        assert_eq!(searched, Some(()));
        for number in 0..texts.len() {
            let start = number.checked_sub(1).map_or(0, |before| ends[before]);
            let text = &compressed[start as usize..ends[number] as usize];
            assert_eq!(search.finds_in(text), found.contains(&number));
        }
        found
    }

    fn with_parts(texts: &[Vec<u8>], parts: &[&str]) -> Vec<usize> {
        let has = |text: &[u8], part: &str| {
            let part = part.as_bytes();
            text.windows(part.len()).any(|window| window == part)
        };
        let numbers = 0..texts.len();
        numbers
            .filter(|number| parts.iter().any(|part| has(&texts[*number], part)))
            .collect()
    }

    #[test]
    fn a_part_is_found_wherever_symbols_cut_it() {
        let words = [
            "deadlock on row",
            "dead",
            "lock",
            "deadloc",
            "k",
            "é\\n",
            "",
        ];
        let texts: Vec<Vec<u8>> = (0..400_usize)
            .map(|at| format!("{} {} {}", words[at % 7], words[at / 7 % 7], at % 9).into_bytes())
            .collect();
        let symbols = train(texts.iter().map(Vec::as_slice));
        assert!(!symbols.is_empty());
        for parts in [
            &["deadlock"][..],
            &["deadlock", "\\"],
            &["k dead", "k lock"],
            &["row dead"],
            &["é"],
            &["k"],
            &["kk", "none of them"],
            &["deadlock on row deadlock on row", "8"],
        ] {
            let cut: Vec<&str> = parts
                .iter()
                .map(|part| part.get(..16).unwrap_or(part))
                .collect();
            let expected = with_parts(&texts, &cut);
            assert_eq!(found(&symbols, &texts, parts), expected, "{parts:?}");
        }
    }

    #[test]
    fn what_cannot_be_looked_for_is_refused() {
        assert!(Sought::new(&[]).is_none());
        assert!(Sought::new(&["a", ""]).is_none());
        let many: Vec<String> = (0..10).map(|at| format!("{at}-23456789abcdef")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert!(Sought::new(&many).is_none());
        assert!(Sought::new(&many[..8]).is_some());
    }

    #[test]
    fn what_is_no_text_is_seen() {
        let symbols = train(std::iter::repeat_n(&b"abcabc"[..], 50));
        let search = symbols.search(&Sought::new(&["x"]).unwrap());
        assert!(search.finds_in(&[ESCAPE - 1]));
        assert_eq!(search.find_all(&[0, 0], &[1, 3], |_| {}), None);
        assert_eq!(search.find_all(&[0, 0, 0, 0], &[3, 1, 2, 4], |_| {}), None);
    }

    proptest! {
        #[test]
        fn texts_with_a_part_are_found_and_no_others(
            texts in prop::collection::vec(prop::collection::vec(prop::sample::select(&b"abc\xff"[..]), 0..30), 1..60),
            parts in prop::collection::vec("[abc]{1,5}", 1..4),
        ) {
            let symbols = train(texts.iter().map(Vec::as_slice));
            prop_assume!(!symbols.is_empty());
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            prop_assert_eq!(found(&symbols, &texts, &parts), with_parts(&texts, &parts));
        }

        /// Few bytes are symbols here: the others stand for themselves, in the middle of parts as well.
        #[test]
        fn bytes_that_are_no_symbols_belong_to_texts_as_others_do(
            symbols in prop::collection::hash_set("[ab]{1,8}", 1..6),
            texts in prop::collection::vec("[abxy]{0,20}", 1..60),
            parts in prop::collection::vec("[abxy]{1,5}", 1..4),
        ) {
            let symbol = |text: &String| {
                let bytes = text.bytes().map(table::Symbol::byte);
                bytes.reduce(table::Symbol::then).unwrap()
            };
            let symbols = Symbols::new(symbols.iter().map(symbol).collect());
            let texts: Vec<Vec<u8>> = texts.into_iter().map(String::into_bytes).collect();
            let parts: Vec<&str> = parts.iter().map(String::as_str).collect();
            prop_assert_eq!(found(&symbols, &texts, &parts), with_parts(&texts, &parts));
        }
    }
}
