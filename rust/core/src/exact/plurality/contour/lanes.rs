//! Complex numbers in vector lanes.

/// Points of the circle that are advanced together.
pub(super) const LANES: usize = 8;

/// A complex number per lane. Products are fused, on every machine alike: the bits do not depend on it.
#[derive(Clone, Copy)]
pub(super) struct Lanes {
    pub(super) re: [f64; LANES],
    pub(super) im: [f64; LANES],
}

impl Lanes {
    pub(super) const ZERO: Self = Self {
        re: [0.0; LANES],
        im: [0.0; LANES],
    };
    pub(super) const ONE: Self = Self {
        re: [1.0; LANES],
        im: [0.0; LANES],
    };

    #[inline(always)]
    pub(super) fn times(&self, other: &Self) -> Self {
        let mut product = Self::ZERO;
        for lane in 0..LANES {
            let (a, b) = (self.re[lane], self.im[lane]);
            let (c, d) = (other.re[lane], other.im[lane]);
            product.re[lane] = a.mul_add(c, -(b * d));
            product.im[lane] = a.mul_add(d, b * c);
        }
        product
    }

    #[inline(always)]
    pub(super) fn scaled(&self, scale: f64) -> Self {
        let mut scaled = *self;
        for lane in 0..LANES {
            scaled.re[lane] *= scale;
            scaled.im[lane] *= scale;
        }
        scaled
    }

    #[inline(always)]
    pub(super) fn add(&mut self, other: &Self) {
        for lane in 0..LANES {
            self.re[lane] += other.re[lane];
            self.im[lane] += other.im[lane];
        }
    }

    #[inline(always)]
    pub(super) fn add_scaled(&mut self, other: &Self, scale: f64) {
        for lane in 0..LANES {
            self.re[lane] = other.re[lane].mul_add(scale, self.re[lane]);
            self.im[lane] = other.im[lane].mul_add(scale, self.im[lane]);
        }
    }

    #[inline(always)]
    pub(super) fn raised(&self, mut power: u32) -> Self {
        if power == 1 {
            return *self;
        }
        let mut result = Self::ONE;
        let mut square = *self;
        while power > 0 {
            if power & 1 == 1 {
                result = result.times(&square);
            }
            square = square.times(&square);
            power >>= 1;
        }
        result
    }
}
