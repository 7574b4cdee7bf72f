//! What a number has to be to change a lowest, or highest, value: looked at before the number is.

/// What a number has to be to be a new lowest, or highest, value.
#[derive(Clone, Copy, Debug)]
pub(in crate::query) struct NumberBar {
    /// Above this. What is not a number lets all pass.
    pub(in crate::query) above: f64,
    /// Below this.
    pub(in crate::query) below: f64,
}

impl NumberBar {
    /// That which all numbers pass.
    pub(in crate::query) const NONE: Self = Self {
        above: f64::NAN,
        below: f64::NAN,
    };

    /// That which no number passes.
    pub(in crate::query) const ALL: Self = Self {
        above: f64::INFINITY,
        below: f64::NEG_INFINITY,
    };

    /// Whether the number passes it.
    pub(in crate::query) fn lets_pass(self, number: f64) -> bool {
        let is_not_above = number <= self.above;
        let is_not_below = number >= self.below;
        !is_not_above && !is_not_below
    }
}
