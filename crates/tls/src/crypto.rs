//! Which versions, cipher suites and groups are offered, by the names that people type.

use std::sync::Arc;

use rustls::crypto::{CryptoProvider, SupportedKxGroup, ring};
use rustls::version::{TLS12, TLS13};
use rustls::{NamedGroup, ProtocolVersion, SupportedCipherSuite, SupportedProtocolVersion};

use crate::profile::Version;
use crate::{Error, Profile};

/// What is asked for, as rustls has it.
pub(crate) fn provider(profile: &Profile) -> Result<Arc<CryptoProvider>, Error> {
    let mut provider = ring::default_provider();
    if let Some(list) = &profile.ciphers {
        let others = provider.cipher_suites.iter().filter(|one| is_13(one)).copied();
        provider.cipher_suites = others.chain(suites(&provider, list, false)?).collect();
    }
    if let Some(list) = &profile.ciphers13 {
        let others = provider.cipher_suites.iter().filter(|one| !is_13(one)).copied();
        let chosen = suites(&ring::default_provider(), list, true)?;
        provider.cipher_suites = chosen.into_iter().chain(others).collect();
    }
    if let Some(list) = &profile.groups {
        provider.kx_groups = groups(&provider, list)?;
    }
    Ok(Arc::new(provider))
}

/// Those between the lowest and the highest, of the two that are spoken here.
pub(crate) fn versions(profile: &Profile) -> Result<Vec<&'static SupportedProtocolVersion>, Error> {
    let is_wanted = |version: Version| {
        profile.lowest.is_none_or(|lowest| lowest <= version)
            && profile.highest.is_none_or(|highest| version <= highest)
    };
    let spoken = [(Version::Tls13, &TLS13), (Version::Tls12, &TLS12)];
    let versions: Vec<_> =
        spoken.into_iter().filter(|(version, _)| is_wanted(*version)).map(|(_, one)| one).collect();
    if versions.is_empty() { Err(Error::Versions) } else { Ok(versions) }
}

fn is_13(suite: &SupportedCipherSuite) -> bool {
    suite.version().version == ProtocolVersion::TLSv1_3
}

/// A list in OpenSSL's manner (openssl-ciphers(1)): names of suites, or words that all of a suite's name has, joined by
/// `+`; with `!` or `-` they are taken out. What is not known is passed over, as OpenSSL does.
fn suites(
    provider: &CryptoProvider,
    list: &str,
    is_13_wanted: bool,
) -> Result<Vec<SupportedCipherSuite>, Error> {
    let all = provider.cipher_suites.iter().filter(|one| is_13(one) == is_13_wanted);
    let all: Vec<_> = all.copied().collect();
    let (mut chosen, mut refused) = (Vec::new(), Vec::new());
    for word in list.split([':', ',', ' ', ';']).filter(|word| !word.is_empty()) {
        let bare = word.trim_start_matches(['!', '-', '+']);
        let found = all.iter().filter(|one| is_called(one, bare));
        if word.starts_with(['!', '-']) {
            refused.extend(found);
        } else {
            chosen.extend(found);
        }
    }
    let mut kept: Vec<SupportedCipherSuite> = Vec::new();
    for one in chosen {
        if !refused.contains(&one) && !kept.contains(one) {
            kept.push(*one);
        }
    }
    if kept.is_empty() { Err(Error::Ciphers(list.to_owned())) } else { Ok(kept) }
}

fn is_called(suite: &SupportedCipherSuite, name: &str) -> bool {
    let iana = suite.suite().as_str().unwrap_or_default().replacen("TLS13_", "TLS_", 1);
    if iana.eq_ignore_ascii_case(name) {
        return true;
    }
    let openssl = openssl_name(&iana);
    openssl.eq_ignore_ascii_case(name) || name.split('+').all(|word| has_word(&openssl, word))
}

/// `TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256` is OpenSSL's `ECDHE-RSA-AES128-GCM-SHA256`.
fn openssl_name(iana: &str) -> String {
    let Some((exchange, cipher)) = iana.split_once("_WITH_") else { return iana.to_owned() };
    let exchange = exchange.trim_start_matches("TLS_").replace('_', "-");
    let cipher = cipher.replace("AES_", "AES").replace('_', "-");
    format!("{exchange}-{}", cipher.replace("POLY1305-SHA256", "POLY1305"))
}

fn has_word(openssl: &str, word: &str) -> bool {
    let has = |part: &str| openssl.split(['-', '_']).any(|one| one == part);
    match word {
        "ALL" | "DEFAULT" | "HIGH" | "COMPLEMENTOFDEFAULT" | "TLSv1.2" | "FIPS" => true,
        "ECDHE" | "EECDH" | "kECDHE" | "kEECDH" => has("ECDHE"),
        "aECDSA" | "ECDSA" => has("ECDSA"),
        "aRSA" | "RSA" => has("RSA"),
        "AES" | "AESGCM" => has("GCM"),
        other => has(other),
    }
}

/// Groups that exist, and that are not there with this provider.
const ELSEWHERE: [&str; 16] = [
    "P-521",
    "secp521r1",
    "X448",
    "ffdhe2048",
    "ffdhe3072",
    "ffdhe4096",
    "ffdhe6144",
    "ffdhe8192",
    "brainpoolP256r1",
    "brainpoolP384r1",
    "brainpoolP512r1",
    "secp256k1",
    "X25519MLKEM768",
    "SecP256r1MLKEM768",
    "SecP384r1MLKEM1024",
    "X25519Kyber768Draft00",
];

fn groups(
    provider: &CryptoProvider,
    list: &str,
) -> Result<Vec<&'static dyn SupportedKxGroup>, Error> {
    let refuse = || Error::Groups(list.to_owned());
    let mut chosen = Vec::new();
    for word in list.split([':', ',', '/']).filter(|word| !word.is_empty()) {
        let name = word.trim_start_matches(['?', '*']);
        let found = provider.kx_groups.iter().find(|one| is_group(one.name(), name));
        let may_lack = name != word || ELSEWHERE.iter().any(|one| one.eq_ignore_ascii_case(name));
        match found {
            Some(group) => chosen.push(*group),
            None if may_lack => {}
            None => return Err(refuse()),
        }
    }
    if chosen.is_empty() { Err(refuse()) } else { Ok(chosen) }
}

fn is_group(group: NamedGroup, name: &str) -> bool {
    let names: &[&str] = match group {
        NamedGroup::X25519 => &["X25519", "x25519"],
        NamedGroup::secp256r1 => &["P-256", "prime256v1", "secp256r1"],
        NamedGroup::secp384r1 => &["P-384", "secp384r1"],
        _ => &[],
    };
    names.iter().any(|one| one.eq_ignore_ascii_case(name))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &str) -> Vec<String> {
        let profile = Profile { ciphers: Some(list.to_owned()), ..Profile::default() };
        let provider = provider(&profile).unwrap();
        let old = provider.cipher_suites.iter().filter(|one| !is_13(one));
        old.map(|one| one.suite().as_str().unwrap().to_owned()).collect()
    }

    #[test]
    fn suites_are_known_by_either_name_and_kept_in_order() {
        let iana = "TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256";
        assert_eq!(names("ECDHE-RSA-AES128-GCM-SHA256"), [iana]);
        assert_eq!(names(iana), [iana]);
        let two = names("ECDHE-ECDSA-CHACHA20-POLY1305:nonsense:ECDHE-RSA-AES256-GCM-SHA384");
        let chacha = "TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256";
        assert_eq!(two, [chacha, "TLS_ECDHE_RSA_WITH_AES_256_GCM_SHA384"]);
    }

    #[test]
    fn words_choose_and_refuse() {
        assert_eq!(names("HIGH:!aNULL:!MD5").len(), 6);
        assert_eq!(names("ECDHE+AESGCM:!ECDSA").len(), 2);
        let nothing = Profile { ciphers: Some("RC4-MD5".to_owned()), ..Profile::default() };
        assert!(matches!(provider(&nothing), Err(Error::Ciphers(_))));
    }

    #[test]
    fn suites_of_the_one_version_leave_those_of_the_other() {
        let list = Some("TLS_CHACHA20_POLY1305_SHA256".to_owned());
        let profile = Profile { ciphers13: list, ..Profile::default() };
        let provider = provider(&profile).unwrap();
        assert_eq!(provider.cipher_suites.iter().filter(|one| is_13(one)).count(), 1);
        assert_eq!(provider.cipher_suites.iter().filter(|one| !is_13(one)).count(), 6);
    }

    #[test]
    fn groups_are_known_by_their_names_and_nonsense_is_refused() {
        let chosen = |list: &str| {
            let profile = Profile { groups: Some(list.to_owned()), ..Profile::default() };
            provider(&profile).map(|one| one.kx_groups.len())
        };
        assert_eq!(chosen("X25519:P-521:prime256v1").unwrap(), 2, "P-521 is not there");
        assert_eq!(chosen("P-384").unwrap(), 1);
        assert!(matches!(chosen("nonsense"), Err(Error::Groups(_))));
        assert!(matches!(chosen("P-521"), Err(Error::Groups(_))));
    }

    #[test]
    fn versions_are_those_between() {
        let count = |lowest, highest| {
            versions(&Profile { lowest, highest, ..Profile::default() }).map(|all| all.len())
        };
        assert_eq!(count(None, None).unwrap(), 2);
        assert_eq!(count(Some(Version::Tls10), None).unwrap(), 2);
        assert_eq!(count(Some(Version::Tls13), None).unwrap(), 1);
        assert!(matches!(count(None, Some(Version::Tls11)), Err(Error::Versions)));
        assert!(matches!(count(Some(Version::Tls13), Some(Version::Tls12)), Err(Error::Versions)));
    }
}
