//! What kind of value a JSON text is.

use super::scan;

/// The six kinds of JSON value.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// `null`.
    Null,
    /// `true` or `false`.
    Boolean,
    /// A number.
    Number,
    /// A string.
    String,
    /// An array.
    Array,
    /// An object.
    Object,
}

impl Kind {
    /// All of them.
    pub const ALL: [Self; 6] = [
        Self::Null,
        Self::Boolean,
        Self::Number,
        Self::String,
        Self::Array,
        Self::Object,
    ];

    /// The kind of the value that `raw` is, told by its first character.
    #[must_use]
    pub fn of(raw: &str) -> Self {
        let bytes = raw.as_bytes();
        match bytes.get(scan::whitespace_end(bytes, 0)) {
            Some(b'"') => Self::String,
            Some(b'{') => Self::Object,
            Some(b'[') => Self::Array,
            Some(b't' | b'f') => Self::Boolean,
            Some(b'-' | b'0'..=b'9') => Self::Number,
            _ => Self::Null,
        }
    }

    /// The kind as error texts name it, such as `a number`.
    #[must_use]
    pub const fn describe(self) -> &'static str {
        match self {
            Self::Null => "null",
            Self::Boolean => "a boolean",
            Self::Number => "a number",
            Self::String => "a string",
            Self::Array => "an array",
            Self::Object => "an object",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_character_tells_the_kind() {
        for (raw, kind, phrase) in [
            ("null", Kind::Null, "null"),
            ("true", Kind::Boolean, "a boolean"),
            ("false", Kind::Boolean, "a boolean"),
            ("-1", Kind::Number, "a number"),
            ("90", Kind::Number, "a number"),
            (r#""null""#, Kind::String, "a string"),
            ("[1]", Kind::Array, "an array"),
            (" \n\t{}", Kind::Object, "an object"),
        ] {
            assert_eq!(Kind::of(raw), kind, "{raw}");
            assert_eq!(kind.describe(), phrase);
        }
    }
}
