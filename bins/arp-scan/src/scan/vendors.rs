//! Where names of vendors come from: `--ouifile` and `--macfile`, or what is built in.

use std::path::Path;

use wireline_engine::errno_text;
use wireline_host::vendors::{Loaded, VendorError, Vendors, system_files};

use super::args::FileFlags;

/// All that was asked for. What cannot be read is warned of and goes without.
pub(crate) fn load(flags: &FileFlags, verbose: u8, warn: &mut dyn FnMut(String)) -> Vendors {
    let mut vendors = match flags.ouifile.as_deref() {
        None => Vendors::built_in(),
        Some(_) => Vendors::none(),
    };
    let mut read = |path: &Path, what: &str| match vendors.read(path) {
        Ok(loaded) => tell(path, &loaded, what, verbose, warn),
        Err(why) => warn(sentence(path, &why)),
    };
    match flags.ouifile.as_deref() {
        Some("system") => system_files().iter().for_each(|path| read(path, "IEEE OUI")),
        Some(file) => read(file.as_ref(), "IEEE OUI"),
        None => {}
    }
    let local = Path::new(Vendors::LOCAL_FILE);
    match flags.macfile.as_deref() {
        Some(file) => read(file.as_ref(), "MAC"),
        None if local.exists() => read(local, "MAC"),
        None => {}
    }
    vendors
}

fn tell(path: &Path, loaded: &Loaded, what: &str, verbose: u8, warn: &mut dyn FnMut(String)) {
    for line in &loaded.unread {
        warn(format!("WARNING: Could not parse oui: {line}"));
    }
    let more = loaded.unread_lines - loaded.unread.len().min(loaded.unread_lines);
    if more > 0 {
        warn(format!("WARNING: Could not parse {more} more lines of {}", path.display()));
    }
    if verbose > 1 && loaded.prefixes > 0 {
        let (count, path) = (loaded.prefixes, path.display());
        warn(format!("DEBUG: Loaded {count} {what}/Vendor entries from {path}."));
    }
}

fn sentence(path: &Path, why: &VendorError) -> String {
    match why {
        VendorError::Read { source, .. } => {
            let (path, why) = (path.display(), errno_text(source));
            format!("WARNING: Cannot open MAC/Vendor file {path}: {why}")
        }
        other => format!("WARNING: {other}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn missing_file_is_a_warning_in_the_words_of_the_peer() {
        let flags = FileFlags { ouifile: Some("/nowhere/oui".into()), ..FileFlags::default() };
        let mut warnings = Vec::new();
        load(&flags, 0, &mut |text| warnings.push(text));
        assert_eq!(
            warnings[0],
            "WARNING: Cannot open MAC/Vendor file /nowhere/oui: No such file or directory"
        );
    }
}
