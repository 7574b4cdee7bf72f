//! The text of a call's arguments.

use std::ops::{Deref, Range};
use std::sync::Arc;

/// The text that a call was made with: its own, or a part of one that calls share which came together. One large text takes
/// less time to make, and to give back on another thread, than many small ones.
pub struct CallText(Held);

enum Held {
    Own(String),
    /// The place is one of the text's.
    Shared(Arc<str>, Range<usize>),
}

impl CallText {
    /// What stands in `whole` at that place; `None` if it is no place in it.
    #[must_use]
    pub fn part_of(whole: &Arc<str>, place: Range<usize>) -> Option<Self> {
        whole.get(place.clone())?;
        Some(Self(Held::Shared(Arc::clone(whole), place)))
    }

    /// The text alone.
    #[must_use]
    pub fn into_string(self) -> String {
        match self.0 {
            Held::Own(text) => text,
            Held::Shared(..) => self.to_owned(),
        }
    }
}

impl From<String> for CallText {
    fn from(text: String) -> Self {
        Self(Held::Own(text))
    }
}

impl Deref for CallText {
    type Target = str;

    fn deref(&self) -> &str {
        match &self.0 {
            Held::Own(text) => text,
            Held::Shared(whole, place) => &whole[place.clone()],
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_is_what_stands_there() {
        let whole: Arc<str> = "añb".into();
        let part = |place| CallText::part_of(&whole, place).map(CallText::into_string);
        assert_eq!(part(0..4).as_deref(), Some("añb"));
        assert_eq!(part(1..3).as_deref(), Some("ñ"));
        assert_eq!(part(2..2), None);
        assert_eq!(part(0..2), None);
        assert_eq!(part(4..5), None);
        assert_eq!(&*CallText::from("[1]".to_owned()), "[1]");
    }
}
