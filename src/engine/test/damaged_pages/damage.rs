//! Ways of damaging a page of a file.

use crate::engine::test::random::Random;

pub(super) const PAGE_BYTES: usize = 4096;

/// A way of damaging a page.
#[derive(Clone, Copy, Debug)]
pub(super) enum Damage {
    Zeros,
    RandomBytes,
    FlippedBit,
    AnotherPage,
    EndOfFile,
}

pub(super) const DAMAGES: [Damage; 5] = [
    Damage::Zeros,
    Damage::RandomBytes,
    Damage::FlippedBit,
    Damage::AnotherPage,
    Damage::EndOfFile,
];

impl Damage {
    /// The file with the page that begins at `at` damaged so.
    pub(super) fn to(self, intact: &[u8], at: usize, random: &mut Random) -> Vec<u8> {
        let mut bytes = intact.to_vec();
        let page = at..(at + PAGE_BYTES).min(bytes.len());
        match self {
            Self::Zeros => bytes[page].fill(0),
            Self::RandomBytes => bytes[page].fill_with(|| random.below(256) as u8),
            Self::FlippedBit => {
                // One that matters, if there is one.
                let used: Vec<usize> = page.clone().filter(|at| intact[*at] != 0).collect();
                let byte = match used.len() {
                    0 => at + random.below(page.len()),
                    count => used[random.below(count)],
                };
                bytes[byte] ^= 1 << random.below(8);
            }
            Self::AnotherPage => {
                let other = random.below(intact.len() / PAGE_BYTES) * PAGE_BYTES;
                bytes.copy_within(other..other + page.len(), at);
            }
            Self::EndOfFile => bytes.truncate(at),
        }
        bytes
    }
}

/// Whether the first page of the bytes holds nothing.
pub(super) fn is_unused(bytes: &[u8]) -> bool {
    bytes.iter().take(PAGE_BYTES).all(|byte| *byte == 0)
}
