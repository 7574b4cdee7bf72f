//! What is equal to one value or to another: an `any` of equalities of one field is an `in`, which looks a value up once,
//! and whose values a summary or a column is asked about together.

use super::condition::Condition;
use super::condition_tree::ConditionTree;
use super::time_test::TimeTest;
use super::value_test::ValueTest;
use crate::hashing::TextSet;
use crate::query::value::literal_set::LiteralSet;

impl ConditionTree {
    /// Makes one test of the equalities of a field that an `any` has, in the trees within it as well. The tree holds for
    /// the same events as before.
    pub(super) fn unite_equalities(&mut self) {
        match self {
            Self::Condition(_) => {}
            Self::Not(tree) => tree.unite_equalities(),
            Self::All(trees) => trees.iter_mut().for_each(Self::unite_equalities),
            Self::Any(trees) => {
                trees.iter_mut().for_each(Self::unite_equalities);
                let mut united: Vec<Self> = Vec::with_capacity(trees.len());
                for tree in trees.drain(..) {
                    let rest = united.iter_mut().try_fold(tree, |tree, other| {
                        // Where one takes it in, the others are not asked.
                        other.take_in(tree).ok_or(())
                    });
                    united.extend(rest.ok());
                }
                *self = match united.pop() {
                    Some(only) if united.is_empty() => only,
                    last => {
                        united.extend(last);
                        Self::Any(united)
                    }
                };
            }
        }
    }

    /// Widens an equality to hold where `other` does as well, if that is an equality of the same field; gives it back
    /// otherwise.
    fn take_in(&mut self, other: Self) -> Option<Self> {
        let Self::Condition(own) = self else {
            return Some(other);
        };
        match other {
            Self::Condition(other) => own.take_in(other).map(Self::Condition),
            other => Some(other),
        }
    }
}

impl Condition {
    fn take_in(&mut self, other: Self) -> Option<Self> {
        match self {
            Self::Value(field, test) => match other {
                Self::Value(other_field, other) if *field == other_field => {
                    let left = test.take_in(other);
                    left.map(|other| Self::Value(other_field, other))
                }
                other => Some(other),
            },
            Self::Time(test) => match other {
                Self::Time(other) => test.take_in(other).map(Self::Time),
                other => Some(other),
            },
            Self::Exists(..) | Self::Fields(_) => Some(other),
        }
    }
}

impl ValueTest {
    fn take_in(&mut self, other: Self) -> Option<Self> {
        match self {
            Self::Folded(own) => match other {
                Self::Folded(other) => {
                    let left = own.take_in(*other);
                    left.map(|other| Self::Folded(Box::new(other)))
                }
                other => Some(other),
            },
            own @ (Self::Eq(_) | Self::In(_)) => match other {
                Self::Eq(_) | Self::In(_) => {
                    let none = Self::In(LiteralSet::default());
                    let mut set = std::mem::replace(own, none).into_set();
                    set.unite(other.into_set());
                    *own = Self::In(set);
                    None
                }
                other => Some(other),
            },
            _ => Some(other),
        }
    }

    /// The values that pass. Of another test than an equality it is none.
    fn into_set(self) -> LiteralSet {
        let mut set = LiteralSet::default();
        match self {
            Self::Eq(literal) => set.insert(literal),
            Self::In(values) => set = values,
            _ => {}
        }
        set
    }
}

impl TimeTest {
    fn take_in(&mut self, other: Self) -> Option<Self> {
        let (Self::Eq(_) | Self::In(_)) = self else {
            return Some(other);
        };
        match other {
            Self::Eq(_) | Self::In(_) => {
                let mut times = std::mem::replace(self, Self::Eq(None)).into_times();
                times.extend(other.into_times());
                *self = Self::In(times);
                None
            }
            other => Some(other),
        }
    }

    /// The times that pass. Of another test than an equality it is none.
    fn into_times(self) -> TextSet<i64> {
        match self {
            Self::Eq(time) => time.into_iter().collect(),
            Self::In(times) => times,
            _ => TextSet::default(),
        }
    }
}
