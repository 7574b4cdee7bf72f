//! What is kept of erasures, as states of the instance.
//!
//! ```text
//! erasure/<number>
//!   version    u8      1; 2 if fields of the events were erased, and not all of them
//!   at         i64     when it was, in milliseconds since the epoch, little endian
//!   reason     bytes   why, UTF-8
//!   fields     varint  how many fields follow (version 2 only)
//!   … each     bytes   its name, as JSON text
//!   runs       varint  how many runs of positions follow
//!   … each     varint  how many positions there are between the one before, or 0, and its first one
//!              varint  how many positions it has
//! ```
//!
//! Numbers are those of erasures, from 0 on, with 12 hexadecimal digits. Bytes begin with their length as a varint.

use std::collections::BTreeSet;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;
use sha2::{Digest, Sha256};

use crate::arguments::Arguments;
use crate::block::bytes::{Reader, write_bytes, write_varint};
use crate::engine::Fault;
use crate::request::list::List;
use crate::request::listing::{instance_of, options};
use crate::request::named_instance::find_in_snapshot;
use crate::request::response::Answer;
use crate::seam::{ReadSnapshot, Transaction};
use crate::{json, timestamp};

/// What the names of the states begin with.
const PREFIX: &str = "erasure/";

/// Of an erasure of whole events.
const WHOLE: u8 = 1;

/// Of an erasure of fields.
const PARTLY: u8 = 2;

/// How many states are read at a time.
const PAGE_STATES: usize = 256;

/// One erasure.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Erasure {
    pub(super) at_ms: i64,
    pub(super) reason: String,
    /// JSON texts of the names of the fields that were erased; none if all of the events was.
    pub(super) fields: Vec<String>,
    /// The positions of the events, as runs of those that follow each other: the first one, and how many there are.
    pub(super) runs: Vec<(u64, u64)>,
}

impl Erasure {
    /// That of the events at these positions, which are in their order.
    pub(super) fn of(
        at_ms: i64,
        reason: String,
        fields: Vec<String>,
        positions: impl Iterator<Item = u64>,
    ) -> Self {
        let mut runs: Vec<(u64, u64)> = Vec::new();
        for position in positions {
            match runs.last_mut() {
                Some((first, count)) if *first + *count == position => *count += 1,
                _ => runs.push((position, 1)),
            }
        }
        Self {
            at_ms,
            reason,
            fields,
            runs,
        }
    }

    /// The name of the state that is the erasure of that number.
    pub(super) fn state_name(number: u64) -> String {
        format!("{PREFIX}{number:012x}")
    }

    pub(super) fn encode(&self) -> Vec<u8> {
        let version = if self.fields.is_empty() {
            WHOLE
        } else {
            PARTLY
        };
        let mut bytes = vec![version];
        bytes.extend_from_slice(&self.at_ms.to_le_bytes());
        write_bytes(&mut bytes, self.reason.as_bytes());
        if version == PARTLY {
            write_varint(&mut bytes, self.fields.len() as u64);
            for field in &self.fields {
                write_bytes(&mut bytes, field.as_bytes());
            }
        }
        write_varint(&mut bytes, self.runs.len() as u64);
        let mut end = 0;
        for (first, count) in &self.runs {
            write_varint(&mut bytes, first - end);
            write_varint(&mut bytes, *count);
            end = first + count;
        }
        bytes
    }

    fn decode(bytes: &[u8]) -> Option<Self> {
        let mut reader = Reader::new(bytes);
        let version = reader.byte()?;
        let at_ms = reader.long()?.cast_signed();
        let reason = reader.text()?.to_owned();
        let mut fields = Vec::new();
        if version == PARTLY {
            for _ in 0..reader.count_of(1)? {
                fields.push(reader.text()?.to_owned());
            }
        }
        let count = reader.count_of(2)?;
        let mut runs = Vec::with_capacity(count);
        let mut end = 0_u64;
        for _ in 0..count {
            let first = end.checked_add(reader.varint()?)?;
            let count = reader.varint()?;
            end = first.checked_add(count)?;
            runs.push((first, count));
        }
        let is_known = version == WHOLE || version == PARTLY && !fields.is_empty();
        (is_known && reader.is_at_end()).then_some(Self {
            at_ms,
            reason,
            fields,
            runs,
        })
    }

    /// The erasure as far as it is of events up to a position; `None` if it is of none.
    fn up_to(&self, last: u64) -> Option<Self> {
        let runs = self.runs.iter().filter(|(first, _)| *first <= last);
        let runs = runs.map(|(first, count)| (*first, (*count).min(last + 1 - first)));
        let runs: Vec<_> = runs.collect();
        (!runs.is_empty()).then(|| Self {
            runs,
            ..self.clone()
        })
    }

    fn events(&self) -> u64 {
        self.runs.iter().map(|(_, count)| count).sum()
    }

    fn write_json(&self, out: &mut String) {
        out.push_str("{\"at\":\"");
        timestamp::write(out, self.at_ms);
        out.push_str("\",\"reason\":");
        json::write_string(out, &self.reason);
        if !self.fields.is_empty() {
            out.push_str(&format!(",\"fields\":[{}]", self.fields.join(",")));
        }
        out.push_str(&format!(",\"events\":{},\"positions\":[", self.events()));
        for (index, (first, count)) in self.runs.iter().enumerate() {
            let comma = if index == 0 { "" } else { "," };
            out.push_str(&format!("{comma}[{first},{}]", first + count - 1));
        }
        out.push_str("]}");
    }
}

/// All erasures of an instance, oldest first.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(super) fn all(snapshot: &dyn ReadSnapshot, number: u32) -> Result<Vec<Erasure>, Fault> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        snapshot.check_wanted()?;
        let states = snapshot.states(number, PREFIX, after.as_deref(), PAGE_STATES)?;
        for (name, bytes) in &states {
            let erasure = Erasure::decode(bytes);
            found.push(erasure.ok_or_else(|| {
                Fault::Corrupted(format!("the state {name:?} is not what was written"))
            })?);
        }
        if states.len() < PAGE_STATES {
            return Ok(found);
        }
        after = states.into_iter().next_back().map(|(name, _)| name);
    }
}

/// How many erasures an instance has had.
///
/// # Errors
///
/// A storage fault.
pub(in crate::request) fn count(snapshot: &dyn ReadSnapshot, number: u32) -> Result<u64, Fault> {
    let (mut count, mut after) = (0, None::<String>);
    loop {
        let states = snapshot.states(number, PREFIX, after.as_deref(), PAGE_STATES)?;
        count += states.len() as u64;
        if states.len() < PAGE_STATES {
            return Ok(count);
        }
        after = states.into_iter().next_back().map(|(name, _)| name);
    }
}

/// Whether an instance has had more erasures than so many.
///
/// # Errors
///
/// A storage fault.
pub(in crate::request) fn are_more_than(
    batch: &mut dyn Transaction,
    number: u32,
    count: u64,
) -> Result<bool, Fault> {
    Ok(batch.state(number, &Erasure::state_name(count))?.is_some())
}

/// Which of the events of an instance up to each of these positions were erased, and which fields of them, as text: it is the
/// same for two logs in which the same were, fields in the same order.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(in crate::request) fn erased_up_to<const N: usize>(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    positions: [u64; N],
) -> Result<[String; N], Fault> {
    let erasures = all(snapshot, number)?;
    let (partly, whole): (Vec<_>, Vec<_>) = erasures
        .iter()
        .partition(|erasure| !erasure.fields.is_empty());
    let runs = whole.iter().flat_map(|erasure| &erasure.runs);
    let erased: BTreeSet<u64> = runs
        .flat_map(|(first, count)| *first..first + count)
        .collect();
    Ok(positions.map(|last| {
        let mut hasher = Sha256::new();
        for position in erased.range(..=last) {
            hasher.update(position.to_le_bytes());
        }
        for erasure in &partly {
            if let Some(erasure) = erasure.up_to(last) {
                hasher.update(erasure.encode());
            }
        }
        BASE64.encode(hasher.finalize())
    }))
}

/// `listErasures`.
pub(in crate::request) fn list(
    arguments: &Arguments<'_>,
    snapshot: &dyn ReadSnapshot,
) -> Result<Answer, Fault> {
    let [instance] = options(arguments.get(0), ["instance"])?;
    let number = find_in_snapshot("instance", &instance_of(instance)?, snapshot)?;
    let mut list = List::of_values();
    let mut json = String::new();
    for erasure in all(snapshot, number)? {
        json.clear();
        erasure.write_json(&mut json);
        list.value(&json);
    }
    Ok(list.answer("erasures", ""))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_kept_is_read_back_and_nothing_else_is_taken_for_it() {
        let positions = [1, 2, 3, 7, 9, 10, 1 << 40];
        for fields in [&[][..], &["\"payload.a\"", "\"/metadata/b.c\""]] {
            let fields = fields.iter().map(|name| (*name).to_owned()).collect();
            let reason = "ä reason".to_owned();
            check(&Erasure::of(-5, reason, fields, positions.into_iter()));
        }
    }

    fn check(erasure: &Erasure) {
        assert_eq!(erasure.runs, [(1, 3), (7, 1), (9, 2), (1 << 40, 1)]);
        assert_eq!(erasure.events(), 7);
        let bytes = erasure.encode();
        assert_eq!(Erasure::decode(&bytes).as_ref(), Some(erasure));
        let mut newer = bytes.clone();
        newer[0] = 3;
        let cuts = (0..bytes.len()).map(|length| bytes[..length].to_vec());
        for other in cuts.chain([newer, [&bytes[..], &[0]].concat()]) {
            assert_eq!(Erasure::decode(&other), None, "{other:?}");
        }
        let mut json = String::new();
        erasure.write_json(&mut json);
        let written: serde_json::Value = serde_json::from_str(&json).unwrap();
        let runs = serde_json::json!([[1, 3], [7, 7], [9, 10], [1_u64 << 40, 1_u64 << 40]]);
        assert_eq!(written["positions"], runs);
        let fields = written["fields"].as_array().map_or(0, Vec::len);
        assert_eq!(fields, erasure.fields.len());
    }

    #[test]
    fn an_erasure_up_to_a_position_is_of_the_events_up_to_there() {
        let positions = [1, 2, 3, 7];
        let fields = vec!["\"payload.a\"".to_owned()];
        let erasure = Erasure::of(1, String::new(), fields, positions.into_iter());
        let runs = |last| erasure.up_to(last).map(|erasure| erasure.runs);
        assert_eq!(runs(0), None);
        assert_eq!(runs(2), Some(vec![(1, 2)]));
        assert_eq!(runs(6), Some(vec![(1, 3)]));
        assert_eq!(erasure.up_to(7).as_ref(), Some(&erasure));
    }
}
