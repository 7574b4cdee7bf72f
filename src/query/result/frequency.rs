//! The values that occur most often.

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write as _;

use hashbrown::HashMap;

use super::budget::{Budget, allocated};
use crate::error::Error;
use crate::hashing::TextHash;
use crate::query::value::Value;
use crate::query::value::canonical;
use crate::query::value::found::Found;
use crate::query::value::kept_text::KeptText;
use crate::query::value::sort_key::SortKey;

/// How often each value has occurred. Values are the same as in a group: by JSON value.
#[derive(Debug)]
pub(in crate::query) struct Frequencies {
    /// How many values are told.
    most: usize,
    /// By canonical text.
    values: HashMap<KeptText, Frequency, TextHash>,
}

#[derive(Debug)]
struct Frequency {
    count: u64,
    /// The JSON text as it was seen first, of a value whose own does not [follow](canonical::scalar) from the canonical text.
    json: Option<Box<str>>,
}

/// A value, and how often it has occurred.
struct Ranked<'a> {
    count: u64,
    json: Cow<'a, str>,
    key: SortKey<'a>,
    canonical: &'a str,
}

impl Frequencies {
    pub(in crate::query) fn new(most: usize) -> Self {
        Self {
            most,
            values: HashMap::default(),
        }
    }

    /// Takes a value that is not null, and that occurs so often.
    pub(in crate::query) fn add(
        &mut self,
        found: Found<'_>,
        times: u64,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        match canonical::as_written(found) {
            Some(text) => self.add_text(text, None, times, budget),
            None => budget.with_canonical(found, |text, budget| {
                let json = match found {
                    Found::Json(raw) if canonical::scalar(text).is_none() => Some(raw),
                    _ => None,
                };
                self.add_text(text, json, times, budget)
            }),
        }
    }

    /// Takes the value of that canonical text, and the JSON text that is kept of it.
    fn add_text(
        &mut self,
        text: &str,
        json: Option<&str>,
        times: u64,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        if let Some(frequency) = self.values.get_mut(text.as_bytes()) {
            frequency.count += times;
            return Ok(());
        }
        let beside = KeptText::bytes_beside(text);
        budget.room_in_map(&mut self.values)?;
        budget.take(allocated(beside) + allocated(json.map_or(0, str::len)))?;
        let frequency = Frequency {
            count: times,
            json: json.map(Box::from),
        };
        self.values.insert(KeptText::new(text), frequency);
        Ok(())
    }

    /// The JSON text of an array of the most frequent values with their counts. Of values that are as frequent, the lower
    /// ones come first.
    pub(in crate::query) fn to_json(&self) -> String {
        let mut best: Vec<Ranked<'_>> = Vec::new();
        let mut least = 0;
        for (canonical, frequency) in &self.values {
            if frequency.count < least {
                continue;
            }
            best.push(Ranked::new(canonical.as_str(), frequency));
            if best.len() == 2 * self.most {
                best.select_nth_unstable_by(self.most - 1, Ranked::compare);
                best.truncate(self.most);
                // What is as frequent may be lower.
                least = best.last().map_or(0, |last| last.count);
            }
        }
        best.sort_unstable_by(Ranked::compare);
        let mut out = String::from("[");
        for (at, ranked) in best.iter().take(self.most).enumerate() {
            if at > 0 {
                out.push(',');
            }
            // Writing to a String cannot fail.
            let _ = write!(
                out,
                "{{\"value\":{},\"count\":{}}}",
                ranked.json, ranked.count
            );
        }
        out.push(']');
        out
    }
}

impl<'a> Ranked<'a> {
    fn new(canonical: &'a str, frequency: &'a Frequency) -> Self {
        let scalar = canonical::scalar(canonical);
        let json = match &frequency.json {
            Some(json) => Cow::Borrowed(&**json),
            None => scalar.unwrap_or(Cow::Borrowed("null")),
        };
        let key = match &json {
            Cow::Borrowed(json) => Value::decode(json).into_sort_key(),
            Cow::Owned(json) => Value::decode(json).into_sort_key().into_owned(),
        };
        Self {
            count: frequency.count,
            json,
            key,
            canonical,
        }
    }

    /// The one that is told first is the lesser one.
    fn compare(&self, other: &Self) -> Ordering {
        let by_count = other.count.cmp(&self.count);
        by_count
            .then_with(|| self.key.cmp(&other.key))
            .then_with(|| self.canonical.cmp(other.canonical))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_the_most_frequent_are_told_and_of_equals_the_lowest() {
        let mut frequencies = Frequencies::new(3);
        let mut budget = Budget::new(1 << 20);
        // 50 is there three times, each multiple of ten twice, and all others once.
        let numbers = (0..100).chain((0..100).step_by(10)).chain([50]);
        for number in numbers {
            frequencies
                .add(Found::Whole(number), 1, &mut budget)
                .unwrap();
        }
        assert_eq!(
            frequencies.to_json(),
            r#"[{"value":50,"count":3},{"value":0,"count":2},{"value":10,"count":2}]"#
        );
    }

    #[test]
    fn values_are_told_as_they_were_seen_first() {
        let mut frequencies = Frequencies::new(10);
        let mut budget = Budget::new(1 << 20);
        for raw in [
            r#"{"b":1,"a":[2.0]}"#,
            r#"{"a":[2],"b":1}"#,
            "1.50",
            "15e-1",
            r#""\u0061""#,
            r#""a""#,
            r#""\ud800""#,
            "true",
            "-1e400",
            "1e400",
            "1.0e999",
        ] {
            frequencies.add(Found::Json(raw), 1, &mut budget).unwrap();
        }
        assert_eq!(
            frequencies.to_json(),
            concat!(
                r#"[{"value":1.5,"count":2},{"value":1e400,"count":2},{"value":"a","count":2},{"value":{"b":1,"a":[2.0]},"count":2},"#,
                r#"{"value":true,"count":1},{"value":-1e400,"count":1},{"value":"\ud800","count":1}]"#
            )
        );
    }
}
