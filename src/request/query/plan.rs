//! How a query was answered, for those who ask.

use std::fmt::Write as _;
use std::time::Duration;

use crate::query::Effort;

/// The way that was chosen, and what it has cost.
#[derive(Debug, Default)]
pub(super) struct Plan {
    pub(super) path: Path,
    /// How many blocks the instance has. The events after the last one are in parts of one, which count
    /// as blocks too.
    pub(super) blocks: u64,
    /// Blocks that had to be looked into.
    pub(super) blocks_read: u64,
    /// Blocks that a look-up has ruled out.
    pub(super) blocks_ruled_out: u64,
    /// Those that were looked into whose summary is not in the file yet.
    pub(super) blocks_unsealed: u64,
    pub(super) events_examined: u64,
    pub(super) events_read: u64,
    pub(super) threads: usize,
}

/// A way to the events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Path {
    #[default]
    None,
    Positions,
    Stream,
    Blocks,
}

impl Path {
    const fn name(self) -> &'static str {
        match self {
            Self::None => "none",
            Self::Positions => "positions",
            Self::Stream => "stream",
            Self::Blocks => "blocks",
        }
    }

    const fn describe(self) -> &'static str {
        match self {
            Self::None => "the counts that the log keeps were enough",
            Self::Positions => "went straight to where the events of the page are",
            Self::Stream => "walked the chain of the stream's events back from the newest",
            Self::Blocks => "went through the blocks, reading only what their summaries leave open",
        }
    }
}

impl Plan {
    pub(super) const fn add(&mut self, effort: Effort) {
        self.events_examined += effort.examined;
        self.events_read += effort.read;
    }

    /// Adds what one block has cost.
    pub(super) const fn add_block(&mut self, effort: Effort, is_sealed: bool) {
        self.add(effort);
        if !effort.skipped {
            self.blocks_read += 1;
            self.blocks_unsealed += !is_sealed as u64;
        }
    }

    /// Appends the plan as a JSON object. `reduction` is the JSON text of what a reduction was made of, if there is one.
    pub(super) fn write_json(&self, elapsed: Duration, reduction: Option<&str>, out: &mut String) {
        let (path, description) = (self.path.name(), self.path.describe());
        let skipped = match self.path {
            Path::Blocks => self.blocks - self.blocks_read,
            _ => 0,
        };
        // Writing to a String cannot fail.
        let _ = write!(
            out,
            "{{\"path\":\"{path}\",\"description\":\"{description}\",\"blocks\":{{\"total\":{},\
             \"skipped\":{skipped},\"ruledOut\":{},\"read\":{},\"unsealed\":{}}},\"eventsExamined\":{},\
             \"eventsRead\":{},\"threads\":{},\"milliseconds\":{:.3}",
            self.blocks,
            self.blocks_ruled_out,
            self.blocks_read,
            self.blocks_unsealed,
            self.events_examined,
            self.events_read,
            self.threads.max(1),
            elapsed.as_secs_f64() * 1_000.0,
        );
        if let Some(reduction) = reduction {
            out.push_str(",\"reduce\":");
            out.push_str(reduction);
        }
        out.push('}');
    }
}
