//! Where to start: the decays of a coarse grid, compared with the targets all at once.

use super::fit::Design;

/// Points of each axis besides the bound.
const POINTS: usize = 23;
/// Points of each axis.
const SIDE: usize = POINTS + 1;
const CELLS: usize = SIDE * SIDE;

/// The exponent over the whole range of calls that no longer matters.
const FLAT: f64 = 0.02;
/// The exponent between the first two numbers of calls after which nothing is left.
const STEEP: f64 = 30.0;

/// The most places to start from.
pub(super) const STARTS: usize = 3;

/// Decays of unit height at the first number of calls, for rates on a grid.
///
/// Single precision will do to rank them, and is twice as fast.
pub(super) struct Grid {
    axes: [[f64; SIDE]; 2],
    /// Decay after each number of calls, for every cell.
    decays: Vec<[f32; CELLS]>,
    /// One over the square norm of each cell's decay.
    inverse_norms: Box<[f32; CELLS]>,
}

impl Grid {
    pub(super) fn new(design: &Design) -> Self {
        let axes = [0, 1].map(|axis| {
            let low = design.low[axis];
            let top = (STEEP / design.first_gap[axis]).max(10.0 * FLAT);
            let mut points = [low; SIDE];
            for (i, point) in points.iter_mut().enumerate().skip(1) {
                let share = (i - 1) as f64 / (POINTS - 1) as f64;
                *point = low + FLAT * (top / FLAT).powf(share);
            }
            points
        });
        let decays: Vec<[f32; CELLS]> = design
            .x
            .iter()
            .map(|x| {
                let mut decay = [0.0; CELLS];
                for (cell, decay) in decay.iter_mut().enumerate() {
                    let (a, b) = (axes[0][cell / SIDE], axes[1][cell % SIDE]);
                    *decay = (-a * x[0] - b * x[1]).exp() as f32;
                }
                decay
            })
            .collect();
        let mut inverse_norms = Box::new([0.0; CELLS]);
        for (cell, inverse) in inverse_norms.iter_mut().enumerate() {
            *inverse = decays
                .iter()
                .map(|d| d[cell] * d[cell])
                .sum::<f32>()
                .recip();
        }
        Self {
            axes,
            decays,
            inverse_norms,
        }
    }

    /// The best peaks of the grid: how much of the targets' square norm a multiple of the decay explains.
    pub(super) fn starts(&self, targets: &[f64]) -> ([[f64; 2]; STARTS], usize) {
        let mut scores = [0.0_f32; CELLS];
        for (decay, &target) in self.decays.iter().zip(targets) {
            let target = target as f32;
            for (score, &decay) in scores.iter_mut().zip(decay) {
                *score += target * decay;
            }
        }
        for (score, &inverse) in scores.iter_mut().zip(self.inverse_norms.iter()) {
            let positive = score.max(0.0);
            *score = positive * positive * inverse;
        }
        let mut best = [(f32::NEG_INFINITY, 0); STARTS];
        for row in 0..SIDE {
            for column in 0..SIDE {
                let cell = row * SIDE + column;
                let score = scores[cell];
                if score > best[STARTS - 1].0 && is_peak(&scores, row, column) {
                    let place = best.iter().position(|&(other, _)| score > other);
                    if let Some(place) = place {
                        best[place..].rotate_right(1);
                        best[place] = (score, cell);
                    }
                }
            }
        }
        let found = best
            .iter()
            .take_while(|(score, _)| score.is_finite())
            .count();
        let points = best.map(|(_, cell)| [self.axes[0][cell / SIDE], self.axes[1][cell % SIDE]]);
        (points, found)
    }
}

fn is_peak(scores: &[f32; CELLS], row: usize, column: usize) -> bool {
    let score = scores[row * SIDE + column];
    let rows = row.saturating_sub(1)..=(row + 1).min(SIDE - 1);
    rows.into_iter().all(|r| {
        let columns = column.saturating_sub(1)..=(column + 1).min(SIDE - 1);
        columns.into_iter().all(|c| scores[r * SIDE + c] <= score)
    })
}
