//! What a condition makes of all rows of a chunk at once, as far as its summary tells.

/// Which rows pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Verdict {
    /// All of them.
    All,
    /// None of them.
    None,
    /// That takes a look at the rows.
    Open,
}

impl Verdict {
    pub(super) const fn of(holds: bool) -> Self {
        if holds { Self::All } else { Self::None }
    }

    /// The verdict on rows of which some pass and some do not.
    pub(super) const fn of_parts(any_passes: bool, any_fails: bool) -> Self {
        match (any_passes, any_fails) {
            (true, true) => Self::Open,
            (true, false) => Self::All,
            (false, _) => Self::None,
        }
    }
}
