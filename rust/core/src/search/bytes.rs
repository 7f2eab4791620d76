//! A search as bytes, and back.

use super::state::{Course, Method, Search, check};
use super::tree::Status;
use crate::error::{Error, Result};

/// What the bytes begin with; the last one is the version of the format.
const TAG: &[u8] = b"kcurve.search\x01";

impl Search {
    /// The whole state; equal states give equal bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Into memory, and of plain columns: nothing can fail.
        postcard::to_extend(self, TAG.to_vec()).unwrap_or_default()
    }

    /// The state that [`Search::to_bytes`] gave.
    ///
    /// # Errors
    ///
    /// [`Error::Search`] if the bytes are none, or do not fit together.
    pub fn from_bytes(bytes: &[u8]) -> Result<Self> {
        let content = bytes.strip_prefix(TAG).ok_or_else(|| {
            Error::Search("this is no saved search, or one of another version".into())
        })?;
        let damaged =
            |reason: String| Error::Search(format!("the saved search is damaged: {reason}"));
        let (search, rest): (Self, &[u8]) =
            postcard::take_from_bytes(content).map_err(|error| damaged(error.to_string()))?;
        if !rest.is_empty() {
            return Err(damaged(format!("{} bytes too many", rest.len())));
        }
        check(&search.method, &search.limits).map_err(|error| damaged(error.to_string()))?;
        search
            .tree
            .check()
            .map_err(|error| damaged(error.to_string()))?;
        if search.fits() {
            Ok(search)
        } else {
            Err(damaged("its parts do not belong together".into()))
        }
    }

    fn fits(&self) -> bool {
        let n = self.tree.len();
        let fresh = self.asked.iter().all(|one| {
            (one.node as usize) < n
                && one.children > 0
                && self.tree.children(one.node).is_empty()
                && self.tree.status()[one.node as usize] == Status::Open
        });
        let distinct = self
            .asked
            .windows(2)
            .all(|pair| pair[0].node != pair[1].node);
        let own = match (&self.course, &self.method) {
            (Course::Rebase(rebase), Method::Rebase { width, .. }) => {
                rebase.remaining() <= u64::from(*width)
            }
            (Course::Beam(beam), Method::Beam { width, .. }) => beam.fits(*width, &self.asked),
            (Course::Mcts(mcts), Method::Mcts { .. }) => mcts.fits(n),
            _ => false,
        };
        fresh && distinct && own
    }
}
