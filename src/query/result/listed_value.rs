//! A value of a list, until it is written.

use super::budget::allocated;
use super::page::PageItem;
use crate::json;
use crate::query::value::found::Found;

/// A value of a list, until it is written.
#[derive(Debug)]
pub(in crate::query) enum ListedValue {
    Number(f64),
    /// Its JSON text.
    Json(Box<str>),
}

impl ListedValue {
    pub(in crate::query) fn of(found: Found<'_>) -> Self {
        match found {
            Found::Number(number) => Self::Number(number),
            _ => Self::Json(found.to_json().into_boxed_str()),
        }
    }

    /// Appends the value to `out` as JSON.
    pub(in crate::query) fn write_json(&self, out: &mut String) {
        match self {
            Self::Number(number) => json::write_number(out, *number),
            Self::Json(raw) => out.push_str(raw),
        }
    }
}

impl PageItem for ListedValue {
    fn bytes_len(&self) -> usize {
        match self {
            Self::Number(_) => 0,
            Self::Json(raw) => allocated(raw.len()),
        }
    }
}
