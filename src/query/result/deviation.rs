//! How far numbers are from their mean.

/// By what numbers are multiplied, so that neither the square of a large one is infinite nor that of a small one zero: all
/// so far by the same power of two, which changes no digit.
const SCALES: [f64; 3] = [LARGE, 1.0, 1.0 / LARGE];

/// 2^600.
const LARGE: f64 = f64::from_bits((600 + 1023) << 52);

/// No number is above it once it is multiplied: 2^500.
const SCALED_MAX: f64 = f64::from_bits((500 + 1023) << 52);

/// The numbers so far, as their mean and how far they are from it. The mean moves with each number, so that numbers of a
/// large one and a small spread keep their digits.
#[derive(Debug, Default)]
pub(in crate::query) struct Deviation {
    count: u64,
    /// Which of the scales the numbers have.
    scale: usize,
    mean: f64,
    /// The sum of the squares of the distances from the mean.
    squares: f64,
}

impl Deviation {
    pub(in crate::query) fn add(&mut self, number: f64) {
        while (number * self.factor()).abs() > SCALED_MAX && self.scale + 1 < SCALES.len() {
            self.scale += 1;
            self.mean /= LARGE;
            self.squares = self.squares / LARGE / LARGE;
        }
        let number = number * self.factor();
        self.count += 1;
        let before = number - self.mean;
        #[expect(clippy::cast_precision_loss, reason = "there are never 2^53 numbers")]
        let count = self.count as f64;
        self.mean += before / count;
        self.squares += before * (number - self.mean);
    }

    fn factor(&self) -> f64 {
        SCALES.get(self.scale).copied().unwrap_or(1.0)
    }

    /// The standard deviation of the numbers as a sample of more; `None` of fewer than two. It is infinite if it is above
    /// all numbers, as that of the highest and the lowest of all.
    #[expect(clippy::cast_precision_loss, reason = "there are never 2^53 numbers")]
    pub(in crate::query) fn value(&self) -> Option<f64> {
        let others = self.count.checked_sub(1).filter(|others| *others > 0)?;
        Some((self.squares / others as f64).sqrt() / self.factor())
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

    #[test]
    fn numbers_of_any_size_have_one() {
        // The last one is below the smallest normal number, and has fewer digits.
        for (scale, digits) in [
            (1e308, 1e-15),
            (1e200, 1e-15),
            (1.0, 1e-15),
            (1e-200, 1e-15),
            (1e-300, 1e-15),
            (1e-310, 1e-9),
        ] {
            let found = deviation(&[scale, -scale, scale, -scale]).unwrap();
            let exact = scale * (4.0_f64 / 3.0).sqrt();
            assert!((found / exact - 1.0).abs() <= digits, "{found} {exact}");
            assert_eq!(deviation(&[scale, scale, scale]), Some(0.0));
        }
        // One after the other, in whatever order.
        for numbers in [[1e-300, 1.0, 1e300, 1.0], [1e300, 1e-300, 1.0, 1.0]] {
            let found = deviation(&numbers).unwrap();
            assert!((found / 5e299 - 1.0).abs() < 1e-15, "{found}");
        }
        assert_eq!(deviation(&[f64::MAX, f64::MIN]), Some(f64::INFINITY));
    }
}
