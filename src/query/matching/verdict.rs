//! What a condition makes of all rows of a chunk at once, as far as its summary tells.

use uuid::Uuid;

use crate::block::{ColumnFacts, Overview, Traits};
use crate::json::{Kind, Text};
use crate::query::grammar::condition::Condition;
use crate::query::grammar::condition_tree::ConditionTree;
use crate::query::grammar::event_key::EventKey;
use crate::query::grammar::field::Field;
use crate::query::grammar::operator::Comparison;
use crate::query::grammar::time_test::TimeTest;
use crate::query::grammar::value_test::{ValueTest, ceil, floor};
use crate::query::value::Value;
use crate::query::value::found::Found;
use crate::query::value::literal::Literal;
use crate::query::value::literal_set::LiteralSet;

/// Which rows pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum Verdict {
    /// All of them.
    All,
    /// None of them.
    None,
    /// That takes a look at the rows.
    Open,
}

impl Verdict {
    pub(in crate::query) const fn of(holds: bool) -> Self {
        if holds { Self::All } else { Self::None }
    }

    /// The verdict on rows of which some pass and some do not.
    pub(in crate::query) const fn of_parts(any_passes: bool, any_fails: bool) -> Self {
        match (any_passes, any_fails) {
            (true, true) => Self::Open,
            (true, false) => Self::All,
            (false, _) => Self::None,
        }
    }
}

impl std::ops::Not for Verdict {
    type Output = Self;

    fn not(self) -> Self {
        match self {
            Self::All => Self::None,
            Self::None => Self::All,
            Self::Open => Self::Open,
        }
    }
}

impl ConditionTree {
    /// What the tree makes of all rows of a chunk, where `judge` says what each of its conditions does.
    pub(in crate::query) fn judge_by(&self, judge: &dyn Fn(&Condition) -> Verdict) -> Verdict {
        // The verdict of all is that of the strictest, where a verdict on all rows is the mildest.
        let of_all = |trees: &[Self], turn: fn(Verdict) -> Verdict| {
            let mut verdict = Verdict::All;
            for tree in trees {
                match turn(tree.judge_by(judge)) {
                    Verdict::All => {}
                    Verdict::None => return Verdict::None,
                    Verdict::Open => verdict = Verdict::Open,
                }
            }
            verdict
        };
        match self {
            Self::Condition(condition) => judge(condition),
            Self::All(trees) => of_all(trees, |verdict| verdict),
            // None of them holds where all of them do not.
            Self::Any(trees) => !of_all(trees, |verdict| !verdict),
            Self::Not(tree) => !tree.judge_by(judge),
        }
    }
}

impl Condition {
    /// What the condition makes of all rows of a chunk of the instance, the first and the last of which have these
    /// `places`.
    pub(in crate::query) fn judge(
        &self,
        instance_id: &str,
        places: Option<(u64, u64)>,
        overview: Option<Overview<'_>>,
    ) -> Verdict {
        let (field, test) = match (self, overview) {
            (Self::Value(field, test), _) if field.key() == EventKey::Position => {
                return places.map_or(Verdict::Open, |(first, last)| test.judge_whole(first, last));
            }
            (Self::Value(field, test), _) if field.key() == EventKey::InstanceId => {
                return Verdict::of(test.holds(&Found::Text(instance_id).value()));
            }
            // What is not within the payload or the metadata is always there.
            (Self::Exists(field, wanted), _) if field.path().is_empty() => {
                return Verdict::of(*wanted);
            }
            (Self::Exists(field, wanted), Some(overview)) => {
                return field.judge_existence(*wanted, overview);
            }
            (Self::Fields(_), _) | (_, None) => return Verdict::Open,
            (Self::Time(test), Some(overview)) => {
                let (min, max) = overview.times();
                return test.judge(min, max);
            }
            (Self::Value(field, test), Some(_)) => (field, test),
        };
        match (field.key(), overview) {
            (EventKey::EventType, Some(overview)) => {
                let holds = |(name, _): &(Box<str>, u32)| test.holds(&Found::Text(name).value());
                let types = overview.types();
                Verdict::of_parts(types.iter().any(holds), !types.iter().all(holds))
            }
            (EventKey::Id, Some(overview)) => {
                let (min, max) = overview.ids();
                test.judge_ids(min, max)
            }
            (_, Some(overview)) => field.judge(test, overview),
            (_, None) => Verdict::Open,
        }
    }
}

impl Field {
    /// What an overview makes of a test of the field, as far as it knows the field's column.
    pub(in crate::query) fn judge(&self, test: &ValueTest, overview: Overview<'_>) -> Verdict {
        if self.is_json() && overview.has_opaque_rows() {
            return Verdict::Open;
        }
        self.with_column_key(|key| match key.map(|key| overview.find(key)) {
            Some(ColumnFacts::Column(traits)) if !test.can_hold_in(&traits) => Verdict::None,
            Some(ColumnFacts::Absent) => Verdict::of(test.holds(&Value::Null)),
            _ => Verdict::Open,
        })
    }
}

impl Field {
    /// What an overview makes of whether there is something at the field, as far as it knows the field's column.
    fn judge_existence(&self, wanted: bool, overview: Overview<'_>) -> Verdict {
        if overview.has_opaque_rows() {
            return Verdict::Open;
        }
        self.with_column_key(|key| match key.map(|key| overview.find(key)) {
            Some(ColumnFacts::Column(traits)) if !traits.has_unread() && !traits.has_absent() => {
                Verdict::of(wanted)
            }
            Some(ColumnFacts::Absent) => Verdict::of(!wanted),
            _ => Verdict::Open,
        })
    }
}

impl ValueTest {
    /// What the test makes of events whose ids go from `min` to `max`.
    pub(in crate::query) fn judge_ids(&self, min: Uuid, max: Uuid) -> Verdict {
        // An id has one spelling, so text that is none in another one equals no id.
        let is_within = |text: &Text<'_>| {
            text.as_str().is_some_and(|text| {
                let id = Uuid::try_parse(text).ok();
                let id = id.filter(|id| id.as_hyphenated().to_string() == text);
                id.is_some_and(|id| (min..=max).contains(&id))
            })
        };
        let any_is_within = match self {
            Self::Eq(Literal::String(text)) => is_within(text),
            Self::Eq(_) => false,
            Self::In(set) => set.strings().any(is_within),
            _ => return Verdict::Open,
        };
        Verdict::of_parts(any_is_within, true)
    }

    /// What the test makes of whole numbers from `min` to `max`, each of which occurs or not.
    pub(in crate::query) fn judge_whole(&self, min: u64, max: u64) -> Verdict {
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
            Self::In(set) => {
                let is_within = |number: f64| ceil(number) <= max && floor(number) >= min;
                Verdict::of_parts(set.numbers().any(is_within), true)
            }
            _ => {
                let (low, high) = self.whole_bounds();
                Verdict::of_parts(low <= max && high >= min, true)
            }
        }
    }

    /// Whether the test can hold for any row of a column, as far as its traits tell.
    pub(in crate::query) fn can_hold_in(&self, traits: &Traits) -> bool {
        if traits.has_unread() {
            return true;
        }
        let (low, high) = match self {
            Self::Neq(_) | Self::NotIn(_) => return true,
            Self::In(set) => return set.can_be_in(traits),
            Self::StartsWith(_) | Self::EndsWith(_) | Self::Matches(_) => {
                return traits.has(Kind::String);
            }
            // Kinds and numbers are the same without case.
            Self::Folded(test) => return test.can_hold_in(traits),
            Self::Contains(Literal::String(_)) => {
                return traits.has(Kind::String) || traits.has(Kind::Array);
            }
            Self::Contains(_) => return traits.has(Kind::Array),
            Self::Eq(Literal::Null) => return traits.has_absent() || traits.has(Kind::Null),
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
            return traits.has(kind);
        }
        match (low, high, traits.numbers()) {
            (Literal::Number(low), Literal::Number(high), Some((min, max))) => {
                max >= *low && min <= *high
            }
            (_, _, None) => false,
            _ => true,
        }
    }
}

impl LiteralSet {
    /// Whether one of the values can be in a column, as far as its traits tell.
    fn can_be_in(&self, traits: &Traits) -> bool {
        let numbers = traits.numbers();
        let is_within =
            |number: f64| numbers.is_some_and(|(min, max)| (min..=max).contains(&number));
        let kinds = [
            Kind::Null,
            Kind::Boolean,
            Kind::String,
            Kind::Array,
            Kind::Object,
        ];
        let has_kind = |kind| self.has(kind) && traits.has(kind);
        (self.has(Kind::Null) && traits.has_absent())
            || kinds.into_iter().any(has_kind)
            || self.numbers().any(is_within)
    }
}

impl TimeTest {
    /// What the test makes of events whose times go from `min` to `max`, both of which occur.
    pub(in crate::query) fn judge(&self, min: i64, max: i64) -> Verdict {
        let both = |passes: bool| Verdict::of_parts(passes, !passes);
        match self {
            _ if min == max => both(self.holds(min)),
            Self::Order(..) => {
                // What one end passes and the other does not has its border in between.
                let (low, high) = (self.holds(min), self.holds(max));
                Verdict::of_parts(low || high, !(low && high))
            }
            Self::Between(low, high) => {
                let outside = low.order_of(max).is_lt() || high.order_of(min).is_gt();
                let inside = self.holds(min) && self.holds(max);
                Verdict::of_parts(!outside, !inside)
            }
            Self::Eq(time) => Verdict::of_parts(is_within(*time, min, max), true),
            Self::Neq(time) => Verdict::of_parts(true, is_within(*time, min, max)),
            Self::In(times) => {
                let any = times.iter().any(|time| is_within(Some(*time), min, max));
                Verdict::of_parts(any, true)
            }
            Self::NotIn(times) => {
                let any = times.iter().any(|time| is_within(Some(*time), min, max));
                Verdict::of_parts(true, any)
            }
            Self::Text(_) => Verdict::Open,
        }
    }
}

fn is_within(time: Option<i64>, min: i64, max: i64) -> bool {
    time.is_some_and(|time| (min..=max).contains(&time))
}
