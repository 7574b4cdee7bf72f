//! What is known of the events of many blocks together, where that is enough.

use super::examined::Examined;
use super::verdict::Verdict;
use crate::block::Overview;
use crate::block::lookup::Span;
use crate::query::grammar::condition::Condition;
use crate::query::grammar::query::Query;

impl Query {
    /// What many events of the instance have for the result, which stand at the places from the first one to the last, if
    /// what is known of all of them together is enough to say it.
    #[must_use]
    pub fn examine_span(
        &self,
        instance_id: &str,
        places: (u64, u64),
        span: &Span,
        counts_only: bool,
    ) -> Option<Examined> {
        // Without all types, no verdict on them would be right.
        let overview = span.types().map(|_| Overview::Span(span))?;
        let counts_only = counts_only || self.counts_only();
        let mut open = Vec::new();
        let trees = self.in_stream.iter().chain(&self.conditions);
        for tree in trees {
            let judge = |it: &Condition| it.judge(instance_id, Some(places), Some(overview));
            match tree.judge_by(&judge) {
                Verdict::All => {}
                Verdict::None => return Some(Examined::counted(0)),
                Verdict::Open => open.push(tree),
            }
        }
        if open.is_empty() && counts_only {
            return Some(Examined::counted(span.events()));
        }
        let found = self.by_types(&open.into_iter(), Some(overview), counts_only);
        found.map(Examined::by_summary)
    }
}
