//! The values that occur most often.

use std::collections::HashMap;
use std::fmt::Write as _;

use super::budget::Budget;
use crate::error::Error;
use crate::json;
use crate::query::value::Value;
use crate::query::value::canonical;
use crate::query::value::found::Found;
use crate::query::value::sort_key::SortKey;

/// What a value takes beside its texts, in bytes: its place in a map.
const PLACE_BYTES: usize = 96;

/// How often each value has occurred. Values are the same as in a group: by JSON value.
#[derive(Debug)]
pub(in crate::query) struct Frequencies {
    /// How many values are told.
    most: usize,
    /// By canonical text.
    values: HashMap<Box<str>, Frequency>,
    /// Kept between values to save allocations.
    text: String,
}

#[derive(Debug)]
struct Frequency {
    count: u64,
    key: SortKey<'static>,
    /// Its JSON text; of an array or an object, the one that was seen first.
    json: Box<str>,
}

impl Frequencies {
    pub(in crate::query) fn new(most: usize) -> Self {
        Self {
            most,
            values: HashMap::new(),
            text: String::new(),
        }
    }

    /// Takes a value that is not null, and that occurs so often.
    pub(in crate::query) fn add(
        &mut self,
        found: Found<'_>,
        times: u64,
        budget: &mut Budget,
    ) -> Result<(), Error> {
        self.text.clear();
        canonical::write(found, &mut self.text);
        if let Some(frequency) = self.values.get_mut(self.text.as_str()) {
            frequency.count += times;
            return Ok(());
        }
        let frequency = Frequency {
            count: times,
            key: found.sort_key().into_owned(),
            json: written(found).into_boxed_str(),
        };
        let texts = self.text.len() + frequency.json.len() + frequency.key.bytes_len();
        budget.take(PLACE_BYTES + texts)?;
        self.values.insert(self.text.as_str().into(), frequency);
        Ok(())
    }

    /// Appends an array of the most frequent values with their counts. Of values that are as frequent, the lower ones
    /// come first.
    pub(in crate::query) fn write_json(&self, out: &mut String) {
        let mut values: Vec<_> = self.values.iter().collect();
        values.sort_unstable_by(|(a_text, a), (b_text, b)| {
            let by_count = b.count.cmp(&a.count);
            by_count
                .then_with(|| a.key.cmp(&b.key))
                .then_with(|| a_text.cmp(b_text))
        });
        out.push('[');
        for (at, (_, frequency)) in values.into_iter().take(self.most).enumerate() {
            if at > 0 {
                out.push(',');
            }
            // Writing to a String cannot fail.
            let _ = write!(
                out,
                "{{\"value\":{},\"count\":{}}}",
                frequency.json, frequency.count
            );
        }
        out.push(']');
    }
}

/// The JSON text of a value. Equal numbers and equal strings have the same one.
fn written(found: Found<'_>) -> String {
    let mut json = String::new();
    match (found, found.value()) {
        (Found::Json(_), Value::Number(number)) => json::write_number(&mut json, number),
        (Found::Json(_), Value::String(text)) => text.write_json(&mut json),
        _ => found.write_json(&mut json),
    }
    json
}
