//! What `reduce` computes.

use super::field::Field;
use super::fold::Fold;
use crate::arguments;
use crate::error::Error;
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::json::{self, Kind, Text};
use crate::query::limits::AGGREGATES_MAX;

/// Some aggregates, one or more.
#[derive(Debug)]
pub(in crate::query) struct Reduction {
    pub(in crate::query) aggregates: Vec<NamedFold>,
    /// Whether there is one that has no name but its type.
    pub(in crate::query) is_single: bool,
}

/// A fold, and the field whose values it folds.
#[derive(Debug)]
pub(in crate::query) struct NamedFold {
    /// The key of its value in a row.
    pub(in crate::query) name: Text<'static>,
    pub(in crate::query) fold: Fold,
    /// `None` only for a count, which then counts events, and for collecting whole events.
    pub(in crate::query) field: Option<Field>,
}

impl Reduction {
    /// Reads `reduce` from its keys `type`, `field`, `p` and `k`, or from `aggregates`.
    pub(in crate::query) fn parse(
        [kind, field, part, count]: [Option<&str>; 4],
        aggregates: Option<&str>,
    ) -> Result<Self, Error> {
        let Some(raw) = aggregates else {
            let single = NamedFold::parse("reduce", None, [kind, field, part, count])?;
            return Ok(Self {
                aggregates: vec![single],
                is_single: true,
            });
        };
        for (key, given) in [("type", kind), ("field", field), ("p", part), ("k", count)] {
            if let Some(raw) = given {
                let expected = "nothing beside aggregates, each of which has its own";
                return Err(arguments::unexpected(
                    format_args!("reduce.{key}"),
                    expected,
                    raw,
                ));
            }
        }
        Ok(Self {
            aggregates: parse_named("reduce.aggregates", raw)?,
            is_single: false,
        })
    }

    /// The count of events that nothing else is asked for.
    pub(in crate::query) fn count() -> Self {
        let count = NamedFold {
            name: Text::from("count"),
            fold: Fold::Count,
            field: None,
        };
        Self {
            aggregates: vec![count],
            is_single: true,
        }
    }

    /// Whether nothing is asked for but how many events there are.
    pub(in crate::query) fn counts_events(&self) -> bool {
        let counts = |it: &NamedFold| it.fold == Fold::Count && it.field.is_none();
        self.aggregates.iter().all(counts)
    }

    /// The one fold that collects values or events, if that is all that is asked for.
    pub(in crate::query) fn collects(&self) -> Option<&NamedFold> {
        match &self.aggregates[..] {
            [one] if self.is_single && one.fold == Fold::Collect => Some(one),
            _ => None,
        }
    }

    /// The names of the values, as an error text lists them.
    pub(in crate::query) fn names(&self) -> Vec<String> {
        let names = self
            .aggregates
            .iter()
            .map(|it| arguments::shown_key(&it.name));
        names.collect()
    }
}

/// Reads the object of `aggregates` at `path`.
fn parse_named(path: &str, raw: &str) -> Result<Vec<NamedFold>, Error> {
    let expected = "an object with a name for each aggregate, such as { n: { type: 'count' } }";
    if Kind::of(raw) != Kind::Object {
        return Err(arguments::unexpected(path, expected, raw));
    }
    let count = json::members(raw).count();
    if count > AGGREGATES_MAX {
        return Err(arguments::over_limit(
            path,
            AGGREGATES_MAX,
            "aggregates",
            count,
        ));
    }
    let mut aggregates: Vec<NamedFold> = Vec::new();
    for (key, raw) in json::members(raw) {
        if Kind::of(raw) == Kind::Null {
            continue;
        }
        let name = Text::decode(key).into_owned();
        let path = format!("{path}.{}", arguments::shown_key(&name));
        if name.bytes_len() == 0 {
            return Err(Error::expected(
                &path,
                "a name that is not empty",
                "an empty one",
            ));
        }
        if name.bytes_len() > IDENTIFIER_BYTES_MAX {
            let len = name.bytes_len();
            return Err(arguments::over_limit(
                &path,
                IDENTIFIER_BYTES_MAX,
                "bytes of UTF-8",
                len,
            ));
        }
        let keys = ["type", "field", "p", "k"];
        let [kind, field, part, count] = arguments::members(&path, raw, keys)?;
        let named = NamedFold::parse(&path, Some(name), [kind, field, part, count])?;
        match aggregates.iter_mut().find(|other| other.name == named.name) {
            // The last of repeated keys wins, as in JSON.parse.
            Some(other) => *other = named,
            None => aggregates.push(named),
        }
    }
    if aggregates.is_empty() {
        return Err(Error::expected(path, expected, "an object without any"));
    }
    Ok(aggregates)
}

impl NamedFold {
    /// Reads the fold at `path`. Without a name, its type is the name.
    fn parse(
        path: &str,
        name: Option<Text<'static>>,
        [kind, field, part, count]: [Option<&str>; 4],
    ) -> Result<Self, Error> {
        let fold = Fold::parse(path, [kind, part, count])?;
        let field_path = format!("{path}.field");
        let field = match field {
            Some(raw) => Some(Field::parse(&field_path, raw)?),
            None if fold == Fold::Count => None,
            None if fold == Fold::Collect && name.is_none() => None,
            None => {
                let expected = match fold {
                    Fold::Sum | Fold::Avg | Fold::Min | Fold::Max => {
                        "the name of a field, which sum, avg, min and max need".to_owned()
                    }
                    other => format!("the name of a field, which {} needs", other.name()),
                };
                return Err(Error::expected(&field_path, &expected, "nothing"));
            }
        };
        let name = name.unwrap_or_else(|| Text::from(fold.name()));
        Ok(Self { name, fold, field })
    }
}

/// The error that two columns of the rows would have the name of the aggregate `name`.
pub(in crate::query) fn name_taken(path: &str, name: &Text<'_>, raw: &str) -> Error {
    let name = arguments::shown_key(name);
    let expected = format!(
        "a name that the rows do not have already (payload.{name} for that field of the payload)"
    );
    arguments::unexpected(path, &expected, raw)
}
