//! Who asks, through whom, and who is believed: flags, and the environment where flags say nothing.

use wireline_http::spec::Netrc;
use wireline_http::tls;

use crate::config::{Identity, Operation, Trusted};
use crate::grammar::{Reading, Stop};
use crate::surroundings::{self, Surroundings};

/// Users, passwords, and where else they are.
pub(super) fn logins(r: &mut Reading, op: &mut Operation) -> Result<(), Stop> {
    op.spec.credentials.schemes = op.asked.schemes.unwrap_or_default();
    op.spec.connect.proxy_schemes = op.asked.proxy_schemes.unwrap_or_default();
    if let Some(login) = op.asked.login.take() {
        op.spec.credentials.login = Some(whole(r, login, "host")?);
    }
    if let Some(login) = op.asked.proxy_login.take() {
        op.spec.connect.proxy_login = Some(whole(r, login, "proxy")?);
    }
    let asked = &op.asked;
    let is_wanted = asked.netrc || asked.netrc_optional || asked.netrc_file.is_some();
    op.spec.credentials.netrc = is_wanted
        .then(|| Netrc { path: asked.netrc_file.clone(), is_optional: asked.netrc_optional });
    Ok(())
}

/// A password that was not given is asked for.
fn whole(r: &Reading, login: String, whose: &str) -> Result<(String, String), Stop> {
    if let Some((user, password)) = login.split_once(':') {
        return Ok((user.to_owned(), password.to_owned()));
    }
    let prompt = format!("Enter {whose} password for user '{login}':");
    let password = if r.world.asks { surroundings::secret(&prompt).ok() } else { None };
    if let Some(password) = password {
        Ok((login, password))
    } else {
        let text = format!("no password for user '{login}', and no terminal to ask for one");
        Err(Stop::Failed(2, text))
    }
}

/// `HTTP_PROXY` is not looked at: a server that runs programs (CGI) sets it to what a client's `Proxy` field says.
pub(super) fn proxies(world: &Surroundings, op: &mut Operation) {
    let proxy = &mut op.spec.connect.proxy;
    let except = op.asked.no_proxy.take().or_else(|| world.variable_of_any_case("no_proxy"));
    let except = except.unwrap_or_default();
    let listed = except.split([',', ' ']).map(str::trim).filter(|one| !one.is_empty());
    proxy.except = listed.map(str::to_owned).collect();
    if proxy.all.is_some() {
        return;
    }
    let any = world.variable_of_any_case("all_proxy");
    proxy.http = world.variable("http_proxy").or_else(|| any.clone());
    proxy.https = world.variable_of_any_case("https_proxy").or(any);
}

/// Authorities, certificates of ours, and the file of keys.
pub(super) fn trust(r: &mut Reading, op: &mut Operation) -> Result<(), Stop> {
    let from_environment = authorities_of(&r.world);
    op.spec.tls.trust = trusted(&op.asked.trust, from_environment)?;
    op.spec.connect.proxy_tls.trust = trusted(&op.asked.proxy_trust, None)?;
    op.spec.tls.identity = identity(r, &op.asked.identity);
    op.spec.connect.proxy_tls.identity = identity(r, &op.asked.proxy_identity);
    let key_log = r.world.variable("SSLKEYLOGFILE").map(std::path::PathBuf::from);
    op.spec.tls.key_log.clone_from(&key_log);
    op.spec.connect.proxy_tls.key_log = key_log;
    Ok(())
}

fn trusted(said: &Trusted, else_these: Option<tls::Trust>) -> Result<tls::Trust, Stop> {
    let has_place = said.file.is_some() || said.folder.is_some();
    match (said.native, has_place) {
        (true, true) => {
            let text = "--ca-native beside other authorities is not supported";
            Err(Stop::Failed(2, text.to_owned()))
        }
        (true, false) => Ok(tls::Trust::System),
        (false, true) => Ok(places(said.file.clone(), said.folder.clone())),
        (false, false) => Ok(else_these.unwrap_or(tls::Trust::System)),
    }
}

/// `CURL_CA_BUNDLE`, or else OpenSSL's variables.
fn authorities_of(world: &Surroundings) -> Option<tls::Trust> {
    let path = |name: &str| world.variable(name).map(std::path::PathBuf::from);
    let (file, folder) = match path("CURL_CA_BUNDLE") {
        Some(file) => (Some(file), None),
        None => (path("SSL_CERT_FILE"), path("SSL_CERT_DIR")),
    };
    (file.is_some() || folder.is_some()).then(|| places(file, folder))
}

fn places(file: Option<std::path::PathBuf>, folder: Option<std::path::PathBuf>) -> tls::Trust {
    tls::Trust::Places { files: file.into_iter().collect(), folders: folder.into_iter().collect() }
}

fn identity(r: &mut Reading, said: &Identity) -> Option<tls::Identity> {
    let Some(certificate) = said.certificate.clone() else {
        if said.key.is_some() {
            r.warn("a key without a certificate has no effect");
        }
        return None;
    };
    let key = said.key.clone().unwrap_or_else(|| certificate.clone());
    Some(tls::Identity { certificate, key })
}
