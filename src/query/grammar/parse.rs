//! From a query's JSON text to a [`Query`].

use std::borrow::Cow;

use super::condition_tree::ConditionTree;
use super::group_field::GroupField;
use super::having::{self, Having};
use super::order::{Order, RowOrder};
use super::query::{Output, Query};
use super::reduction::Reduction;
use super::selection::Selection;
use crate::arguments::{self, identifier};
use crate::error::Error;

impl Query {
    /// Parses the JSON text of one query object, and checks all of it.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for text that is no JSON, an unknown key, operator or reduce type, a value of the
    /// wrong shape and parts that contradict each other; `LIMIT_EXCEEDED` for what is over one of
    /// this module's limits. The text names the path, such as `where[1].operator`.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let [
            from,
            conditions,
            select,
            order,
            limit,
            offset,
            reduce,
            explain,
        ] = arguments::members(
            "",
            arguments::checked("query", text)?,
            [
                "from", "where", "select", "orderBy", "limit", "offset", "reduce", "explain",
            ],
        )?;
        let from = arguments::required("from", from, "an object with instance and stream")?;
        let (instance, stream) = source(from)?;
        let whole_number =
            |path, raw: Option<&str>| raw.map(|raw| arguments::whole_number(path, raw));
        let mut remarks = Vec::new();
        let mut query = Self {
            instance,
            in_stream: stream.as_deref().map(ConditionTree::in_stream),
            conditions: conditions
                .map(|raw| ConditionTree::parse_where(raw, &mut remarks))
                .transpose()?
                .unwrap_or_default(),
            limit: whole_number("limit", limit).transpose()?,
            offset: whole_number("offset", offset).transpose()?,
            explains: explain.map_or(Ok(false), |raw| arguments::boolean("explain", raw))?,
            output: Output::Events {
                selection: select.map(Selection::parse).transpose()?.flatten(),
                order: None,
                collected: false,
            },
            remarks,
        };
        match reduce {
            Some(reduce) => query.reduce(reduce, order)?,
            None => query.order(order)?,
        }
        Ok(query)
    }
}

fn source(raw: &str) -> Result<(String, Option<String>), Error> {
    let [instance, stream] = arguments::members("from", raw, ["instance", "stream"])?;
    let expected = "the id or name of an instance";
    let instance = arguments::required("from.instance", instance, expected)?;
    let instance = identifier("from.instance", instance, expected)?;
    let stream = stream.map(|raw| identifier("from.stream", raw, "the id of a stream"));
    Ok((
        instance.into_owned(),
        stream.transpose()?.map(Cow::into_owned),
    ))
}

impl Query {
    /// Puts the events in the order `raw`, if there is one.
    fn order(&mut self, raw: Option<&str>) -> Result<(), Error> {
        if let (Output::Events { order, .. }, Some(raw)) = (&mut self.output, raw) {
            *order = Some(Order::parse(raw)?);
        }
        Ok(())
    }

    /// Puts what is computed from events in the place of them. What cannot act on it is passed over.
    fn reduce(&mut self, raw: &str, order: Option<&str>) -> Result<(), Error> {
        let keys = ["type", "field", "groupBy", "aggregates", "having", "p", "k"];
        let [kind, field, groups, aggregates, having, part, count] =
            arguments::members("reduce", raw, keys)?;
        let reduction = Reduction::parse([kind, field, part, count], aggregates)?;
        let groups = groups.map(|raw| GroupField::parse_all(raw, &reduction));
        let groups = groups.transpose()?.unwrap_or_default();
        let having = match having {
            Some(raw) if groups.is_empty() => {
                let expected = "groupBy beside it, whose rows it chooses from";
                let found = format!("{} alone", arguments::found(raw));
                return Err(Error::expected("reduce.having", expected, &found));
            }
            Some(raw) => having::parse(raw, &groups, &reduction, &mut self.remarks)?,
            None => Vec::new(),
        };
        let collected = reduction.collects();
        if groups.is_empty() && collected.is_some_and(|it| it.field.is_none()) {
            if let Output::Events { collected, .. } = &mut self.output {
                *collected = true;
            }
            return self.order(order);
        }
        if let Output::Events {
            selection: Some(_), ..
        } = &self.output
        {
            self.pass_over("select", "reduce returns no events");
        }
        if !groups.is_empty() {
            self.output = self.rows(reduction, groups, having, order)?;
        } else if let Some(field) = collected.and_then(|it| it.field.clone()) {
            let order = order.map(Order::parse).transpose()?;
            self.output = Output::Collection { field, order };
        } else {
            let because = if reduction.is_single {
                "the aggregation is one value"
            } else {
                "the aggregation is one row"
            };
            self.output = Output::Aggregation(reduction);
            if let Some(raw) = order {
                Order::parse(raw)?;
                self.pass_over("orderBy", because);
            }
            for (name, given) in [("limit", self.limit.take()), ("offset", self.offset.take())] {
                if given.is_some() {
                    self.pass_over(name, because);
                }
            }
        }
        Ok(())
    }

    /// One row for each group. An order is that of the rows, or else, where events are collected, that of the events.
    fn rows(
        &mut self,
        reduction: Reduction,
        groups: Vec<GroupField>,
        having: Having,
        order: Option<&str>,
    ) -> Result<Output, Error> {
        let rows = order.map(|raw| RowOrder::parse(raw, &groups, &reduction));
        let rows = rows.transpose()?.flatten();
        let others = match order {
            Some(raw) if rows.is_none() => Some(Order::parse(raw)?),
            _ => None,
        };
        let collected = reduction.collects();
        if collected.is_some_and(|it| it.field.is_none() || others.is_some()) {
            return Ok(Output::CollectedRows {
                reduction,
                groups,
                having,
                order: rows,
                events: others,
            });
        }
        if others.is_some() {
            let names = reduction.names();
            let because = match &names[..] {
                [name] => format!("the rows have only the fields of reduce.groupBy and {name}"),
                _ => {
                    let names: Vec<&str> = names.iter().map(String::as_str).collect();
                    let names = arguments::listed(&names, "and");
                    format!("the rows have only the fields of reduce.groupBy, {names}")
                }
            };
            self.pass_over("orderBy", &because);
        }
        Ok(Output::Rows {
            reduction,
            groups,
            having,
            order: rows,
        })
    }

    fn pass_over(&mut self, name: &str, because: &str) {
        let text = format!("{name} was passed over: {because}");
        self.remarks.push(text);
    }
}
