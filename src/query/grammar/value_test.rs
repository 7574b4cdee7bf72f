//! What a condition demands of a value.

use super::operator::{Comparison, Operator};
use super::pattern::Pattern;
use crate::arguments;
use crate::error::Error;
use crate::json::{self, Kind, Text};
use crate::query::limits::IN_VALUES_MAX;
use crate::query::value::case::fold_case;
use crate::query::value::literal::Literal;
use crate::query::value::literal_set::LiteralSet;

/// A test of a value.
#[derive(Debug)]
pub(in crate::query) enum ValueTest {
    Eq(Literal),
    Neq(Literal),
    /// With a number, a string or a boolean.
    Order(Comparison, Literal),
    /// With two of one of these kinds.
    Between(Literal, Literal),
    In(LiteralSet),
    NotIn(LiteralSet),
    Contains(Literal),
    StartsWith(Text<'static>),
    EndsWith(Text<'static>),
    Matches(Pattern),
    /// The same of the texts without their case. The test's own are.
    Folded(Box<Self>),
}

impl ValueTest {
    /// Reads the condition's value `raw` at `path`, for another operator than `exists`.
    pub(in crate::query) fn parse(
        operator: Operator,
        path: &str,
        raw: &str,
        ignores_case: bool,
    ) -> Result<Self, Error> {
        let literal = |path: &str, raw: &str| {
            if ignores_case {
                folded(path, raw)
            } else {
                Literal::parse(path, raw)
            }
        };
        let text = |path: &str, raw: &str| {
            let text = text_of(path, raw)?;
            Ok::<_, Error>(if ignores_case { fold_case(&text) } else { text })
        };
        let set = |raw: &str| {
            let mut set = LiteralSet::default();
            for (at, raw) in elements_of_in(path, raw)?.into_iter().enumerate() {
                set.insert(literal(&format!("{path}[{at}]"), raw)?);
            }
            Ok::<_, Error>(set)
        };
        let test = match operator {
            Operator::Matches => {
                return Ok(Self::Matches(Pattern::parse(path, raw, ignores_case)?));
            }
            Operator::Exists => unreachable!("exists is no test of a value"),
            Operator::Eq => Self::Eq(literal(path, raw)?),
            Operator::Neq => Self::Neq(literal(path, raw)?),
            Operator::Order(comparison) => Self::Order(comparison, bound(path, raw)?),
            Operator::Contains => Self::Contains(literal(path, raw)?),
            Operator::StartsWith => Self::StartsWith(text(path, raw)?),
            Operator::EndsWith => Self::EndsWith(text(path, raw)?),
            Operator::Between => {
                let kinds = "numbers, strings or booleans";
                let [low, high] = two_of_between(path, raw, kinds)?;
                let low = bound(&format!("{path}[0]"), low)?;
                let path = format!("{path}[1]");
                let other = bound(&path, high)?;
                if low.kind() != other.kind() {
                    let expected = format!("{} like the first", low.kind().describe());
                    return Err(arguments::unexpected(&path, &expected, high));
                }
                Self::Between(low, other)
            }
            Operator::In => Self::In(set(raw)?),
            Operator::NotIn => Self::NotIn(set(raw)?),
        };
        Ok(if ignores_case {
            Self::Folded(Box::new(test))
        } else {
            test
        })
    }

    /// The lowest and the highest whole number that can pass, or numbers beyond them.
    pub(in crate::query) fn whole_bounds(&self) -> (u64, u64) {
        const NONE: (u64, u64) = (u64::MAX, 0);
        match self {
            Self::Neq(_) | Self::NotIn(_) => (0, u64::MAX),
            // A number has no case.
            Self::Folded(test) => test.whole_bounds(),
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
            Self::In(set) => whole_bounds_of(set),
            Self::Eq(_)
            | Self::Between(..)
            | Self::Order(..)
            | Self::Contains(_)
            | Self::StartsWith(_)
            | Self::EndsWith(_)
            | Self::Matches(_) => NONE,
        }
    }

    /// As [`ValueTest::whole_bounds`], of numbers that do not pass.
    pub(in crate::query) fn whole_bounds_of_others(&self) -> (u64, u64) {
        const ALL: (u64, u64) = (0, u64::MAX);
        match self {
            Self::Folded(test) => test.whole_bounds_of_others(),
            Self::Neq(Literal::Number(number)) => (ceil(*number), floor(*number)),
            Self::NotIn(set) => whole_bounds_of(set),
            Self::Order(comparison, Literal::Number(number)) => {
                Self::Order(comparison.inverse(), Literal::Number(*number)).whole_bounds()
            }
            _ => ALL,
        }
    }

    /// Texts of which a value must have one in its JSON text to pass, unless it is written with escapes there; `None`
    /// where there are no such texts, or too many to look for.
    pub(in crate::query) fn plain_texts(&self) -> Option<Vec<&str>> {
        fn plain<'t>(text: &'t Text<'_>) -> Option<&'t str> {
            let is_plain = |c: char| c != '"' && c != '\\' && c >= ' ';
            let text = text.as_str()?;
            (!text.is_empty() && text.chars().all(is_plain)).then_some(text)
        }
        match self {
            Self::Eq(Literal::String(text))
            | Self::Contains(Literal::String(text))
            | Self::StartsWith(text)
            | Self::EndsWith(text) => Some(vec![plain(text)?]),
            Self::In(set) => set.few_strings()?.map(plain).collect(),
            _ => None,
        }
    }
}

/// The lowest and the highest whole number of a set, or numbers beyond them.
fn whole_bounds_of(set: &LiteralSet) -> (u64, u64) {
    set.numbers().fold((u64::MAX, 0), |(low, high), number| {
        (low.min(ceil(number)), high.max(floor(number)))
    })
}

/// The lowest whole number that is not below `number`. A cast of what is beyond all of them gives the last one.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is beyond the range becomes its end"
)]
pub(in crate::query) const fn ceil(number: f64) -> u64 {
    number.ceil() as u64
}

/// The highest whole number that is not above `number`. There is none below 0, and 0 is no position.
#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "what is beyond the range becomes its end"
)]
pub(in crate::query) const fn floor(number: f64) -> u64 {
    number.floor() as u64
}

/// A text that others are compared with.
pub(in crate::query) fn text_of(path: &str, raw: &str) -> Result<Text<'static>, Error> {
    match Kind::of(raw) {
        Kind::String => Ok(Text::decode(raw).into_owned()),
        _ => Err(arguments::unexpected(path, "a string", raw)),
    }
}

/// A value that is compared without its case: a string, or what has none.
fn folded(path: &str, raw: &str) -> Result<Literal, Error> {
    match Literal::parse(path, raw)? {
        Literal::String(text) => Ok(Literal::String(fold_case(&text))),
        Literal::Array(_) | Literal::Object(_) => {
            let expected = "a string, a number, a boolean or null, beside ignoreCase";
            Err(arguments::unexpected(path, expected, raw))
        }
        literal => Ok(literal),
    }
}

/// A value that has an order.
fn bound(path: &str, raw: &str) -> Result<Literal, Error> {
    match Kind::of(raw) {
        Kind::Number | Kind::String | Kind::Boolean => Literal::parse(path, raw),
        _ => {
            let expected = "a number, a string or a boolean";
            Err(arguments::unexpected(path, expected, raw))
        }
    }
}

/// The values of an `in`.
pub(in crate::query) fn elements_of_in<'a>(
    path: &str,
    raw: &'a str,
) -> Result<Vec<&'a str>, Error> {
    arguments::list(path, raw, "an array of values", IN_VALUES_MAX, "values")
}

/// The two ends of a `between`.
pub(in crate::query) fn two_of_between<'a>(
    path: &str,
    raw: &'a str,
    kinds: &str,
) -> Result<[&'a str; 2], Error> {
    let expected = format!("an array of exactly two {kinds}");
    if Kind::of(raw) != Kind::Array {
        return Err(arguments::unexpected(path, &expected, raw));
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
