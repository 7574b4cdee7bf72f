//! What the conditions of a query can be looked up by.

use super::condition::Condition;
use super::condition_tree::ConditionTree;
use super::event_key::EventKey;
use super::field::Field;
use super::query::Query;
use super::value_test::ValueTest;
use crate::block::lookup::{Note, PathHash, Wanted};
use crate::json::{Kind, Text};
use crate::query::value::literal::Literal;
use crate::query::value::literal_set::LiteralSet;

/// Of more values, each block is asked.
const VALUES_MAX: usize = 64;

impl Query {
    /// What each event that matches has, if that can be looked up.
    #[must_use]
    pub fn wanted(&self) -> Option<Wanted> {
        all_of(&self.conditions)
    }
}

fn all_of(trees: &[ConditionTree]) -> Option<Wanted> {
    let mut parts: Vec<Wanted> = trees.iter().filter_map(ConditionTree::wanted).collect();
    if parts.len() > 1 {
        return Some(Wanted::All(parts));
    }
    parts.pop()
}

impl ConditionTree {
    fn wanted(&self) -> Option<Wanted> {
        match self {
            Self::Condition(Condition::Value(field, test)) => field.wanted(test),
            Self::Condition(_) | Self::Not(_) => None,
            Self::All(trees) => all_of(trees),
            // Where one of them cannot be looked up, an event need have nothing of the others.
            Self::Any(trees) => {
                let parts: Option<Vec<Wanted>> = trees.iter().map(Self::wanted).collect();
                parts.map(Wanted::Any)
            }
        }
    }
}

impl Field {
    /// What a test of the field can be looked up by.
    fn wanted(&self, test: &ValueTest) -> Option<Wanted> {
        if !self.is_json() || self.path().is_empty() {
            return None;
        }
        let root = PathHash::root(self.key() == EventKey::Metadata);
        let path = self
            .path()
            .iter()
            .fold(root, |path, key| path.key(key.text()));
        match test {
            ValueTest::Eq(literal) => wanted_at(path, vec![literal.into()]),
            ValueTest::In(set) => wanted_at(path, scalars_of(set)?),
            // A text can contain it as well, wherever a text is.
            ValueTest::Contains(literal) => {
                let mut wanted = wanted_at(path.element(), vec![literal.into()])?;
                if let (Wanted::Value { notes, .. }, Literal::String(_)) = (&mut wanted, literal) {
                    notes.push(path.note(Note::Texts));
                }
                Some(wanted)
            }
            _ => None,
        }
    }
}

/// A value that is looked up.
enum Scalar<'l> {
    Text(&'l Text<'static>),
    Number(f64),
    /// Others are not.
    Other,
}

impl<'l> From<&'l Literal> for Scalar<'l> {
    fn from(literal: &'l Literal) -> Self {
        match literal {
            Literal::String(text) => Self::Text(text),
            Literal::Number(number) => Self::Number(*number),
            _ => Self::Other,
        }
    }
}

/// The values of a set, if all of them can be looked up, and are few.
fn scalars_of(set: &LiteralSet) -> Option<Vec<Scalar<'_>>> {
    let others = [Kind::Null, Kind::Boolean, Kind::Array, Kind::Object];
    if others.into_iter().any(|kind| set.has(kind)) {
        return None;
    }
    let values = set.strings().map(Scalar::Text);
    let values: Vec<_> = values.chain(set.numbers().map(Scalar::Number)).collect();
    (values.len() <= VALUES_MAX).then_some(values)
}

fn wanted_at(path: PathHash, values: Vec<Scalar<'_>>) -> Option<Wanted> {
    let mut hashes = Vec::with_capacity(values.len());
    let mut notes = vec![PathHash::OPAQUE];
    for value in values {
        let (hash, note) = match value {
            Scalar::Text(text) => (path.text(text), Note::OtherTexts),
            Scalar::Number(number) => (path.number(number), Note::OtherNumbers),
            Scalar::Other => return None,
        };
        let note = path.note(note);
        if !notes.contains(&note) {
            notes.push(note);
        }
        hashes.push(hash);
    }
    Some(Wanted::Value { hashes, notes })
}
