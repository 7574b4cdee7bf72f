//! Calls that JavaScript has collected, to be handed over together.
//!
//! They lie in bytes that JavaScript has, and that nobody writes to while this looks at them. Where the thread is ended before
//! JavaScript has handed them over, they are read from there all the same: whoever has made a call need not know of this.
//!
//! ```text
//! u32          how many calls there are
//! 4 × u32      of each: its number, that of its method, and where the text of its arguments begins and ends
//! ```

use std::sync::Arc;

use napi::bindgen_prelude::{Error, Result, Uint8Array};

use crate::json_texts::part_of;
use crate::methods::{method_at, wrong_kind};
use crate::outbox::Outbox;
use codebolt_eventlog::request::{Call, CallText, Log};

/// How many bytes a number takes.
const NUMBER_BYTES: usize = size_of::<u32>();

/// How many numbers stand for a call.
const CALL_NUMBERS: usize = 4;

/// Where JavaScript collects calls of a log.
pub(super) struct Collecting {
    pub(super) log: Arc<Log>,
    pub(super) bytes: Uint8Array,
}

impl Collecting {
    /// The calls that there are, to be answered by that outbox.
    pub(super) fn calls(&self, outbox: &Arc<Outbox>) -> Result<Vec<Call>> {
        let (numbers, _) = self.bytes.as_chunks::<NUMBER_BYTES>();
        let mut numbers = numbers.iter().map(|bytes| u32::from_ne_bytes(*bytes));
        let count = numbers.next().unwrap_or_default() as usize;
        let numbers: Vec<u32> = numbers.take(count * CALL_NUMBERS).collect();
        let (calls, _) = numbers.as_chunks::<CALL_NUMBERS>();
        let (Some([.., first, _]), Some([.., last])) = (calls.first(), calls.last()) else {
            return Ok(Vec::new());
        };
        // One text for all: it takes less time to make, and to give back.
        let texts = str::from_utf8(part_of(&self.bytes, *first, *last)?);
        let texts = texts.map_err(|error| Error::from_reason(error.to_string()))?;
        let texts: Arc<str> = texts.into();
        let made = calls.iter().map(|[number, method, start, end]| {
            let place = (*start - first) as usize..(*end - first) as usize;
            let text = CallText::part_of(&texts, place);
            let text =
                text.ok_or_else(|| Error::from_reason("a text is not where it should be"))?;
            let method = method_at(*method)?;
            let work = method.call(text).ok_or_else(|| wrong_kind(method))?;
            let recipient: Arc<Outbox> = Arc::clone(outbox);
            Ok(Call::new(work, recipient, *number, outbox.ended().clone()))
        });
        made.collect()
    }
}
