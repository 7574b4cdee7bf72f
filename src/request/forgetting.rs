//! `forgetSubject` and `rotateKey`.
//!
//! Both change the keyring, and nothing in the log. They have their turn among the changes all the same: what was appended
//! before is encrypted before.

use super::caller::Caller;
use super::encryption::{EXPECTED, Keys};
use super::limits::NAME_BYTES_MAX;
use super::options;
use super::response::Answer;
use super::work::{Changes, Work};
use crate::arguments::{self, Arguments, word_within};
use crate::encryption::secret::Secret;
use crate::engine::Fault;
use crate::error::Error;
use crate::json;
use crate::seam::{Preview, Transaction};
use crate::timestamp;

/// A call that changes the keyring.
pub(super) struct KeyringChange<C> {
    change: C,
    arguments: String,
    keys: Keys,
}

/// What is done to a keyring.
trait ChangesKeyring: Send {
    fn apply(&self, arguments: &Arguments<'_>, keys: &Keys, now_ms: i64) -> Result<Answer, Error>;
}

/// A call of `forgetSubject`.
pub(super) struct Forgetting;

impl Forgetting {
    /// What a call with these arguments does.
    pub(super) fn work(arguments: String) -> Work {
        work(Self, arguments)
    }
}

/// A call of `rotateKey`.
pub(super) struct Rotating;

impl Rotating {
    /// What a call with these arguments does.
    pub(super) fn work(arguments: String) -> Work {
        work(Self, arguments)
    }
}

fn work(change: impl ChangesKeyring + 'static, arguments: String) -> Work {
    Work::Change(Box::new(KeyringChange {
        change,
        arguments,
        keys: Keys::default(),
    }))
}

impl<C: ChangesKeyring> Changes for KeyringChange<C> {
    fn bytes(&self) -> usize {
        self.arguments.len()
    }

    fn prepare(&mut self, _: &dyn Preview, caller: &Caller, _: usize) {
        self.keys = caller.keys.clone();
    }

    fn apply(&mut self, batch: &mut dyn Transaction) -> Result<Answer, Fault> {
        let arguments = Arguments::parse(&self.arguments)?;
        Ok(self.change.apply(&arguments, &self.keys, batch.now_ms())?)
    }
}

impl ChangesKeyring for Forgetting {
    fn apply(&self, arguments: &Arguments<'_>, keys: &Keys, now_ms: i64) -> Result<Answer, Error> {
        let raw = arguments::required("subject", arguments.get(0), EXPECTED)?;
        let subject = word_within("subject", raw, EXPECTED, NAME_BYTES_MAX)?;
        let forgotten_at = keys.required()?.forget(&subject, now_ms)?;
        let mut data = String::from("{\"subject\":");
        json::write_string(&mut data, &subject);
        data.push_str(",\"forgottenAt\":");
        match forgotten_at {
            None => data.push_str("null"),
            Some(at_ms) => {
                data.push('"');
                timestamp::write(&mut data, at_ms);
                data.push('"');
            }
        }
        data.push('}');
        Ok(Answer::of_data(data))
    }
}

impl ChangesKeyring for Rotating {
    fn apply(&self, arguments: &Arguments<'_>, keys: &Keys, _: i64) -> Result<Answer, Error> {
        let raw = arguments::required("key", arguments.get(0), Secret::EXPECTED)?;
        let key = options::secret("key", raw)?;
        let count = keys.required()?.rotate(key)?;
        Ok(Answer::of_data(format!("{{\"keys\":{count}}}")))
    }
}
