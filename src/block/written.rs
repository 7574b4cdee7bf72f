//! Texts of a column: as they are written, or as the numbers that they differ by.

use std::sync::{Arc, OnceLock};

use super::numbered::NumberedForm;

/// Texts, one after the other.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Written {
    pub(super) text: String,
    /// Where each value ends in the text. The next one begins there.
    pub(super) ends: Vec<u32>,
}

/// Texts of one form. They are written at the first time that one is asked for.
#[derive(Clone, Debug)]
pub(super) struct Numbered {
    pub(super) form: Arc<NumberedForm>,
    pub(super) numbers: Vec<u64>,
    pub(super) written: OnceLock<Written>,
}

impl Written {
    pub(super) fn push(&mut self, value: &str) {
        self.text.push_str(value);
        // Texts of columns are bounded far below 4 GiB.
        self.ends.push(self.text.len() as u32);
    }

    pub(super) const fn memory_bytes(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}

impl Numbered {
    #[cold]
    pub(super) fn write(&self) -> Written {
        let mut text = String::new();
        let end_of = |number: &u64| {
            self.form.write(*number, &mut text);
            // Texts of columns are bounded far below 4 GiB.
            text.len() as u32
        };
        let ends = self.numbers.iter().map(end_of).collect();
        Written { text, ends }
    }
}
