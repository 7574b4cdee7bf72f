//! What is looked for in texts, byte by byte.

/// How many bytes of a part are looked for. Whoever wants to know of the whole part looks at what was found.
const PART_BYTES_MAX: usize = 16;

/// How many states there are at most: a symbol's number leads from each to another one, and twice as many have a place
/// in 16 bits.
pub(super) const STATES_MAX: usize = 128;

/// Some parts, one of which a text has to have, or as much of it as the automaton knows. A state stands for what of a part
/// the bytes before have in common with it. State 0 has nothing; the last one has found a part, and stays.
#[derive(Debug)]
pub(in crate::block) struct Sought {
    /// By state, the next one for each byte.
    next: Vec<[u8; 256]>,
}

impl Sought {
    /// `None` where there is nothing to look for, where anything has one of the parts, or where they are too many.
    pub(in crate::block) fn new(parts: &[&str]) -> Option<Self> {
        let parts = parts.iter().map(|part| {
            let bytes = part.as_bytes();
            &bytes[..bytes.len().min(PART_BYTES_MAX)]
        });
        let parts: Vec<&[u8]> = parts.collect();
        if parts.is_empty() || parts.iter().any(|part| part.is_empty()) {
            return None;
        }
        let mut begun: Vec<&[u8]> = vec![&[]];
        for part in &parts {
            for bytes in 1..part.len() {
                let before = &part[..bytes];
                if !begun.contains(&before) {
                    begun.push(before);
                }
            }
        }
        let found = u8::try_from(begun.len()).ok()?;
        if usize::from(found) >= STATES_MAX {
            return None;
        }
        let mut next = vec![[0; 256]; begun.len()];
        let mut text = Vec::new();
        for (before, next) in begun.iter().zip(&mut next) {
            for byte in parts.iter().flat_map(|part| part.iter()) {
                text.clear();
                text.extend_from_slice(before);
                text.push(*byte);
                next[usize::from(*byte)] = if parts.iter().any(|part| text.ends_with(part)) {
                    found
                } else {
                    let rests = (0..text.len()).map(|from| &text[from..]);
                    let longest = rests.filter_map(|rest| begun.iter().position(|it| *it == rest));
                    longest.map(|state| state as u8).next().unwrap_or(0)
                };
            }
        }
        next.push([found; 256]);
        Some(Self { next })
    }

    /// How many states there are.
    pub(super) const fn states(&self) -> usize {
        self.next.len()
    }

    /// The state that is reached when a part was found.
    pub(super) const fn found(&self) -> usize {
        self.next.len() - 1
    }

    /// The state after one, where a byte follows.
    pub(super) fn after(&self, state: usize, byte: u8) -> usize {
        usize::from(self.next[state][usize::from(byte)])
    }
}
