//! Instants as text, for many that are alike.

use std::cell::RefCell;

use crate::timestamp;

thread_local! {
    /// The instant that this thread wrote last, with its text: what is answered together mostly
    /// happened within one millisecond.
    static LAST: RefCell<(i64, String)> = RefCell::new((0, timestamp::format(0)));
}

/// Appends the text of `ms`, as [`timestamp::format`] writes it.
pub(crate) fn write(out: &mut String, ms: i64) {
    LAST.with_borrow_mut(|(last_ms, text)| {
        if *last_ms != ms {
            *last_ms = ms;
            *text = timestamp::format(ms);
        }
        out.push_str(text);
    });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_instant_has_its_own_text() {
        for ms in [0, 0, 1, 1, -1, 0] {
            let mut text = String::from("> ");
            write(&mut text, ms);
            assert_eq!(text, format!("> {}", timestamp::format(ms)));
        }
    }
}
