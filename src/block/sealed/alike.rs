//! What is the same in many blocks, once in memory for all of them.
//!
//! Events of one kind have the same literals in each block, and most of their columns are written in the same way. Who reads
//! scattered events reads each of another block: what these share stays in the caches of the processor.

use std::hash::BuildHasher;
use std::sync::{Arc, Weak};

use parking_lot::Mutex;
use rustc_hash::FxHashMap;

use super::form::Form;
use super::template::Templates;
use crate::hashing::TextHash;

/// How many parts are known at most, of each kind. What is forgotten stays with the blocks that have it.
const PARTS_MAX: usize = 4_096;

/// Parts of blocks that other blocks may have as well. It keeps none in memory.
#[derive(Debug, Default)]
pub struct Alike {
    forms: Mutex<KnownParts<Form>>,
    templates: Mutex<KnownParts<Templates>>,
    hash: TextHash,
}

impl Alike {
    /// How the values of a column are written, whose head has these bytes: as another block has it in memory, or else `form`.
    pub(super) fn form(&self, head: &[u8], form: Form) -> Arc<Form> {
        let hash = self.hash.hash_one(head);
        self.forms.lock().shared(hash, Arc::new(form))
    }

    /// The same templates, as another block has them in memory if one has.
    pub(super) fn templates(&self, templates: Arc<Templates>) -> Arc<Templates> {
        let hash = self.hash.hash_one(templates.literals());
        self.templates.lock().shared(hash, templates)
    }

    /// How many templates, and ways to write a column, blocks in memory have, as far as they are known.
    #[cfg(test)]
    pub(crate) fn in_use(&self) -> (usize, usize) {
        (self.templates.lock().in_use(), self.forms.lock().in_use())
    }
}

/// Parts of one kind, by a hash.
#[derive(Debug)]
struct KnownParts<T>(FxHashMap<u64, Weak<T>>);

impl<T> Default for KnownParts<T> {
    fn default() -> Self {
        Self(FxHashMap::default())
    }
}

impl<T: PartialEq> KnownParts<T> {
    /// One that is equal, if one is known, and else `part`, which is known then.
    fn shared(&mut self, hash: u64, part: Arc<T>) -> Arc<T> {
        if let Some(known) = self.0.get(&hash).and_then(Weak::upgrade)
            && known == part
        {
            return known;
        }
        if self.0.len() >= PARTS_MAX {
            self.0.retain(|_, known| known.strong_count() > 0);
            if self.0.len() > PARTS_MAX / 2 {
                self.0.clear();
            }
        }
        self.0.insert(hash, Arc::downgrade(&part));
        part
    }

    #[cfg(test)]
    fn in_use(&self) -> usize {
        let known = self.0.values();
        known.filter(|known| known.strong_count() > 0).count()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(text: &str) -> (Vec<u8>, Form) {
        let form = Form::Constant(text.as_bytes().into());
        let mut head = Vec::new();
        form.write(&mut head);
        (head, form)
    }

    #[test]
    fn equal_parts_are_one_as_long_as_somebody_has_it() {
        let alike = Alike::default();
        let of = |text| {
            let (head, form) = form(text);
            alike.form(&head, form)
        };
        let first = of("a");
        assert!(Arc::ptr_eq(&first, &of("a")));
        assert!(!Arc::ptr_eq(&first, &of("b")));
        assert_eq!(Arc::strong_count(&first), 1);
        let weak = Arc::downgrade(&first);
        drop(first);
        assert!(weak.upgrade().is_none());
        assert_eq!(*of("a"), form("a").1);
    }

    #[test]
    fn a_part_with_the_hash_of_another_is_itself() {
        let mut known = KnownParts::default();
        let first = known.shared(7, Arc::new("a"));
        let second = known.shared(7, Arc::new("b"));
        assert_eq!((*first, *second), ("a", "b"));
        assert!(Arc::ptr_eq(&second, &known.shared(7, Arc::new("b"))));
    }

    #[test]
    fn no_more_are_known_than_there_is_room_for() {
        let mut known = KnownParts::default();
        let kept: Vec<_> = (0..PARTS_MAX as u64 / 4)
            .map(|number| known.shared(number, Arc::new(number)))
            .collect();
        // What nobody has is forgotten first.
        for number in 0..4 * PARTS_MAX as u64 {
            let part = Arc::new(number);
            let shared = known.shared(number, Arc::clone(&part));
            match kept.get(number as usize) {
                Some(kept) => assert!(Arc::ptr_eq(kept, &shared)),
                None => assert!(Arc::ptr_eq(&part, &shared)),
            }
            assert!(known.0.len() <= PARTS_MAX);
        }
        for (number, kept) in (0..).zip(&kept) {
            assert!(Arc::ptr_eq(kept, &known.shared(number, Arc::new(number))));
        }
        // Where all are in use, they are found anew.
        let all: Vec<_> = (0..2 * PARTS_MAX as u64)
            .map(|number| known.shared(number, Arc::new(number)))
            .collect();
        assert!(known.0.len() <= PARTS_MAX);
        assert!((0..).zip(&all).all(|(number, part)| **part == number));
    }
}
