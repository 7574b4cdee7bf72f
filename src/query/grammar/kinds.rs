//! What is always of one kind: a condition that compares it with another kind cannot tell events or rows apart, and is
//! most likely not meant so.

use std::borrow::Cow;

use super::condition_tree::LEFT_OUT;
use super::event_key::EventKey;
use super::field::Field;
use super::field_comparison::{FieldComparison, Relation};
use super::fold::Fold;
use super::operator::Operator;
use super::value_test::ValueTest;
use crate::json::Kind;
use crate::query::value::literal::Literal;

/// What all values are that a condition looks at.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct Known {
    pub(in crate::query) kind: Kind,
    /// Whether some may be `null` instead.
    pub(in crate::query) or_null: bool,
}

impl EventKey {
    /// The kind of all values of the key, where the log itself sees to it. A time is compared in its own way.
    pub(in crate::query) const fn kind(self) -> Option<Kind> {
        match self {
            Self::Id | Self::InstanceId | Self::StreamId | Self::EventType => Some(Kind::String),
            Self::SequenceNumber | Self::Position => Some(Kind::Number),
            Self::Payload | Self::Metadata | Self::Timestamp => None,
        }
    }
}

impl Field {
    /// What all events hold in the field, if that is known.
    pub(in crate::query) fn known(&self) -> Option<Known> {
        let kind = self.key().kind()?;
        Some(Known {
            kind,
            or_null: false,
        })
    }
}

impl Fold {
    /// What all values of the fold are, if that is known.
    pub(in crate::query) const fn known(self) -> Option<Known> {
        let (kind, or_null) = match self {
            Self::Count | Self::CountDistinct => (Kind::Number, false),
            Self::Sum | Self::Avg | Self::Percentile(_) | Self::Stddev => (Kind::Number, true),
            Self::Collect | Self::TopK(_) => (Kind::Array, false),
            Self::Min | Self::Max | Self::First | Self::Last => return None,
        };
        Some(Known { kind, or_null })
    }
}

impl ValueTest {
    /// What the caller should know of a test at `path` of the values of `name`, where none of them is of a kind that the
    /// test could hold for.
    pub(in crate::query) fn remark(
        &self,
        path: &str,
        name: &str,
        known: Known,
        (things, operator): (&str, Operator),
    ) -> Option<String> {
        let compared = self.foreign(known, operator)?;
        let holds = match self.plain() {
            Self::Neq(_) | Self::NotIn(_) => "each",
            _ => "no",
        };
        let (condition, kind) = (named(path), known.kind.describe());
        Some(format!(
            "{condition} holds for {holds} {things}: {name} is {kind}, and {compared}"
        ))
    }

    /// The test without regard for case.
    fn plain(&self) -> &Self {
        match self {
            Self::Folded(test) => test.plain(),
            test => test,
        }
    }

    /// What the test does that no value of the kind is fit for.
    fn foreign(&self, Known { kind, or_null }: Known, operator: Operator) -> Option<String> {
        let is_fit = |literal: &Literal| {
            literal.kind() == kind || (or_null && matches!(literal, Literal::Null))
        };
        let compared = |literal: &Literal| {
            (!is_fit(literal)).then(|| format!("is compared with {}", literal.kind().describe()))
        };
        match self.plain() {
            Self::Eq(literal) | Self::Neq(literal) | Self::Order(_, literal) => compared(literal),
            Self::Between(low, _) => compared(low),
            Self::In(set) | Self::NotIn(set) => {
                let is_fit = set.is_empty() || set.has(kind) || (or_null && set.has(Kind::Null));
                (!is_fit).then(|| "is compared with values of other kinds".to_owned())
            }
            Self::Contains(_) if kind == Kind::Array => None,
            Self::Contains(literal) if kind == Kind::String => compared(literal),
            Self::Contains(_) => Some("contains looks into strings and arrays".to_owned()),
            Self::StartsWith(_) | Self::EndsWith(_) | Self::Matches(_) => {
                let name = operator.name();
                (kind != Kind::String).then(|| format!("{name} looks into strings"))
            }
            Self::Folded(_) => None,
        }
    }
}

impl FieldComparison {
    /// What the caller should know of the condition at `path`, where the two fields are of kinds that it never holds for,
    /// or always does.
    pub(in crate::query) fn remark(&self, path: &str) -> Option<String> {
        let (kind, other) = (self.field.key().kind()?, self.other.key().kind()?);
        let is_fit = match self.relation {
            Relation::Eq | Relation::Neq | Relation::Order(_) => kind == other,
            Relation::Contains | Relation::StartsWith | Relation::EndsWith => {
                kind == Kind::String && other == Kind::String
            }
        };
        if is_fit {
            return None;
        }
        let holds = if self.relation == Relation::Neq {
            "each"
        } else {
            "no"
        };
        let (name, other_name) = (self.field.key().name(), self.other.key().name());
        let (condition, kind, other) = (named(path), kind.describe(), other.describe());
        Some(format!(
            "{condition} holds for {holds} event: {name} is {kind}, and {other_name} is {other}"
        ))
    }
}

/// How a remark names the condition at `path`. One within a `not` is told apart from what the `not` makes of it.
fn named(path: &str) -> Cow<'_, str> {
    if path.contains(".not") || path.contains(LEFT_OUT) {
        return Cow::Owned(format!("the condition at {path}"));
    }
    Cow::Borrowed(path)
}

#[cfg(test)]
mod tests {
    use crate::query::Query;

    fn remarks(parts: &str) -> Vec<String> {
        let query = Query::parse(&format!("{{\"from\":{{\"instance\":\"log\"}},{parts}}}"));
        query.unwrap().remarks().to_vec()
    }

    fn of_condition(field: &str, operator: &str, value: &str) -> Vec<String> {
        remarks(&format!(
            r#""where":[{{"field":"{field}","operator":"{operator}","value":{value}}}]"#
        ))
    }

    /// Comparisons with values of another kind: the field, the operator, the value, and what is remarked.
    const OTHER_KINDS: &[(&str, &str, &str, &str)] = &[
        (
            "position",
            "eq",
            r#""5""#,
            "holds for no event: position is a number, and is compared with a string",
        ),
        (
            "position",
            "gte",
            r#""5""#,
            "holds for no event: position is a number, and is compared with a string",
        ),
        (
            "sequenceNumber",
            "neq",
            "null",
            "holds for each event: sequence_number is a number, and is compared with null",
        ),
        (
            "sequence_number",
            "between",
            r#"["1","5"]"#,
            "holds for no event: sequence_number is a number, and is compared with a string",
        ),
        (
            "position",
            "in",
            r#"["1","5"]"#,
            "holds for no event: position is a number, and is compared with values of other kinds",
        ),
        (
            "stream_id",
            "notIn",
            "[1,2]",
            "holds for each event: stream_id is a string, and is compared with values of other kinds",
        ),
        (
            "event_type",
            "eq",
            "5",
            "holds for no event: event_type is a string, and is compared with a number",
        ),
        (
            "id",
            "contains",
            "5",
            "holds for no event: id is a string, and is compared with a number",
        ),
        (
            "instanceId",
            "lt",
            "true",
            "holds for no event: instanceId is a string, and is compared with a boolean",
        ),
        (
            "position",
            "contains",
            "5",
            "holds for no event: position is a number, and contains looks into strings and arrays",
        ),
        (
            "position",
            "matches",
            r#""^5""#,
            "holds for no event: position is a number, and matches looks into strings",
        ),
    ];

    #[test]
    fn a_value_of_another_kind_is_remarked() {
        for &(field, operator, value, remark) in OTHER_KINDS {
            let expected = [format!("where[0] {remark}")];
            assert_eq!(of_condition(field, operator, value), expected, "{operator}");
        }
        let folded = r#""where":{"any":[{"not":{"field":"position","operator":"startsWith","value":"a","ignoreCase":true}}]}"#;
        assert_eq!(
            remarks(folded),
            [
                "the condition at where.any[0].not holds for no event: position is a number, and startsWith looks into strings"
            ]
        );
        let fields =
            r#""where":{"not":{"any":[{"field":"position","operator":"neq","valueField":"id"}]}}"#;
        assert_eq!(
            remarks(fields),
            [
                "the condition at where.not.any[0] holds for each event: position is a number, and id is a string"
            ]
        );
        // What leads to a condition that lies deep is not shown as a whole.
        let nots = "{\"not\":".repeat(40)
            + r#"{"field":"position","operator":"eq","value":"5"}"#
            + &"}".repeat(40);
        let deep = remarks(&format!("\"where\":{nots}"));
        let begins_right = |remark: &String| remark.starts_with("the condition at where");
        assert!(deep.len() == 1 && deep.iter().all(begins_right), "{deep:?}");
    }

    #[test]
    fn a_value_that_can_be_there_is_not() {
        for (field, operator, value) in [
            ("position", "eq", "5"),
            ("position", "in", r#"["1",5]"#),
            ("position", "in", "[]"),
            ("stream_id", "eq", r#""5""#),
            ("stream_id", "contains", r#""5""#),
            ("payload.a", "eq", r#""5""#),
            ("payload", "eq", "5"),
            ("timestamp", "contains", r#""5""#),
            ("position", "exists", "true"),
        ] {
            assert_eq!(
                of_condition(field, operator, value),
                [""; 0],
                "{field} {operator}"
            );
        }
    }

    #[test]
    fn two_fields_of_different_kinds_are_remarked() {
        let of = |field: &str, operator: &str, other: &str| {
            remarks(&format!(
                r#""where":[{{"field":"{field}","operator":"{operator}","valueField":"{other}"}}]"#
            ))
        };
        assert_eq!(
            of("position", "lt", "stream_id"),
            ["where[0] holds for no event: position is a number, and stream_id is a string"]
        );
        assert_eq!(
            of("position", "neq", "id"),
            ["where[0] holds for each event: position is a number, and id is a string"]
        );
        assert_eq!(
            of("position", "contains", "sequence_number"),
            ["where[0] holds for no event: position is a number, and sequence_number is a number"]
        );
        assert_eq!(of("position", "eq", "sequence_number"), [""; 0]);
        assert_eq!(of("event_type", "startsWith", "stream_id"), [""; 0]);
        assert_eq!(of("position", "eq", "payload.a"), [""; 0]);
        assert_eq!(of("timestamp", "gt", "position"), [""; 0]);
    }

    #[test]
    fn columns_of_rows_have_kinds_too() {
        let of = |fold: &str, operator: &str, value: &str| {
            remarks(&format!(
                r#""reduce":{{"aggregates":{{"x":{fold}}},"groupBy":"event_type",
                "having":[{{"field":"x","operator":"{operator}","value":{value}}}]}}"#
            ))
        };
        let of_count = |operator: &str, value: &str| of(r#"{"type":"count"}"#, operator, value);
        assert_eq!(
            of_count("gt", r#""5""#),
            ["reduce.having[0] holds for no row: x is a number, and is compared with a string"]
        );
        assert_eq!(of_count("gt", "5"), [""; 0]);
        let avg = r#"{"type":"avg","field":"a"}"#;
        assert_eq!(of(avg, "eq", "null"), [""; 0]);
        assert_eq!(of(r#"{"type":"max","field":"a"}"#, "eq", r#""5""#), [""; 0]);
        let of_group = |value: &str| {
            remarks(&format!(
                r#""reduce":{{"type":"count","groupBy":["stream_id",{{"field":"a","bins":[1]}}],
                "having":[{{"field":"streamId","operator":"eq","value":{value}}},
                {{"field":"a","operator":"eq","value":{value}}}]}}"#
            ))
        };
        assert_eq!(
            of_group("5"),
            [
                "reduce.having[0] holds for no row: stream_id is a string, and is compared with a number"
            ]
        );
        assert_eq!(
            of_group(r#""x""#),
            ["reduce.having[1] holds for no row: a is a number, and is compared with a string"]
        );
    }
}
