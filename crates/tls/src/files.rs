//! Files of certificates and keys, in PEM and DER.

use std::fs::File;
use std::io::{ErrorKind, Read};
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use rustls::RootCertStore;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, SubjectPublicKeyInfoDer};
use x509_parser::prelude::{FromDer as _, SubjectPublicKeyInfo, X509Certificate};

use crate::profile::Trust;
use crate::{Error, Pin, der};

/// More than any bundle of authorities has, and less than `/dev/zero`.
const LARGEST: u64 = 16 << 20;

/// Authorities: read when they are asked for, decoded when there is something to check.
#[derive(Debug, Default)]
pub(crate) struct Authorities {
    /// In PEM.
    texts: Vec<Vec<u8>>,
    folders: Vec<PathBuf>,
    /// Whether a person listed them themselves: a server's own certificate may be among them.
    is_listed: bool,
    in_files: OnceLock<Vec<CertificateDer<'static>>>,
    in_folders: OnceLock<Vec<CertificateDer<'static>>>,
}

/// Where authorities are looked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Place {
    Files,
    FilesAndFolders,
}

impl Authorities {
    /// `None` where nobody is trusted.
    pub(crate) fn read(trust: &Trust) -> Result<Option<Self>, Error> {
        let none: &[PathBuf] = &[];
        let (files, folders) = match trust {
            Trust::Nobody => return Ok(None),
            Trust::System => return Self::system().map(Some),
            Trust::Files(files) => (files.as_slice(), none),
            Trust::Places { files, folders } => (files.as_slice(), folders.as_slice()),
        };
        let texts: Result<_, _> = files.iter().map(|file| bundle(file)).collect();
        let folders = folders.to_vec();
        Ok(Some(Self { texts: texts?, folders, is_listed: true, ..Self::default() }))
    }

    /// One file, where that will do: to read folders too, as rustls-native-certs does, takes longer than all the rest,
    /// and finds the same ones again.
    fn system() -> Result<Self, Error> {
        let (file, folders) = (variable("SSL_CERT_FILE"), variable("SSL_CERT_DIR"));
        let places: Vec<PathBuf> = match (file, &folders) {
            (Some(file), _) => vec![file.into()],
            (None, Some(_)) => Vec::new(),
            (None, None) => BUNDLES.iter().map(PathBuf::from).collect(),
        };
        let bundle = places.iter().filter_map(|file| read(file).ok()).find(|text| has_pem(text));
        if let Some(text) = bundle {
            let folders = folders.map(|all| std::env::split_paths(&all).collect());
            let folders = folders.unwrap_or_default();
            return Ok(Self { texts: vec![text], folders, ..Self::default() });
        }
        let found = rustls_native_certs::load_native_certs();
        let why = found.errors.first().map(|why| format!(": {why}")).unwrap_or_default();
        if found.certs.is_empty() {
            return Err(Error::NoSystemStore(why));
        }
        Ok(Self { in_files: OnceLock::from(found.certs), ..Self::default() })
    }

    fn in_files(&self) -> &[CertificateDer<'static>] {
        self.in_files.get_or_init(|| {
            let texts = self.texts.iter().flat_map(|text| CertificateDer::pem_slice_iter(text));
            texts.filter_map(Result::ok).collect()
        })
    }

    fn in_folders(&self) -> &[CertificateDer<'static>] {
        self.in_folders.get_or_init(|| {
            let folders = self.folders.iter().filter(|folder| !folder.as_os_str().is_empty());
            let load = |folder: &PathBuf| {
                rustls_native_certs::load_certs_from_paths(None, Some(folder)).certs
            };
            folders.flat_map(load).collect()
        })
    }

    /// Whether there is more to read than files.
    pub(crate) fn has_folders(&self) -> bool {
        !self.folders.is_empty()
    }

    /// Those that a chain can end in: whose names its issuers are. To read all of a system's would take longer than the
    /// rest of a handshake; folders are read where what is in files will not do.
    pub(crate) fn roots(&self, chain: &[&CertificateDer<'_>], from: Place) -> RootCertStore {
        let issuers: Vec<_> = chain.iter().filter_map(|one| Some(der::names(one)?.0)).collect();
        let mut roots = RootCertStore::empty();
        let folders = if from == Place::FilesAndFolders { self.in_folders() } else { &[] };
        for one in self.in_files().iter().chain(folders) {
            if der::names(one).is_none_or(|(_, subject)| issuers.contains(&subject)) {
                let _ = roots.add(one.clone());
            }
        }
        roots
    }

    /// Whether a person listed this certificate itself.
    pub(crate) fn lists(&self, certificate: &CertificateDer<'_>) -> bool {
        let mut all = self.in_files().iter().chain(self.in_folders());
        self.is_listed && all.any(|one| one == certificate)
    }

    /// Whether somebody of this name, in DER, is trusted.
    pub(crate) fn knows(&self, name: &[u8]) -> bool {
        let is_it =
            |one: &CertificateDer<'_>| der::names(one).is_some_and(|(_, subject)| subject == name);
        self.in_files().iter().any(is_it) || self.in_folders().iter().any(is_it)
    }
}

fn variable(name: &str) -> Option<std::ffi::OsString> {
    std::env::var_os(name).filter(|value| !value.is_empty())
}

/// Where systems have their authorities in one file.
const BUNDLES: [&str; 5] = [
    "/etc/ssl/certs/ca-certificates.crt",
    "/etc/pki/tls/certs/ca-bundle.crt",
    "/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem",
    "/etc/ssl/ca-bundle.pem",
    "/etc/ssl/cert.pem",
];

fn has_pem(text: &[u8]) -> bool {
    CertificateDer::pem_slice_iter(text).next().is_some_and(|first| first.is_ok())
}

/// A file of authorities, of which one at least can be read.
fn bundle(file: &Path) -> Result<Vec<u8>, Error> {
    let text = read(file).map_err(|why| lacking(file, &why))?;
    let mut found = CertificateDer::pem_slice_iter(&text).peekable();
    let why = match found.peek() {
        None => "has no certificate in PEM".to_owned(),
        Some(Err(why)) => why.to_string(),
        Some(Ok(_)) => {
            let is_readable = |one: CertificateDer<'_>| RootCertStore::empty().add(one).is_ok();
            if found.filter_map(Result::ok).any(is_readable) {
                return Ok(text);
            }
            "has no certificate that can be read".to_owned()
        }
    };
    Err(Error::File { file: file.to_owned(), why })
}

fn lacking(file: &Path, why: &Unread) -> Error {
    let file = file.to_owned();
    match why {
        Unread::Lacking(why) => Error::NoFile { file, why: why.clone() },
        Unread::Other(why) => Error::File { file, why: why.clone() },
    }
}

/// A client's certificate and what follows it in the chain.
pub(crate) fn identity(file: &Path) -> Result<Vec<CertificateDer<'static>>, Error> {
    let refuse = |why: &str| Error::IdentityFile { file: file.to_owned(), why: why.to_owned() };
    let text = read(file).map_err(|why| refuse(why.text()))?;
    if is_pkcs12(&text) {
        return Err(refuse(PKCS12));
    }
    if X509Certificate::from_der(&text).is_ok_and(|(rest, _)| rest.is_empty()) {
        return Ok(vec![CertificateDer::from(text)]);
    }
    let found: Result<Vec<_>, _> = CertificateDer::pem_slice_iter(&text).collect();
    match found {
        Ok(found) if found.is_empty() => Err(refuse("has no certificate in PEM or DER")),
        Ok(found) => Ok(found),
        Err(why) => Err(refuse(&why.to_string())),
    }
}

/// A client's key.
pub(crate) fn key(file: &Path) -> Result<PrivateKeyDer<'static>, Error> {
    let refuse = |why: &str| Error::IdentityFile { file: file.to_owned(), why: why.to_owned() };
    let text = read(file).map_err(|why| refuse(why.text()))?;
    if is_pkcs12(&text) {
        return Err(refuse(PKCS12));
    }
    if let Ok(key) = PrivateKeyDer::from_pem_slice(&text) {
        return if has(&text, b"Proc-Type: 4,ENCRYPTED") {
            Err(refuse(ENCRYPTED))
        } else {
            Ok(key)
        };
    }
    if has(&text, b"BEGIN ENCRYPTED PRIVATE KEY") || has(&text, b"Proc-Type: 4,ENCRYPTED") {
        return Err(refuse(ENCRYPTED));
    }
    PrivateKeyDer::try_from(text).map_err(|_| refuse("has no private key in PEM or DER"))
}

const PKCS12: &str = "is PKCS#12, which is not read here \
    (openssl pkcs12 -in FILE -nodes -out FILE.pem makes PEM of it)";
const ENCRYPTED: &str = "the key is encrypted with a passphrase, which is not supported \
    (openssl pkey -in FILE -out FILE.plain takes it off)";

/// PFX is a sequence that begins with the number 3 (RFC 7292 §4).
fn is_pkcs12(octets: &[u8]) -> bool {
    der::element(octets).is_some_and(|(outer, _)| {
        outer.tag == 0x30 && outer.content.starts_with(&[0x02, 0x01, 0x03])
    })
}

fn has(text: &[u8], part: &[u8]) -> bool {
    text.windows(part.len()).any(|window| window == part)
}

/// A public key, or that of a certificate, in PEM or DER.
pub(crate) fn pin(file: &Path) -> Result<Pin, Error> {
    let refuse = |why: &str| Error::PinFile { file: file.to_owned(), why: why.to_owned() };
    let text = read(file).map_err(|why| refuse(why.text()))?;
    if let Ok(key) = SubjectPublicKeyInfoDer::from_pem_slice(&text) {
        return Ok(Pin::of(key.as_ref()));
    }
    let octets = CertificateDer::from_pem_slice(&text).map_or(text, |one| one.as_ref().to_vec());
    if let Ok((_, certificate)) = X509Certificate::from_der(&octets) {
        return Ok(Pin::of(certificate.public_key().raw));
    }
    match SubjectPublicKeyInfo::from_der(&octets) {
        Ok((_, key)) => Ok(Pin::of(key.raw)),
        Err(_) => Err(refuse("has no public key in PEM or DER")),
    }
}

enum Unread {
    Lacking(String),
    Other(String),
}

impl Unread {
    fn text(&self) -> &str {
        match self {
            Self::Lacking(text) | Self::Other(text) => text,
        }
    }
}

impl From<std::io::Error> for Unread {
    fn from(why: std::io::Error) -> Self {
        match why.kind() {
            ErrorKind::NotFound => Self::Lacking(errno_text(&why)),
            _ => Self::Other(errno_text(&why)),
        }
    }
}

fn read(file: &Path) -> Result<Vec<u8>, Unread> {
    let mut text = Vec::new();
    let length = File::open(file)?.take(LARGEST + 1).read_to_end(&mut text)?;
    if length as u64 > LARGEST {
        return Err(Unread::Other("is larger than 16 MiB".to_owned()));
    }
    Ok(text)
}

/// What C says, without the number that Rust puts behind it.
pub(crate) fn errno_text(why: &std::io::Error) -> String {
    let text = why.to_string();
    text.split(" (os error").next().unwrap_or_default().to_owned()
}
