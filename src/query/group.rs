//! Events sorted into groups by the values of some fields.

use std::collections::HashMap;

use super::aggregate::Aggregate;
use super::budget::{self, Budget};
use super::canonical;
use super::field::Field;
use super::order::RowOrder;
use super::reduction::Reduction;
use super::row::{self, Row};
use super::shape;
use crate::error::{Code, Error};
use crate::event::Event;
use crate::json::{Kind, Text};

/// A field to group by, and its name as the query wrote it.
#[derive(Debug)]
pub(super) struct GroupField {
    field: Field,
    label: Text<'static>,
}

impl GroupField {
    /// Reads `reduce.groupBy`, which is one field or an array of fields, for rows whose last key
    /// is `fold`.
    pub(super) fn parse_all(raw: &str, fold: &str) -> Result<Vec<Self>, Error> {
        let path = "reduce.groupBy";
        if Kind::of(raw) == Kind::String {
            return Ok(vec![Self::parse(path, raw, fold, &[])?]);
        }
        let mut groups = Vec::new();
        let expected = "a field, or an array of one or more fields";
        for (at, raw) in shape::fields(path, raw, expected)?.into_iter().enumerate() {
            groups.push(Self::parse(&format!("{path}[{at}]"), raw, fold, &groups)?);
        }
        Ok(groups)
    }

    fn parse(path: &str, raw: &str, fold: &str, before: &[Self]) -> Result<Self, Error> {
        let field = Field::parse(path, raw)?;
        let label = Text::decode(raw).into_owned();
        if label.as_str() == Some(fold) {
            let expected = format!(
                "a name that the rows do not have already (payload.{fold} for that field of the \
                 payload)"
            );
            return Err(shape::unexpected(path, &expected, raw));
        }
        if before.iter().any(|group| group.label == label) {
            return Err(shape::unexpected(path, "each field once", raw));
        }
        Ok(Self { field, label })
    }

    pub(super) const fn field(&self) -> &Field {
        &self.field
    }

    /// The name of the field, which is the key of its value in a row.
    pub(super) const fn label(&self) -> &Text<'static> {
        &self.label
    }
}

/// The groups found so far.
#[derive(Debug)]
pub(super) struct Groups<'q> {
    fields: &'q [GroupField],
    reduction: &'q Reduction,
    groups_max: usize,
    budget: Budget,
    /// From the canonical text of a group's values to its place in `rows`.
    places: HashMap<Box<str>, usize>,
    rows: Vec<Row>,
    /// Kept between events to save allocations.
    key: String,
}

impl<'q> Groups<'q> {
    pub(super) fn new(
        fields: &'q [GroupField],
        reduction: &'q Reduction,
        groups_max: usize,
        budget: Budget,
    ) -> Self {
        Self {
            fields,
            reduction,
            groups_max,
            budget,
            places: HashMap::new(),
            rows: Vec::new(),
            key: String::new(),
        }
    }

    /// Folds `event` into its group.
    pub(super) fn push(&mut self, event: &Event<'_>) -> Result<(), Error> {
        self.key.clear();
        for group in self.fields {
            canonical::write(group.field.find(event), &mut self.key);
            self.key.push(',');
        }
        let place = match self.places.get(self.key.as_str()) {
            Some(place) => *place,
            None => self.open(event)?,
        };
        match self.rows.get_mut(place) {
            Some(row) => row.aggregate.add(self.reduction, event, &mut self.budget),
            None => Ok(()),
        }
    }

    /// Makes the group that `event` is the first of, and returns its place.
    fn open(&mut self, event: &Event<'_>) -> Result<usize, Error> {
        let place = self.rows.len();
        if place >= self.groups_max {
            let text = format!(
                "reduce.groupBy: expected at most {} groups, found more; narrow the events with \
                 where, or group by a field with fewer values",
                self.groups_max
            );
            return Err(Error::new(Code::LimitExceeded, text));
        }
        let found = self.fields.iter().map(|group| group.field.find(event));
        let row = Row::new(found, Aggregate::new(self.reduction.fold));
        self.budget.take(row.bytes_len() + self.key.len())?;
        self.places.insert(self.key.as_str().into(), place);
        self.rows.push(row);
        Ok(place)
    }

    /// Appends the page of the rows to `out` as a JSON array of at most `bytes_max` bytes.
    pub(super) fn write_json(
        self,
        order: Option<&RowOrder>,
        offset: Option<u64>,
        limit: Option<u64>,
        bytes_max: usize,
        out: &mut String,
    ) -> Result<(), Error> {
        let start = out.len();
        let mut rows = self.rows;
        row::sort(&mut rows, order);
        let usize_of = |number: u64| usize::try_from(number).unwrap_or(usize::MAX);
        let page = rows
            .iter()
            .skip(offset.map_or(0, usize_of))
            .take(limit.map_or(usize::MAX, usize_of));
        out.push('[');
        for (at, row) in page.enumerate() {
            if at > 0 {
                out.push(',');
            }
            row.write_json(self.fields, self.reduction.name(), out);
            // The labels are repeated in every row and were not counted while grouping.
            if out.len() - start > bytes_max {
                return Err(budget::too_large(bytes_max));
            }
        }
        out.push(']');
        Ok(())
    }
}
