//! Files of certificates and keys, in PEM.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::Error;

/// More than any bundle of authorities has, and less than `/dev/zero`.
const LARGEST: u64 = 16 << 20;

/// Authorities, and what they are made of.
#[derive(Debug)]
pub(crate) struct Anchors {
    pub(crate) roots: RootCertStore,
    /// What a person listed themselves, one by one.
    pub(crate) listed: Vec<CertificateDer<'static>>,
}

impl Anchors {
    fn empty() -> Self {
        Self { roots: RootCertStore::empty(), listed: Vec::new() }
    }
}

pub(crate) fn certificates(file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let text = read(file)?;
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(error(file, "has no certificate in PEM")),
        Ok(found) => Ok(found),
        Err(why) => Err(error(file, &why.to_string())),
    }
}

pub(crate) fn key(file: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let text = read(file)?;
    PrivateKeyDer::from_pem_slice(&text)
        .map_err(|why| error(file, &format!("has no private key in PEM ({why})")))
}

pub(crate) fn listed_anchors(files: &[std::path::PathBuf]) -> Result<Anchors, Error> {
    let mut anchors = Anchors::empty();
    for file in files {
        let found = certificates(file)?;
        let (added, _) = anchors.roots.add_parsable_certificates(found.iter().cloned());
        if added == 0 {
            return Err(error(file, "has no certificate that can be read"));
        }
        anchors.listed.extend(found);
    }
    Ok(anchors)
}

pub(crate) fn placed_anchors(
    files: &[std::path::PathBuf],
    folders: &[std::path::PathBuf],
) -> Result<Anchors, Error> {
    let mut anchors = listed_anchors(files)?;
    for folder in folders {
        let found = rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs;
        anchors.roots.add_parsable_certificates(found.iter().cloned());
        anchors.listed.extend(found);
    }
    Ok(anchors)
}

pub(crate) fn system_anchors() -> Result<Anchors, Error> {
    let found = rustls_native_certs::load_native_certs();
    let why = found.errors.first().map(|why| format!(": {why}")).unwrap_or_default();
    let mut anchors = Anchors::empty();
    anchors.roots.add_parsable_certificates(found.certs);
    if anchors.roots.is_empty() { Err(Error::NoSystemStore(why)) } else { Ok(anchors) }
}

fn read(file: &Path) -> Result<Vec<u8>, Error> {
    let fail = |why: std::io::Error| error(file, &errno_text(&why));
    let mut text = Vec::new();
    let read = File::open(file).map_err(fail)?.take(LARGEST + 1).read_to_end(&mut text);
    match read.map_err(fail)? {
        length if length as u64 > LARGEST => Err(error(file, "is larger than 16 MiB")),
        _ => Ok(text),
    }
}

fn error(file: &Path, why: &str) -> Error {
    Error::File { file: file.to_owned(), why: why.to_owned() }
}

/// What C says, without the number that Rust puts behind it.
fn errno_text(why: &std::io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
