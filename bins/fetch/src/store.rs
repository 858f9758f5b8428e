//! Files that live longer than a run: cookies, hosts of HSTS, other services.

use std::fs::{self, File};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};

use wireline_http::agent::Shared;
use wireline_http::alt_svc::AltServices;
use wireline_http::cookie::Jar;
use wireline_http::hsts::Hsts;

use crate::config::Operation;
use crate::notice::Notices;
use crate::surroundings::contents;

/// What the files say that operations name. `now` in seconds since 1970. A file that is not there has nothing in it.
pub(crate) fn load(operations: &[Operation], now: i64, said: &mut Notices) -> Shared {
    let mut shared = Shared::default();
    for operation in operations {
        let state = &operation.state;
        if state.keeps_cookies {
            let jar = shared.cookies.get_or_insert_with(Jar::default);
            for path in &state.cookies {
                match contents(path) {
                    Ok(text) => jar.read(&text, now),
                    Err(_) if operation.output.is_silent => {}
                    Err(_) => {
                        said.warning(&format!("failed to open cookie file \"{}\"", path.display()));
                    }
                }
            }
            if state.forgets_session {
                jar.forget_session();
            }
        }
        if let Some(path) = &state.hsts {
            let hsts = shared.hsts.get_or_insert_with(Hsts::default);
            hsts.read(&contents(path).unwrap_or_default(), now);
        }
        if let Some(path) = &state.alt_services {
            let services = shared.alt_services.get_or_insert_with(AltServices::default);
            services.read(&contents(path).unwrap_or_default(), now);
        }
    }
    shared
}

/// Writes them. What cannot be written is told, and is no failure of a transfer.
pub(crate) fn save(files: &[Files], shared: &Shared, now: i64, said: &mut Notices) {
    for file in files {
        let (path, text) = match file {
            Files::Cookies(path) => (path, shared.cookies.as_ref().map(|jar| jar.write(now))),
            Files::Hsts(path) => (path, shared.hsts.as_ref().map(|hsts| hsts.write(now))),
            Files::AltServices(path) => {
                (path, shared.alt_services.as_ref().map(|all| all.write(now)))
            }
        };
        let Some(text) = text else { continue };
        if let Err(why) = written(path, &text) {
            said.warning(&format!("failed to write {}: {why}", path.display()));
        }
    }
}

/// A file to be written at the end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Files {
    /// `-c`.
    Cookies(PathBuf),
    /// `--hsts`.
    Hsts(PathBuf),
    /// `--alt-svc`.
    AltServices(PathBuf),
}

/// Those that operations name, each once.
pub(crate) fn files(operations: &[Operation]) -> Vec<Files> {
    let mut files = Vec::new();
    for state in operations.iter().map(|operation| &operation.state) {
        let named = [
            state.jar.clone().map(Files::Cookies),
            state.hsts.clone().filter(|path| !path.as_os_str().is_empty()).map(Files::Hsts),
            state
                .alt_services
                .clone()
                .filter(|path| !path.as_os_str().is_empty())
                .map(Files::AltServices),
        ];
        for file in named.into_iter().flatten() {
            if !files.contains(&file) {
                files.push(file);
            }
        }
    }
    files
}

/// All of it or nothing: into another file beside it, which then takes its name. What is no plain file (`/dev/null`) is
/// written as it is.
fn written(path: &Path, text: &[u8]) -> io::Result<()> {
    if path == Path::new("-") {
        return io::stdout().lock().write_all(text);
    }
    let mode = match fs::metadata(path) {
        Ok(about) if !about.is_file() => return fs::write(path, text),
        Ok(about) => about.permissions().mode() & 0o777,
        Err(_) => 0o600,
    };
    let mut name = path.file_name().ok_or(io::ErrorKind::InvalidInput)?.to_os_string();
    name.push(format!(".{}.tmp", std::process::id()));
    let beside = path.with_file_name(name);
    let mut file = File::options().write(true).create_new(true).mode(0o600 | mode).open(&beside)?;
    let done = file.write_all(text).and_then(|()| fs::rename(&beside, path));
    if done.is_err() {
        let _ = fs::remove_file(&beside);
    }
    done
}

#[cfg(test)]
mod tests {
    use super::written;
    use std::os::unix::fs::PermissionsExt as _;
    use std::path::Path;

    #[test]
    fn file_is_replaced_whole_and_keeps_its_permissions() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("jar");
        written(&path, b"one").unwrap();
        assert_eq!(
            std::fs::metadata(&path).unwrap().permissions().mode() & 0o777,
            0o600,
            "secrets are in it"
        );
        std::fs::set_permissions(&path, std::fs::Permissions::from_mode(0o644)).unwrap();
        written(&path, b"two").unwrap();
        assert_eq!(std::fs::read(&path).unwrap(), b"two");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o644);
        assert_eq!(
            std::fs::read_dir(folder.path()).unwrap().count(),
            1,
            "nothing is left beside it"
        );
    }

    #[test]
    fn device_is_written_and_not_replaced() {
        written(Path::new("/dev/null"), b"x").unwrap();
        assert!(written(Path::new("/nonexistent/jar"), b"x").is_err());
    }
}
