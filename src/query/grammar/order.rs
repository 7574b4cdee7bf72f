//! What `orderBy` asks for.

use super::field::Field;
use super::group_field::GroupField;
use super::reduction::Reduction;
use crate::arguments;
use crate::error::Error;
use crate::json::{Kind, Text};

/// An order of events.
#[derive(Debug)]
pub(in crate::query) struct Order {
    pub(in crate::query) field: Field,
    pub(in crate::query) descending: bool,
}

/// An order of rows.
#[derive(Debug)]
pub(in crate::query) struct RowOrder {
    pub(in crate::query) column: RowColumn,
    pub(in crate::query) descending: bool,
}

/// A column of a row.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(in crate::query) enum RowColumn {
    /// The group field of that number.
    Group(usize),
    /// The aggregate of that number.
    Aggregate(usize),
}

impl Order {
    pub(in crate::query) fn parse(raw: &str) -> Result<Self, Error> {
        let (field, descending) = parts(raw)?;
        Ok(Self {
            field: Field::parse("orderBy.field", field)?,
            descending,
        })
    }
}

impl RowOrder {
    /// Reads an order of rows; `None` if it is by what is not in them.
    pub(in crate::query) fn parse(
        raw: &str,
        groups: &[GroupField],
        reduction: &Reduction,
    ) -> Result<Option<Self>, Error> {
        let (name, descending) = parts(raw)?;
        let column = RowColumn::parse("orderBy.field", name, groups, reduction)?;
        Ok(column.map(|column| Self { column, descending }))
    }
}

impl RowColumn {
    /// Reads the name of a column at `path`; `None` if the rows do not have it.
    pub(in crate::query) fn parse(
        path: &str,
        raw: &str,
        groups: &[GroupField],
        reduction: &Reduction,
    ) -> Result<Option<Self>, Error> {
        // A column's own name goes before another spelling of a group's field, and need not be that of a field.
        if Kind::of(raw) == Kind::String {
            let text = Text::decode(raw);
            if let Some(at) = groups.iter().position(|group| *group.label() == text) {
                return Ok(Some(Self::Group(at)));
            }
            let mut names = reduction.aggregates.iter().map(|it| &it.name);
            if let Some(at) = names.position(|name| *name == text) {
                return Ok(Some(Self::Aggregate(at)));
            }
        }
        let field = Field::parse(path, raw)?;
        let group = groups.iter().position(|group| *group.field() == field);
        Ok(group.map(Self::Group))
    }
}

/// The raw field, and whether the direction is descending.
fn parts(raw: &str) -> Result<(&str, bool), Error> {
    let [field, direction] = arguments::members("orderBy", raw, ["field", "direction"])?;
    let field = arguments::required("orderBy.field", field, "the name of a field")?;
    let Some(direction) = direction else {
        return Ok((field, false));
    };
    let text = (Kind::of(direction) == Kind::String).then(|| Text::decode(direction));
    match text.as_ref().and_then(Text::as_str) {
        Some("asc") => Ok((field, false)),
        Some("desc") => Ok((field, true)),
        _ => {
            let path = "orderBy.direction";
            Err(arguments::unexpected(
                path,
                "\"asc\" or \"desc\"",
                direction,
            ))
        }
    }
}
