//! What was asked for, with every word of a command line resolved: what holds for the run, and for each operation
//! (what `--next` separates).
//!
//! Plain data. Nothing here has been opened or looked up but the files whose contents are part of a request.

use std::path::PathBuf;
use std::time::Duration;

use wireline_http::multipart::Form;
use wireline_http::spec::{AuthSchemes, Spec};

use crate::measure::Measure;
use crate::output::{OutputSpec, To};

/// A command line as it was meant.
#[derive(Clone, Debug, Default)]
pub(crate) struct Config {
    /// What holds for the run.
    pub(crate) globals: Globals,
    /// In order; each has a URL.
    pub(crate) operations: Vec<Operation>,
}

/// What holds for the run, wherever it is said. The rest of it is in each [`OutputSpec`].
#[derive(Clone, Debug)]
pub(crate) struct Globals {
    /// The first failure ends it (`--fail-early`).
    pub(crate) fails_early: bool,
    /// Several transfers at a time (`-Z`).
    pub(crate) is_parallel: bool,
    /// How many (`--parallel-max`).
    pub(crate) most: usize,
    /// How many to one host (`--parallel-max-host`).
    pub(crate) most_per_host: Option<usize>,
    /// New connections rather than waiting (`--parallel-immediate`).
    pub(crate) is_immediate: bool,
    /// Between the beginnings of two transfers, one after another (`--rate`).
    pub(crate) between: Option<Duration>,
    /// The same URL again and again, or in every way, instead of what is done otherwise.
    pub(crate) measure: Measure,
    /// What is shown. Only fields that curl calls global; copied into each operation's at the end.
    pub(crate) shown: OutputSpec,
}

impl Default for Globals {
    fn default() -> Self {
        Self {
            fails_early: false,
            is_parallel: false,
            most: 50,
            most_per_host: None,
            is_immediate: false,
            between: None,
            measure: Measure::default(),
            shown: OutputSpec::default(),
        }
    }
}

/// URLs with the options that are theirs.
#[derive(Clone, Debug, Default)]
pub(crate) struct Operation {
    /// URLs with what is theirs alone, in order.
    pub(crate) targets: Vec<Target>,
    /// What holds for each of them.
    pub(crate) spec: Spec,
    /// What holds for each of them; `to` is in the target.
    pub(crate) output: OutputSpec,
    /// What the request says, before it is put together.
    pub(crate) asked: Asked,
    /// Files that are read first and written last.
    pub(crate) state: State,
    /// Braces and brackets are part of URLs (`-g`).
    pub(crate) is_glob_off: bool,
    /// Every URL without `-o` goes to a file of its name (`--remote-name-all`).
    pub(crate) names_all: bool,
    /// The file's name is the server's (`-J`).
    pub(crate) named_by_server: bool,
    /// Names in URLs are refused (`--disallow-username-in-url`).
    pub(crate) refuses_login_in_url: bool,
    /// Of a URL without one (`--proto-default`).
    pub(crate) default_scheme: Option<String>,
}

/// A URL, and what is said of it alone. The first `-o` is the first URL's, wherever it stands.
#[derive(Clone, Debug, Default)]
pub(crate) struct Target {
    /// Where; `None` where there is more of the other than of URLs.
    pub(crate) url: Option<String>,
    /// Where to.
    pub(crate) to: Option<To>,
    /// What is sent (`-T`); empty for nothing.
    pub(crate) upload: Option<String>,
}

/// What the request says, as the flags say it.
#[derive(Clone, Debug, Default)]
pub(crate) struct Asked {
    /// `-d` and all of its kind, put together.
    pub(crate) data: Option<Vec<u8>>,
    /// `--json` was among them.
    pub(crate) is_json: bool,
    /// They go into the URL (`-G`).
    pub(crate) in_url: bool,
    /// `--url-query`, put together.
    pub(crate) query: Vec<u8>,
    /// `-F`, put together.
    pub(crate) form: Option<Form>,
    /// How deep the part of parts is that is open (`-F 'name=('`).
    pub(crate) form_depth: usize,
    /// `--form-escape`.
    pub(crate) form_escapes: bool,
    /// `-A`, as it was given.
    pub(crate) agent: Option<String>,
    /// How often to try again has been said (`--retry`).
    pub(crate) retry_is_said: bool,
    /// `--resolve`, as they were given.
    pub(crate) resolve: Vec<String>,
    /// `--basic`, `--digest`, `--anyauth`.
    pub(crate) schemes: Option<AuthSchemes>,
    /// `--proxy-basic`, `--proxy-digest`, `--proxy-anyauth`.
    pub(crate) proxy_schemes: Option<AuthSchemes>,
    /// `-u`, as it was given.
    pub(crate) login: Option<String>,
    /// `-U`, as it was given.
    pub(crate) proxy_login: Option<String>,
    /// `-n`.
    pub(crate) netrc: bool,
    /// `--netrc-optional`.
    pub(crate) netrc_optional: bool,
    /// `--netrc-file`.
    pub(crate) netrc_file: Option<PathBuf>,
    /// `--noproxy`, as it was given.
    pub(crate) no_proxy: Option<String>,
    /// Least rate in octets a second (`-Y`).
    pub(crate) slow_rate: Option<u64>,
    /// For how long it may be less (`-y`).
    pub(crate) slow_time: Option<Duration>,
    /// Whom we believe.
    pub(crate) trust: Trusted,
    /// Whom we believe of proxies.
    pub(crate) proxy_trust: Trusted,
    /// Certificate, its key, their kinds.
    pub(crate) identity: Identity,
    /// The same, for a proxy.
    pub(crate) proxy_identity: Identity,
}

/// Whose word is taken for who a server is.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Trusted {
    /// The system's (`--ca-native`).
    pub(crate) native: bool,
    /// `--cacert`.
    pub(crate) file: Option<PathBuf>,
    /// `--capath`.
    pub(crate) folder: Option<PathBuf>,
}

/// A client's certificate.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct Identity {
    /// `--cert`.
    pub(crate) certificate: Option<PathBuf>,
    /// `--key`.
    pub(crate) key: Option<PathBuf>,
    /// `--cert-type`: PEM or DER, which is seen from what is in the file.
    pub(crate) kind: Option<String>,
    /// `--key-type`, as `kind`.
    pub(crate) key_kind: Option<String>,
}

/// Files that live longer than a run.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct State {
    /// Cookies are read from there (`-b`).
    pub(crate) cookies: Vec<PathBuf>,
    /// Cookies are kept at all (`-b FILE`, `-c`).
    pub(crate) keeps_cookies: bool,
    /// Cookies are written there (`-c`); `-` is stdout.
    pub(crate) jar: Option<PathBuf>,
    /// Those of a session are not read (`-j`).
    pub(crate) forgets_session: bool,
    /// `--hsts`; empty for this run alone.
    pub(crate) hsts: Option<PathBuf>,
    /// `--alt-svc`; empty for this run alone.
    pub(crate) alt_services: Option<PathBuf>,
    /// The `ETag` is read from there (`--etag-compare`).
    pub(crate) etag: Option<PathBuf>,
}
