//! The part of a sequence that `orderBy`, `offset` and `limit` ask for.

use std::cmp::Ordering;
use std::collections::BinaryHeap;

use super::budget::{Budget, allocated};
use crate::error::Error;
use crate::query::value::sort_key::SortKey;

/// Gathers the items of a page. Of a sorted one, only the best `offset + limit` are held at a time.
#[derive(Debug)]
pub(in crate::query) struct Page<T> {
    offset: u64,
    limit: u64,
    pushed: u64,
    budget: Budget,
    held: HeldItems<T>,
}

/// What a page is made of.
pub(in crate::query) trait PageItem {
    /// How many bytes it holds beside its own.
    fn bytes_len(&self) -> usize;
}

/// The place of an event.
impl PageItem for u64 {
    fn bytes_len(&self) -> usize {
        0
    }
}

#[derive(Debug)]
enum HeldItems<T> {
    InOrder(Vec<T>),
    /// The greatest is the one to leave first.
    Sorted {
        descending: bool,
        heap: BinaryHeap<PageEntry<T>>,
    },
}

/// An item, and where it stands.
#[derive(Debug)]
struct PageEntry<T> {
    rank: Rank<'static>,
    item: T,
}

/// Where an item stands: by its key, and among equals by its place in the log.
#[derive(Debug, PartialEq, Eq)]
struct Rank<'a> {
    key: SortKey<'a>,
    place: u64,
    descending: bool,
}

impl<T: PageItem> Page<T> {
    /// `descending` says how it is sorted, if it is.
    pub(in crate::query) fn new(
        descending: Option<bool>,
        offset: Option<u64>,
        limit: Option<u64>,
        budget: Budget,
    ) -> Self {
        Self {
            offset: offset.unwrap_or(0),
            limit: limit.unwrap_or(u64::MAX),
            pushed: 0,
            budget,
            held: match descending {
                None => HeldItems::InOrder(Vec::new()),
                Some(descending) => HeldItems::Sorted {
                    descending,
                    heap: BinaryHeap::new(),
                },
            },
        }
    }

    /// A page that is complete.
    pub(in crate::query) const fn of(items: Vec<T>) -> Self {
        Self {
            offset: 0,
            limit: 0,
            pushed: 0,
            budget: Budget::new(0),
            held: HeldItems::InOrder(items),
        }
    }

    /// How many items that come next cannot be in the page.
    pub(in crate::query) fn passing_over(&self) -> u64 {
        match self.held {
            _ if self.limit == 0 => u64::MAX,
            HeldItems::InOrder(_) if self.pushed < self.offset => self.offset - self.pushed,
            HeldItems::InOrder(_) if self.pushed >= self.offset.saturating_add(self.limit) => {
                u64::MAX
            }
            HeldItems::Sorted { .. } | HeldItems::InOrder(_) => 0,
        }
    }

    /// Passes over items, which must be no more than [`Page::passing_over`].
    pub(in crate::query) const fn pass_over(&mut self, items: u64) {
        self.pushed += items;
    }

    /// Takes the item that `make` makes for the event at `place`, whose key is `key`. It is made only
    /// if it may be in the page. Items of a sorted page may come in any order.
    pub(in crate::query) fn push(
        &mut self,
        key: SortKey<'_>,
        place: u64,
        make: impl FnOnce() -> T,
    ) -> Result<(), Error> {
        if self.passing_over() > 0 {
            self.pass_over(1);
            return Ok(());
        }
        self.pushed += 1;
        let end = self.offset.saturating_add(self.limit);
        match &mut self.held {
            HeldItems::InOrder(items) => {
                let item = make();
                self.budget.room_in(items)?;
                self.budget.take(item.bytes_len())?;
                items.push(item);
            }
            HeldItems::Sorted { descending, heap } => {
                let rank = Rank {
                    key,
                    place,
                    descending: *descending,
                };
                if heap.len() as u64 >= end {
                    if heap.peek().is_some_and(|worst| worst.rank < rank) {
                        return Ok(());
                    }
                    if let Some(worst) = heap.pop() {
                        self.budget.give(worst.bytes_len());
                    }
                }
                let item = make();
                let rank = rank.into_owned();
                let entry = PageEntry { rank, item };
                let (len, capacity) = (heap.len(), heap.capacity());
                let size = size_of::<PageEntry<T>>();
                let more = self.budget.room(capacity - len, capacity, 1, size)?;
                heap.reserve_exact(more);
                self.budget.take(entry.bytes_len())?;
                heap.push(entry);
            }
        }
        Ok(())
    }

    /// Takes out the items that there are, if these are so many at least and in the order in which they came: then they
    /// are the next ones of the page, whatever comes.
    pub(in crate::query) fn take_items(&mut self, least: usize) -> Option<Vec<T>> {
        match &mut self.held {
            // The room that they had is for those that come.
            HeldItems::InOrder(items) if items.len() >= least => Some(items.split_off(0)),
            HeldItems::InOrder(_) | HeldItems::Sorted { .. } => None,
        }
    }

    /// The key that an item must beat to be in the page, if it is sorted and full.
    pub(in crate::query) fn worst(&self) -> Option<&SortKey<'static>> {
        let HeldItems::Sorted { heap, .. } = &self.held else {
            return None;
        };
        let is_full = heap.len() as u64 >= self.offset.saturating_add(self.limit);
        heap.peek().filter(|_| is_full).map(|entry| &entry.rank.key)
    }

    /// The items of the page, in its order.
    pub(in crate::query) fn into_items(self) -> Vec<T> {
        match self.held {
            HeldItems::InOrder(items) => items,
            HeldItems::Sorted { heap, .. } => {
                let offset = usize::try_from(self.offset).unwrap_or(usize::MAX);
                let entries = heap.into_sorted_vec();
                let page = entries.into_iter().skip(offset);
                page.map(|entry| entry.item).collect()
            }
        }
    }
}

impl<T: PageItem> PageEntry<T> {
    /// How many bytes it holds beside its own.
    fn bytes_len(&self) -> usize {
        allocated(self.rank.key.bytes_len()) + self.item.bytes_len()
    }
}

impl<T> Ord for PageEntry<T> {
    fn cmp(&self, other: &Self) -> Ordering {
        self.rank.cmp(&other.rank)
    }
}

impl<T> PartialOrd for PageEntry<T> {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl<T> PartialEq for PageEntry<T> {
    fn eq(&self, other: &Self) -> bool {
        self.rank == other.rank
    }
}

impl<T> Eq for PageEntry<T> {}

impl Rank<'_> {
    fn into_owned(self) -> Rank<'static> {
        Rank {
            key: self.key.into_owned(),
            place: self.place,
            descending: self.descending,
        }
    }
}

impl Ord for Rank<'_> {
    /// Descending is the exact reverse of ascending: ties too go from the newest to the oldest.
    fn cmp(&self, other: &Self) -> Ordering {
        let ascending = self.key.cmp(&other.key).then(self.place.cmp(&other.place));
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

    /// The page of `values`, and how many of them were made.
    fn page(
        descending: Option<bool>,
        offset: u64,
        limit: u64,
        values: &[u32],
    ) -> (Vec<u64>, usize) {
        let mut page = Page::new(descending, Some(offset), Some(limit), Budget::new(100_000));
        let mut made = 0;
        for value in values {
            let make = || {
                made += 1;
                u64::from(*value)
            };
            page.push(SortKey::Number(f64::from(*value)), u64::from(*value), make)
                .unwrap();
        }
        (page.into_items(), made)
    }

    #[test]
    fn what_cannot_be_in_the_page_is_not_made() {
        let values = [1, 2, 3, 4, 5, 6];
        assert_eq!(page(None, 1, 2, &values), (vec![2, 3], 2));
        assert_eq!(page(None, 9, 2, &values), (vec![], 0));
        assert_eq!(page(Some(false), 1, 2, &values), (vec![2, 3], 3));
        assert_eq!(page(Some(true), 1, 2, &values), (vec![5, 4], 6));
        assert_eq!(page(Some(true), 5, 0, &values), (vec![], 0));
    }

    #[test]
    fn items_in_order_are_taken_out_before_the_page_is_full() {
        let page = |descending| Page::<u64>::new(descending, Some(1), Some(4), Budget::new(1_000));
        let push = |page: &mut Page<u64>, items: std::ops::Range<u64>| {
            for item in items {
                let pushed = page.push(SortKey::Null, item, || item);
                pushed.unwrap();
            }
        };
        let mut in_order = page(None);
        push(&mut in_order, 0..3);
        assert_eq!(in_order.take_items(3), None);
        assert_eq!(in_order.take_items(2), Some(vec![1, 2]));
        push(&mut in_order, 3..9);
        assert_eq!(in_order.passing_over(), u64::MAX);
        assert_eq!(in_order.into_items(), [3, 4]);
        let mut sorted = page(Some(true));
        push(&mut sorted, 0..3);
        assert_eq!(sorted.take_items(0), None);
        assert_eq!(sorted.into_items(), [1, 0]);
    }

    #[test]
    fn what_is_passed_over_counts() {
        let mut page = Page::<u64>::new(None, Some(10), Some(1), Budget::new(1_000));
        assert_eq!(page.passing_over(), 10);
        page.pass_over(9);
        for item in 9..20 {
            page.push(SortKey::Null, item, || item).unwrap();
        }
        assert_eq!(page.passing_over(), u64::MAX);
        assert_eq!(page.into_items(), [10]);
    }
}
