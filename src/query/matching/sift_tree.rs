//! Sorting out rows by trees of conditions, as far as columns tell.

use super::chunk::Chunk;
use super::rows::Rows;
use super::sift::Sifted;
use crate::query::grammar::condition_tree::ConditionTree;

impl ConditionTree {
    /// Tests some rows of a chunk by its columns. Rows that only their events can tell about are doubtful: all of them
    /// where there is no column.
    pub(in crate::query) fn sift<C: Chunk>(
        &self,
        chunk: &C,
        among: &Rows,
    ) -> Result<Sifted, C::Fault> {
        Ok(match self {
            Self::Condition(condition) => {
                let sifted = condition.sift(chunk, among)?;
                sifted.unwrap_or_else(|| Sifted {
                    rows: among.clone(),
                    doubtful: among.clone(),
                })
            }
            Self::All(trees) => {
                let mut passing = among.clone();
                let mut doubtful = Rows::none(among.capacity());
                for tree in trees {
                    if passing.is_empty() {
                        break;
                    }
                    let sifted = tree.sift(chunk, &passing)?;
                    passing = sifted.rows;
                    doubtful.unite(&sifted.doubtful);
                }
                doubtful.intersect(&passing);
                Sifted {
                    rows: passing,
                    doubtful,
                }
            }
            Self::Any(trees) => {
                // Rows of which nothing that came before is sure.
                let mut left = among.clone();
                let mut doubtful = Rows::none(among.capacity());
                for tree in trees {
                    if left.is_empty() {
                        break;
                    }
                    let mut sifted = tree.sift(chunk, &left)?;
                    doubtful.unite(&sifted.doubtful);
                    sifted.rows.subtract(&sifted.doubtful);
                    left.subtract(&sifted.rows);
                }
                doubtful.intersect(&left);
                let mut rows = among.clone();
                left.subtract(&doubtful);
                rows.subtract(&left);
                Sifted { rows, doubtful }
            }
            Self::Not(tree) => {
                let Sifted {
                    rows: mut sure,
                    doubtful,
                } = tree.sift(chunk, among)?;
                sure.subtract(&doubtful);
                let mut rows = among.clone();
                rows.subtract(&sure);
                Sifted { rows, doubtful }
            }
        })
    }
}
