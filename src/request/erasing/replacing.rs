//! What is stored in the place of an event that is erased, or of which fields are.

use std::sync::Arc;

use super::fields::Fields;
use crate::encryption::envelope::is_encrypted;
use crate::engine::{Instead, Record};
use crate::erased::{Erased, Kept, Left, PAYLOAD, is_erased};
use crate::error::{Code, Error};

/// What of an event is to be erased.
pub(super) enum Found {
    /// Nothing: it was erased before.
    Erased,
    /// Nothing: it has none of the fields.
    Absent,
    /// Something. It says of the payload and of the metadata whether that stays as it is.
    Stays([bool; 2]),
}

/// Erases events, or fields of them.
pub(super) struct Replacing(Arc<Erasure>);

struct Erasure {
    at_ms: i64,
    reason: String,
    fields: Option<Fields>,
}

impl Replacing {
    /// For that reason and at that time; those fields, or all.
    pub(super) fn new(at_ms: i64, reason: String, fields: Option<Fields>) -> Self {
        Self(Arc::new(Erasure {
            at_ms,
            reason,
            fields,
        }))
    }

    /// What of the event at a position is to be erased.
    ///
    /// # Errors
    ///
    /// `INVALID_ARGUMENT` for fields of an event that is encrypted.
    pub(super) fn look(&self, position: u64, record: &Record<'_>) -> Result<Found, Error> {
        let before = before(record);
        if is_erased(record.payload) && before.is_none() {
            return Ok(Found::Erased);
        }
        let Some(fields) = &self.0.fields else {
            return Ok(Found::Stays([false; 2]));
        };
        if is_encrypted(record.payload) {
            let text = format!(
                "fields: expected none, as the event at position {position} is encrypted: erase all of it, or forget \
                 its subject"
            );
            return Err(Error::new(Code::InvalidArgument, text));
        }
        Ok(match fields.cut(texts_of(record, before.as_ref())) {
            Some(cut) => Found::Stays(cut.texts.map(|text| text.is_none())),
            None => match before {
                Some(before) if fields.has_any_of(&before.fields) => Found::Erased,
                _ => Found::Absent,
            },
        })
    }

    /// What is stored in the place of an event that has something which is to be erased, with what is kept for its leaf.
    pub(super) fn instead(&self, kept: Option<[Kept; 2]>) -> Instead {
        let erasure = Arc::clone(&self.0);
        Box::new(move |record| {
            let erased = Erased {
                at_ms: erasure.at_ms,
                reason: erasure.reason.clone(),
                kept,
                left: erasure.left(record),
            };
            [PAYLOAD.to_owned(), erased.metadata()]
        })
    }
}

impl Erasure {
    /// What is left of an event; `None` if all of it is erased.
    fn left(&self, record: &Record<'_>) -> Option<Left> {
        let fields = self.fields.as_ref()?;
        let before = before(record);
        let texts = texts_of(record, before.as_ref());
        let [mut payload, mut metadata] = texts.map(str::to_owned);
        let mut names = Vec::new();
        if let Some(cut) = fields.cut(texts) {
            let [of_payload, of_metadata] = cut.texts;
            payload = of_payload.unwrap_or(payload);
            metadata = of_metadata.unwrap_or(metadata);
            names = cut.fields;
        }
        let mut all = before.map(|before| before.fields).unwrap_or_default();
        names.retain(|name| !all.contains(name));
        all.append(&mut names);
        Some(Left {
            fields: all,
            texts: [payload, metadata],
        })
    }
}

/// What was left of an event of which fields were erased before.
fn before(record: &Record<'_>) -> Option<Left> {
    if !is_erased(record.payload) {
        return None;
    }
    Erased::parse(record.metadata)?.left
}

/// The payload and the metadata that an event has.
fn texts_of<'a>(record: &Record<'a>, before: Option<&'a Left>) -> [&'a str; 2] {
    match before {
        Some(left) => left.texts.each_ref().map(String::as_str),
        None => [record.payload, record.metadata],
    }
}

#[cfg(test)]
mod tests {
    use uuid::Uuid;

    use super::*;

    const HASHES: [Kept; 2] = [Kept::Commitment([1; 32]), Kept::Salt([2; 32])];

    fn record<'a>(payload: &'a str, metadata: &'a str) -> Record<'a> {
        Record {
            id: Uuid::nil(),
            timestamp_ms: 1,
            sequence: 1,
            back: 0,
            stream_id: "s",
            event_type: "t",
            call: None,
            payload,
            metadata,
        }
    }

    fn replacing(at_ms: i64, fields: Option<&str>) -> Replacing {
        let fields = fields.map(|fields| Fields::parse(fields).unwrap());
        Replacing::new(at_ms, format!("reason {at_ms}"), fields)
    }

    #[test]
    fn erasing_again_adds_up_and_the_whole_can_follow() {
        let given = [r#"{"a":1,"b":2,"c":3}"#, r#"{"ip":"x"}"#];
        let first = replacing(1, Some(r#"["b"]"#));
        let event = record(given[0], given[1]);
        assert!(matches!(
            first.look(1, &event),
            Ok(Found::Stays([false, true]))
        ));
        let [payload, metadata] = first.instead(Some(HASHES))(&event);
        let event = record(&payload, &metadata);

        // What is left of the one stays where a field of the other goes.
        let other = replacing(2, Some(r#"["metadata.ip"]"#));
        let [_, metadata] = other.instead(None)(&event);
        let left = Erased::parse(&metadata).unwrap().left.unwrap();
        assert_eq!(left.texts, [r#"{"a":1,"c":3}"#, "{}"]);

        let second = replacing(2, Some(r#"["metadata.ip","a","b"]"#));
        assert!(matches!(
            second.look(1, &event),
            Ok(Found::Stays([false, false]))
        ));
        let [payload, metadata] = second.instead(Some(HASHES))(&event);
        let erased = Erased::parse(&metadata).unwrap();
        assert_eq!((erased.at_ms, &*erased.reason), (2, "reason 2"));
        assert_eq!(erased.kept, Some(HASHES));
        let left = erased.left.unwrap();
        assert_eq!(left.texts, [r#"{"c":3}"#, "{}"]);
        assert_eq!(
            left.fields,
            [r#""payload.b""#, r#""metadata.ip""#, r#""payload.a""#]
        );

        let event = record(&payload, &metadata);
        assert!(matches!(second.look(1, &event), Ok(Found::Erased)));
        let other = replacing(3, Some(r#"["d"]"#));
        assert!(matches!(other.look(1, &event), Ok(Found::Absent)));

        let whole = replacing(4, None);
        assert!(matches!(
            whole.look(1, &event),
            Ok(Found::Stays([false, false]))
        ));
        let [payload, metadata] = whole.instead(None)(&event);
        let erased = Erased::parse(&metadata).unwrap();
        assert_eq!((erased.at_ms, erased.left), (4, None));
        let event = record(&payload, &metadata);
        for again in [&whole, &second] {
            assert!(matches!(again.look(1, &event), Ok(Found::Erased)));
        }
    }

    #[test]
    fn fields_of_what_is_encrypted_are_refused() {
        let event = record(r#""AQ""#, r#""AQ""#);
        let Err(error) = replacing(1, Some(r#"["a"]"#)).look(7, &event) else {
            panic!("it is not refused");
        };
        assert_eq!(error.code(), Code::InvalidArgument);
        assert!(
            error
                .text()
                .contains("the event at position 7 is encrypted")
        );
        let whole = replacing(1, None).look(7, &event);
        assert!(matches!(whole, Ok(Found::Stays([false, false]))));
    }
}
