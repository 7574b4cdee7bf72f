//! That requests know an engine by the seam alone: a second engine, which is nothing but lists, answers as the first one.
//! With it, what keeps a log goes away where a test says so.

mod answers;
mod kept;
mod list_engine;
mod listed_events;
mod losing;
mod losses;
mod staged;

pub(crate) use self::kept::Kept;
pub(crate) use self::staged::Staged;
