//! The values of an `in`.

use super::literal::Literal;
use crate::hashing::TextSet;
use crate::json::{Kind, Text};
use crate::query::value::Value;

/// How many strings are looked for one after the other, rather than each of a column's values in the set.
const FEW_STRINGS: usize = 4;

/// A set of values, of which scalars are found without going through all of them.
#[derive(Debug, Default)]
pub(in crate::query) struct LiteralSet {
    null: bool,
    booleans: [bool; 2],
    /// By their bits, with -0 as 0.
    numbers: TextSet<u64>,
    strings: TextSet<Text<'static>>,
    containers: Vec<Literal>,
}

impl LiteralSet {
    pub(in crate::query) fn insert(&mut self, literal: Literal) {
        match literal {
            Literal::Null => self.null = true,
            Literal::Boolean(value) => self.booleans[usize::from(value)] = true,
            Literal::Number(value) => {
                self.numbers.insert(bits(value));
            }
            Literal::String(value) => {
                self.strings.insert(value);
            }
            container => self.containers.push(container),
        }
    }

    pub(in crate::query) fn is_empty(&self) -> bool {
        let kinds = [Kind::Null, Kind::Boolean, Kind::Number, Kind::String];
        self.containers.is_empty() && !kinds.into_iter().any(|kind| self.has(kind))
    }

    /// Whether the set has a value of that kind.
    pub(in crate::query) fn has(&self, kind: Kind) -> bool {
        match kind {
            Kind::Null => self.null,
            Kind::Boolean => self.booleans.contains(&true),
            Kind::Number => !self.numbers.is_empty(),
            Kind::String => !self.strings.is_empty(),
            Kind::Array | Kind::Object => self.containers.iter().any(|it| it.kind() == kind),
        }
    }

    /// Adds the values of another set.
    pub(in crate::query) fn unite(&mut self, other: Self) {
        self.null |= other.null;
        for (own, others) in self.booleans.iter_mut().zip(other.booleans) {
            *own |= others;
        }
        self.numbers.extend(other.numbers);
        self.strings.extend(other.strings);
        self.containers.extend(other.containers);
    }

    /// The strings of the set.
    pub(in crate::query) fn strings(&self) -> impl Iterator<Item = &Text<'static>> {
        self.strings.iter()
    }

    /// The strings of the set, if it has a few of them and nothing else.
    pub(in crate::query) fn few_strings(&self) -> Option<impl Iterator<Item = &Text<'static>>> {
        let others = [
            Kind::Null,
            Kind::Boolean,
            Kind::Number,
            Kind::Array,
            Kind::Object,
        ];
        let is_alone = !others.into_iter().any(|kind| self.has(kind));
        (is_alone && self.strings.len() <= FEW_STRINGS).then(|| self.strings.iter())
    }

    /// The numbers of the set.
    pub(in crate::query) fn numbers(&self) -> impl Iterator<Item = f64> {
        self.numbers.iter().map(|bits| f64::from_bits(*bits))
    }

    /// Whether the stored value is the same JSON value as one of the set.
    pub(in crate::query) fn contains(&self, stored: &Value<'_>) -> bool {
        match stored {
            Value::Null => self.null,
            Value::Boolean(value) => self.booleans[usize::from(*value)],
            Value::Number(value) => self.numbers.contains(&bits(*value)),
            Value::String(value) => self.strings.contains(value),
            Value::Array(_) | Value::Object(_) => {
                self.containers.iter().any(|literal| literal.equals(stored))
            }
        }
    }

    /// The prints of the values of the set; `None` where one of them has none.
    pub(in crate::query) fn prints(&self) -> Option<Vec<u16>> {
        let null = self.null.then_some(Literal::Null);
        let booleans = [false, true].into_iter();
        let booleans = booleans.filter(|value| self.booleans[usize::from(*value)]);
        let numbers = self.numbers.iter().map(|bits| f64::from_bits(*bits));
        let strings = self.strings.iter().cloned();
        let mut prints = Vec::new();
        for literal in null
            .into_iter()
            .chain(booleans.map(Literal::Boolean))
            .chain(numbers.map(Literal::Number))
            .chain(strings.map(Literal::String))
        {
            prints.extend(literal.prints()?);
        }
        Some(prints)
    }
}

fn bits(number: f64) -> u64 {
    // -0 + 0 is 0; every other number stays as it is.
    (number + 0.0).to_bits()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn membership_goes_by_json_value() {
        let mut set = LiteralSet::default();
        for raw in ["true", "-0", "1.50", r#""\u0061""#, r#"[1,{"b":2}]"#, "{}"] {
            set.insert(Literal::parse("", raw).unwrap());
        }
        for raw in [
            "true",
            "0",
            "-0",
            "15e-1",
            r#""a""#,
            r#"[1.0,{"b":2}]"#,
            "{}",
        ] {
            assert!(set.contains(&Value::decode(raw)), "{raw}");
        }
        for raw in [
            "null",
            "false",
            "1",
            r#""A""#,
            r#""0""#,
            "[1]",
            r#"{"a":1}"#,
        ] {
            assert!(!set.contains(&Value::decode(raw)), "{raw}");
        }
        set.insert(Literal::Null);
        assert!(set.contains(&Value::Null));
    }
}
