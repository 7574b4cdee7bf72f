//! Which texts of a path are read.

use super::symbols::{Search, Sought, Symbols};

/// Which texts are wanted.
pub(super) struct WantedTexts<'a> {
    sought: &'a Sought,
    /// What finds them, by the column. Most paths lead to one.
    searches: Vec<(u32, Search)>,
    /// The numbers of those found in a group.
    pub(super) found: Vec<usize>,
}

impl<'a> WantedTexts<'a> {
    pub(super) const fn new(sought: &'a Sought) -> Self {
        Self {
            sought,
            searches: Vec::new(),
            found: Vec::new(),
        }
    }

    /// What finds the texts in a column.
    pub(super) fn search(&mut self, symbols: &Symbols, leaf: u32) -> Option<&Search> {
        let known = self.searches.iter().position(|(of, _)| *of == leaf);
        let at = known.unwrap_or_else(|| {
            self.searches.push((leaf, symbols.search(self.sought)));
            self.searches.len() - 1
        });
        self.searches.get(at).map(|(_, search)| search)
    }
}
