use std::fs;
use std::io::{Read, Write};
use std::net::{IpAddr, Ipv4Addr};
use std::path::PathBuf;
use std::sync::Arc;

use rcgen::{BasicConstraints, CertificateParams, DnType, IsCa, Issuer, KeyPair, date_time_ymd};
use rustls::pki_types::{PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::sign::{CertifiedKey, SingleCertAndKey};
use rustls::{ServerConfig, ServerConnection};

use super::*;
use crate::{Client, Profile, TlsError, Trust};

const HERE: IpAddr = IpAddr::V4(Ipv4Addr::new(192, 0, 2, 53));

struct World {
    folder: tempfile::TempDir,
    authority: Issuer<'static, KeyPair>,
    authority_der: CertificateDer<'static>,
}

/// A certificate and its key.
type Shop = (Vec<CertificateDer<'static>>, KeyPair);

impl World {
    fn new() -> Self {
        Self::called("authority of the tests")
    }

    fn called(authority: &str) -> Self {
        let key = KeyPair::generate().unwrap();
        let mut params = CertificateParams::new([]).unwrap();
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        params.distinguished_name.push(DnType::CommonName, authority);
        let cert = params.self_signed(&key).unwrap();
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("ca.pem"), cert.pem()).unwrap();
        let authority_der = cert.der().clone();
        Self { folder, authority: Issuer::new(params, key), authority_der }
    }

    fn shop(&self, change: impl FnOnce(&mut CertificateParams)) -> Shop {
        let key = KeyPair::generate().unwrap();
        let mut params =
            CertificateParams::new(["dns.example".to_owned(), "192.0.2.53".to_owned()]).unwrap();
        params.distinguished_name.push(DnType::CommonName, "shop");
        change(&mut params);
        (vec![params.signed_by(&key, &self.authority).unwrap().der().clone()], key)
    }

    fn ca(&self) -> PathBuf {
        self.folder.path().join("ca.pem")
    }

    fn strict(&self, name: &str) -> Profile {
        let trust = Trust::Files(vec![self.ca()]);
        Profile { trust, name: Some(name.to_owned()), ..Profile::default() }
    }
}

/// Carries octets between the two until neither has more to say.
fn shake(profile: &Profile, shop: Shop) -> (Client, Result<crate::Facts, TlsError>) {
    let client = profile.client(&[b"dot"], HERE).unwrap();
    let mut near = client.session().unwrap();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(shop.1.serialize_der()));
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .unwrap()
        .with_no_client_auth();
    // Not checked: a shop may have the certificate of another.
    let shown = CertifiedKey::new(shop.0, ring::sign::any_supported_type(&key).unwrap());
    let mut config = config.with_cert_resolver(Arc::new(SingleCertAndKey::from(shown)));
    config.alpn_protocols = vec![b"dot".to_vec()];
    let mut far = ServerConnection::new(Arc::new(config)).unwrap();
    let mut carried = Vec::new();
    while near.is_handshaking() || far.wants_write() {
        carried.clear();
        while near.wants_write() {
            near.write_tls(&mut carried).unwrap();
        }
        let mut rest = carried.as_slice();
        while !rest.is_empty() {
            far.read_tls(&mut rest as &mut dyn Read).unwrap();
            let _ = far.process_new_packets();
        }
        carried.clear();
        while far.wants_write() {
            far.write_tls(&mut carried as &mut dyn Write).unwrap();
        }
        let mut rest = carried.as_slice();
        while !rest.is_empty() {
            near.read_tls(&mut rest as &mut dyn Read).unwrap();
            if let Err(why) = near.process_new_packets() {
                let why = client.explain(&why);
                return (client, Err(why));
            }
        }
    }
    let facts = client.facts(&near);
    (client, Ok(facts))
}

/// A certificate of version 1, as BIND makes them for `tls ephemeral`.
fn of_version_1() -> Shop {
    use rustls::pki_types::pem::PemObject as _;
    let pem = include_str!("v1.pem");
    let key = PrivateKeyDer::from_pem_slice(pem.as_bytes()).unwrap();
    let leaf = CertificateDer::from_pem_slice(pem.as_bytes()).unwrap();
    (vec![leaf], KeyPair::try_from(key.secret_der()).unwrap())
}

fn fault(profile: &Profile, shop: Shop) -> Fault {
    match shake(profile, shop).1 {
        Err(TlsError::Certificate(fault)) => *fault,
        other => panic!("no fault of a certificate: {other:?}"),
    }
}

#[test]
fn whoever_answers_is_right_where_nobody_is_trusted() {
    let world = World::new();
    let shop = world.shop(|params| params.not_after = date_time_ymd(2001, 1, 1));
    let facts = shake(&Profile::default(), shop).1.unwrap();
    assert!(facts.verified.is_nobody());
    assert_eq!(facts.verified.to_string(), "nobody");
    assert_eq!(facts.version.as_deref(), Some("TLSv1.3"));
    assert_eq!(facts.alpn.as_deref(), Some("dot"));
    assert!(facts.cipher.unwrap().starts_with("TLS_"));
    let leaf = &facts.chain[0];
    assert_eq!(leaf.names, ["dns.example", "192.0.2.53"]);
    assert_eq!((leaf.subject.as_str(), leaf.key.as_str()), ("CN=shop", "EC 256"));
}

#[test]
fn a_certificate_of_version_1_will_do_where_nobody_is_trusted_and_its_key_is_checked() {
    let facts = shake(&Profile::default(), of_version_1()).1.unwrap();
    assert_eq!(facts.chain[0].subject, "CN=v1");
    let world = World::new();
    let strict = shake(&world.strict("v1"), of_version_1()).1;
    let is_told = |fault: &Fault| *fault == Fault::OldVersion;
    assert!(matches!(strict, Err(TlsError::Certificate(fault)) if is_told(&fault)));
    let stolen = (of_version_1().0, KeyPair::generate().unwrap());
    let outcome = shake(&Profile::default(), stolen).1;
    assert!(outcome.is_err(), "another's key signs nothing: {outcome:?}");
}

#[test]
fn a_name_and_an_address_are_verified_by_an_authority() {
    for name in ["dns.example", "DNS.example.", "192.0.2.53"] {
        let world = World::new();
        let facts = shake(&world.strict(name), world.shop(|_| ())).1.unwrap();
        assert!(facts.verified.name.is_some(), "{name}");
        assert!(facts.verified.to_string().ends_with("by authority"));
    }
}

#[test]
fn a_wrong_name_is_told_with_the_right_ones() {
    let world = World::new();
    let fault = fault(&world.strict("other.example"), world.shop(|_| ()));
    assert_eq!(fault.openssl_words(), "hostname mismatch");
    let text = fault.to_string();
    assert_eq!(text, "certificate is not other.example's: has dns.example, 192.0.2.53");
    let fault = self::fault(&world.strict("192.0.2.54"), world.shop(|_| ()));
    assert_eq!(fault.openssl_words(), "IP address mismatch");
}

#[test]
fn an_expired_one_is_told_with_its_age_and_one_to_come_with_its_day() {
    let world = World::new();
    let old = world.shop(|params| {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    });
    let told = fault(&world.strict("dns.example"), old);
    assert_eq!(told.openssl_words(), "certificate has expired");
    assert!(told.to_string().contains(" days ago"), "{told}");
    let young = world.shop(|params| params.not_before = date_time_ymd(2999, 1, 1));
    let told = fault(&world.strict("dns.example"), young);
    assert_eq!(told.openssl_words(), "certificate is not yet valid");
}

#[test]
fn of_an_expired_one_with_a_wrong_name_the_name_is_told() {
    let world = World::new();
    let old = world.shop(|params| {
        params.not_before = date_time_ymd(2000, 1, 1);
        params.not_after = date_time_ymd(2001, 1, 1);
    });
    assert_eq!(fault(&world.strict("x.example"), old).openssl_words(), "hostname mismatch");
}

fn alone(is_ca: IsCa) -> (String, Shop) {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["dns.example".to_owned()]).unwrap();
    params.is_ca = is_ca;
    let cert = params.self_signed(&key).unwrap();
    (cert.pem(), (vec![cert.der().clone()], key))
}

#[test]
fn strangers_are_told_apart_as_openssl_does() {
    let (world, stranger) = (World::new(), World::called("a stranger"));
    let strict = world.strict("dns.example");
    assert_eq!(
        fault(&strict, alone(IsCa::NoCa).1).openssl_words(),
        "self-signed certificate",
        "one that vouches for itself"
    );
    let shop = stranger.shop(|_| ());
    let words = "unable to get local issuer certificate";
    assert_eq!(fault(&strict, shop).openssl_words(), words);
    let mut shop = stranger.shop(|_| ());
    shop.0.push(stranger.authority_der.clone());
    let words = "self-signed certificate in certificate chain";
    assert_eq!(fault(&strict, shop).openssl_words(), words);
}

#[test]
fn a_certificate_that_was_listed_itself_is_trusted_authority_or_not() {
    for is_ca in [IsCa::NoCa, IsCa::Ca(BasicConstraints::Unconstrained)] {
        let world = World::new();
        let (pem, shop) = alone(is_ca);
        fs::write(world.ca(), pem).unwrap();
        let facts = shake(&world.strict("dns.example"), shop).1.unwrap();
        assert_eq!(facts.verified.name.as_deref(), Some("dns.example"));
    }
}

#[test]
fn a_pin_is_enough_without_an_authority_and_another_is_a_fault() {
    let world = World::new();
    let shop = world.shop(|_| ());
    let pin = Certificate::read(&shop.0[0]).pin.unwrap();
    let profile = Profile { pins: vec![pin], ..Profile::default() };
    let facts = shake(&profile, shop).1.unwrap();
    assert_eq!(facts.verified.pin, Some(pin));
    let told = fault(&profile, world.shop(|_| ()));
    assert!(told.to_string().starts_with("key is not pinned: it is "), "{told}");
}

#[test]
fn a_pinned_authority_must_have_signed_what_is_below_it() {
    let (world, stranger) = (World::new(), World::new());
    let pin = Certificate::read(&world.authority_der).pin.unwrap();
    let profile = Profile { pins: vec![pin], ..Profile::default() };
    let mut shop = world.shop(|_| ());
    shop.0.push(world.authority_der.clone());
    assert_eq!(shake(&profile, shop).1.unwrap().verified.pin, Some(pin));
    // Anybody can send a certificate along that is somebody else's.
    let mut shop = stranger.shop(|_| ());
    shop.0.push(world.authority_der.clone());
    assert!(matches!(fault(&profile, shop), Fault::NotPinned { .. }));
}

#[test]
fn an_opportunist_goes_on_and_says_what_is_wrong() {
    let world = World::new();
    let profile = Profile { is_opportunistic: true, ..world.strict("other.example") };
    let facts = shake(&profile, world.shop(|_| ())).1.unwrap();
    assert!(facts.verified.is_nobody());
    let text = facts.verified.to_string();
    assert!(text.starts_with("nobody: certificate is not other.example's"), "{text}");
}

#[test]
fn a_name_is_sent_and_an_address_is_not() {
    let world = World::new();
    let client = world.strict("dns.example").client(&[], HERE).unwrap();
    assert!(client.config().enable_sni);
    let client = world.strict("192.0.2.53").client(&[], HERE).unwrap();
    assert!(!client.config().enable_sni);
}

#[test]
fn files_that_are_not_what_they_should_be_are_named() {
    let world = World::new();
    let trust = |file: &str| {
        let profile = Profile { trust: Trust::Files(vec![file.into()]), ..Profile::default() };
        profile.client(&[], HERE).unwrap_err().to_string()
    };
    assert_eq!(trust("/nowhere"), "/nowhere: No such file or directory");
    assert_eq!(trust("/dev/null"), "/dev/null: has no certificate in PEM");
    assert_eq!(trust("/dev/zero"), "/dev/zero: is larger than 16 MiB");
    fs::write(world.ca(), "-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n")
        .unwrap();
    assert!(trust(world.ca().to_str().unwrap()).ends_with("has no certificate that can be read"));
    let profile = Profile { name: Some("no name".to_owned()), ..Profile::default() };
    assert_eq!(
        profile.client(&[], HERE).unwrap_err().to_string(),
        "'no name' is no name of a TLS server"
    );
}

#[test]
fn octets_that_are_no_certificate_are_read_as_nothing() {
    let world = World::new();
    let whole = world.shop(|_| ()).0.remove(0);
    for end in 0..whole.len() {
        let cut = CertificateDer::from(whole[..end].to_vec());
        assert_eq!(Certificate::read(&cut).pin, None, "cut at {end}");
    }
    for at in 0..whole.len() {
        let mut bent = whole.to_vec();
        bent[at] ^= 0x55;
        let _ = Certificate::read(&CertificateDer::from(bent));
    }
}
