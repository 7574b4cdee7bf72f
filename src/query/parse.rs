//! From a query's JSON text to a [`Query`].

use serde_json::value::RawValue;

use super::condition::Condition;
use super::field::Field;
use super::group::GroupField;
use super::order::{Order, RowOrder};
use super::reduction::{Fold, Reduction};
use super::selection::Selection;
use super::shape;
use super::value::Value;
use super::{Output, Query};
use crate::error::{Code, Error};
use crate::event::IDENTIFIER_BYTES_MAX;
use crate::json::{self, Kind};

/// Parses the JSON text of one query.
pub(super) fn query(text: &str) -> Result<Query, Error> {
    let raw: &RawValue = serde_json::from_str(text)
        .map_err(|error| Error::expected("query", "JSON text", &error.to_string()))?;
    let [
        from,
        conditions,
        select,
        order,
        limit,
        offset,
        reduce,
        explain,
    ] = shape::members(
        "",
        raw.get(),
        [
            "from", "where", "select", "orderBy", "limit", "offset", "reduce", "explain",
        ],
    )?;
    let from = shape::required("from", from, "an object with instance and stream")?;
    let (instance, stream) = source(from)?;
    let whole_number = |path, raw: Option<&str>| raw.map(|raw| shape::whole_number(path, raw));
    let limit = whole_number("limit", limit).transpose()?;
    let offset = whole_number("offset", offset).transpose()?;
    let output = match reduce {
        None => Output::Events {
            selection: select.map(Selection::parse).transpose()?,
            order: order.map(Order::parse).transpose()?,
        },
        Some(_) if select.is_some() => {
            return Err(without_effect(
                "select",
                "a query with reduce gives no events",
            ));
        }
        Some(reduce) => reduced(reduce, order, limit.is_some(), offset.is_some())?,
    };
    Ok(Query {
        instance,
        in_stream: stream.as_deref().map(Condition::in_stream),
        conditions: conditions.map_or(Ok(Vec::new()), Condition::parse_all)?,
        output,
        limit,
        offset,
        explains: explain.map_or(Ok(false), explains)?,
    })
}

fn explains(raw: &str) -> Result<bool, Error> {
    match Value::decode(raw) {
        Value::Boolean(explains) => Ok(explains),
        _ => Err(shape::unexpected("explain", "true or false", raw)),
    }
}

fn source(raw: &str) -> Result<(String, Option<String>), Error> {
    let [instance, stream] = shape::members("from", raw, ["instance", "stream"])?;
    let expected = "the id or name of an instance";
    let instance = shape::required("from.instance", instance, expected)?;
    let stream = stream.map(|raw| identifier("from.stream", raw, "the id of a stream"));
    Ok((
        identifier("from.instance", instance, expected)?,
        stream.transpose()?,
    ))
}

pub(crate) fn identifier(path: &str, raw: &str, expected: &str) -> Result<String, Error> {
    if Kind::of(raw) != Kind::String {
        return Err(shape::unexpected(path, expected, raw));
    }
    let text = json::decode_string(raw)
        .map_err(|error| Error::expected(path, expected, &error.to_string()))?;
    if text.is_empty() {
        return Err(Error::expected(path, expected, "an empty string"));
    }
    if text.len() > IDENTIFIER_BYTES_MAX {
        return Err(shape::over_limit(
            path,
            IDENTIFIER_BYTES_MAX,
            "bytes",
            text.len(),
        ));
    }
    Ok(text.into_owned())
}

fn reduced(
    raw: &str,
    order: Option<&str>,
    has_limit: bool,
    has_offset: bool,
) -> Result<Output, Error> {
    let [kind, field, groups] = shape::members("reduce", raw, ["type", "field", "groupBy"])?;
    let reduction = Reduction::parse(kind, field)?;
    if let Some(groups) = groups {
        let groups = GroupField::parse_all(groups, reduction.name())?;
        let order = order.map(|raw| RowOrder::parse(raw, &groups, &reduction));
        return Ok(Output::Rows {
            order: order.transpose()?,
            groups,
            reduction,
        });
    }
    match reduction {
        Reduction {
            fold: Fold::Collect,
            field: Some(field),
        } => collection(field, order),
        reduction => {
            let given = [order.is_some(), has_limit, has_offset];
            let names = ["orderBy", "limit", "offset"];
            match names.iter().zip(given).find(|(_, given)| *given) {
                Some((name, _)) => Err(without_effect(name, "the aggregation is one value")),
                None => Ok(Output::Aggregation(reduction)),
            }
        }
    }
}

fn collection(field: Field, order: Option<&str>) -> Result<Output, Error> {
    let order = order.map(Order::parse).transpose()?;
    Ok(Output::Collection { field, order })
}

/// The error for a part that the rest of the query leaves without meaning.
fn without_effect(path: &str, because: &str) -> Error {
    let advice = match path {
        "select" => "leave select out, or leave reduce out",
        _ => "leave it out, or give reduce.groupBy to get rows",
    };
    let text = format!("{path}: expected nothing, since {because}; {advice}");
    Error::new(Code::InvalidArgument, text)
}
