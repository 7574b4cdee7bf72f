//! The fields that a call of `eraseEvents` names, and events without them.

use crate::arguments;
use crate::error::Error;
use crate::json;
use crate::query::DataField;
use crate::request::limits::ERASED_FIELDS_MAX;

/// What is expected as fields.
const FIELDS: &str = "an array of fields of the payload or the metadata, at least one";

/// What takes the place of a payload, or of metadata, all of which is erased.
const NOTHING: &str = "{}";

/// Fields of the payload and the metadata, at least one.
#[derive(Debug)]
pub(super) struct Fields(Vec<Named>);

#[derive(Debug)]
struct Named {
    field: DataField,
    name: String,
}

/// An event without the fields that it had.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Cut {
    /// The payload and the metadata that are left; `None` for one that stays as it is.
    pub(super) texts: [Option<String>; 2],
    /// The names of the fields that it had.
    pub(super) fields: Vec<String>,
}

impl Fields {
    /// Reads them.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT`, `LIMIT_EXCEEDED`.
    pub(super) fn parse(raw: &str) -> Result<Self, Error> {
        let given = arguments::list("fields", raw, FIELDS, ERASED_FIELDS_MAX, "fields")?;
        if given.is_empty() {
            return Err(Error::expected("fields", FIELDS, "none"));
        }
        let mut fields: Vec<Named> = Vec::new();
        for (at, raw) in given.into_iter().enumerate() {
            let field = DataField::parse(&format!("fields[{at}]"), raw)?;
            if fields.iter().all(|named| named.field != field) {
                let name = field.name();
                fields.push(Named { field, name });
            }
        }
        Ok(Self(fields))
    }

    /// The names of all of them.
    pub(super) fn names(&self) -> Vec<String> {
        self.0.iter().map(|named| named.name.clone()).collect()
    }

    /// Whether one of them is among these names.
    pub(super) fn has_any_of(&self, names: &[String]) -> bool {
        self.0.iter().any(|named| names.contains(&named.name))
    }

    /// A payload and metadata without them; `None` if neither has one.
    pub(super) fn cut(&self, texts: [&str; 2]) -> Option<Cut> {
        let mut cut = Cut {
            texts: [None, None],
            fields: Vec::new(),
        };
        for Named { field, name } in &self.0 {
            let at = usize::from(!field.is_of_payload());
            let now = cut.texts[at].as_deref().unwrap_or(texts[at]);
            let left = match field.path() {
                [] => (!is_empty(now)).then(|| NOTHING.to_owned()),
                path => json::cut(now, path),
            };
            if left.is_some() {
                cut.texts[at] = left;
                cut.fields.push(name.clone());
            }
        }
        (!cut.fields.is_empty()).then_some(cut)
    }
}

/// Whether there is nothing in an object or an array.
fn is_empty(raw: &str) -> bool {
    json::members(raw).next().is_none() && json::elements(raw).next().is_none()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Code;

    fn fields(names: &[&str]) -> Fields {
        Fields::parse(&serde_json::to_string(names).unwrap()).unwrap()
    }

    fn cut(names: &[&str], texts: [&str; 2]) -> Option<([Option<String>; 2], Vec<String>)> {
        let cut = fields(names).cut(texts)?;
        Some((cut.texts, cut.fields))
    }

    #[test]
    fn fields_of_both_texts_go_and_those_that_were_there_are_told() {
        let texts = [r#"{"a":1,"b":{"c":2}}"#, r#"{"ip":"x"}"#];
        let found = cut(&["b.c", "metadata.ip", "payload.none"], texts).unwrap();
        assert_eq!(
            found.0,
            [Some(r#"{"a":1,"b":{}}"#.to_owned()), Some("{}".to_owned())]
        );
        assert_eq!(found.1, [r#""payload.b.c""#, r#""metadata.ip""#]);
        assert_eq!(cut(&["c", "metadata.a"], texts), None);
        let found = cut(&["/payload/a"], texts).unwrap();
        assert_eq!(found.0, [Some(r#"{"b":{"c":2}}"#.to_owned()), None]);
    }

    #[test]
    fn one_in_another_goes_with_it_in_whatever_order() {
        let texts = [r#"{"b":{"c":2,"d":3}}"#, "{}"];
        for names in [["b.c", "b"], ["b", "b.c"]] {
            let found = cut(&names, texts).unwrap();
            assert_eq!(found.0[0].as_deref(), Some("{}"), "{names:?}");
        }
    }

    #[test]
    fn the_whole_payload_or_the_whole_metadata_become_an_empty_object() {
        let texts = ["[1]", r#"{"a":1}"#];
        let found = cut(&["payload"], texts).unwrap();
        assert_eq!(found.0, [Some("{}".to_owned()), None]);
        let found = cut(&["metadata"], texts).unwrap();
        assert_eq!(found.0, [None, Some("{}".to_owned())]);
        assert_eq!(cut(&["payload", "metadata"], ["{ }", "[]"]), None);
    }

    #[test]
    fn each_field_counts_once_however_it_is_written() {
        let names = fields(&["a", "payload.a", "/payload/a"]).names();
        assert_eq!(names, [r#""payload.a""#]);
        assert!(fields(&["a", "b"]).has_any_of(&names));
        assert!(!fields(&["b"]).has_any_of(&names));
    }

    #[test]
    fn what_names_nothing_that_can_be_erased_is_refused() {
        let many = serde_json::to_string(&vec!["a"; ERASED_FIELDS_MAX + 1]).unwrap();
        for (raw, code, text) in [
            (
                "[]",
                Code::InvalidArgument,
                "fields: expected an array of fields of the payload or the metadata, at least one, found none",
            ),
            (
                "\"a\"",
                Code::InvalidArgument,
                "fields: expected an array of fields",
            ),
            (
                "[\"a\",7]",
                Code::InvalidArgument,
                "fields[1]: expected a field such as",
            ),
            (
                "[\"stream_id\"]",
                Code::InvalidArgument,
                "fields[0]: expected a field of the payload",
            ),
            (
                &many,
                Code::LimitExceeded,
                "fields: expected at most 100 fields, found 101",
            ),
        ] {
            let error = Fields::parse(raw).unwrap_err();
            assert_eq!(error.code(), code, "{raw}");
            assert!(error.text().starts_with(text), "{}", error.text());
        }
    }
}
