//! What is known once a commit is stored.

use std::sync::Arc;

use super::{Committed, Committer};
use crate::blocks::Wanted;
use crate::memory::KnownLog;
use crate::observed::DELETED;
use crate::rows::StoredInstance;
use crate::staging::Staged;

impl Committer {
    /// Notes what was stored with that token.
    pub(super) fn learn(&mut self, staged: &Staged, token: i64) -> Committed {
        let (committed, changes) = self.remember(staged, token);
        for (instance, commits) in changes {
            self.observed.note(instance, commits);
        }
        committed
    }

    /// Notes it for the commits that follow, and says what others will have to know: how many commits each instance has had.
    pub(super) fn remember(
        &mut self,
        staged: &Staged,
        token: i64,
    ) -> (Committed, Vec<(Option<u32>, i64)>) {
        let mut committed = Committed {
            is_stored: true,
            events: staged.event_count(),
            bytes: staged.records.len(),
            instances: match staged.next_instance {
                None => staged.instances.keys().copied().collect(),
                Some(_) => Vec::new(),
            },
            blocks: Vec::new(),
        };
        let mut changes = Vec::new();
        let size = self.server.options.block_size();
        for number in &staged.deleted {
            self.memory.forget(*number);
            changes.push((Some(*number), DELETED));
        }
        for (number, after) in &staged.instances {
            let number = *number;
            let known = self.memory.instance(number);
            let commits = known.map_or(0, |known| known.stored.commits) + 1;
            let last = after.instance.head.last_position;
            let before = size.whole_blocks(last - after.records.len() as u64);
            let completed = before..size.whole_blocks(last);
            let completed = completed.map(|block| Wanted::completed(number, block));
            committed.blocks.extend(completed);
            let known = self.memory.note(StoredInstance {
                number,
                commits,
                token,
                instance: after.instance.clone(),
            });
            for (stream_id, end) in &after.streams {
                known.note_stream(Arc::clone(stream_id), *end);
            }
            for (name, value) in &after.states {
                known.note_state(name, value.as_deref());
            }
            changes.push((Some(number), commits));
        }
        if let (Some(next_instance), Some(log)) = (staged.next_instance, &mut self.memory.log) {
            let commits = log.commits + 1;
            *log = KnownLog {
                commits,
                next_instance,
            };
            changes.push((None, commits));
        }
        (committed, changes)
    }
}
