//! What `orderBy` asks for.

use super::field::Field;
use super::group_field::GroupField;
use super::reduction::Reduction;
use crate::error::Error;
use crate::json::{Kind, Text};
use crate::query::shape;

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
    Aggregate,
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
        // A column's own name goes before another spelling of a group's field.
        let field = Field::parse("orderBy.field", name)?;
        let text = Text::decode(name);
        let named = groups.iter().position(|group| *group.label() == text);
        let column = if let Some(at) = named {
            RowColumn::Group(at)
        } else if text.as_str() == Some(reduction.name()) {
            RowColumn::Aggregate
        } else if let Some(at) = groups.iter().position(|group| *group.field() == field) {
            RowColumn::Group(at)
        } else {
            return Ok(None);
        };
        Ok(Some(Self { column, descending }))
    }
}

/// The raw field, and whether the direction is descending.
fn parts(raw: &str) -> Result<(&str, bool), Error> {
    let [field, direction] = shape::members("orderBy", raw, ["field", "direction"])?;
    let field = shape::required("orderBy.field", field, "the name of a field")?;
    let Some(direction) = direction else {
        return Ok((field, false));
    };
    let text = (Kind::of(direction) == Kind::String).then(|| Text::decode(direction));
    match text.as_ref().and_then(Text::as_str) {
        Some("asc") => Ok((field, false)),
        Some("desc") => Ok((field, true)),
        _ => {
            let path = "orderBy.direction";
            Err(shape::unexpected(path, "\"asc\" or \"desc\"", direction))
        }
    }
}
