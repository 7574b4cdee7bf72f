//! Texts that are alike but for a whole number in each.

/// How such texts are written.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct NumberedForm {
    /// What stands before the number.
    pub before: Box<str>,
    /// What stands after it.
    pub after: Box<str>,
    /// How many digits it has at least, with leading zeros: 1 for none, and at most 20.
    pub digits: usize,
}

/// The most digits that a number of 64 bits has.
const DIGITS_MAX: usize = 20;

impl NumberedForm {
    /// How many bytes a text has at most.
    #[must_use]
    pub fn bytes_max(&self) -> usize {
        self.before.len() + DIGITS_MAX + self.after.len()
    }

    /// How much memory it takes beside its own place.
    #[must_use]
    pub fn memory_bytes(&self) -> usize {
        self.before.len() + self.after.len()
    }

    /// Appends the text with that number.
    pub fn write(&self, number: u64, out: &mut String) {
        let mut digits = [b'0'; DIGITS_MAX];
        let (mut at, mut rest) = (DIGITS_MAX, number);
        while rest > 0 {
            at -= 1;
            digits[at] = b'0' + (rest % 10) as u8;
            rest /= 10;
        }
        let at = at.min(DIGITS_MAX.saturating_sub(self.digits));
        out.push_str(&self.before);
        // Digits are in UTF-8.
        out.push_str(std::str::from_utf8(&digits[at..]).unwrap_or_default());
        out.push_str(&self.after);
    }

    /// The number with which this form gives the text, if there is one.
    #[must_use]
    pub fn number_of(&self, text: &str) -> Option<u64> {
        let digits = text.strip_prefix(&*self.before)?;
        let digits = digits.strip_suffix(&*self.after)?;
        let (first, len) = (*digits.as_bytes().first()?, digits.len());
        let is_written_so = len == self.digits || len > self.digits && first != b'0';
        if !is_written_so || !digits.bytes().all(|byte| byte.is_ascii_digit()) {
            return None;
        }
        digits.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(before: &str, after: &str, digits: usize) -> NumberedForm {
        NumberedForm {
            before: before.into(),
            after: after.into(),
            digits,
        }
    }

    #[test]
    fn a_text_is_of_a_form_if_its_number_gives_it_back() {
        let forms = [
            form("\"user-", "\"", 1),
            form("\"a", "a\"", 3),
            form("\"", "5\"", 1),
        ];
        for form in &forms {
            for number in [0, 5, 12, 999, 1_000, u64::MAX] {
                let mut text = String::new();
                form.write(number, &mut text);
                assert_eq!(form.number_of(&text), Some(number), "{text}");
                assert!(text.len() <= form.bytes_max());
            }
        }
        let others = [
            "",
            "\"user-\"",
            "\"user-05\"",
            "\"user-x\"",
            "\"user-5",
            "user-5\"",
            "\"user--5\"",
            "\"user-+5\"",
            "\"user-18446744073709551616\"",
            "\"a12a\"",
            "\"a0012a\"",
            "\"a\"",
            "\"5\"",
        ];
        for text in others {
            assert!(
                forms.iter().all(|form| form.number_of(text).is_none()),
                "{text}"
            );
        }
    }
}
