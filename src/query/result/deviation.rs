//! How far numbers are from their mean.

/// The numbers so far, as their mean and how far they are from it. The mean moves with each number, so that numbers of a
/// large one and a small spread keep their digits.
#[derive(Debug, Default)]
pub(in crate::query) struct Deviation {
    count: u64,
    mean: f64,
    /// The sum of the squares of the distances from the mean.
    squares: f64,
}

impl Deviation {
    pub(in crate::query) fn add(&mut self, number: f64) {
        self.count += 1;
        let before = number - self.mean;
        #[expect(clippy::cast_precision_loss, reason = "there are never 2^53 numbers")]
        let count = self.count as f64;
        self.mean += before / count;
        self.squares += before * (number - self.mean);
    }

    /// The standard deviation of the numbers as a sample of more; `None` of fewer than two.
    #[expect(clippy::cast_precision_loss, reason = "there are never 2^53 numbers")]
    pub(in crate::query) fn value(&self) -> Option<f64> {
        let others = self.count.checked_sub(1).filter(|others| *others > 0)?;
        Some((self.squares / others as f64).sqrt())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn deviation(numbers: &[f64]) -> Option<f64> {
        let mut deviation = Deviation::default();
        for number in numbers {
            deviation.add(*number);
        }
        deviation.value()
    }

    #[test]
    fn it_is_that_of_a_sample() {
        assert_eq!(deviation(&[]), None);
        assert_eq!(deviation(&[5.0]), None);
        assert_eq!(deviation(&[5.0, 5.0, 5.0]), Some(0.0));
        assert_eq!(
            deviation(&[2.0, 4.0, 4.0, 4.0, 5.0, 5.0, 7.0, 9.0]),
            Some((32.0_f64 / 7.0).sqrt())
        );
        assert_eq!(
            deviation(&[1e9 + 4.0, 1e9 + 7.0, 1e9 + 13.0, 1e9 + 16.0]),
            Some(30.0_f64.sqrt())
        );
    }
}
