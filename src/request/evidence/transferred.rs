//! The tree of an instance in exports and imports: its salts. All else of it follows from the events.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD as BASE64;

use super::kept::{HEAD, TreeHead};
use crate::arguments;
use crate::engine::Fault;
use crate::error::Error;
use crate::evidence::salts::Salts;
use crate::seam::{ReadSnapshot, Transaction};

/// The salts of an instance's tree in base64; `None` if it has no tree.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(in crate::request) fn exported_salts(
    snapshot: &dyn ReadSnapshot,
    number: u32,
) -> Result<Option<String>, Fault> {
    let head = TreeHead::read(snapshot, number)?;
    Ok(head.map(|head| {
        let mut bytes = Vec::new();
        head.salts.encode(&mut bytes);
        BASE64.encode(bytes)
    }))
}

/// Reads them back.
///
/// # Errors
///
/// `INVALID_ARGUMENT`.
pub(in crate::request) fn imported_salts(path: &str, raw: &str) -> Result<Salts, Error> {
    let expected = "the salts of a tree in base64";
    let given = arguments::string(path, raw, expected)?;
    let salts = BASE64.decode(given.as_bytes()).ok();
    let salts = salts.and_then(|bytes| Salts::decode(&bytes));
    // It is not told what was found: it may be a seed.
    salts.ok_or_else(|| Error::expected(path, expected, "another string"))
}

/// The salts of the tree that an instance has within this commit, if it has one.
///
/// # Errors
///
/// A storage fault, or corruption.
pub(in crate::request) fn salts_of(
    batch: &mut dyn Transaction,
    number: u32,
) -> Result<Option<Salts>, Fault> {
    let head = batch.state(number, HEAD)?;
    let head = head.map(|bytes| TreeHead::decode(&bytes)).transpose()?;
    Ok(head.map(|head| head.salts))
}

/// Gives an instance a tree with these salts, of which nothing was hashed yet.
///
/// # Errors
///
/// A storage fault.
pub(in crate::request) fn keep_salts(
    batch: &mut dyn Transaction,
    number: u32,
    salts: &Salts,
) -> Result<(), Fault> {
    let head = TreeHead::with(salts.clone());
    batch.put_state(number, HEAD, &head.encode())
}
