//! Different values.

use hashbrown::HashMap;

use super::budget::{Budget, allocated};
use super::marked_numbers::MarkedNumbers;
use crate::block::{self, NumberedForm, Values};
use crate::error::Error;
use crate::hashing::TextHash;
use crate::query::value::canonical;
use crate::query::value::found::Found;
use crate::query::value::kept_text::KeptText;

/// The different values so far. Values are the same as in a group: by JSON value.
#[derive(Debug, Default)]
pub(in crate::query) struct Distinct {
    /// By their bits, with -0 as 0. Times are numbers here: no field has both.
    numbers: HashMap<u64, (), TextHash>,
    /// The canonical texts of the others that are short, each as a [word](block::word_of).
    words: HashMap<u128, (), TextHash>,
    /// Those that are longer.
    texts: HashMap<KeptText, (), TextHash>,
    /// Those of one form, which are in none of the maps, but for those that are not marked.
    marked: Option<Box<MarkedNumbers>>,
}

impl Distinct {
    /// Takes a value that is not null.
    pub(in crate::query) fn add(
        &mut self,
        found: Found<'_>,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        if let Some(number) = found.number() {
            return self.add_number(number, budget);
        }
        match canonical::as_written(found) {
            Some(text) => self.add_text(text, budget),
            None => budget.with_canonical(found, |text, budget| self.add_text(text, budget)),
        }
    }

    /// Takes a number.
    pub(in crate::query) fn add_number(
        &mut self,
        number: f64,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        // -0 + 0 is 0.
        let bits = (number + 0.0).to_bits();
        if !self.numbers.contains_key(&bits) {
            budget.room_in_map(&mut self.numbers)?;
            self.numbers.insert(bits, ());
        }
        Ok(())
    }

    /// Takes the values of a column for which `is_there` says so, but for null.
    pub(in crate::query) fn add_values(
        &mut self,
        values: &Values,
        is_there: &[bool],
        budget: &mut Budget,
    ) -> Result<(), Error> {
        if let Some((form, numbers)) = values.numbered()
            && self.marks(form, budget)?
        {
            for ((at, number), _) in numbers.iter().enumerate().zip(is_there).filter(|it| *it.1) {
                if !self.mark(*number, budget)? {
                    self.add(Found::Json(&values[at]), budget)?;
                }
            }
            return Ok(());
        }
        let has_escapes = values.has_escapes();
        for (at, _) in is_there.iter().enumerate().filter(|(_, there)| **there) {
            match values.word(at) {
                // Without escapes, a string is written as its canonical text is.
                Some(word) if !has_escapes && word as u8 == b'"' && self.marked.is_none() => {
                    self.add_word(word, budget)?;
                }
                _ => {
                    let found = Found::Json(&values[at]);
                    if !found.is_null() {
                        self.add(found, budget)?;
                    }
                }
            }
        }
        Ok(())
    }

    /// Whether texts of that form are known by their numbers. The first form that is met is. Texts of it that came before
    /// are known so from then on: each text must be in one place only.
    fn marks(&mut self, form: &NumberedForm, budget: &mut Budget) -> Result<bool, Error> {
        if self.marked.is_none()
            && let Some(mut marked) = MarkedNumbers::of_form(form)
        {
            budget.take(allocated(size_of::<MarkedNumbers>()) + form.memory_bytes())?;
            let mut failure = None;
            let mut leaves = |text: &str| match marked.mark_text(text, budget) {
                Ok(is_marked) => is_marked,
                Err(error) => {
                    failure = Some(error);
                    false
                }
            };
            self.words
                .retain(|word, ()| !block::with_word_text(*word, &mut leaves));
            self.texts.retain(|text, ()| !leaves(text.as_str()));
            if let Some(error) = failure {
                return Err(error);
            }
            self.marked = Some(Box::new(marked));
        }
        Ok(self.marked.as_ref().is_some_and(|it| it.form() == form))
    }

    /// Marks a number of the form. Says whether it is one of those that are marked.
    fn mark(&mut self, number: u64, budget: &mut Budget) -> Result<bool, Error> {
        match &mut self.marked {
            Some(marked) => marked.mark(number, budget),
            None => Ok(false),
        }
    }

    fn add_word(&mut self, word: u128, budget: &mut Budget) -> Result<(), Error> {
        if !self.words.contains_key(&word) {
            budget.room_in_map(&mut self.words)?;
            self.words.insert(word, ());
        }
        Ok(())
    }

    fn add_text(&mut self, text: &str, budget: &mut Budget) -> Result<(), Error> {
        if let Some(marked) = &mut self.marked
            && marked.mark_text(text, budget)?
        {
            return Ok(());
        }
        if let Some(word) = block::word_of(text) {
            return self.add_word(word, budget);
        }
        if !self.texts.contains_key(text.as_bytes()) {
            budget.room_in_map(&mut self.texts)?;
            budget.take(allocated(KeptText::bytes_beside(text)))?;
            self.texts.insert(KeptText::new(text), ());
        }
        Ok(())
    }

    /// How many values there are.
    pub(in crate::query) fn count(&self) -> usize {
        let marked = self.marked.as_ref().map_or(0, |marked| marked.count());
        self.numbers.len() + self.words.len() + self.texts.len() + marked
    }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;
    use std::sync::Arc;

    use super::*;

    fn numbered(before: &str, numbers: &[u64]) -> Values {
        let mut values = Values::default();
        let form = NumberedForm {
            before: before.into(),
            after: "\"".into(),
            digits: 1,
        };
        assert!(values.push_numbered(&Arc::new(form), numbers));
        values
    }

    #[test]
    fn each_value_counts_once_whatever_form_it_is_known_by() {
        let parts = [
            numbered("\"n-", &[5, 1, 1 << 22, u64::MAX, 1, 3]),
            numbered("\"n-1", &[7, 5]),
            numbered("\"m-", &[5]),
            numbered("\"\\u006e-", &[8]),
            [
                r#""n-5""#,
                r#""n-05""#,
                r#""\u006e-17""#,
                r#""n-4194304""#,
                r#""n-18446744073709551616""#,
                r#""other""#,
                "5",
                "null",
            ]
            .iter()
            .collect(),
        ];
        let canonical = |raw: &str| canonical::of_json(raw);
        for order in 0..parts.len() * parts.len() {
            let (first, second) = (order / parts.len(), order % parts.len());
            let mut distinct = Distinct::default();
            let mut budget = Budget::new(1 << 24);
            let mut expected = BTreeSet::new();
            let rest = 0..parts.len();
            for at in [first, second].into_iter().chain(rest) {
                let part = &parts[at];
                // The second of them is not there.
                let is_there: Vec<bool> = (0..part.len()).map(|at| at != 1).collect();
                distinct.add_values(part, &is_there, &mut budget).unwrap();
                let there = part
                    .iter()
                    .zip(&is_there)
                    .filter(|(raw, there)| **there && *raw != "null");
                expected.extend(there.map(|(raw, _)| canonical(raw)));
                assert_eq!(distinct.count(), expected.len(), "{first} {second} {at}");
            }
        }
    }

    #[test]
    fn what_is_held_counts() {
        let values = numbered("\"n-", &[(1 << 22) - 1]);
        let count = |bytes| {
            let mut budget = Budget::new(bytes);
            let mut distinct = Distinct::default();
            let added = distinct.add_values(&values, &[true], &mut budget);
            added.map(|()| distinct.count())
        };
        assert_eq!(count((1 << 19) + 1_000), Ok(1));
        assert!(count(1 << 19).is_err());
    }
}
