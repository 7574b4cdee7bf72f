//! Reads `given.json` of the working directory: leaves, and checkpoints and proofs of trees of them. Each has to be right to these
//! crates. Writes `made.json`: what they make of the same leaves.

use std::error::Error;
use std::fs;

use serde::{Deserialize, Serialize};
use signed_note::{Note, StandardSigner, StandardVerifier, VerifierList};
use tlog_tiles::checkpoint::Checkpoint;
use tlog_tiles::tlog::{
    self, Hash, HashReader, check_record, check_tree, prove_record, prove_tree, record_hash,
    stored_hashes, tree_hash,
};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Given {
    signing_key: String,
    verifier_key: String,
    /// What is hashed for each leaf, as lists of numbers.
    leaves: Vec<Vec<u8>>,
    checkpoints: Vec<GivenCheckpoint>,
    inclusions: Vec<Inclusion>,
    consistencies: Vec<Consistency>,
}

#[derive(Deserialize)]
struct GivenCheckpoint {
    note: String,
    size: u64,
}

#[derive(Deserialize)]
struct Inclusion {
    position: u64,
    size: u64,
    hashes: Vec<Hash>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Consistency {
    old_size: u64,
    new_size: u64,
    hashes: Vec<Hash>,
}

#[derive(Serialize)]
struct Made {
    notes: Vec<String>,
    inclusions: Vec<Vec<String>>,
    consistencies: Vec<Vec<String>>,
}

/// The hashes of a tree, in the order in which these crates keep them.
struct Stored(Vec<Hash>);

impl HashReader for Stored {
    fn read_hashes(&self, indexes: &[u64]) -> Result<Vec<Hash>, tlog::Error> {
        let hash = |at: &u64| {
            usize::try_from(*at)
                .ok()
                .and_then(|at| self.0.get(at).copied())
        };
        indexes
            .iter()
            .map(|at| hash(at).ok_or(tlog::Error::IndexesNotInTree))
            .collect()
    }
}

fn texts(hashes: &[Hash]) -> Vec<String> {
    hashes.iter().map(ToString::to_string).collect()
}

/// Whether these crates verify a note, and sign it as it is signed; then what its text is made into, signed by them.
fn read_note(given: &Given, note: &str, size: u64, root: Hash) -> Result<String, Box<dyn Error>> {
    let verifier = StandardVerifier::new(&given.verifier_key)?;
    let known = VerifierList::new(vec![Box::new(verifier)]);
    let signer = StandardSigner::new(&given.signing_key)?;
    let read = Note::from_bytes(note.as_bytes())?;
    let (verified, unverified) = read.verify(&known)?;
    assert_eq!((verified.len(), unverified.len()), (1, 0), "{note}");
    let checkpoint = Checkpoint::from_bytes(read.text()).map_err(|error| error.to_string())?;
    assert_eq!(
        (checkpoint.size(), *checkpoint.hash()),
        (size, root),
        "{note}"
    );

    let mut again = Note::new(read.text(), &[])?;
    again.add_sigs(&[&signer])?;
    assert_eq!(again.to_bytes(), note.as_bytes(), "{note}");

    let altered = note.replacen(&format!("\n{size}\n"), &format!("\n{}\n", size + 1), 1);
    assert!(
        Note::from_bytes(altered.as_bytes())?
            .verify(&known)
            .is_err()
    );

    let more = Checkpoint::new(checkpoint.origin(), size, root, "a line\nanother one\n")
        .map_err(|error| error.to_string())?;
    let mut made = Note::new(&more.to_bytes(), &[])?;
    made.add_sigs(&[&signer])?;
    Ok(String::from_utf8(made.to_bytes())?)
}

fn main() -> Result<(), Box<dyn Error>> {
    let given: Given = serde_json::from_str(&fs::read_to_string("given.json")?)?;
    let mut stored = Stored(Vec::new());
    for (n, leaf) in (0..).zip(&given.leaves) {
        let hashes = stored_hashes(n, leaf, &stored)?;
        stored.0.extend(hashes);
    }
    let root_of = |size| tree_hash(size, &stored);

    let mut notes = Vec::new();
    for GivenCheckpoint { note, size } in &given.checkpoints {
        notes.push(read_note(&given, note, *size, root_of(*size)?)?);
    }
    let mut inclusions = Vec::new();
    for Inclusion {
        position,
        size,
        hashes,
    } in &given.inclusions
    {
        let leaf = record_hash(&given.leaves[usize::try_from(position - 1)?]);
        check_record(hashes, *size, root_of(*size)?, position - 1, leaf)?;
        // A proof of one event is none of another.
        let other = record_hash(b"another");
        assert!(check_record(hashes, *size, root_of(*size)?, position - 1, other).is_err());
        inclusions.push(texts(&prove_record(*size, position - 1, &stored)?));
    }
    let mut consistencies = Vec::new();
    for Consistency {
        old_size,
        new_size,
        hashes,
    } in &given.consistencies
    {
        let (old, new) = (root_of(*old_size)?, root_of(*new_size)?);
        check_tree(hashes, *new_size, new, *old_size, old)?;
        assert!(check_tree(hashes, *new_size, new, *old_size, record_hash(b"another")).is_err());
        consistencies.push(texts(&prove_tree(*new_size, *old_size, &stored)?));
    }
    println!(
        "signed_note and tlog_tiles verify {} notes, {} proofs of events and {} of consistency",
        notes.len(),
        inclusions.len(),
        consistencies.len()
    );
    let made = Made {
        notes,
        inclusions,
        consistencies,
    };
    fs::write("made.json", serde_json::to_string(&made)?)?;
    Ok(())
}
