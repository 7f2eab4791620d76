//! What a vote decides: how ties for first place are broken, and what a missing answer counts for.

/// How a tie for first place is scored.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum Ties {
    /// Each of the tied answers gets an equal share of the credit: the expectation of a fair draw.
    #[default]
    Split,
    /// The tied answer that was drawn first wins. Draws are exchangeable, so each of the tied
    /// answers is equally likely to have come first, and the expectation is that of [`Ties::Split`].
    First,
    /// A tie counts as a wrong answer.
    Wrong,
}

/// What a sample without an answer counts for in a vote.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
pub enum NoAnswer {
    /// It is drawn, but never wins. A draw of nothing else is wrong.
    #[default]
    Ignore,
    /// It votes for one more, wrong, answer: "none".
    Vote,
}
