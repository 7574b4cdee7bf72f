//! What the values of a path are, as a query asks before it reads them.

use super::super::content::Content;
use super::super::{CONTAINER_BYTES_MAX, STRING_BYTES_MAX};
use super::form::{Choice, Form, Values};
use super::texts::Texts;

/// What there is among the values of a column.
pub(super) fn content_of(choice: &Choice, texts: &Texts) -> Content {
    let mut content = Content::default();
    match (&choice.form, &choice.values) {
        (Form::Constant(text), _) => add(&mut content, text),
        (Form::Dictionary(dictionary), _) => {
            for text in dictionary.texts().iter() {
                add(&mut content, text);
            }
        }
        (form @ Form::Decimals(_), Values::Integers(slots, exceptions)) => {
            let bounds = slots
                .iter()
                .flat_map(|slot| [slot.iter().min(), slot.iter().max()]);
            for bound in bounds.flatten() {
                let mut text = Vec::new();
                form.write_text(std::iter::once(*bound), &mut text);
                add(&mut content, &text);
            }
            for exception in exceptions {
                add(&mut content, texts.get(*exception as usize));
            }
        }
        _ => {
            let mut has_strings = false;
            for text in texts.iter() {
                if text.first() == Some(&b'"') {
                    has_strings = true;
                    note_unread(&mut content, text);
                } else {
                    add(&mut content, text);
                }
            }
            if has_strings {
                content.add("\"\"");
            }
        }
    }
    content
}

fn add(content: &mut Content, raw: &[u8]) {
    // Values are parts of texts, cut at ASCII characters.
    content.add(std::str::from_utf8(raw).unwrap_or_default());
    note_unread(content, raw);
}

/// Notes that columns leave the value out, if they do.
const fn note_unread(content: &mut Content, raw: &[u8]) {
    if is_left_out(raw) {
        content.add_unread();
    }
}

/// Whether columns leave a value out for its length.
pub(super) const fn is_left_out(raw: &[u8]) -> bool {
    match raw.first() {
        Some(b'"') => raw.len() > STRING_BYTES_MAX,
        Some(b'{' | b'[') => raw.len() > CONTAINER_BYTES_MAX,
        _ => false,
    }
}
