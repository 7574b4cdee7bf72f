//! What `reduce.having` demands of a row.

use super::condition_tree::{ConditionTree, TreeReading};
use super::event_key::EventKey;
use super::fold::Fold;
use super::group_field::GroupField;
use super::grouping::Grouping;
use super::kinds::Known;
use super::operator::Operator;
use super::order::RowColumn;
use super::reduction::Reduction;
use super::time_test::TimeTest;
use super::value_test::ValueTest;
use crate::arguments;
use crate::error::Error;
use crate::json::Kind;

/// A condition on a column of the rows.
#[derive(Debug)]
pub(in crate::query) struct RowCondition {
    pub(in crate::query) column: RowColumn,
    pub(in crate::query) test: RowTest,
}

/// What is demanded of a column.
#[derive(Debug)]
pub(in crate::query) enum RowTest {
    Value(ValueTest),
    /// Of a time.
    Time(TimeTest),
}

/// Rows that must pass all of these.
pub(in crate::query) type Having = Vec<ConditionTree<RowCondition>>;

/// Reads `reduce.having` for rows of these groups and aggregates. What the caller should know of it goes to `remarks`.
pub(in crate::query) fn parse(
    raw: &str,
    groups: &[GroupField],
    reduction: &Reduction,
    remarks: &mut Vec<String>,
) -> Result<Having, Error> {
    let condition = |path: &str, raw: &str, remarks: &mut Vec<String>| {
        RowCondition::parse(path, raw, (groups, reduction), remarks)
    };
    let mut reading = TreeReading {
        condition,
        remarks,
        count: 0,
    };
    reading.list_or_tree("reduce.having", raw)
}

impl RowCondition {
    fn parse(
        path: &str,
        raw: &str,
        (groups, reduction): (&[GroupField], &Reduction),
        remarks: &mut Vec<String>,
    ) -> Result<Self, Error> {
        let keys = [
            "field",
            "operator",
            "value",
            "ignoreCase",
            "any",
            "all",
            "not",
        ];
        let [field, operator, value, ignore_case, ..] =
            arguments::members_with_null(path, raw, keys, "value")?;
        let field_path = format!("{path}.field");
        let field = arguments::required(&field_path, field, "the name of a column of the rows")?;
        let column = RowColumn::parse(&field_path, field, groups, reduction)?;
        let Some(column) = column else {
            let labels = groups
                .iter()
                .map(|group| arguments::shown_key(group.label()));
            let names: Vec<String> = labels.chain(reduction.names()).collect();
            let names: Vec<&str> = names.iter().map(String::as_str).collect();
            let expected = format!("a column of the rows, {}", arguments::listed(&names, "or"));
            return Err(arguments::unexpected(&field_path, &expected, field));
        };
        let operator_path = format!("{path}.operator");
        let operator = arguments::required(&operator_path, operator, "an operator such as eq")?;
        let operator = Operator::parse(&operator_path, operator)?;
        if operator == Operator::Exists {
            let expected = "another operator, as every row has the column: eq or neq with null";
            return Err(Error::expected(&operator_path, expected, "\"exists\""));
        }
        let ignores_case = operator.parse_ignore_case(path, ignore_case)?;
        let value_path = format!("{path}.value");
        let value = arguments::required(&value_path, value, "a value to compare with")?;
        if column.is_time(groups, reduction) {
            let test = TimeTest::parse(operator, &value_path, value, ignores_case, remarks)?;
            let test = RowTest::Time(test);
            return Ok(Self { column, test });
        }
        let test = ValueTest::parse(operator, &value_path, value, ignores_case)?;
        if let Some((name, known)) = column.known(groups, reduction) {
            remarks.extend(test.remark(path, &name, known, ("row", operator)));
        }
        let test = RowTest::Value(test);
        Ok(Self { column, test })
    }
}

impl RowColumn {
    /// The name of the column and what all of its values are, if that is known.
    fn known(self, groups: &[GroupField], reduction: &Reduction) -> Option<(String, Known)> {
        let (name, known) = match self {
            Self::Group(at) => {
                let group = groups.get(at)?;
                let of_bins = Known {
                    kind: Kind::Number,
                    or_null: true,
                };
                let known = match &group.grouping {
                    Grouping::Bins(_) => of_bins,
                    _ => group.field().known()?,
                };
                (group.label(), known)
            }
            Self::Aggregate(at) => {
                let named = reduction.aggregates.get(at)?;
                (&named.name, named.fold.known()?)
            }
        };
        Some((arguments::shown_key(name), known))
    }

    /// Whether the values of the column are times of events.
    fn is_time(self, groups: &[GroupField], reduction: &Reduction) -> bool {
        let field = match self {
            Self::Group(at) => groups
                .get(at)
                .filter(|group| !matches!(group.grouping, Grouping::Bins(_)))
                .map(GroupField::field),
            Self::Aggregate(at) => reduction
                .aggregates
                .get(at)
                .filter(|it| matches!(it.fold, Fold::Min | Fold::Max | Fold::First | Fold::Last))
                .and_then(|it| it.field.as_ref()),
        };
        field.is_some_and(|field| field.key() == EventKey::Timestamp)
    }
}
