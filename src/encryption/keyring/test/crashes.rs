//! A loss of power at each operation of what changes a keyring.

use super::super::layout::{COUNTS_AT, ENTRIES_AT, Entry};
use super::super::{FoundKey, KeyId, Keyring};
use super::disk::{Disk, Fault, Image};
use crate::encryption::secret::Secret;
use crate::error::{Code, Error};

const SUBJECTS: [&str; 3] = ["a", "b", "c"];

fn old() -> Secret {
    Secret::from([1; 32])
}

fn next() -> Secret {
    Secret::from([2; 32])
}

fn open(disk: &Disk, secret: Secret) -> Result<Keyring, Error> {
    Keyring::over(
        Box::new(disk.clone()),
        "the keyring".to_owned(),
        Some(secret),
    )
}

/// A keyring with three keys.
struct Begun {
    image: Image,
    keys: Vec<(KeyId, Secret)>,
    /// The key of `b` as it is kept.
    wrapped: Vec<u8>,
}

impl Begun {
    fn new() -> Self {
        let disk = Disk::default();
        let keyring = open(&disk, old()).unwrap();
        let mut keys = keyring.keys_of(&SUBJECTS[..1], 5).unwrap();
        keys.extend(keyring.keys_of(&SUBJECTS[1..], 6).unwrap());
        let image = disk.current();
        let bytes = image.keyring.as_deref().unwrap();
        let first = Entry::decode(&bytes[ENTRIES_AT as usize..]).unwrap();
        let second = &bytes[(ENTRIES_AT + first.bytes()) as usize..];
        let mut state = Vec::new();
        Entry::decode(second).unwrap().state.encode(&mut state);
        Self {
            image,
            keys,
            wrapped: state[1..73].to_vec(),
        }
    }

    /// Whether anything of the key of `b` is in an image.
    fn remains_in(&self, image: &Image) -> bool {
        let files = [&image.keyring, &image.next];
        let has = |part: &[u8]| {
            let mut files = files.iter().filter_map(|file| file.as_deref());
            files.any(|file| file.windows(8).any(|bytes| bytes == part))
        };
        self.wrapped.chunks(8).any(has)
    }
}

/// What is done to a keyring, by who has its old key.
type Change = fn(&Keyring) -> Result<(), Error>;

/// Says what is wrong with what may be left, if anything is. It is given whether the change was answered with success.
type Check = fn(begun: &Begun, image: &Image, was_done: bool) -> Result<(), String>;

/// Loses the power at each operation of a change, and checks all that may be left. Kills who makes it there as well, and
/// checks what another process makes of that, which has used the keys before. Gives how many losses that were.
fn at_each_operation(change: Change, check: Check, fault: Option<Fault>) -> Result<usize, String> {
    let begun = Begun::new();
    let mut losses = 0;
    for left in 1.. {
        let disk = Disk::with(begun.image.clone(), None, fault);
        let other = open(&disk, old()).map_err(|error| error.to_string())?;
        other
            .keys_of(&SUBJECTS, 8)
            .map_err(|error| error.to_string())?;
        let changing = open(&disk, old()).map_err(|error| error.to_string())?;
        disk.lose_after(Some(left));
        let outcome = change(&changing);
        let at = |wrong| format!("after {left} operations: {wrong}");
        for image in disk.images() {
            losses += 1;
            check(&begun, &image, outcome.is_ok()).map_err(at)?;
        }
        disk.lose_after(None);
        go_on(&other, &disk, &begun).map_err(at)?;
        go_on(&changing, &disk, &begun).map_err(at)?;
        if outcome.is_ok() {
            return Ok(losses);
        }
        assert!(left < 100, "it does not end");
    }
    Ok(losses)
}

/// What a process that has known a keyring before says of it, is what one says that opens it now; and what it encrypts with
/// is not lost with the power.
fn go_on(known: &Keyring, disk: &Disk, begun: &Begun) -> Result<(), String> {
    let secrets = [old(), next()];
    let opened = |disk: &Disk| {
        let mut opened = secrets
            .iter()
            .filter_map(|secret| open(disk, secret.clone()).ok());
        opened.next().ok_or("no key opens it")
    };
    known.refresh().map_err(|error| error.to_string())?;
    let fresh = opened(disk)?;
    for (id, _) in &begun.keys {
        match known.find(id) {
            // It has the old key.
            Err(error) if error.code() == Code::KeyUnavailable => {}
            found if found == fresh.find(id) => {}
            found => return Err(format!("another process takes a key to be {found:?}")),
        }
    }
    // The first one may be there, and not be on disk.
    for subjects in [&["d"][..], &["b", "new"]] {
        let Ok(keys) = known.keys_of(subjects, 9) else {
            return Ok(());
        };
        for image in disk.images() {
            has(&opened(&Disk::with(image, None, None))?, &keys)?;
        }
    }
    Ok(())
}

/// Whether a keyring says of keys what they are.
fn has(keyring: &Keyring, keys: &[(KeyId, Secret)]) -> Result<(), String> {
    for (id, secret) in keys {
        match keyring.find(id) {
            Ok(FoundKey::Secret(found, _)) if found == *secret => {}
            other => return Err(format!("a key became {other:?}")),
        }
    }
    Ok(())
}

fn forget(keyring: &Keyring) -> Result<(), Error> {
    keyring.forget("b", 77).map(drop)
}

fn check_forgotten(begun: &Begun, image: &Image, was_done: bool) -> Result<(), String> {
    let disk = Disk::with(image.clone(), None, None);
    let keyring = open(&disk, old()).map_err(|error| error.to_string())?;
    let [first, forgotten, last] = &begun.keys[..] else {
        return Err("there are not three keys".to_owned());
    };
    let others = [first.clone(), last.clone()];
    has(&keyring, &others)?;
    match keyring.find(&forgotten.0) {
        Ok(FoundKey::Forgotten(subject)) if &*subject == "b" => {}
        Ok(FoundKey::Secret(secret, _)) if secret == forgotten.1 && !was_done => {}
        other => return Err(format!("the key became {other:?}")),
    }
    if was_done && begun.remains_in(image) {
        return Err("the key is still there".to_owned());
    }
    // Whoever tries again is done then.
    forget(&keyring).map_err(|error| error.to_string())?;
    if begun.remains_in(&disk.current()) {
        return Err("the key is still there when it was tried again".to_owned());
    }
    has(
        &open(&disk, old()).map_err(|error| error.to_string())?,
        &others,
    )
}

fn rotate(keyring: &Keyring) -> Result<(), Error> {
    assert_eq!(keyring.rotate(next())?, 3);
    Ok(())
}

fn check_rotated(begun: &Begun, image: &Image, was_done: bool) -> Result<(), String> {
    check_rotated_on(&Disk::with(image.clone(), None, None), begun, was_done)
}

/// As [`check_rotated`], where nobody removes what is beside the keyring.
fn check_next_left(begun: &Begun, image: &Image, was_done: bool) -> Result<(), String> {
    let disk = Disk::with(image.clone(), None, Some(Fault::NextLeft));
    check_rotated_on(&disk, begun, was_done)
}

fn check_rotated_on(disk: &Disk, begun: &Begun, was_done: bool) -> Result<(), String> {
    let by_old = open(disk, old());
    if by_old.is_ok() && was_done {
        return Err("the old key is still the key".to_owned());
    }
    if let Err(error) = &by_old
        && error.code() != Code::KeyUnavailable
    {
        return Err(error.to_string());
    }
    let keyring = by_old
        .or_else(|_| open(disk, next()))
        .map_err(|error| error.to_string())?;
    has(&keyring, &begun.keys)?;
    // It goes on from there, and what was to replace the keyring keeps no key.
    keyring
        .keys_of(&["d"], 9)
        .map_err(|error| error.to_string())?;
    forget(&keyring).map_err(|error| error.to_string())?;
    match disk.current().next {
        None => Ok(()),
        Some(_) => Err("what was to replace it is still there".to_owned()),
    }
}

fn make(keyring: &Keyring) -> Result<(), Error> {
    keyring.keys_of(&["d", "a", "e"], 7).map(drop)
}

fn check_made(begun: &Begun, image: &Image, was_done: bool) -> Result<(), String> {
    let disk = Disk::with(image.clone(), None, None);
    let keyring = open(&disk, old()).map_err(|error| error.to_string())?;
    has(&keyring, &begun.keys)?;
    let length = |disk: &Disk| disk.current().keyring.map_or(0, |bytes| bytes.len());
    let before = length(&disk);
    let made = keyring
        .keys_of(&["d", "e"], 8)
        .map_err(|error| error.to_string())?;
    if was_done && length(&disk) != before {
        return Err("what was made is made again".to_owned());
    }
    let keyring = open(&disk, old()).map_err(|error| error.to_string())?;
    has(&keyring, &begun.keys)?;
    has(&keyring, &made)
}

#[test]
fn a_key_that_is_forgotten_is_gone_and_a_crash_leaves_it_or_not() {
    let losses = at_each_operation(forget, check_forgotten, None).unwrap();
    assert!(losses > 10, "{losses}");
}

/// Kills who destroys a key at each operation, and loses the power at each operation of who finishes that, with what the
/// first one has not synced.
#[test]
fn a_loss_of_power_while_another_finishes_what_a_killed_process_has_begun_damages_nothing() {
    let begun = Begun::new();
    let mut losses = 0;
    for killed_after in 1.. {
        let mut is_killed = false;
        for left in 1.. {
            let disk = Disk::with(begun.image.clone(), None, None);
            let (killed, other) = (open(&disk, old()).unwrap(), open(&disk, old()).unwrap());
            // One that has used the keys does not sync the folder, which is all of this disk.
            other.keys_of(&SUBJECTS, 8).unwrap();
            disk.lose_after(Some(killed_after));
            is_killed = forget(&killed).is_err();
            disk.lose_after(Some(left));
            let is_finished = other.keys_of(&["d"], 9).is_ok();
            for image in disk.images() {
                losses += 1;
                if let Err(wrong) = check_forgotten(&begun, &image, !is_killed) {
                    panic!(
                        "killed after {killed_after} operations, and power lost after {left}: {wrong}"
                    );
                }
            }
            if is_finished {
                break;
            }
            assert!(left < 100, "it does not end");
        }
        if !is_killed {
            break;
        }
        assert!(killed_after < 100, "it does not end");
    }
    assert!(losses > 100, "{losses}");
}

#[test]
fn a_crash_while_the_key_is_changed_leaves_all_with_the_one_or_with_the_other() {
    let losses = at_each_operation(rotate, check_rotated, None).unwrap();
    assert!(losses > 1, "{losses}");
}

#[test]
fn a_crash_while_keys_are_made_leaves_those_that_were_there() {
    let losses = at_each_operation(make, check_made, None).unwrap();
    assert!(losses > 5, "{losses}");
}

#[test]
fn what_is_done_wrong_is_noticed() {
    for (change, check, fault) in [
        (forget as Change, check_forgotten as Check, Fault::KeyLeft),
        (forget, check_forgotten, Fault::NoSync),
        (rotate, check_rotated, Fault::WrittenInPlace),
        (rotate, check_next_left, Fault::NextLeft),
        (make, check_made, Fault::NoSync),
    ] {
        let outcome = at_each_operation(change, check, Some(fault));
        assert!(outcome.is_err(), "{fault:?} is not noticed");
    }
}

#[test]
fn each_byte_that_was_altered_is_noticed() {
    let begun = Begun::new();
    let bytes = begun.image.keyring.unwrap();
    let entries = ENTRIES_AT as usize..bytes.len();
    for at in (0..COUNTS_AT as usize).chain(entries) {
        let mut keyring = bytes.clone();
        keyring[at] ^= 1;
        let image = Image {
            keyring: Some(keyring),
            next: None,
        };
        let opened = open(&Disk::with(image, None, None), old());
        let error = opened.map(drop).unwrap_err();
        // The format is told before the checksum is looked at.
        let expected = match at {
            16..20 => Code::UnsupportedFormat,
            _ => Code::Corrupted,
        };
        assert_eq!(error.code(), expected, "byte {at}: {error}");
    }
}

#[test]
fn a_count_that_was_altered_goes_on_as_another_one() {
    const FORGOTTEN_AT: usize = COUNTS_AT as usize + 8;

    let mut image = Begun::new().image;
    let bytes = image.keyring.as_mut().unwrap();
    bytes[FORGOTTEN_AT..][..8].fill(0xff);
    let disk = Disk::with(image, None, None);
    let keyring = open(&disk, old()).unwrap();
    assert_eq!(keyring.forget("b", 7).unwrap(), Some(7));
    let left = disk.current().keyring.unwrap();
    // It is even, so that others know that nothing is being destroyed.
    assert_eq!(left[FORGOTTEN_AT] % 2, 0);
    assert_eq!(
        open(&disk, old())
            .unwrap()
            .keys_of(&["a", "c"], 8)
            .unwrap()
            .len(),
        2
    );
}
