//! The encoded log: a ragged table of questions × samples.

/// Texts packed end to end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Strings {
    /// Text `i` is `bytes[offsets[i]..offsets[i + 1]]`.
    pub offsets: Vec<i64>,
    /// UTF-8.
    pub bytes: Vec<u8>,
}

impl Default for Strings {
    fn default() -> Self {
        Self {
            offsets: vec![0],
            bytes: Vec::new(),
        }
    }
}

impl Strings {
    /// The number of texts.
    pub fn len(&self) -> usize {
        self.offsets.len() - 1
    }

    /// Whether there is no text at all.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The bytes of text `index`.
    pub fn get(&self, index: usize) -> &[u8] {
        &self.bytes[self.offsets[index] as usize..self.offsets[index + 1] as usize]
    }

    /// Appends a text.
    pub fn push(&mut self, text: &[u8]) {
        self.bytes.extend_from_slice(text);
        self.offsets.push(self.bytes.len() as i64);
    }
}

/// Texts of which some may be missing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct OptionalStrings {
    /// The texts; empty where missing.
    pub strings: Strings,
    /// Which are missing.
    pub missing: Vec<bool>,
}

impl OptionalStrings {
    /// Appends a text or its absence.
    pub fn push(&mut self, text: Option<&[u8]>) {
        self.strings.push(text.unwrap_or_default());
        self.missing.push(text.is_none());
    }

    /// The bytes of text `index`, unless it is missing.
    pub fn get(&self, index: usize) -> Option<&[u8]> {
        (!self.missing[index]).then(|| self.strings.get(index))
    }
}

/// A category for each question.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Categorical {
    /// The category of each question.
    pub codes: Vec<i32>,
    /// The name of each category.
    pub names: Strings,
}

impl Categorical {
    /// One category without a name for each of `questions` questions.
    pub(crate) fn unnamed(questions: usize) -> Self {
        let mut names = Strings::default();
        names.push(b"");
        Self {
            codes: vec![0; questions],
            names,
        }
    }

    /// Whether every question is in one category without a name: nobody gave the column.
    pub fn is_unnamed(&self) -> bool {
        self.names.len() == 1 && self.names.get(0).is_empty()
    }
}

/// The step scores of every sample, packed.
#[derive(Clone, Debug, PartialEq)]
pub struct StepScores {
    /// The scores of sample `i` are `values[offsets[i]..offsets[i + 1]]`.
    pub offsets: Vec<i64>,
    /// The scores.
    pub values: Vec<f64>,
}

/// An answer log with its answers as small integers.
///
/// A *question* is one (data set, model, question id); questions stand in the order in which they
/// first appear. The samples of question `q` are `offsets[q]..offsets[q + 1]`, by sample number.
#[derive(Clone, Debug, PartialEq)]
pub struct EncodedLog {
    /// Where each question's samples begin, and the end of the last.
    pub offsets: Vec<i64>,
    /// The answer of each sample, numbered within its question by first appearance; −1 for none.
    pub codes: Vec<i32>,
    /// Whether each sample is correct.
    pub correct: Vec<bool>,
    /// The number of each sample within its question, as the log gave it.
    pub sample: Vec<i64>,
    /// The id of each question.
    pub question: Strings,
    /// The distinct answers: code `c` of question `q` is text `answer_offsets[q] + c`.
    pub answers: Strings,
    /// Where each question's distinct answers begin, and the end of the last.
    pub answer_offsets: Vec<i64>,
    /// The correct answer of each question.
    pub reference: Option<OptionalStrings>,
    /// The model that answered.
    pub model: Categorical,
    /// The data set.
    pub dataset: Categorical,
    /// The cluster, where the log has clusters.
    pub cluster: Option<Categorical>,
    /// Verifier scores; NaN for missing.
    pub score: Option<Vec<f64>>,
    /// Filter decisions.
    pub keep: Option<Vec<bool>>,
    /// Process reward scores.
    pub step_scores: Option<StepScores>,
    /// Prompt tokens; NaN for missing.
    pub tokens_in: Option<Vec<f64>>,
    /// Generated tokens; NaN for missing.
    pub tokens_out: Option<Vec<f64>>,
    /// Money; NaN for missing.
    pub cost: Option<Vec<f64>>,
    /// Seconds; NaN for missing.
    pub latency: Option<Vec<f64>>,
    /// 0 ok, 1 no answer, 2 truncated, 3 error.
    pub status: Option<Vec<u8>>,
}

impl EncodedLog {
    /// The number of questions.
    pub fn n_questions(&self) -> usize {
        self.offsets.len() - 1
    }

    /// The number of samples of all questions.
    pub fn n_samples(&self) -> usize {
        self.codes.len()
    }
}
