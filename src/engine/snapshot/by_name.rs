//! What the tables and the journal have under names, in the order of the bytes of the names.
//!
//! Each generation of the journal has its names in order. Of those that are asked for, the first ones are looked out
//! together, and others only when these have been taken: a page costs by what is on it, however many names follow.

use std::cmp::Ordering;
use std::collections::{BTreeMap, btree_map};
use std::sync::Arc;

use crate::engine::Fault;

/// A name and what is under it.
pub(super) type Named<V> = (Arc<str>, V);

/// The first names of those that are offered, up to a number.
pub(super) struct First<V> {
    kept: BTreeMap<Arc<str>, V>,
    count: usize,
    /// Whether others were offered.
    has_more: bool,
}

impl<V> First<V> {
    /// Offers what is under names that come in their order. Of one name, what was offered first holds.
    pub(super) fn offer_all<'a>(
        &mut self,
        named: impl Iterator<Item = (&'a Arc<str>, impl FnOnce() -> V)>,
    ) {
        for (name, value) in named {
            #[cfg(test)]
            crate::engine::effort::step();
            if self.kept.contains_key(name) {
                continue;
            }
            if self.kept.len() >= self.count {
                self.has_more = true;
                if self
                    .kept
                    .last_key_value()
                    .is_none_or(|(last, _)| name > last)
                {
                    // So are those that follow.
                    return;
                }
                self.kept.pop_last();
            }
            self.kept.insert(Arc::clone(name), value());
        }
    }
}

/// Names of the tables and of the journal together; where both have one, what the journal says holds.
pub(super) struct Merged<V, T, J> {
    /// Gives the next one of the tables.
    next_in_tables: T,
    in_tables: Option<Named<V>>,
    /// Offers what the journal has after a name.
    offer_newer: J,
    newer: btree_map::IntoIter<Arc<str>, V>,
    next_newer: Option<Named<V>>,
    /// The last name that was looked out, if there are others after it.
    rest_after: Option<Arc<str>>,
    count: usize,
}

impl<V, T, J> Merged<V, T, J>
where
    T: FnMut() -> Result<Option<Named<V>>, Fault>,
    J: FnMut(Option<&str>, &mut First<V>),
{
    /// Of the journal, `count` names are looked out at a time.
    pub(super) fn new(mut next_in_tables: T, offer_newer: J, count: usize) -> Result<Self, Fault> {
        let in_tables = next_in_tables()?;
        let mut merged = Self {
            next_in_tables,
            in_tables,
            offer_newer,
            newer: BTreeMap::new().into_iter(),
            next_newer: None,
            rest_after: None,
            count: count.max(1),
        };
        merged.look_out(None);
        Ok(merged)
    }

    fn look_out(&mut self, after: Option<&str>) {
        let mut first = First {
            kept: BTreeMap::new(),
            count: self.count,
            has_more: false,
        };
        (self.offer_newer)(after, &mut first);
        let last = first.kept.last_key_value();
        let rest_after = last.map(|(last, _)| Arc::clone(last));
        self.rest_after = rest_after.filter(|_| first.has_more);
        self.newer = first.kept.into_iter();
        self.next_newer = self.newer.next();
    }

    fn take_newer(&mut self) -> Option<Named<V>> {
        let taken = std::mem::replace(&mut self.next_newer, self.newer.next());
        if self.next_newer.is_none()
            && let Some(after) = self.rest_after.take()
        {
            self.look_out(Some(&after));
        }
        taken
    }

    /// The next name.
    pub(super) fn next(&mut self) -> Result<Option<Named<V>>, Fault> {
        let order = match (&self.in_tables, &self.next_newer) {
            (None, None) => return Ok(None),
            (Some((stored, _)), Some((newer, _))) => stored.cmp(newer),
            (Some(_), None) => Ordering::Less,
            (None, Some(_)) => Ordering::Greater,
        };
        let older = if order == Ordering::Greater {
            None
        } else {
            std::mem::replace(&mut self.in_tables, (self.next_in_tables)()?)
        };
        if order == Ordering::Less {
            return Ok(older);
        }
        Ok(self.take_newer())
    }
}

/// Where the names begin that have that prefix and come after another one.
pub(super) fn start<'a>(prefix: &'a str, after: Option<&'a str>) -> std::ops::Bound<&'a str> {
    match after {
        Some(after) if after >= prefix => std::ops::Bound::Excluded(after),
        _ => std::ops::Bound::Included(prefix),
    }
}
