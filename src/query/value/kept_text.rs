//! Texts that are kept as keys of a map.

use std::borrow::Borrow;
use std::hash::{Hash, Hasher};

/// The longest text that is kept in the key itself, in bytes.
const SHORT_BYTES_MAX: usize = 22;

/// A text. A short one is where its key is, so that comparing it takes no look elsewhere.
///
/// As a key it is its bytes: `Hash` and `Eq` are those of `[u8]`.
#[derive(Debug)]
pub(in crate::query) enum KeptText {
    Short {
        len: u8,
        bytes: [u8; SHORT_BYTES_MAX],
    },
    Long(Box<str>),
}

impl KeptText {
    pub(in crate::query) fn new(text: &str) -> Self {
        let mut bytes = [0; SHORT_BYTES_MAX];
        match bytes.get_mut(..text.len()) {
            Some(room) => {
                room.copy_from_slice(text.as_bytes());
                Self::Short {
                    len: text.len() as u8,
                    bytes,
                }
            }
            None => Self::Long(text.into()),
        }
    }

    fn as_bytes(&self) -> &[u8] {
        match self {
            Self::Short { len, bytes } => bytes.get(..usize::from(*len)).unwrap_or_default(),
            Self::Long(text) => text.as_bytes(),
        }
    }

    pub(in crate::query) fn as_str(&self) -> &str {
        match self {
            // It was made of a text.
            Self::Short { .. } => std::str::from_utf8(self.as_bytes()).unwrap_or_default(),
            Self::Long(text) => text,
        }
    }

    /// How many bytes a text takes beside its key.
    pub(in crate::query) const fn bytes_beside(text: &str) -> usize {
        if text.len() > SHORT_BYTES_MAX {
            text.len()
        } else {
            0
        }
    }
}

impl Borrow<[u8]> for KeptText {
    fn borrow(&self) -> &[u8] {
        self.as_bytes()
    }
}

impl Hash for KeptText {
    fn hash<H: Hasher>(&self, state: &mut H) {
        self.as_bytes().hash(state);
    }
}

impl PartialEq for KeptText {
    fn eq(&self, other: &Self) -> bool {
        self.as_bytes() == other.as_bytes()
    }
}

impl Eq for KeptText {}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::hashing::TextSet;

    #[test]
    fn a_text_of_any_length_is_a_key() {
        let texts: Vec<String> = (0..60)
            .map(|len| "aé😀".chars().cycle().take(len).collect())
            .collect();
        let mut kept: TextSet<KeptText> = TextSet::default();
        for text in &texts {
            assert_eq!(KeptText::new(text).as_str(), text);
            assert!(!kept.contains(text.as_bytes()));
            assert!(kept.insert(KeptText::new(text)));
        }
        for text in &texts {
            assert!(kept.contains(text.as_bytes()) && !kept.insert(KeptText::new(text)));
        }
        assert_eq!(size_of::<KeptText>(), 24);
    }
}
