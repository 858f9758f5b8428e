//! Who may have what: `user` with the password `pass`, and the token `tok123`.

use std::collections::BTreeMap;

use data_encoding::{BASE64, HEXLOWER};
use md5::Md5;
use sha2::{Sha256, Sha512_256};

use super::super::World;
use super::super::reply::Reply;
use super::super::request::Request;

/// `/auth/basic`, `/auth/bearer`, `/auth/digest[/sha256|/sha512|/md5-sess|/sha256-sess|/legacy]`.
pub(super) fn answer(world: &World, kind: &str, request: &Request) -> Reply {
    let given = request.field("authorization");
    let welcome = || Reply::ok("welcome\n");
    let denied = || Reply::new(401, "denied\n");
    match kind.split_once('/').unwrap_or((kind, "")) {
        ("basic", _) if given == format!("Basic {}", BASE64.encode(b"user:pass")) => welcome(),
        ("basic", _) => denied().with("WWW-Authenticate", "Basic realm=\"lab\""),
        ("bearer", _) if given == "Bearer tok123" => welcome(),
        ("bearer", _) => denied().with("WWW-Authenticate", "Bearer realm=\"lab\""),
        ("digest", kind) => {
            let algorithm = algorithm(kind);
            if is_right(given, algorithm, &request.method) {
                return welcome();
            }
            denied().with("WWW-Authenticate", challenge(world, kind == "legacy", algorithm))
        }
        _ => Reply::new(404, "no such path\n"),
    }
}

fn algorithm(kind: &str) -> &'static str {
    match kind {
        "sha256" => "SHA-256",
        "sha512" => "SHA-512-256",
        "md5-sess" => "MD5-sess",
        "sha256-sess" => "SHA-256-sess",
        _ => "MD5",
    }
}

/// A challenge of Digest; the legacy one is RFC 2069's, without qop.
fn challenge(world: &World, is_legacy: bool, algorithm: &str) -> String {
    let nonce = hex::<Md5>(&world.count("nonce").to_string());
    let qop = if is_legacy { "" } else { ", qop=\"auth\"" };
    format!("Digest realm=\"lab\", nonce=\"{nonce}\"{qop}, algorithm={algorithm}, opaque=\"xyz\"")
}

/// Whether an answer to a challenge is the one of `user` with `pass` (RFC 7616 §3.4.1).
pub(crate) fn is_right(given: &str, algorithm: &str, method: &str) -> bool {
    let Some(given) = given.strip_prefix("Digest ") else { return false };
    let given = parameters(given);
    let of = |name: &str| given.get(name).map_or("", String::as_str);
    let hash = |text: String| match algorithm.trim_end_matches("-sess") {
        "SHA-256" => hex::<Sha256>(&text),
        "SHA-512-256" => hex::<Sha512_256>(&text),
        _ => hex::<Md5>(&text),
    };
    let [nonce, cnonce] = ["nonce", "cnonce"].map(of);
    let mut a1 = hash(format!("user:{}:pass", of("realm")));
    if algorithm.ends_with("-sess") {
        a1 = hash(format!("{a1}:{nonce}:{cnonce}"));
    }
    let a2 = hash(format!("{method}:{}", of("uri")));
    let middle = match of("qop") {
        "" => nonce.to_owned(),
        qop => format!("{nonce}:{}:{cnonce}:{qop}", of("nc")),
    };
    of("username") == "user" && of("response") == hash(format!("{a1}:{middle}:{a2}"))
}

fn hex<D: md5::Digest>(text: &str) -> String {
    HEXLOWER.encode(D::digest(text.as_bytes()).as_slice())
}

/// `name=value` and `name="value"`, between commas that are in no quotes.
fn parameters(text: &str) -> BTreeMap<String, String> {
    let mut all = BTreeMap::new();
    let mut rest = text;
    while let Some((name, value)) = rest.split_once('=') {
        let (value, after) = match value.strip_prefix('"') {
            Some(quoted) => quoted.split_once('"').unwrap_or((quoted, "")),
            None => value.find(',').map_or((value, ""), |at| value.split_at(at)),
        };
        all.insert(name.trim().to_lowercase(), value.trim().to_owned());
        rest = after.trim_start_matches([',', ' ']);
    }
    all
}
