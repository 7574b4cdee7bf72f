//! The fields that `select` keeps.

use super::event_key::EventKey;
use super::field::Field;
use crate::arguments;
use crate::error::Error;
use crate::event::Event;
use crate::json::{self, Key, Kind};
use crate::query::limits::FIELDS_MAX;

/// The event's keys to keep, in the event's order, and what of each.
#[derive(Debug)]
pub(in crate::query) struct Selection(Vec<(EventKey, KeptPart)>);

/// How much of a value to keep.
#[derive(Debug)]
enum KeptPart {
    Whole,
    /// What is under these keys. Its depth is at most that of the longest field name.
    Under(Vec<(Key, Self)>),
}

impl Selection {
    /// Reads the array `raw` of `select`; `None` if it is empty, which selects all.
    pub(in crate::query) fn parse(raw: &str) -> Result<Option<Self>, Error> {
        let expected = "an array of fields";
        let mut keys: Vec<(EventKey, KeptPart)> = Vec::new();
        for (at, raw) in arguments::list("select", raw, expected, FIELDS_MAX, "fields")?
            .into_iter()
            .enumerate()
        {
            let field = Field::parse(&format!("select[{at}]"), raw)?;
            match keys.iter_mut().find(|(key, _)| *key == field.key()) {
                Some((_, part)) => part.add(field.path()),
                None => keys.push((field.key(), KeptPart::of(field.path()))),
            }
        }
        keys.sort_by_key(|(key, _)| *key);
        Ok((!keys.is_empty()).then_some(Self(keys)))
    }

    /// Whether it keeps anything of payload or metadata.
    pub(in crate::query) fn has_data(&self) -> bool {
        self.0.iter().any(|(key, _)| key.is_json())
    }

    /// Appends what is kept of `event` to `out` as a JSON object. Of an event that was erased, or whose subject was forgotten, it says so, if it would
    /// have anything of its payload or metadata: nobody is to take what is gone for what was never there.
    pub(in crate::query) fn write_json(&self, event: &Event<'_>, out: &mut String) {
        out.push('{');
        let first = out.len();
        for (key, part) in &self.0 {
            let before = out.len();
            if before > first {
                out.push(',');
            }
            json::write_string(out, key.name());
            out.push(':');
            let there = match (part, *key) {
                (KeptPart::Under(parts), EventKey::Payload) => {
                    write_under(parts, event.known_payload(), out)
                }
                (KeptPart::Under(parts), EventKey::Metadata) => {
                    write_under(parts, event.known_metadata(), out)
                }
                _ => {
                    key.read(event).write_json(out);
                    true
                }
            };
            if !there {
                out.truncate(before);
            }
        }
        if self.has_data() {
            let before = out.len();
            if before > first {
                out.push(',');
            }
            if !event.write_gone(out) {
                out.truncate(before);
            }
        }
        out.push('}');
    }
}

impl KeptPart {
    fn of(path: &[Key]) -> Self {
        match path {
            [] => Self::Whole,
            [first, rest @ ..] => Self::Under(vec![(first.clone(), Self::of(rest))]),
        }
    }

    /// Keeps what is at `path` as well. What is kept whole stays whole.
    fn add(&mut self, path: &[Key]) {
        match (&mut *self, path) {
            (Self::Whole, _) => {}
            (Self::Under(_), []) => *self = Self::Whole,
            (Self::Under(parts), [first, rest @ ..]) => {
                match parts.iter_mut().find(|(key, _)| key == first) {
                    Some((_, part)) => part.add(rest),
                    None => parts.push((first.clone(), Self::of(rest))),
                }
            }
        }
    }

    /// Appends what is kept of `raw`; where that is nothing, `out` stays as it was and the answer
    /// is `false`.
    fn write_json(&self, raw: &str, out: &mut String) -> bool {
        match self {
            Self::Whole => {
                out.push_str(raw);
                true
            }
            Self::Under(parts) => write_under(parts, raw, out),
        }
    }
}

fn write_under(parts: &[(Key, KeptPart)], raw: &str, out: &mut String) -> bool {
    let start = out.len();
    let there = match Kind::of(raw) {
        Kind::Object => write_members(parts, raw, out),
        Kind::Array => write_elements(parts, raw, out),
        _ => false,
    };
    if !there {
        out.truncate(start);
    }
    there
}

/// Members stay in their order. Of repeated keys the last value is kept, as by JSON.parse.
fn write_members(parts: &[(Key, KeptPart)], raw: &str, out: &mut String) -> bool {
    let mut kept: Vec<(usize, &str, &str)> = Vec::new();
    for (key, value) in json::members(raw) {
        let Some(at) = parts.iter().position(|(part, _)| part.matches(key)) else {
            continue;
        };
        match kept.iter_mut().find(|(part, _, _)| *part == at) {
            Some(member) => member.2 = value,
            None => kept.push((at, key, value)),
        }
    }
    out.push('{');
    let first = out.len();
    for (at, key, value) in kept {
        let before = out.len();
        if before > first {
            out.push(',');
        }
        out.push_str(key);
        out.push(':');
        let there = parts
            .get(at)
            .is_some_and(|(_, part)| part.write_json(value, out));
        if !there {
            out.truncate(before);
        }
    }
    let there = out.len() > first;
    out.push('}');
    there
}

/// Elements stay at their index, with nulls in the gaps before them. The gaps cannot be longer
/// than the stored array.
fn write_elements(parts: &[(Key, KeptPart)], raw: &str, out: &mut String) -> bool {
    out.push('[');
    let first = out.len();
    let mut gap = 0_usize;
    for (index, value) in json::elements(raw).enumerate() {
        let Some((_, part)) = parts.iter().find(|(key, _)| key.index() == Some(index)) else {
            gap += 1;
            continue;
        };
        let before = out.len();
        if before > first {
            out.push(',');
        }
        for _ in 0..gap {
            out.push_str("null,");
        }
        if part.write_json(value, out) {
            gap = 0;
        } else {
            out.truncate(before);
            gap += 1;
        }
    }
    let there = out.len() > first;
    out.push(']');
    there
}
