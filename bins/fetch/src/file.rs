//! Files that a transfer leaves: where they are, how they are opened, and octets into them.

use std::ffi::OsString;
use std::fs::{DirBuilder, File, OpenOptions};
use std::io;
use std::os::unix::fs::{DirBuilderExt as _, OpenOptionsExt as _};
use std::path::{Path, PathBuf};

use crate::output::{Existing, OutputSpec};

mod writer;

pub(crate) use writer::{Target, Unwritten, Writer};

/// How many other names `--no-clobber` tries, as curl.
const OTHER_NAMES: u32 = 100;

/// Where a file is to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Place {
    /// As it is opened.
    pub(crate) path: PathBuf,
    /// Whether a server chose its name: nothing that is there is written over, no link is followed.
    pub(crate) is_server_named: bool,
    /// Octets that are there and stay.
    pub(crate) resume: u64,
}

impl Place {
    /// In the directory that was asked for.
    pub(crate) fn new(spec: &OutputSpec, name: &Path, is_server_named: bool) -> Self {
        let path = match &spec.directory {
            Some(directory) => directory.join(name.strip_prefix("/").unwrap_or(name)),
            None => name.to_owned(),
        };
        Self { path, is_server_named, resume: 0 }
    }

    /// How long the file is; 0 where there is none.
    pub(crate) fn length(&self) -> u64 {
        std::fs::metadata(&self.path).map_or(0, |found| found.len())
    }

    /// Opens it, and says under which name.
    pub(crate) fn open(&self, spec: &OutputSpec, is_resumed: bool) -> io::Result<(File, PathBuf)> {
        if spec.creates_directories {
            make_directories(&self.path)?;
        }
        let mut options = OpenOptions::new();
        options.mode(spec.file_mode.unwrap_or(0o666));
        if is_resumed {
            let file = options.append(true).create(true).open(&self.path)?;
            return Ok((file, self.path.clone()));
        }
        options.write(true);
        match spec.existing {
            Existing::Another => first_free(&self.path, options.create_new(true)),
            Existing::Usual | Existing::Skip if self.is_server_named => {
                // O_EXCL follows no link at the end of a name either (open(2)).
                let file = options.create_new(true).custom_flags(no_follow()).open(&self.path)?;
                Ok((file, self.path.clone()))
            }
            _ if self.is_server_named => {
                options.create(true).truncate(true).custom_flags(no_follow());
                Ok((options.open(&self.path)?, self.path.clone()))
            }
            _ => Ok((options.create(true).truncate(true).open(&self.path)?, self.path.clone())),
        }
    }
}

fn no_follow() -> i32 {
    i32::try_from(rustix::fs::OFlags::NOFOLLOW.bits()).unwrap_or_default()
}

fn make_directories(path: &Path) -> io::Result<()> {
    let Some(parent) = path.parent().filter(|parent| !parent.as_os_str().is_empty()) else {
        return Ok(());
    };
    DirBuilder::new().recursive(true).mode(0o750).create(parent)
}

/// The name itself, or the first of `name.1`, `name.2` … that is not there.
fn first_free(path: &Path, options: &OpenOptions) -> io::Result<(File, PathBuf)> {
    let mut last = match options.open(path) {
        Ok(file) => return Ok((file, path.to_owned())),
        Err(err) => err,
    };
    for number in 1..=OTHER_NAMES {
        if last.kind() != io::ErrorKind::AlreadyExists {
            return Err(last);
        }
        let mut other = OsString::from(path);
        other.push(format!(".{number}"));
        match options.open(&other) {
            Ok(file) => return Ok((file, other.into())),
            Err(err) => last = err,
        }
    }
    Err(last)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn spec(existing: Existing) -> OutputSpec {
        OutputSpec { existing, ..OutputSpec::default() }
    }

    fn place(directory: &tempfile::TempDir, is_server_named: bool) -> Place {
        Place { path: directory.path().join("x"), is_server_named, resume: 0 }
    }

    #[test]
    fn what_a_server_named_overwrites_nothing_and_follows_no_link() {
        let directory = tempfile::tempdir().unwrap();
        let target = directory.path().join("target");
        std::os::unix::fs::symlink(&target, directory.path().join("x")).unwrap();
        for existing in [Existing::Usual, Existing::Over] {
            let opened = place(&directory, true).open(&spec(existing), false);
            assert!(opened.is_err(), "{existing:?} followed a link");
        }
        assert!(!target.exists());
    }

    #[test]
    fn another_name_is_taken_up_to_a_hundred() {
        let directory = tempfile::tempdir().unwrap();
        let place = place(&directory, false);
        for n in 0..=100 {
            let (_, path) = place.open(&spec(Existing::Another), false).unwrap();
            let name = path.file_name().unwrap().to_str().unwrap().to_owned();
            assert_eq!(name, if n == 0 { "x".to_owned() } else { format!("x.{n}") });
        }
        let refused = place.open(&spec(Existing::Another), false).unwrap_err();
        assert_eq!(refused.kind(), io::ErrorKind::AlreadyExists);
    }

    #[test]
    fn directories_are_made_where_asked_for_and_files_have_the_mode() {
        use std::os::unix::fs::PermissionsExt as _;
        let directory = tempfile::tempdir().unwrap();
        let mut spec = OutputSpec {
            directory: Some(directory.path().join("a/b")),
            file_mode: Some(0o600),
            ..OutputSpec::default()
        };
        let place = Place::new(&spec, Path::new("/c/x"), false);
        assert!(place.open(&spec, false).is_err(), "no directory was asked for");
        spec.creates_directories = true;
        let (file, _) = place.open(&spec, false).unwrap();
        assert_eq!(file.metadata().unwrap().permissions().mode() & 0o777, 0o600);
        let made = std::fs::metadata(directory.path().join("a/b/c")).unwrap();
        assert_eq!(made.permissions().mode() & 0o027, 0, "0750 less the umask");
    }

    #[test]
    fn a_resumed_file_keeps_what_it_has() {
        let directory = tempfile::tempdir().unwrap();
        let place = place(&directory, false);
        std::fs::write(&place.path, "abc").unwrap();
        assert_eq!(place.length(), 3);
        let (file, _) = place.open(&spec(Existing::Usual), true).unwrap();
        let mut writer = Writer::new(Target::File(file));
        writer.put(b"def").unwrap();
        writer.flush().unwrap();
        assert_eq!(std::fs::read(&place.path).unwrap(), b"abcdef");
    }
}
