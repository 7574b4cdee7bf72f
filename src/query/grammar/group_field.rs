//! What `reduce.groupBy` asks for.

use super::field::Field;
use super::reduction::{Reduction, name_taken};
use crate::error::Error;
use crate::json::{Kind, Text};
use crate::query::shape;

/// A field to group by, and its name as the query wrote it.
#[derive(Debug)]
pub(in crate::query) struct GroupField {
    field: Field,
    label: Text<'static>,
}

impl GroupField {
    /// Reads `reduce.groupBy`, which is one field or an array of fields, for rows with the values of `reduction`.
    pub(in crate::query) fn parse_all(
        raw: &str,
        reduction: &Reduction,
    ) -> Result<Vec<Self>, Error> {
        let path = "reduce.groupBy";
        if Kind::of(raw) == Kind::String {
            return Ok(vec![Self::parse(path, raw, reduction, &[])?]);
        }
        let mut groups = Vec::new();
        let expected = "a field, or an array of fields";
        for (at, raw) in shape::fields(path, raw, expected)?.into_iter().enumerate() {
            groups.push(Self::parse(
                &format!("{path}[{at}]"),
                raw,
                reduction,
                &groups,
            )?);
        }
        Ok(groups)
    }

    fn parse(path: &str, raw: &str, reduction: &Reduction, before: &[Self]) -> Result<Self, Error> {
        let field = Field::parse(path, raw)?;
        let label = Text::decode(raw).into_owned();
        if reduction.aggregates.iter().any(|it| it.name == label) {
            return Err(name_taken(path, &label, raw));
        }
        if before.iter().any(|group| group.label == label) {
            return Err(shape::unexpected(path, "each field once", raw));
        }
        Ok(Self { field, label })
    }

    pub(in crate::query) const fn field(&self) -> &Field {
        &self.field
    }

    /// The name of the field, which is the key of its value in a row.
    pub(in crate::query) const fn label(&self) -> &Text<'static> {
        &self.label
    }
}
