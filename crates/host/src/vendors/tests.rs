use std::io::Write as _;

use super::*;

fn mac(text: &str) -> Mac {
    text.parse().unwrap()
}

fn file(contents: &[u8]) -> tempfile::NamedTempFile {
    let mut file = tempfile::NamedTempFile::new().unwrap();
    file.write_all(contents).unwrap();
    file
}

fn from(contents: &str) -> (Vendors, Loaded) {
    let mut vendors = Vendors::none();
    let loaded = vendors.read(file(contents.as_bytes()).path()).unwrap();
    (vendors, loaded)
}

#[track_caller]
fn assert_name(vendors: &Vendors, address: &str, expected: Option<&str>) {
    assert_eq!(vendors.name(mac(address)), expected, "{address}");
}

#[test]
fn built_in_lists_know_every_registry() {
    let vendors = Vendors::built_in();
    assert_name(&vendors, "00:22:72:00:00:00", Some("American Micro-Fuel Device Corp."));
    assert_name(&vendors, "74:1a:e0:90:00:00", Some("Private"));
    assert_name(&vendors, "70:b3:d5:f2:f0:00", Some("TELEPLATFORMS"));
    assert_name(&vendors, "00:50:c2:7d:50:00", Some("DEUTA-WERKE GmbH"));
    assert_name(&vendors, "da:a1:19:00:00:00", Some("Google, Inc."));
    assert_name(
        &vendors,
        "08:00:30:00:00:00",
        Some("NETWORK RESEARCH CORPORATION / ROYAL MELBOURNE INST OF TECH / CERN"),
    );
}

#[test]
fn nobody_is_taken_for_the_owner_of_a_block_that_was_not_given_away() {
    let vendors = Vendors::built_in();
    // The MA-L of C8:5C:E2 was cut into blocks of 28 bits; 00:50:C2 into blocks of 36.
    assert_name(&vendors, "c8:5c:e2:70:00:00", Some("SYNERGY SYSTEMS AND SOLUTIONS"));
    let unassigned = "(IEEE block, unassigned)";
    let found = (0..=255)
        .find(|last| vendors.name(Mac([0, 0x50, 0xc2, 0xff, *last, 0])) == Some(unassigned));
    assert!(found.is_some() || vendors.name(mac("40:d8:55:ff:ff:00")) == Some(unassigned));
}

#[test]
fn addresses_that_were_drawn_have_no_vendor() {
    let vendors = Vendors::built_in();
    for address in ["02:00:00:00:bb:02", "d2:9f:11:22:33:44", "00:00:00:00:00:00"] {
        let is_xerox = address.starts_with("00:00:00");
        assert_name(&vendors, address, is_xerox.then_some("XEROX CORPORATION"));
    }
}

#[test]
fn well_known_prefixes_come_before_the_company_that_has_them() {
    let vendors = Vendors::built_in();
    for (address, name) in [
        ("00:00:5e:00:01:07", "VRRP or CARP (last octet: group)"),
        ("00:00:5e:00:02:07", "VRRP or CARP for IPv6 (last octet: group)"),
        ("00:00:0c:07:ac:07", "HSRP (last octet: group)"),
        ("00:00:0c:9f:f1:23", "HSRP version 2 (last 12 bits: group)"),
        ("52:54:00:12:34:56", "QEMU/KVM"),
        ("02:42:ac:11:00:02", "Docker"),
        ("0a:00:27:00:00:00", "VirtualBox"),
        ("ff:ff:ff:ff:ff:ff", "Broadcast"),
    ] {
        assert_name(&vendors, address, Some(name));
    }
    assert_name(&vendors, "00:00:5e:00:53:01", Some("ICANN, IANA Department"));
    assert_name(&Vendors::none(), "52:54:00:12:34:56", None);
}

#[test]
fn longest_prefix_of_a_file_wins_whatever_the_order() {
    let (vendors, loaded) = from(
        "# a comment\n\n01\tone octet\n01:23:45:67:89:ab\tall of it\n0123456\thalf an octet\r\n\
         01-23-45\t \t three\tand more\n01:23:45\tlate\n",
    );
    assert_eq!((loaded.prefixes, loaded.unread_lines), (5, 0));
    assert_name(&vendors, "01:99:45:67:89:ab", Some("one octet"));
    assert_name(&vendors, "01:23:45:67:89:ab", Some("all of it"));
    assert_name(&vendors, "01:23:45:67:89:aa", Some("half an octet"));
    assert_name(&vendors, "01:23:45:77:89:aa", Some("three"));
    assert_name(&vendors, "02:23:45:77:89:aa", None);
}

#[test]
fn of_two_files_the_first_has_the_say_and_a_longer_prefix_of_the_second() {
    let mut vendors = Vendors::none();
    vendors.read(file(b"001122\tfirst\n").path()).unwrap();
    vendors.read(file(b"001122\tsecond\n00112233\tlonger\n").path()).unwrap();
    assert_name(&vendors, "00:11:22:00:00:00", Some("first"));
    assert_name(&vendors, "00:11:22:33:00:00", Some("longer"));
}

#[test]
fn what_a_person_adds_comes_before_what_is_built_in() {
    let mut vendors = Vendors::built_in();
    vendors.read(file(b"00:22:72\tthe printer\n52:54:00:aa\tweb server\n").path()).unwrap();
    assert_name(&vendors, "00:22:72:00:00:01", Some("the printer"));
    assert_name(&vendors, "52:54:00:aa:00:01", Some("web server"));
    assert_name(&vendors, "52:54:00:bb:00:01", Some("QEMU/KVM"));
}

#[test]
fn lines_that_are_none_are_counted_and_the_first_are_kept() {
    let nonsense = "no tab here\n".repeat(1000);
    let (vendors, loaded) = from(&format!("001122\tgood\n{nonsense}0123456789abcdef\ttoo long\n"));
    assert_eq!((loaded.prefixes, loaded.unread_lines), (1, 1001));
    assert_eq!(loaded.unread, vec!["no tab here"; Loaded::SHOWN]);
    assert_name(&vendors, "00:11:22:00:00:00", Some("good"));
}

#[test]
fn csv_of_the_ieee_is_read_with_its_quotes() {
    let (vendors, loaded) = from(
        "Registry,Assignment,Organization Name,Organization Address\r\n\
         MA-L,001122,\"One, \"\"Two\"\" and Three\",\"a street\nin a town \"\r\n\
         MA-M,AABBCC1, Half an octet ,\r\nMA-L,AABBCC,IEEE Registration Authority,x\r\nMA-L,xyz,none\r\n",
    );
    assert_eq!((loaded.prefixes, loaded.unread_lines), (3, 1), "{loaded:?}");
    assert_name(&vendors, "00:11:22:00:00:00", Some("One, \"Two\" and Three"));
    assert_name(&vendors, "aa:bb:cc:1f:00:00", Some("Half an octet"));
    assert_name(&vendors, "aa:bb:cc:2f:00:00", Some("(IEEE block, unassigned)"));
}

#[test]
fn manuf_of_wireshark_is_read_old_and_new() {
    let (vendors, _) = from(
        "# This file was generated by running ./tools/make-manuf.py.\n\
         00:00:00             \tXerox        \tXerox Corporation\n\
         00:1B:C5:00:00:00/36\tConverging\tConverging Systems Inc.\n01:80:C2\tShort\n",
    );
    assert_name(&vendors, "00:00:00:01:02:03", Some("Xerox Corporation"));
    assert_name(&vendors, "00:1b:c5:00:0f:ff", Some("Converging Systems Inc."));
    assert_name(&vendors, "00:1b:c5:00:10:00", None);
    assert_name(&vendors, "01:80:c2:00:10:00", Some("Short"));
}

#[test]
fn prefixes_of_nmap_are_read() {
    let (vendors, _) =
        from("# comment\n000000 Xerox\n0055DA0 Shinko Technos\n001BC5000 Converging Systems\n");
    assert_name(&vendors, "00:00:00:01:02:03", Some("Xerox"));
    assert_name(&vendors, "00:55:da:0f:02:03", Some("Shinko Technos"));
    assert_name(&vendors, "00:1b:c5:00:0f:03", Some("Converging Systems"));
}

#[test]
fn list_for_people_is_refused_by_name() {
    let text = "OUI/MA-L   Organization\n\n00-22-72   (hex)\t\tAmerican\n002272     (base 16)\t\tAmerican\n";
    let error = Vendors::none().read(file(text.as_bytes()).path()).unwrap_err();
    assert!(error.to_string().ends_with("the IEEE's list for people; the CSV beside it is read"));
}

#[test]
fn missing_and_endless_files_are_errors() {
    let missing = Vendors::none().read(Path::new("/nonexistent/oui")).unwrap_err();
    assert_eq!(missing.to_string(), "/nonexistent/oui: No such file or directory (os error 2)");
    let endless = Vendors::none().read(Path::new("/dev/zero")).unwrap_err();
    assert_eq!(endless.to_string(), "/dev/zero: more than 64 MB");
}

#[test]
fn octets_that_are_no_text_are_read_as_well_as_they_can_be() {
    let mut vendors = Vendors::none();
    vendors.read(file(b"001122\tM\xfcller\x1b[31m\n\xff\xfe\xfd\n").path()).unwrap();
    assert_name(&vendors, "00:11:22:00:00:00", Some("M\u{fffd}ller\u{1b}[31m"));
    let long = format!("001122\t{}\n", "\u{e9}".repeat(1000));
    assert_eq!(from(&long).0.name(mac("00:11:22:00:00:00")).map(str::len), Some(250));
}

/// Facts about the packages of this machine: what they list is still there, or was given back.
#[test]
#[ignore = "interop: needs Debian's arp-scan"]
fn prefixes_of_debian_resolve() {
    let mut debian = Vendors::none();
    let path = Path::new("/usr/share/arp-scan/ieee-oui.txt");
    assert!(debian.read(path).unwrap().prefixes > 40_000);
    let (mut total, mut found) = (0, 0);
    for line in std::fs::read_to_string(path).unwrap().lines().filter(|line| !line.starts_with('#'))
    {
        let Some((key, _)) = line.split_once('\t') else { continue };
        let digits: Vec<u8> = format!("{key:0<12}").bytes().collect();
        let pairs =
            digits.chunks(2).map(|pair| u8::from_str_radix(str::from_utf8(pair).unwrap(), 16));
        let address = Mac::from_slice(&pairs.collect::<Result<Vec<_>, _>>().unwrap()).unwrap();
        total += 1;
        found += u32::from(Vendors::built_in().name(address).is_some());
        assert!(debian.name(address).is_some(), "{line}");
    }
    assert!(found * 1000 >= total * 995, "{found} of {total}");
}
