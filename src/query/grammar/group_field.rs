//! What `reduce.groupBy` asks for.

use super::field::Field;
use super::grouping::Grouping;
use super::reduction::{Reduction, name_taken};
use crate::arguments;
use crate::error::Error;
use crate::json::{Kind, Text};
use crate::query::limits::FIELDS_MAX;

/// A field to group by, and its name as the query wrote it.
#[derive(Debug)]
pub(in crate::query) struct GroupField {
    field: Field,
    label: Text<'static>,
    pub(in crate::query) grouping: Grouping,
    /// Whether there are rows for the spans or the bins without events.
    pub(in crate::query) fills: bool,
}

const EXPECTED: &str = "a field, or an object with field and every or bins";

impl GroupField {
    /// Reads `reduce.groupBy`, which is one group or an array of them, for rows with the values of `reduction`.
    pub(in crate::query) fn parse_all(
        raw: &str,
        reduction: &Reduction,
    ) -> Result<Vec<Self>, Error> {
        let path = "reduce.groupBy";
        if matches!(Kind::of(raw), Kind::String | Kind::Object) {
            return Ok(vec![Self::parse(path, raw, reduction, &[])?]);
        }
        let mut groups = Vec::new();
        let expected = "a field, or an array of fields";
        for (at, raw) in arguments::list(path, raw, expected, FIELDS_MAX, "fields")?
            .into_iter()
            .enumerate()
        {
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
        if Kind::of(raw) == Kind::String {
            return Self::new(path, raw, reduction, before);
        }
        if Kind::of(raw) != Kind::Object {
            // What a field is expected to be is told with what was found.
            return Field::parse(path, raw).and(Err(arguments::unexpected(path, EXPECTED, raw)));
        }
        let keys = ["field", "every", "timeZone", "bins", "fill"];
        let [field, every, zone, bins, fill] = arguments::members(path, raw, keys)?;
        let field_path = format!("{path}.field");
        let field = arguments::required(&field_path, field, "the name of a field")?;
        let group = Self::new(&field_path, field, reduction, before)?;
        let grouping = Grouping::parse(path, &group.field, [every, zone, bins])?;
        let fill_path = format!("{path}.fill");
        let fills = fill.map_or(Ok(false), |raw| arguments::boolean(&fill_path, raw))?;
        if fills && matches!(grouping, Grouping::Equal) {
            let expected = "every or bins beside fill, which tell what there can be";
            return Err(Error::expected(&fill_path, expected, "neither"));
        }
        Ok(Self {
            grouping,
            fills,
            ..group
        })
    }

    /// The group of equal values of the field `raw` at `path`.
    fn new(path: &str, raw: &str, reduction: &Reduction, before: &[Self]) -> Result<Self, Error> {
        let field = Field::parse(path, raw)?;
        let label = Text::decode(raw).into_owned();
        if reduction.aggregates.iter().any(|it| it.name == label) {
            return Err(name_taken(path, &label, raw));
        }
        if before.iter().any(|group| group.label == label) {
            return Err(arguments::unexpected(path, "each field once", raw));
        }
        Ok(Self {
            field,
            label,
            grouping: Grouping::Equal,
            fills: false,
        })
    }

    pub(in crate::query) const fn field(&self) -> &Field {
        &self.field
    }

    /// The name of the field, which is the key of its value in a row.
    pub(in crate::query) const fn label(&self) -> &Text<'static> {
        &self.label
    }

    /// Whether the values of a group are equal.
    pub(in crate::query) const fn is_of_equals(&self) -> bool {
        matches!(self.grouping, Grouping::Equal)
    }
}
