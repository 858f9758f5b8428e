use rcgen::{
    BasicConstraints, CertificateParams, CustomExtension, DnType, ExtendedKeyUsagePurpose, IsCa,
    Issuer, KeyPair, date_time_ymd,
};
use rustls::pki_types::CertificateDer;

use super::*;

struct Authority {
    issuer: Issuer<'static, KeyPair>,
    read: Certificate,
}

fn authority(name: &str, by: Option<&Authority>) -> Authority {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new([]).unwrap();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, name);
    let made = match by {
        Some(by) => params.signed_by(&key, &by.issuer).unwrap(),
        None => params.self_signed(&key).unwrap(),
    };
    let read = Certificate::read(made.der());
    Authority { issuer: Issuer::new(params, key), read }
}

fn leaf(by: &Authority, change: impl FnOnce(&mut CertificateParams)) -> Certificate {
    let key = KeyPair::generate().unwrap();
    let mut params = CertificateParams::new(["www.lab.test".to_owned()]).unwrap();
    params.distinguished_name = rcgen::DistinguishedName::new();
    params.distinguished_name.push(DnType::CommonName, "shop");
    change(&mut params);
    Certificate::read(params.signed_by(&key, &by.issuer).unwrap().der())
}

/// 2026-11-22.
const NOW: i64 = 1_795_305_600;

fn look(chain: &[Certificate], trusted: &[&Certificate], fault: Option<&Fault>) -> Diagnosis {
    let trusts = |name: &[u8]| trusted.iter().any(|one| path::subject(one) == Some(name));
    let wanted = Some("www.lab.test");
    diagnose(&Patient { chain, wanted, now_s: NOW, trusts: &trusts, fault })
}

fn codes_of(diagnosis: &Diagnosis) -> Vec<&str> {
    diagnosis.findings.iter().map(|one| one.code).collect()
}

fn verdicts(diagnosis: &Diagnosis) -> Vec<Verdict> {
    diagnosis.links.iter().map(|one| one.verdict).collect()
}

fn unknown() -> Fault {
    Fault::UnknownIssuer { issuer: String::new() }
}

/// RFC 5280 §4.2.2.1: a sequence of one caIssuers with a URL.
fn says_where(url: &str) -> CustomExtension {
    let oid = [6, 8, 0x2b, 6, 1, 5, 5, 7, 0x30, 2];
    let length = u8::try_from(url.len()).unwrap();
    let inner = [&oid[..], &[0x86, length], url.as_bytes()].concat();
    let wrap = |inner: &[u8]| [&[0x30, u8::try_from(inner.len()).unwrap()], inner].concat();
    CustomExtension::from_oid_content(&[1, 3, 6, 1, 5, 5, 7, 1, 1], wrap(&wrap(&inner)))
}

#[test]
fn a_good_chain_is_a_tree_up_to_whom_is_trusted() {
    let root = authority("root", None);
    let middle = authority("middle", Some(&root));
    let chain = [leaf(&middle, |_| ()), middle.read.clone()];
    let found = look(&chain, &[&root.read], None);
    assert_eq!(codes_of(&found), [""; 0]);
    assert_eq!(verdicts(&found), [Verdict::Good, Verdict::Good, Verdict::Trusted]);
    let depths: Vec<_> = found.links.iter().map(|one| one.depth).collect();
    assert_eq!(depths, [2, 1, 0]);
}

#[test]
fn a_chain_that_lacks_one_is_told_from_an_unknown_root() {
    let root = authority("root", None);
    let middle = authority("middle", Some(&root));
    let url = "http://lab.test/middle.der";
    let alone = leaf(&middle, |params| params.custom_extensions.push(says_where(url)));
    let found = look(&[alone], &[&root.read], Some(&unknown()));
    assert_eq!(codes_of(&found), ["incomplete_chain"]);
    let told = found.findings[0].sentence();
    assert!(told.starts_with("the chain lacks 'CN=middle', which issued 'CN=shop'"), "{told}");
    assert!(told.ends_with("it is at http://lab.test/middle.der)"), "{told}");
    assert_eq!(verdicts(&found), [Verdict::Good, Verdict::Missing]);
    let found = look(&[leaf(&middle, |_| ())], &[], Some(&unknown()));
    assert_eq!(codes_of(&found), ["unknown_root"]);
}

#[test]
fn one_that_vouches_for_itself_is_told_from_a_root_that_came_along() {
    let root = authority("root", None);
    let fault = Fault::SelfSigned { subject: String::new() };
    assert_eq!(
        codes_of(&look(std::slice::from_ref(&root.read), &[], Some(&fault)))[0],
        "self_signed"
    );
    let chain = [leaf(&root, |_| ()), root.read.clone()];
    let fault = Fault::SelfSignedInChain { subject: String::new() };
    let found = look(&chain, &[], Some(&fault));
    assert_eq!(codes_of(&found), ["root_not_trusted", "needless_root"]);
    assert_eq!(verdicts(&found), [Verdict::Good, Verdict::Bad]);
}

#[test]
fn an_authority_of_the_same_name_with_another_key_is_an_impostor() {
    let (root, other) = (authority("root", None), authority("root", None));
    let found = look(&[leaf(&other, |_| ())], &[&root.read], Some(&unknown()));
    assert_eq!(codes_of(&found), ["impostor"]);
}

#[test]
fn all_faults_are_told_and_the_one_that_decided_first() {
    let root = authority("root", None);
    let chain = [leaf(&root, |params| {
        params.not_before = date_time_ymd(2020, 1, 1);
        params.not_after = date_time_ymd(2020, 2, 1);
        params.subject_alt_names.clear();
        params.extended_key_usages = vec![ExtendedKeyUsagePurpose::ClientAuth];
    })];
    let found = look(&chain, &[&root.read], Some(&Fault::Expired { seconds: 1 }));
    assert_eq!(codes_of(&found), ["expired", "no_names", "wrong_purpose"]);
    let told = &found.findings[0].text;
    assert!(told.ends_with(" days ago, on 2020-02-01 (it was valid from 2020-01-01)"), "{told}");
    assert!(found.findings[1].text.contains("shop is only its common name"));
    assert!(found.findings[2].text.contains("TLS Web Client Authentication"));
    let found = look(&chain, &[&root.read], Some(&Fault::WrongPurpose));
    assert_eq!(codes_of(&found)[0], "wrong_purpose");
}

#[test]
fn where_nothing_was_decided_against_it_all_are_notes() {
    let root = authority("root", None);
    let old = leaf(&root, |params| params.not_after = date_time_ymd(2020, 2, 1));
    let found = look(&[old], &[], None);
    assert!(!found.findings.is_empty());
    assert!(found.findings.iter().all(|one| !one.is_fatal), "{found:?}");
}

#[test]
fn what_does_not_belong_and_what_is_out_of_order_is_noted() {
    let root = authority("root", None);
    let middle = authority("middle", Some(&root));
    let upper = authority("upper", Some(&middle));
    let own = leaf(&upper, |_| ());
    let mixed = [own.clone(), middle.read.clone(), upper.read.clone()];
    assert_eq!(codes_of(&look(&mixed, &[&root.read], None)), ["wrong_order"]);
    let stray = authority("stray", None).read;
    let found = look(&[own, upper.read, stray, middle.read], &[&root.read], None);
    assert_eq!(codes_of(&found), ["stray"]);
    assert_eq!(found.links.last().map(|one| one.verdict), Some(Verdict::Stray));
}

#[test]
fn a_fault_that_cannot_be_seen_is_still_told() {
    let root = authority("root", None);
    let fault = Fault::Other("UnhandledCriticalExtension".to_owned());
    let found = look(&[leaf(&root, |_| ())], &[&root.read], Some(&fault));
    assert_eq!(codes_of(&found), ["other"]);
    assert!(found.findings[0].is_fatal);
}

#[test]
fn chains_without_end_and_noise_are_looked_at_too() {
    let root = authority("root", None);
    let own = leaf(&root, |_| ());
    let many = vec![own.clone(); 3000];
    assert!(look(&many, &[], Some(&unknown())).links.len() < 100);
    for end in (0..own.der.len()).step_by(7) {
        let cut = Certificate::read(&CertificateDer::from(own.der[..end].to_vec()));
        let found = look(&[cut], &[], Some(&unknown()));
        assert!(!found.findings.is_empty());
    }
    assert_eq!(look(&[], &[], None), Diagnosis::default());
}
