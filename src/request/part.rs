//! Parts of a call's text, kept as places in it: what is read before the writer's turn is used
//! within it.

use std::borrow::Cow;
use std::fmt::Display;
use std::ops::Range;

use crate::arguments;
use crate::error::Error;

/// JSON text that is a part of a call's text, or stands for one that was not given.
#[derive(Clone, Debug)]
pub(super) enum Part {
    Given(Range<usize>),
    Default(&'static str),
}

/// An identifier: its JSON text, and what that says where it has escapes.
#[derive(Clone, Debug)]
pub(super) struct Identifier {
    json: Part,
    unescaped: Option<String>,
}

impl Part {
    /// The place of `raw`, which borrows from `call`.
    pub(super) fn of(raw: &str, call: &str) -> Self {
        let start = raw.as_ptr().addr() - call.as_ptr().addr();
        Self::Given(start..start + raw.len())
    }

    /// The part's JSON text.
    pub(super) fn json<'a>(&self, call: &'a str) -> &'a str {
        match self {
            Self::Given(place) => &call[place.clone()],
            Self::Default(text) => text,
        }
    }
}

impl Identifier {
    /// The identifier whose JSON text is `json`, a string without escapes.
    pub(super) const fn fixed(json: &'static str) -> Self {
        Self {
            json: Part::Default(json),
            unescaped: None,
        }
    }

    /// Reads `raw`, which stands at `path` in the call and borrows from its text `call`.
    pub(super) fn parse(path: impl Display, raw: &str, call: &str) -> Result<Self, Error> {
        Ok(Self {
            unescaped: match arguments::identifier(path, raw, "a string")? {
                Cow::Borrowed(_) => None,
                Cow::Owned(text) => Some(text),
            },
            json: Part::of(raw, call),
        })
    }

    /// The identifier's JSON text, quotes included.
    pub(super) fn json<'a>(&self, call: &'a str) -> &'a str {
        self.json.json(call)
    }

    /// The identifier itself.
    pub(super) fn value<'a>(&'a self, call: &'a str) -> &'a str {
        match &self.unescaped {
            Some(text) => text,
            None => {
                let json = self.json(call);
                &json[1..json.len() - 1]
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_are_found_again_in_the_text_of_the_call() {
        let call = r#"[ {"a": "x\ty"}, "plain", [1, 2] ]"#;
        let raws: Vec<&str> = crate::json::elements(call).collect();
        let object = Part::of(raws[0], call);
        assert_eq!(object.json(call), r#"{"a": "x\ty"}"#);
        assert_eq!(Part::of(raws[2], call).json(call), "[1, 2]");
        let plain = Identifier::parse("streamId", raws[1], call).unwrap();
        assert_eq!(
            (plain.json(call), plain.value(call)),
            ("\"plain\"", "plain")
        );
    }

    #[test]
    fn an_identifier_is_what_its_text_says() {
        let call = r#"["a\u0041\n"]"#;
        let raws: Vec<&str> = crate::json::elements(call).collect();
        let escaped = Identifier::parse("streamId", raws[0], call).unwrap();
        assert_eq!(escaped.value(call), "aA\n");
        assert_eq!(escaped.json(call), r#""a\u0041\n""#);
        let fixed = Identifier::fixed("\"default\"");
        assert_eq!(
            (fixed.json(""), fixed.value("")),
            ("\"default\"", "default")
        );
    }
}
