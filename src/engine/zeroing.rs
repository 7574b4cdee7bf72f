//! Overwriting with zeros what nobody needs any more.

use std::ops::Range;

use redb::StorageBackend;

use crate::engine::Fault;

/// How much is looked at at once, in bytes.
const LOOK_BYTES: u64 = 1 << 20;

/// What is written, where a part of it is not zeros yet, in bytes. A hole takes no room, and stays one.
const UNIT_BYTES: usize = 4096;

/// Has these bytes of a storage be zeros. It is not on disk when this returns.
///
/// # Errors
///
/// Those of the storage. Some of the bytes may be zeros then.
pub(super) fn zero(backend: &dyn StorageBackend, bytes: Range<u64>) -> Result<(), Fault> {
    let mut found = Vec::new();
    let mut at = bytes.start;
    while at < bytes.end {
        let length = LOOK_BYTES.min(bytes.end - at) as usize;
        found.resize(length, 0);
        backend.read(at, &mut found)?;
        let is_zero = |unit: &[u8]| unit.iter().all(|byte| *byte == 0);
        let mut units = found
            .chunks(UNIT_BYTES)
            .zip((at..).step_by(UNIT_BYTES))
            .peekable();
        while let Some((unit, start)) = units.next() {
            if is_zero(unit) {
                continue;
            }
            let mut length = unit.len();
            while let Some((next, _)) = units.next_if(|(next, _)| !is_zero(next)) {
                length += next.len();
            }
            backend.write(start, &vec![0; length])?;
        }
        at += length as u64;
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use redb::backends::InMemoryBackend;

    use super::*;

    #[test]
    fn these_bytes_are_zeros_and_no_others() {
        let length = 3 * LOOK_BYTES as usize;
        let range = 5_000..length as u64 - 7;
        for is_sparse in [false, true] {
            let backend = InMemoryBackend::new();
            backend.set_len(length as u64).unwrap();
            let byte = |at: usize| u8::from(!is_sparse || (at / UNIT_BYTES).is_multiple_of(3));
            let before: Vec<u8> = (0..length).map(byte).collect();
            backend.write(0, &before).unwrap();
            zero(&backend, range.clone()).unwrap();
            let mut after = vec![9; length];
            backend.read(0, &mut after).unwrap();
            let is_right = |at: usize| {
                after[at]
                    == if range.contains(&(at as u64)) {
                        0
                    } else {
                        before[at]
                    }
            };
            assert!((0..length).all(is_right));
        }
    }
}
