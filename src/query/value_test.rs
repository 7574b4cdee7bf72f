//! What a condition demands of a value.

use uuid::Uuid;

use super::IN_VALUES_MAX;
use super::found::Found;
use super::literal::Literal;
use super::literal_set::LiteralSet;
use super::operator::{Comparison, Operator};
use super::shape;
use super::value::Value;
use super::verdict::Verdict;
use crate::block::ColumnPlace;
use crate::error::Error;
use crate::json::{self, Kind};

/// A test of a value.
#[derive(Debug)]
pub(super) enum ValueTest {
    Eq(Literal),
    Neq(Literal),
    /// With a number, a string or a boolean.
    Order(Comparison, Literal),
    /// With two of one of these kinds.
    Between(Literal, Literal),
    In(LiteralSet),
    Contains(Literal),
}

impl ValueTest {
    /// Reads the condition's value `raw` at `path`.
    pub(super) fn parse(operator: Operator, path: &str, raw: &str) -> Result<Self, Error> {
        Ok(match operator {
            Operator::Eq => Self::Eq(Literal::parse(path, raw)?),
            Operator::Neq => Self::Neq(Literal::parse(path, raw)?),
            Operator::Order(comparison) => Self::Order(comparison, bound(path, raw)?),
            Operator::Contains => Self::Contains(Literal::parse(path, raw)?),
            Operator::Between => {
                let kinds = "numbers, strings or booleans";
                let [low, high] = two_of_between(path, raw, kinds)?;
                let low = bound(&format!("{path}[0]"), low)?;
                let path = format!("{path}[1]");
                let other = bound(&path, high)?;
                if low.kind() != other.kind() {
                    let expected = format!("{} like the first", low.kind().describe());
                    return Err(shape::unexpected(&path, &expected, high));
                }
                Self::Between(low, other)
            }
            Operator::In => {
                let mut set = LiteralSet::default();
                for (at, raw) in elements_of_in(path, raw)?.into_iter().enumerate() {
                    set.insert(Literal::parse(&format!("{path}[{at}]"), raw)?);
                }
                Self::In(set)
            }
        })
    }

    /// Whether the stored value passes.
    pub(super) fn holds(&self, stored: &Value<'_>) -> bool {
        match self {
            Self::Eq(literal) => literal.equals(stored),
            Self::Neq(literal) => !literal.equals(stored),
            Self::Order(comparison, literal) => literal
                .order_of(stored)
                .is_some_and(|ordering| comparison.admits(ordering)),
            Self::Between(low, high) => {
                low.order_of(stored)
                    .is_some_and(|ordering| ordering.is_ge())
                    && high
                        .order_of(stored)
                        .is_some_and(|ordering| ordering.is_le())
            }
            Self::In(set) => set.contains(stored),
            Self::Contains(literal) => contains(stored, literal),
        }
    }
}

impl ValueTest {
    /// What the test makes of events whose ids go from `min` to `max`.
    pub(super) fn judge_ids(&self, min: Uuid, max: Uuid) -> Verdict {
        let Self::Eq(literal) = self else {
            return Verdict::Open;
        };
        let Literal::String(text) = literal else {
            return Verdict::None;
        };
        // An id has one spelling, so text that is none in another one equals no id.
        let id = text.as_str().and_then(|text| {
            let id = Uuid::try_parse(text).ok()?;
            (id.as_hyphenated().to_string() == text).then_some(id)
        });
        match id {
            Some(id) if (min..=max).contains(&id) => Verdict::Open,
            _ => Verdict::None,
        }
    }

    /// What the test makes of whole numbers from `min` to `max`, each of which occurs or not.
    pub(super) fn judge_whole(&self, min: u64, max: u64) -> Verdict {
        let holds = |number| self.holds(&Found::Whole(number).value());
        if min == max {
            return Verdict::of(holds(min));
        }
        match self {
            // What one end passes and the other does not has its border in between.
            Self::Order(..) => {
                Verdict::of_parts(holds(min) || holds(max), !(holds(min) && holds(max)))
            }
            Self::Neq(literal) => {
                let (low, high) = match literal {
                    Literal::Number(number) => (ceil(*number), floor(*number)),
                    _ => (u64::MAX, 0),
                };
                Verdict::of_parts(true, low <= max && high >= min)
            }
            Self::Between(..) if holds(min) && holds(max) => Verdict::All,
            _ => {
                let (low, high) = self.whole_bounds();
                Verdict::of_parts(low <= max && high >= min, true)
            }
        }
    }

    /// The lowest and the highest whole number that can pass, or numbers beyond them.
    pub(super) fn whole_bounds(&self) -> (u64, u64) {
        const NONE: (u64, u64) = (u64::MAX, 0);
        match self {
            Self::Neq(_) => (0, u64::MAX),
            Self::Eq(Literal::Number(number)) => (ceil(*number), floor(*number)),
            Self::Between(Literal::Number(low), Literal::Number(high)) => {
                (ceil(*low), floor(*high))
            }
            Self::Order(Comparison::Gt | Comparison::Gte, Literal::Number(low)) => {
                (ceil(*low), u64::MAX)
            }
            Self::Order(Comparison::Lt | Comparison::Lte, Literal::Number(high)) => {
                (0, floor(*high))
            }
            Self::In(set) => set.numbers().fold(NONE, |(low, high), number| {
                (low.min(ceil(number)), high.max(floor(number)))
            }),
            Self::Eq(_) | Self::Between(..) | Self::Order(..) | Self::Contains(_) => NONE,
        }
    }

    /// The text that a value must have in its JSON text to pass, unless it is written with escapes
    /// there; `None` where there is no such text.
    pub(super) fn plain_text(&self) -> Option<String> {
        let (Self::Eq(Literal::String(text)) | Self::Contains(Literal::String(text))) = self else {
            return None;
        };
        let text = text.as_str()?;
        let is_plain = |c: char| c != '"' && c != '\\' && c >= ' ';
        (!text.is_empty() && text.chars().all(is_plain)).then(|| text.to_owned())
    }

    /// Whether the test can hold for any row of a column, as far as its place tells.
    pub(super) fn can_hold_in(&self, place: &ColumnPlace) -> bool {
        if place.has_unread() {
            return true;
        }
        let (low, high) = match self {
            Self::Neq(_) | Self::In(_) => return true,
            Self::Contains(Literal::String(_)) => {
                return place.has(Kind::String) || place.has(Kind::Array);
            }
            Self::Contains(_) => return place.has(Kind::Array),
            Self::Eq(Literal::Null) => return place.has_absent() || place.has(Kind::Null),
            Self::Eq(literal) => (literal, literal),
            Self::Between(low, high) => (low, high),
            Self::Order(Comparison::Gt | Comparison::Gte, low) => {
                (low, &Literal::Number(f64::INFINITY))
            }
            Self::Order(Comparison::Lt | Comparison::Lte, high) => {
                (&Literal::Number(f64::NEG_INFINITY), high)
            }
        };
        let kind = match self {
            Self::Order(_, literal) => literal.kind(),
            _ => low.kind(),
        };
        if kind != Kind::Number {
            return place.has(kind);
        }
        match (low, high, place.numbers()) {
            (Literal::Number(low), Literal::Number(high), Some((min, max))) => {
                max >= *low && min <= *high
            }
            (_, _, None) => false,
            _ => true,
        }
    }
}

/// The lowest whole number that is not below `number`. A cast of what is beyond all of them gives the last one.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is beyond the range becomes its end"
)]
const fn ceil(number: f64) -> u64 {
    number.ceil() as u64
}

/// The highest whole number that is not above `number`. There is none below 0, and 0 is no position.
#[allow(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is beyond the range becomes its end"
)]
const fn floor(number: f64) -> u64 {
    number.floor() as u64
}

/// A substring of a string, or an element of an array.
fn contains(stored: &Value<'_>, literal: &Literal) -> bool {
    match (stored, literal) {
        (Value::String(text), Literal::String(part)) => text.contains(part),
        (Value::Array(raw), _) => {
            json::elements(raw).any(|raw| literal.equals(&Value::decode(raw)))
        }
        _ => false,
    }
}

/// A value that has an order.
fn bound(path: &str, raw: &str) -> Result<Literal, Error> {
    match Kind::of(raw) {
        Kind::Number | Kind::String | Kind::Boolean => Literal::parse(path, raw),
        _ => {
            let expected = "a number, a string or a boolean";
            Err(shape::unexpected(path, expected, raw))
        }
    }
}

/// The values of an `in`.
pub(super) fn elements_of_in<'a>(path: &str, raw: &'a str) -> Result<Vec<&'a str>, Error> {
    shape::list(path, raw, "an array of values", IN_VALUES_MAX, "values")
}

/// The two ends of a `between`.
pub(super) fn two_of_between<'a>(
    path: &str,
    raw: &'a str,
    kinds: &str,
) -> Result<[&'a str; 2], Error> {
    let expected = format!("an array of exactly two {kinds}");
    if Kind::of(raw) != Kind::Array {
        return Err(shape::unexpected(path, &expected, raw));
    }
    let mut ends = json::elements(raw);
    match (ends.next(), ends.next(), ends.next()) {
        (Some(low), Some(high), None) => Ok([low, high]),
        _ => {
            let found = format!("an array of {}", json::elements(raw).count());
            Err(Error::expected(path, &expected, &found))
        }
    }
}
