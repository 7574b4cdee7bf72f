//! The instance that a call appends to.

use std::borrow::Cow;

use crate::arguments::{boolean, required};
use crate::engine::Fault;
use crate::error::{Code, Error};
use crate::json;
use crate::request::named_instance::find_in_batch;
use crate::request::part::Identifier;
use crate::request::response::Remarks;
use crate::seam::Transaction;

/// Which instance a call appends to.
pub(super) struct Target {
    pub(super) instance: Identifier,
    /// Whether to make it if it is not there, as the call says; `None` if it does not.
    create: Option<bool>,
    /// What holds for a call that does not say.
    pub(super) creates_by_default: bool,
}

impl Target {
    /// Reads the values of `instanceId` and `autoCreateInstance`; `call` is the text that they are parts of.
    pub(super) fn parse(
        instance: Option<&str>,
        create: Option<&str>,
        call: &str,
    ) -> Result<Self, Error> {
        let instance = required("instanceId", instance, "a string")?;
        Ok(Self {
            instance: Identifier::parse("instanceId", instance, call)?,
            creates_by_default: false,
            create: create
                .map(|raw| boolean("autoCreateInstance", raw))
                .transpose()?,
        })
    }

    /// The instance's number; `None` if there is none and the call asks to make it.
    ///
    /// # Errors
    ///
    /// `INSTANCE_NOT_FOUND`; a storage fault.
    pub(super) fn find(
        &self,
        call: &str,
        batch: &mut dyn Transaction,
        remarks: &Remarks,
    ) -> Result<Option<u32>, Fault> {
        match find_in_batch("instanceId", self.instance.value(call), batch) {
            Err(Fault::Refused(error)) if error.code() == Code::InstanceNotFound => {
                if self.create.unwrap_or(self.creates_by_default) {
                    return Ok(None);
                }
                let error = Error::new(
                    error.code(),
                    format!(
                        "{}; make it with createInstance, or append with `autoCreateInstance: true`",
                        error.text()
                    ),
                );
                Err(Fault::Refused(remarks.added_to(error)))
            }
            found => found.map(Some),
        }
    }

    /// The JSON text of the instance's id, where the call may have its name.
    pub(super) fn stored_id<'a>(&self, id: &str, call: &'a str) -> Cow<'a, str> {
        if self.instance.value(call) == id {
            return Cow::Borrowed(self.instance.json(call));
        }
        let mut json = String::new();
        json::write_string(&mut json, id);
        Cow::Owned(json)
    }

    /// Makes the instance.
    pub(super) fn create(&self, call: &str, batch: &mut dyn Transaction) -> Result<u32, Fault> {
        let name = self.instance.value(call);
        batch.create(name, name, None)
    }
}
