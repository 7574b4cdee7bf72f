//! What a check has found.

/// How many problems a report tells. Where there are more, it says how many.
const PROBLEMS_MAX: usize = 100;

/// Something in the log that is not as it has to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Problem {
    /// The id of the instance that it concerns, if it is one.
    pub instance_id: Option<String>,
    /// The position of the event that it concerns, if it is one.
    pub position: Option<u64>,
    /// What was expected there and what was found.
    pub text: String,
}

/// What a check has found.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Report {
    /// How many instances were checked.
    pub instances: u64,
    /// How many streams they have.
    pub streams: u64,
    /// How many events they have that could be read.
    pub events: u64,
    /// Bytes of these events' records.
    pub bytes: u64,
    /// The first problems.
    pub problems: Vec<Problem>,
    /// How many problems there are.
    pub problem_count: u64,
}

impl Report {
    pub(super) fn add(
        &mut self,
        instance_id: Option<&str>,
        position: Option<u64>,
        text: impl Into<String>,
    ) {
        self.problem_count += 1;
        if self.problems.len() < PROBLEMS_MAX {
            self.problems.push(Problem {
                instance_id: instance_id.map(str::to_owned),
                position,
                text: text.into(),
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_more_than_the_bound_is_told_and_all_are_counted() {
        let mut report = Report::default();
        for position in 0..=PROBLEMS_MAX as u64 {
            report.add(Some("i"), Some(position), "missing");
        }
        assert_eq!(report.problems.len(), PROBLEMS_MAX);
        assert_eq!(report.problem_count, PROBLEMS_MAX as u64 + 1);
    }
}
