//! Reading a file whole and writing a file whole: never half of one.

use std::io::Write;
use std::path::{Path, PathBuf};

use crate::error::Error;

/// The text of `path`. Errors name the file; bytes that are not UTF-8 are an error.
pub fn read(path: &Path) -> Result<String, Error> {
    std::fs::read_to_string(path).map_err(|source| Error::file(path, source))
}

/// Writes `bytes` to `path`, as [`write_with`].
pub fn write(path: &Path, bytes: &[u8]) -> Result<(), Error> {
    write_with(path, |file| file.write_all(bytes))
}

/// Writes to `path` what `content` puts out, making its folder if need be: first a temporary file
/// beside it, then a rename, so that a reader sees the old file or the new one and an interruption
/// loses neither.
pub fn write_with(
    path: &Path,
    content: impl FnOnce(&mut dyn Write) -> std::io::Result<()>,
) -> Result<(), Error> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder {
        make_folder(folder)?;
    }
    let temporary = temporary_name(path);
    let written = std::fs::File::create(&temporary)
        .and_then(|file| {
            let mut buffered = std::io::BufWriter::with_capacity(1 << 16, file);
            content(&mut buffered)?;
            buffered.flush()?;
            buffered.get_ref().sync_all()
        })
        .and_then(|()| std::fs::rename(&temporary, path));
    written.map_err(|source| {
        // The rename failed or the disk is full: the half-written file helps nobody.
        let _ = std::fs::remove_file(&temporary);
        Error::file(path, source)
    })
}

/// Makes `folder` if need be: before long work whose results are to be written into it.
pub fn make_folder(folder: &Path) -> Result<(), Error> {
    std::fs::create_dir_all(folder).map_err(|source| Error::file(folder, source))
}

/// A name in the same folder (a rename must not cross file systems) that no other process uses.
fn temporary_name(path: &Path) -> PathBuf {
    let mut name = std::ffi::OsString::from(".");
    name.push(path.file_name().unwrap_or_default());
    name.push(format!(".{}.tmp", std::process::id()));
    path.with_file_name(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_write_replaces_the_whole_file_and_leaves_nothing_beside_it() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("deep/er/a.txt");
        write(&path, b"one, longer").unwrap();
        write(&path, b"two").unwrap();
        assert_eq!(read(&path).unwrap(), "two");
        let names = std::fs::read_dir(path.parent().unwrap()).unwrap().count();
        assert_eq!(names, 1);
    }

    #[test]
    fn a_failed_write_names_the_file_and_leaves_nothing() {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("taken")).unwrap();
        let error = write(&folder.path().join("taken"), b"x").unwrap_err();
        assert!(error.to_string().contains("taken"));
        assert_eq!(std::fs::read_dir(folder.path()).unwrap().count(), 1);
    }
}
