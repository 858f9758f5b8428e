//! Heads in files: `-D`, and the `ETag` of `--etag-save`.

use std::cell::RefCell;
use std::path::Path;
use std::rc::Rc;

use wireline_http::{Failure, Head, Kind};

use super::shared::{Shared, said};
use super::unwritten;
use crate::file::Writer;
use crate::output::OutputSpec;
use crate::terminal;

/// Where heads are dumped.
pub(super) enum Heads {
    Nowhere,
    Stdout,
    Stderr,
    File(Rc<RefCell<Writer>>),
}

impl Heads {
    pub(super) fn new(spec: &OutputSpec, shared: &Shared) -> Result<Self, Failure> {
        let Some(path) = &spec.dump_heads else { return Ok(Self::Nowhere) };
        match path.to_str() {
            Some("-") => return Ok(Self::Stdout),
            Some("%") => return Ok(Self::Stderr),
            _ => {}
        }
        let file = shared.dump_file(path).map_err(|why| {
            let text = format!("Failed to open {}: {}", path.display(), said(&why));
            Failure::new(Kind::Write, text)
        })?;
        Ok(Self::File(file))
    }

    pub(super) fn dump(&self, raw: &[u8], shared: &Shared) -> Result<(), Failure> {
        let written = match self {
            Self::Nowhere => Ok(()),
            Self::Stdout if shared.stdout_is_terminal => shared.print(&terminal::visible(raw)),
            Self::Stdout => shared.print(raw),
            Self::Stderr => {
                let is_seen = shared.stderr_is_terminal;
                shared.say(&if is_seen { terminal::visible(raw) } else { raw.to_vec() });
                Ok(())
            }
            Self::File(file) => {
                let mut file = file.borrow_mut();
                // Whoever waits for a head gets it now, and a full disk ends the transfer.
                file.put(raw).and_then(|()| file.flush())
            }
        };
        written.map_err(|fault| unwritten(&fault))
    }
}

/// The `ETag` on a line of its own. A response without one leaves what is there.
pub(super) fn save_etag(head: &Head, path: &Path, spec: &OutputSpec, shared: &Shared) {
    let is_about_it = (200..400).contains(&head.status);
    let Some(etag) = head.fields.get("etag").filter(|_| is_about_it) else { return };
    let mut line = etag.to_vec();
    line.push(b'\n');
    if path.as_os_str() == "-" {
        return drop(shared.print(&line));
    }
    if let Err(why) = std::fs::write(path, &line) {
        let name = path.display();
        shared.warn(spec, &format!("Failed to save the ETag in \"{name}\": {}", said(&why)));
    }
}
