use std::net::{IpAddr, Ipv4Addr};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use rcgen::{CertificateParams, KeyPair};
use rustls::crypto::ring;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, PrivatePkcs8KeyDer};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConnection, ServerConfig, ServerConnection};

use super::*;
use crate::{Client, Profile, Version};

/// A server that asks for a certificate where `ca` is there.
fn server(ca: Option<CertificateDer<'static>>) -> Arc<ServerConfig> {
    let key = KeyPair::generate().unwrap();
    let params = CertificateParams::new(["dns.example".to_owned()]).unwrap();
    let der = params.self_signed(&key).unwrap().der().clone();
    let key = PrivateKeyDer::Pkcs8(PrivatePkcs8KeyDer::from(key.serialize_der()));
    let provider = Arc::new(ring::default_provider());
    let config = ServerConfig::builder_with_provider(Arc::clone(&provider));
    let config = config.with_safe_default_protocol_versions().unwrap();
    let config = match ca {
        None => config.with_no_client_auth(),
        Some(ca) => {
            let mut roots = rustls::RootCertStore::empty();
            roots.add(ca).unwrap();
            let verifier = WebPkiClientVerifier::builder_with_provider(Arc::new(roots), provider);
            config.with_client_cert_verifier(verifier.allow_unauthenticated().build().unwrap())
        }
    };
    Arc::new(config.with_single_cert(vec![der], key).unwrap())
}

/// Whose clock goes on by a second with every look.
fn recorder() -> Recorder {
    let clock = AtomicU64::new(0);
    Recorder::new(move || Duration::from_secs(clock.fetch_add(1, Ordering::Relaxed)))
}

fn shake(client: &Client, server: &Arc<ServerConfig>) -> Recorder {
    let recorder = recorder();
    client.watch(Some(recorder.clone()));
    let config = client.config_for(&[], Some(&recorder));
    let mut near = ClientConnection::new(config, client.name().clone()).unwrap();
    let mut far = ServerConnection::new(Arc::clone(server)).unwrap();
    loop {
        let mut octets = Vec::new();
        while near.wants_write() {
            near.write_tls(&mut octets).unwrap();
        }
        recorder.sent(&octets);
        let mut left = octets.as_slice();
        while !left.is_empty() {
            far.read_tls(&mut left).unwrap();
            far.process_new_packets().unwrap();
        }
        let mut answer = Vec::new();
        while far.wants_write() {
            far.write_tls(&mut answer).unwrap();
        }
        if octets.is_empty() && answer.is_empty() {
            break;
        }
        recorder.received(&answer);
        let mut left = answer.as_slice();
        while !left.is_empty() {
            near.read_tls(&mut left).unwrap();
            near.process_new_packets().unwrap();
        }
    }
    client.watch(None);
    recorder
}

fn told(recorder: &Recorder) -> Vec<String> {
    let told = recorder.take().into_iter().filter_map(|step| {
        let way = if step.sent { '>' } else { '<' };
        match step.what {
            What::Message(name, _) => Some(format!("{way}{name}")),
            What::ChainChecked(count) => Some(format!("checked {count}")),
            _ => None,
        }
    });
    told.collect()
}

fn client(profile: &Profile) -> Client {
    let name = Some("dns.example".to_owned());
    let here = IpAddr::V4(Ipv4Addr::LOCALHOST);
    Profile { name, ..profile.clone() }.client(&[], here).unwrap()
}

#[test]
fn every_message_of_tls_13_is_told_in_order() {
    let recorder = shake(&client(&Profile::default()), &server(None));
    let expected = [
        ">ClientHello",
        "<ServerHello",
        "<EncryptedExtensions",
        "<Certificate",
        "checked 1",
        "<CertificateVerify",
        "<Finished",
        ">Finished",
    ];
    assert_eq!(told(&recorder)[..8], expected);
    assert_eq!(recorder.signature().as_deref(), Some("ecdsa_secp256r1_sha256"));
    assert!(recorder.has_checked());
}

#[test]
fn every_message_of_tls_12_is_told_in_order() {
    let profile = Profile { highest: Some(Version::Tls12), ..Profile::default() };
    let told = told(&shake(&client(&profile), &server(None)));
    let expected = [
        ">ClientHello",
        "<ServerHello",
        "<Certificate",
        "<ServerKeyExchange",
        "<ServerHelloDone",
        "checked 1",
        ">ClientKeyExchange",
        ">Finished",
        "<Finished",
    ];
    assert_eq!(told, expected);
}

#[test]
fn arrival_and_processing_are_told_apart() {
    let recorder = shake(&client(&Profile::default()), &server(None));
    let steps = recorder.take();
    let find = |number: u8, sent: bool| {
        let is_it = |step: &&Step| {
            step.sent == sent && matches!(step.what, What::Message(_, one) if one == number)
        };
        steps.iter().find(is_it).unwrap()
    };
    let (hello, answer) = (find(1, true), find(2, false));
    assert!(answer.at > hello.at, "{hello:?} {answer:?}");
    assert!(answer.took.is_some_and(|took| took > Duration::ZERO));
    assert!(find(11, false).took.is_some());
    assert!(hello.took.is_none(), "what we send is not processed by us");
}

#[test]
fn sessions_are_resumed_and_tickets_told() {
    let (server, client) = (server(None), client(&Profile::default()));
    let first = shake(&client, &server);
    assert!(told(&first).contains(&"<NewSessionTicket".to_owned()));
    let second = shake(&client, &server);
    assert!(!second.has_checked(), "of a resumed session no chain is checked");
    assert!(!told(&second).contains(&"<Certificate".to_owned()));
    let forgetful = self::client(&Profile { forgets: true, ..Profile::default() });
    let _ = shake(&forgetful, &server);
    assert!(shake(&forgetful, &server).has_checked());
}

#[test]
fn a_server_that_asks_for_a_certificate_is_told_with_whom_it_takes() {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = rcgen::IsCa::Ca(rcgen::BasicConstraints::Unconstrained);
    params.distinguished_name.push(rcgen::DnType::CommonName, "clients");
    let ca = params.self_signed(&key).unwrap();
    let recorder = shake(&client(&Profile::default()), &server(Some(ca.der().clone())));
    let asked = recorder.certificate_request().unwrap();
    assert!(!asked.answered);
    assert_eq!(asked.authorities, ["CN=clients"]);
    assert!(asked.schemes.contains(&"ecdsa_secp256r1_sha256".to_owned()));
    let told = told(&recorder);
    assert!(told.contains(&"<CertificateRequest".to_owned()), "{told:?}");
    assert!(told.contains(&">Certificate".to_owned()), "an empty one: {told:?}");
}

#[test]
fn keys_are_written_to_the_file_that_was_named() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("keys");
    let profile = Profile { key_log: Some(file.clone()), ..Profile::default() };
    let _ = shake(&client(&profile), &server(None));
    let text = std::fs::read_to_string(file).unwrap();
    let labels: Vec<_> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    assert!(labels.contains(&"CLIENT_TRAFFIC_SECRET_0"), "{labels:?}");
    assert!(text.lines().all(|line| line.split(' ').count() == 3));
}

#[test]
fn what_is_no_tls_is_kept_to_be_shown_and_no_more_of_it() {
    let recorder = recorder();
    assert!(!recorder.has_received());
    recorder.received(b"HTTP/1.1 400 Bad Request\r\n");
    recorder.received(&vec![b'x'; 100_000]);
    assert!(recorder.not_tls().is_some_and(|octets| octets.starts_with(b"HTTP/1.1 400")));
    assert_eq!(recorder.not_tls().map(|octets| octets.len()), Some(BEGINNING));
}

#[test]
fn nobody_makes_us_keep_steps_without_end() {
    let recorder = recorder();
    let changes = [20, 3, 3, 0, 1, 1].repeat(10_000);
    recorder.received(&changes);
    assert_eq!(recorder.take().len(), MOST);
}
