//! What a reduction was made of, for those who ask.

use std::fmt::Write as _;

use super::group::Written;
use crate::query::grammar::fold::Fold;
use crate::query::grammar::group_field::GroupField;
use crate::query::grammar::grouping::Grouping;
use crate::query::grammar::query::{Output, Query};
use crate::query::grammar::reduction::Reduction;
use crate::query::matching::examined::{Examined, Matches};

/// In how many blocks values were known in what way.
#[derive(Clone, Copy, Debug, Default)]
struct Sources {
    /// By the block's summary, without a look at its columns.
    summaries: u64,
    columns: u64,
    /// By events, which had to be read.
    events: u64,
}

/// How the values that a result is made of were found.
#[derive(Debug)]
pub(in crate::query) struct Explanation {
    /// Of the events themselves, where only their number matters.
    of_events: Sources,
    /// Of each of the query's needs.
    of_needs: Vec<Sources>,
}

impl Explanation {
    pub(in crate::query) fn new(needs: usize) -> Self {
        Self {
            of_events: Sources::default(),
            of_needs: vec![Sources::default(); needs],
        }
    }

    /// Takes note of where the values come from that were found in a block.
    pub(in crate::query) fn take(&mut self, examined: &Examined) {
        if examined.count() == 0 {
            return;
        }
        let effort = examined.effort;
        match effort {
            _ if effort.skipped => self.of_events.summaries += 1,
            _ if effort.read == 0 => self.of_events.columns += 1,
            _ => self.of_events.events += 1,
        }
        if let Matches::Rows { read, .. } = &examined.found {
            for (sources, is_read) in self.of_needs.iter_mut().zip(read) {
                if *is_read {
                    sources.events += 1;
                } else {
                    sources.columns += 1;
                }
            }
        }
    }

    /// The JSON text of the explanation; `None` for a query without a reduction. `near` says of each aggregate whether it was
    /// computed from a sketch, and `written` what is known of its rows.
    pub(in crate::query) fn json(
        &self,
        query: &Query,
        near: &[bool],
        written: Option<&Written>,
    ) -> Option<String> {
        let (reduction, groups) = match &query.output {
            Output::Aggregation(reduction) => (reduction, &[][..]),
            Output::Rows {
                reduction, groups, ..
            }
            | Output::CollectedRows {
                reduction, groups, ..
            } => (reduction, &groups[..]),
            Output::Events { .. } | Output::Collection { .. } => return None,
        };
        let mut out = String::from("{");
        if let Some(rows) = written {
            out.push_str("\"groups\":[");
            for (at, group) in groups.iter().enumerate() {
                out.push_str(if at > 0 { "," } else { "" });
                write_group(group, &mut out);
            }
            // Writing to a String cannot fail.
            let _ = write!(
                out,
                "],\"rows\":{{\"found\":{},\"filled\":{},\"chosen\":{}}},",
                rows.found, rows.filled, rows.chosen
            );
        }
        out.push_str("\"aggregates\":{");
        self.write_aggregates(query, reduction, near, &mut out);
        out.push_str("}}");
        Some(out)
    }

    fn write_aggregates(
        &self,
        query: &Query,
        reduction: &Reduction,
        near: &[bool],
        out: &mut String,
    ) {
        let first = match &query.output {
            Output::Rows { groups, .. } => groups.len(),
            _ => 0,
        };
        let (_, needs) = reduction.needs();
        let named = reduction.aggregates.iter().zip(needs).enumerate();
        for (at, (named, need)) in named {
            out.push_str(if at > 0 { "," } else { "" });
            named.name.write_json(out);
            // Collected rows are read once more, and need nothing before.
            let of_need = need.and_then(|need| self.of_needs.get(first + need));
            let sources = match &query.output {
                Output::CollectedRows { .. } => Sources {
                    events: self.of_events.columns + self.of_events.events,
                    ..Sources::default()
                },
                _ => of_need.copied().unwrap_or(self.of_events),
            };
            // Writing to a String cannot fail.
            let _ = write!(
                out,
                ":{{\"type\":\"{}\",\"blocks\":{{\"summary\":{},\"columns\":{},\"events\":{}}}",
                named.fold.name(),
                sources.summaries,
                sources.columns,
                sources.events
            );
            if let Fold::Percentile(_) = named.fold {
                let is_near = near.get(at).copied().unwrap_or(false);
                let _ = write!(out, ",\"sketch\":{is_near}");
            }
            out.push('}');
        }
    }
}

fn write_group(group: &GroupField, out: &mut String) {
    out.push_str("{\"field\":");
    group.label().write_json(out);
    // Writing to a String cannot fail.
    let _ = match &group.grouping {
        Grouping::Equal => Ok(()),
        Grouping::Time(buckets) => write!(
            out,
            ",\"every\":\"{}\",\"timeZone\":\"{}\",\"fill\":{}",
            buckets.step, buckets.zone, group.fills
        ),
        Grouping::Bins(bounds) => {
            write!(out, ",\"bins\":{},\"fill\":{}", bounds.len(), group.fills)
        }
    };
    out.push('}');
}
