//! Where a log is stored: a file or memory, and what is opened in it.

pub(in crate::engine) mod file;
pub(in crate::engine) mod medium;
pub(in crate::engine) mod memory;
pub(in crate::engine) mod name;
pub(in crate::engine) mod opening;
pub(in crate::engine) mod reads;
pub(in crate::engine) mod region;
