//! Retention: what an instance keeps of its events by a rule of its own, and which of them are over it.
//!
//! The [rule](Policy) is a [state](crate::engine) of the instance. Who has the log open looks now and then, with
//! `dueRetention`, for what is over the rules, and [trims](super::trimming) that as anybody trims. So an append knows nothing
//! of it, and whatever a trim promises is promised here. A trim that is made for a rule says which one, and changes nothing if
//! the rule is another one by then.

mod due;
mod failure;
mod over;
mod policy;
mod streams;
#[cfg(test)]
mod test;

pub(super) use due::due;
pub(super) use failure::note;
pub(super) use policy::{Policy, is_state, set, write_retention};
pub(super) use streams::due as due_streams;
