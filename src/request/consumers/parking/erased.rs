//! What is kept of parked events that are erased.

use super::kept::Parked;
use crate::engine::Fault;
use crate::seam::ReadSnapshot;

/// What the names of the states begin with that are parked events, and how many digits they end with.
const PREFIX: &str = "parked/";
const DIGITS: usize = 16;

/// How many states are read at a time.
const PAGE_STATES: usize = 256;

/// The states that are parked events of an instance which are erased, without what they have failed with: that may say what
/// was in them.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(in crate::request) fn untold(
    snapshot: &dyn ReadSnapshot,
    number: u32,
    is_erased: impl Fn(u64) -> bool,
) -> Result<Vec<(String, Vec<u8>)>, Fault> {
    let mut found = Vec::new();
    let mut after: Option<String> = None;
    loop {
        let states = snapshot.states(number, PREFIX, after.as_deref(), PAGE_STATES)?;
        for (name, bytes) in &states {
            let start = name.len().saturating_sub(DIGITS);
            let position = name.get(start..).and_then(|digits| digits.parse().ok());
            let parked = Parked::decode(bytes);
            let (Some(position), Some(parked)) = (position, parked) else {
                let text = format!("the state {name:?} is not what was written");
                return Err(Fault::Corrupted(text));
            };
            if is_erased(position) && parked.error.is_some() {
                let parked = Parked {
                    error: None,
                    ..parked
                };
                found.push((name.clone(), parked.encode()));
            }
        }
        if states.len() < PAGE_STATES {
            return Ok(found);
        }
        after = states.into_iter().next_back().map(|(name, _)| name);
    }
}
