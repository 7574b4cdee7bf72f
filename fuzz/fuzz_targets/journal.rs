//! The decoders of the journal: headers, frames, and what frames say of instances and streams. Checksums are right,
//! whatever else is wrong. What is read is corrupted or consistent, and nothing panics.

#![no_main]

use codebolt_eventlog::engine::fuzzing::read_journal;
use codebolt_eventlog::error::{Code, Error};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|claims: &[u8]| {
    if let Err(fault) = read_journal(claims) {
        assert_eq!(Error::from(fault).code(), Code::Corrupted);
    }
});
