//! The part of a sequence of JSON texts that `orderBy`, `offset` and `limit` ask for.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::budget::Budget;
use super::order::Order;
use super::sort_key::SortKey;
use crate::error::Error;
use crate::event::Event;

/// Gathers the page's texts. Of a sorted page, only the best `offset + limit` are held at a time.
#[derive(Debug)]
pub(super) struct Page<'q> {
    offset: u64,
    limit: u64,
    pushed: u64,
    budget: Budget,
    held: Held<'q>,
}

#[derive(Debug)]
enum Held<'q> {
    /// The texts with commas between them.
    Text(String),
    /// The greatest is the one to leave first.
    Sorted(&'q Order, BinaryHeap<Entry>),
}

/// A text, and where it stands.
#[derive(Debug)]
struct Entry {
    rank: Rank<'static>,
    text: Box<str>,
}

/// Where a text stands: by its key, and among equals by when it was pushed.
#[derive(Debug, PartialEq, Eq)]
struct Rank<'a> {
    key: SortKey<'a>,
    ordinal: u64,
    descending: bool,
}

impl<'q> Page<'q> {
    pub(super) fn new(
        order: Option<&'q Order>,
        offset: Option<u64>,
        limit: Option<u64>,
        budget: Budget,
    ) -> Self {
        Self {
            offset: offset.unwrap_or(0),
            limit: limit.unwrap_or(u64::MAX),
            pushed: 0,
            budget,
            held: order.map_or_else(
                || Held::Text(String::new()),
                |order| Held::Sorted(order, BinaryHeap::new()),
            ),
        }
    }

    /// Takes what `write` appends as the text that comes from `event`. It is called only where
    /// the text may be in the page.
    pub(super) fn push(
        &mut self,
        event: &Event<'_>,
        write: impl FnOnce(&mut String),
    ) -> Result<(), Error> {
        let ordinal = self.pushed;
        self.pushed += 1;
        let end = self.offset.saturating_add(self.limit);
        if self.limit == 0 {
            return Ok(());
        }
        match &mut self.held {
            Held::Text(_) if ordinal < self.offset || ordinal >= end => Ok(()),
            Held::Text(text) => {
                let before = text.len();
                if before > 0 {
                    text.push(',');
                }
                write(text);
                self.budget.take(text.len() - before)
            }
            Held::Sorted(order, heap) => {
                let rank = Rank {
                    key: order.field.find(event).sort_key(),
                    ordinal,
                    descending: order.descending,
                };
                if heap.len() as u64 >= end {
                    if heap.peek().is_some_and(|worst| worst.rank < rank) {
                        return Ok(());
                    }
                    if let Some(worst) = heap.pop() {
                        self.budget.give(worst.bytes_len());
                    }
                }
                let mut text = String::new();
                write(&mut text);
                let entry = Entry {
                    rank: rank.into_owned(),
                    text: text.into_boxed_str(),
                };
                self.budget.take(entry.bytes_len())?;
                heap.push(entry);
                Ok(())
            }
        }
    }

    /// Appends the page to `out` as a JSON array.
    pub(super) fn write_json(self, out: &mut String) {
        out.push('[');
        match self.held {
            Held::Text(text) => out.push_str(&text),
            Held::Sorted(_, heap) => {
                let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
                let entries = heap.into_sorted_vec();
                for (at, entry) in entries.into_iter().skip(offset).enumerate() {
                    if at > 0 {
                        out.push(',');
                    }
                    out.push_str(&entry.text);
                }
            }
        }
        out.push(']');
    }
}

impl Entry {
    fn bytes_len(&self) -> usize {
        size_of::<Self>() + self.rank.key.bytes_len() + self.text.len()
    }
}

impl Ord for Entry {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl PartialOrd for Entry {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Entry {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl Eq for Entry {}

impl Rank<'_> {
    fn into_owned(self) -> Rank<'static> {
        Rank {
            key: self.key.into_owned(),
            ordinal: self.ordinal,
            descending: self.descending,
        }
    }
}

impl Ord for Rank<'_> {
    /// Descending is the exact reverse of ascending: ties too go from the newest to the oldest.
    fn cmp(&self, other: &Self) -> Ordering {
        let ascending = self
            .key
            .cmp(&other.key)
            .then(self.ordinal.cmp(&other.ordinal));
        if self.descending {
            ascending.reverse()
        } else {
            ascending
        }
    }
}

impl PartialOrd for Rank<'_> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use uuid::Uuid;

    /// The page of the events whose `v` are `values`, and how many of them were written.
    fn page(order: Option<&Order>, offset: u64, limit: u64, values: &[u32]) -> (String, usize) {
        let mut page = Page::new(order, Some(offset), Some(limit), Budget::new(100_000));
        let mut written = 0;
        for value in values {
            let payload = format!("{{\"v\":{value}}}");
            let event = Event {
                id: Uuid::nil(),
                instance_id: "log",
                stream_id: "s",
                event_type: "t",
                payload: &payload,
                metadata: "{}",
                timestamp_ms: 0,
                sequence_number: 1,
            };
            let write = |out: &mut String| {
                written += 1;
                out.push_str(&value.to_string());
            };
            page.push(&event, write).unwrap();
        }
        let mut out = String::new();
        page.write_json(&mut out);
        (out, written)
    }

    #[test]
    fn what_cannot_be_in_the_page_is_not_written() {
        let values = [1, 2, 3, 4, 5, 6];
        let order = |direction: &str| {
            Order::parse(&format!(r#"{{"field":"v","direction":"{direction}"}}"#)).unwrap()
        };
        assert_eq!(page(None, 1, 2, &values), ("[2,3]".to_owned(), 2));
        assert_eq!(page(None, 9, 2, &values), ("[]".to_owned(), 0));
        assert_eq!(
            page(Some(&order("asc")), 1, 2, &values),
            ("[2,3]".to_owned(), 3)
        );
        assert_eq!(
            page(Some(&order("desc")), 1, 2, &values),
            ("[5,4]".to_owned(), 6)
        );
        assert_eq!(
            page(Some(&order("desc")), 5, 0, &values),
            ("[]".to_owned(), 0)
        );
    }
}
