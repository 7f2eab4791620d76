//! Blocks by bucket: in memory while there is room, then on disk.

use std::fs::{self, File, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Mutex, MutexGuard, PoisonError};

use super::super::error::{Error, Result};
use super::block;

/// The blocks of every bucket.
#[derive(Debug)]
pub(super) struct Store {
    buckets: Vec<Mutex<Bucket>>,
    /// How many bytes may be held in memory, and are.
    room: usize,
    held: AtomicUsize,
    /// Where the folder of spilled blocks is made when the first one is.
    parent: PathBuf,
    folder: Mutex<Option<Folder>>,
}

#[derive(Debug, Default)]
struct Bucket {
    held: Vec<Vec<u8>>,
    spilled: Option<PathBuf>,
}

impl Store {
    pub(super) fn new(buckets: usize, room: usize, parent: &Path) -> Self {
        Self {
            buckets: (0..buckets).map(|_| Mutex::default()).collect(),
            room,
            held: AtomicUsize::new(0),
            parent: parent.to_owned(),
            folder: Mutex::default(),
        }
    }

    /// The number of buckets.
    pub(super) fn len(&self) -> usize {
        self.buckets.len()
    }

    /// Adds a block to a bucket.
    pub(super) fn put(&self, number: usize, block: Vec<u8>) -> Result<()> {
        let held = self.held.fetch_add(block.len(), Ordering::Relaxed) + block.len();
        let mut bucket = locked(&self.buckets[number]);
        if held <= self.room {
            bucket.held.push(block);
            return Ok(());
        }
        self.held.fetch_sub(block.len(), Ordering::Relaxed);
        let path = if let Some(path) = &bucket.spilled {
            path
        } else {
            let path = self.folder()?.join(format!("bucket-{number}"));
            bucket.spilled.insert(path)
        };
        let mut open = OpenOptions::new();
        let file = open.create(true).append(true).open(path);
        file.and_then(|mut file| file.write_all(&block))
            .map_err(Error::io(path))
    }

    /// Hands the blocks of a bucket to `read`, and forgets them.
    pub(super) fn take<T>(
        &self,
        number: usize,
        read: impl FnOnce(Vec<&[u8]>) -> Result<T>,
    ) -> Result<T> {
        let bucket = std::mem::take(&mut *locked(&self.buckets[number]));
        let spilled = match &bucket.spilled {
            None => Vec::new(),
            Some(path) => fs::read(path).map_err(Error::io(path))?,
        };
        let mut blocks = block::split(&spilled);
        blocks.extend(bucket.held.iter().map(Vec::as_slice));
        let result = read(blocks)?;
        if let Some(path) = &bucket.spilled {
            fs::remove_file(path).map_err(Error::io(path))?;
        }
        Ok(result)
    }

    fn folder(&self) -> Result<PathBuf> {
        let mut folder = locked(&self.folder);
        if let Some(folder) = &*folder {
            return Ok(folder.path.clone());
        }
        let made = Folder::make(&self.parent)?;
        let path = made.path.clone();
        *folder = Some(made);
        Ok(path)
    }
}

/// A bucket that a panic left behind is as good as ever: blocks are added whole.
fn locked<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

/// A folder that nobody else uses, removed with all that is in it.
#[derive(Debug)]
struct Folder {
    path: PathBuf,
}

impl Folder {
    fn make(parent: &Path) -> Result<Self> {
        static MADE: AtomicUsize = AtomicUsize::new(0);
        loop {
            let number = MADE.fetch_add(1, Ordering::Relaxed);
            let path = parent.join(format!("kcurve-{}-{number}", std::process::id()));
            match fs::create_dir(&path) {
                Ok(()) => return Ok(Self { path }),
                // Left by a process that was killed and had the same number.
                Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {}
                Err(error) => return Err(Error::io(&path)(error)),
            }
        }
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        // There is nobody left to tell.
        let _ = fs::remove_dir_all(&self.path);
    }
}

/// Whether a file can be created in a folder, before hours of work depend on it.
pub(super) fn check_writable(parent: &Path) -> Result<()> {
    let folder = Folder::make(parent)?;
    let path = folder.path.join("probe");
    File::create(&path).map(drop).map_err(Error::io(&path))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ingest::scan::block::Writer;

    #[test]
    fn what_does_not_fit_is_spilled_and_the_folder_vanishes() {
        let parent = std::env::temp_dir();
        let block = || Writer::new(false).finish();
        let store = Store::new(2, block().len(), &parent);
        for _ in 0..3 {
            store.put(1, block()).expect("written");
        }
        let folder = store.folder().expect("made");
        assert!(folder.join("bucket-1").exists());
        let found = store.take(1, |blocks| Ok(blocks.len())).expect("read");
        assert_eq!(found, 3);
        assert!(!folder.join("bucket-1").exists());
        drop(store);
        assert!(!folder.exists());
    }
}
