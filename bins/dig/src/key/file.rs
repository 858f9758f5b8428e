//! Files with keys: a `key` statement of named.conf(5), or a pair that dnssec-keygen(8) wrote.

use std::fs::File;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use super::{Algorithm, Key, base64, made};

/// No key is so long: octets.
const OCTETS: u64 = 1 << 16;

/// The key in a file, whichever of the two it is.
pub(super) fn read(path: &Path) -> Result<Key, String> {
    let (public, private) = pair(path);
    if let (Ok(of_public), Ok(of_private)) = (text(&public), text(&private)) {
        let key = of_pair(&of_public, &of_private).map_err(str::to_owned)?;
        return Ok(Key { of_pair: Some(private), ..key });
    }
    of_statement(&text(path)?).map_err(str::to_owned)
}

fn text(path: &Path) -> Result<String, String> {
    let fault = |error: std::io::Error| match error.kind() {
        std::io::ErrorKind::NotFound => "file not found".to_owned(),
        std::io::ErrorKind::PermissionDenied => "permission denied".to_owned(),
        _ => error.to_string(),
    };
    let file = File::open(path).map_err(fault)?;
    if !file.metadata().map_err(fault)?.is_file() {
        return Err("invalid file".to_owned());
    }
    let mut text = String::new();
    file.take(OCTETS).read_to_string(&mut text).map_err(fault)?;
    Ok(text)
}

/// `K….key` and `K….private`, of which one or the beginning was named.
fn pair(path: &Path) -> (PathBuf, PathBuf) {
    let base = match path.extension().and_then(|extension| extension.to_str()) {
        Some("key" | "private") => path.with_extension(""),
        _ => path.to_owned(),
    };
    let with = |end: &str| {
        let mut name = base.clone().into_os_string();
        name.push(end);
        PathBuf::from(name)
    };
    (with(".key"), with(".private"))
}

/// The name is in the one, the secret in the other.
fn of_pair(public: &str, private: &str) -> Result<Key, &'static str> {
    let record = public.lines().find(|line| !line.trim_start().starts_with([';', '#']));
    let name = record.and_then(|line| line.split_ascii_whitespace().next());
    let name = name.ok_or("no name in it")?;
    let field = |wanted: &str| {
        private.lines().find_map(|line| line.strip_prefix(wanted)?.strip_prefix(':').map(str::trim))
    };
    let number = field("Algorithm").and_then(|text| text.split_ascii_whitespace().next());
    let bits = field("Bits")
        .and_then(|text| base64(text).ok())
        .and_then(|octets| Some(u16::from_be_bytes(octets.get(..2)?.try_into().ok()?)));
    let algorithm = Algorithm::numbered(number.ok_or("no algorithm in it")?, bits.unwrap_or(0));
    if algorithm.is_none() {
        return Err("not a key for TSIG (SIG(0) is not supported)");
    }
    made(algorithm, name, field("Key").ok_or("no secret in it")?)
}

/// `key "name" { algorithm hmac-sha256; secret "…"; };`
fn of_statement(text: &str) -> Result<Key, &'static str> {
    let tokens = tokens(text);
    let mut rest = tokens.iter().map(String::as_str);
    if rest.next() != Some("key") {
        return Err("no key statement in it");
    }
    let name = rest.next().filter(|name| *name != "{").ok_or("unexpected end of input")?;
    if rest.next() != Some("{") {
        return Err("'{' expected");
    }
    let (mut algorithm, mut secret) = (None, None);
    while let Some(word) = rest.next().filter(|word| *word != "}") {
        let value = rest.next().ok_or("unexpected end of input")?;
        match word {
            "algorithm" => algorithm = Some(value),
            "secret" => secret = Some(value),
            _ => return Err("unexpected token"),
        }
        if rest.next() != Some(";") {
            return Err("';' expected");
        }
    }
    let both = "key must have algorithm and secret";
    let (algorithm, secret) = (algorithm.ok_or(both)?, secret.ok_or(both)?);
    made(Algorithm::parse(algorithm).map_err(|_| "algorithm is unsupported")?, name, secret)
}

/// Words, strings without their quotes, and each `{`, `}` and `;`, without comments.
fn tokens(text: &str) -> Vec<String> {
    let mut tokens = Vec::new();
    let mut rest = text.trim_start();
    while let Some(first) = rest.chars().next() {
        let after = &rest[first.len_utf8()..];
        rest = match first {
            '#' => line_end(rest),
            '/' if after.starts_with('/') => line_end(rest),
            '/' if after.starts_with('*') => after.split_once("*/").map_or("", |(_, rest)| rest),
            '"' => {
                let (string, rest) = after.split_once('"').unwrap_or((after, ""));
                tokens.push(string.to_owned());
                rest
            }
            '{' | '}' | ';' => {
                tokens.push(first.to_string());
                after
            }
            _ => {
                let ends = |letter: char| letter.is_whitespace() || "{};\"".contains(letter);
                let (word, rest) = rest.split_at(rest.find(ends).unwrap_or(rest.len()));
                tokens.push(word.to_owned());
                rest
            }
        }
        .trim_start();
    }
    tokens
}

fn line_end(text: &str) -> &str {
    text.split_once('\n').map_or("", |(_, rest)| rest)
}

#[cfg(test)]
mod tests {
    use super::super::Hash;
    use super::*;

    #[test]
    fn statements_are_read_with_comments_in_them() {
        let text = "# made by tsig-keygen\nkey \"k.lab\" { /* x */ algorithm hmac-sha512;\n\tsecret \"AQID\"; // y\n};\n";
        let key = of_statement(text).unwrap();
        assert_eq!((key.name.as_str(), key.algorithm.hash), ("k.lab", Hash::Sha512));
        assert_eq!(key.secret, [1, 2, 3]);
    }

    #[test]
    fn broken_statements_are_told() {
        for (text, why) in [
            ("", "no key statement in it"),
            ("key", "unexpected end of input"),
            ("key k {", "key must have algorithm and secret"),
            ("key k { algorithm hmac-md5; }", "key must have algorithm and secret"),
            ("key k { algorithm hmac-md5 }", "';' expected"),
            ("key k { algorithm foo; secret AQID; }", "algorithm is unsupported"),
            ("key k { algorithm hmac-md5; secret \"!\"; }", "bad base64 encoding"),
            ("/* never closed", "no key statement in it"),
        ] {
            assert_eq!(of_statement(text), Err(why), "{text}");
        }
    }

    #[test]
    fn pairs_are_known_to_be_such() {
        let folder = tempfile::tempdir().unwrap();
        let file = |end: &str| folder.path().join(format!("Kk.+163+1{end}"));
        std::fs::write(file(".key"), "k. IN KEY 0 3 163 AQID\n").unwrap();
        std::fs::write(file(".private"), "Algorithm: 163 (HMAC_SHA256)\nKey: AQID\n").unwrap();
        for end in ["", ".key", ".private"] {
            let key = read(&file(end)).unwrap();
            assert_eq!(key.of_pair, Some(file(".private")), "{end}: as BIND warns");
        }
    }

    #[test]
    fn pairs_of_dnssec_keygen_are_read() {
        let private =
            "Private-key-format: v1.3\nAlgorithm: 163 (HMAC_SHA256)\nKey: AQID\nBits: AAA=\n";
        let key = of_pair("k.lab. IN KEY 512 3 163 AQID\n", private).unwrap();
        assert_eq!((key.name.as_str(), key.algorithm.hash), ("k.lab.", Hash::Sha256));
        let other = private.replace("163", "13");
        assert!(of_pair("k. IN KEY 512 3 13 AQID", &other).unwrap_err().contains("SIG(0)"));
    }
}
