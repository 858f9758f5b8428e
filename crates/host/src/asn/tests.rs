use super::*;

#[test]
fn pyasn_table_is_read() {
    let table = table(
        "; IP-ASN32-DAT file\n; Original file : <rib.bz2>\n\
         192.0.2.0/24\t64496\n198.51.100.0/24\t64497\n2001:db8::/32\t64498\n",
    );
    assert_eq!(origins(&table, "192.0.2.255"), [64496]);
    assert_eq!(origins(&table, "198.51.100.0"), [64497]);
    assert_eq!(origins(&table, "2001:db8:ffff::1"), [64498]);
    assert_eq!(table.bad_lines(), 0, "comments are no bad lines");
}

#[test]
fn routeviews_table_is_read_with_its_sets() {
    let table = table(
        "192.0.2.0\t24\t64496_64497\n198.51.100.0\t24\t64498,64499\r\n\
         2001:db8::\t32\t64500_64501,64502\n",
    );
    assert_eq!(origins(&table, "192.0.2.1"), [64496, 64497]);
    assert_eq!(origins(&table, "198.51.100.1"), [64498, 64499]);
    assert_eq!(origins(&table, "2001:db8::1"), [64500, 64501, 64502]);
}

#[test]
fn either_form_may_stand_beside_the_other() {
    let table = table("# mixed\n\n  192.0.2.0/25 AS64496\n192.0.2.128 25 {64497,64498}");
    assert_eq!(origins(&table, "192.0.2.1"), [64496]);
    assert_eq!(origins(&table, "192.0.2.129"), [64497, 64498]);
}

#[test]
fn longest_prefix_matches() {
    let table = table("192.0.0.0/16 1\n192.0.2.64/26 3\n192.0.2.0/24 2\n::/0 4\n2001:db8::/33 5\n");
    assert_eq!(origins(&table, "192.0.1.255"), [1]);
    assert_eq!(origins(&table, "192.0.2.63"), [2]);
    assert_eq!(origins(&table, "192.0.2.64"), [3]);
    assert_eq!(origins(&table, "192.0.2.127"), [3]);
    assert_eq!(origins(&table, "192.0.2.128"), [2]);
    assert_eq!(origins(&table, "192.0.3.0"), [1]);
    assert_eq!(origins(&table, "192.1.0.0"), [], "no prefix of the other family");
    assert_eq!(origins(&table, "2001:db8:7fff::"), [5]);
    assert_eq!(origins(&table, "2001:db8:8000::"), [4]);
}

#[test]
fn mapped_address_is_looked_up_as_what_it_means() {
    assert_eq!(origins(&table("192.0.2.0/24 64496"), "::ffff:192.0.2.1"), [64496]);
}

#[test]
fn prefix_that_is_there_twice_has_the_origins_of_both() {
    let table = table("192.0.2.0/24 2_1\n192.0.2.0/24 3\n192.0.2.9/24 1\n192.0.2.0/25 1,1\n");
    assert_eq!(origins(&table, "192.0.2.200"), [2, 1, 3]);
    assert_eq!(origins(&table, "192.0.2.1"), [1]);
}

#[test]
fn bad_lines_are_skipped_and_counted() {
    let bad = [
        "192.0.2.0",
        "192.0.2.0/24",
        "192.0.2.0/33 1",
        "192.0.2.0 24",
        "192.0.2.0/24 1 2",
        "192.0.2.0/24 x",
        "192.0.2.0/24 1_",
        "192.0.2.0/24 -1",
        "192.0.2.0/24 +1",
        "192.0.2.0/24 4294967296",
        "192.0.2.0/24 \u{e4}",
        "a name",
        "0/0 1",
    ];
    let table = table(&(bad.join("\n") + "\n203.0.113.0/24 4294967295"));
    assert_eq!(table.bad_lines(), bad.len());
    assert_eq!(origins(&table, "203.0.113.1"), [u32::MAX]);
    assert_eq!(origins(&table, "192.0.2.1"), []);
}

#[test]
fn line_that_is_too_long_is_one_bad_line() {
    let long = "1_".repeat(100_000);
    let table = table(&format!("192.0.2.0/24 {long}1\n203.0.113.0/24 1\n198.51.100.0/24 {long}"));
    assert_eq!(table.bad_lines(), 2);
    assert_eq!(origins(&table, "203.0.113.1"), [1]);
}

#[test]
fn longest_line_is_good() {
    let prefix = "192.0.2.0/24 1";
    let pad = usize::try_from(LONGEST_LINE).unwrap() - 1 - prefix.len();
    let table = table(&format!("{prefix}{}\n203.0.113.0/24 2", " ".repeat(pad)));
    assert_eq!((origins(&table, "192.0.2.1"), table.bad_lines()), (&[1][..], 0));
}

#[test]
fn origins_past_the_limit_are_left_out() {
    let many: Vec<_> = (1..500).map(|n: u32| n.to_string()).collect();
    let table = table(&format!("192.0.2.0/24 {}", many.join("_")));
    assert_eq!(origins(&table, "192.0.2.1").len(), MOST_ORIGINS);
}

#[test]
fn file_without_a_good_line_is_named_with_the_first_bad_one() {
    let file = tempfile("no-good-line", b"# a comment\n\n\x1f\x8b\x08\0nonsense\nmore\n");
    let why = AsTable::read(&file.0).unwrap_err().to_string();
    let reason = "line 3: not a prefix and the number of its AS, and no other line is";
    assert_eq!(why, format!("{}: {reason}", file.0.display()));
}

#[test]
fn file_that_says_nothing_is_an_error() {
    let file = tempfile("empty", b"; nothing here\n");
    let why = AsTable::read(&file.0).unwrap_err().to_string();
    assert_eq!(why, format!("{}: no prefix in it", file.0.display()));
}

#[test]
fn file_that_cannot_be_read_is_an_error_in_the_words_of_c() {
    for (path, why) in [("/nowhere", "No such file or directory"), ("/", "Is a directory")] {
        assert_eq!(AsTable::read(path).unwrap_err().to_string(), format!("{path}: {why}"));
    }
}

#[test]
fn more_prefixes_than_anybody_has_are_too_many() {
    let mut builder = Builder::default();
    builder.line(b"192.0.2.0/24 1").unwrap();
    builder.v4 = vec![builder.v4[0]; MOST_PREFIXES];
    assert!(matches!(builder.line(b"192.0.2.0/24 1"), Err(Fault::TooLarge)));
}

#[test]
fn file_without_an_end_is_given_up() {
    let endless = io::repeat(b'x');
    assert!(matches!(AsTable::parse(endless, 100_000), Err(Fault::TooLarge)));
}

#[test]
fn read_table_is_read_from_its_file() {
    let file = tempfile("good", b"192.0.2.0/24\t64496\n");
    assert_eq!(origins(&AsTable::read(&file.0).unwrap(), "192.0.2.1"), [64496]);
}

fn table(text: &str) -> AsTable {
    AsTable::parse(text.as_bytes(), LONGEST_FILE).unwrap()
}

fn origins<'a>(table: &'a AsTable, address: &str) -> &'a [u32] {
    table.lookup(address.parse().unwrap())
}

/// A file that is removed at the end of its test.
struct Scratch(PathBuf);

impl Drop for Scratch {
    fn drop(&mut self) {
        let _ = std::fs::remove_file(&self.0);
    }
}

fn tempfile(name: &str, contents: &[u8]) -> Scratch {
    let name = format!("wireline-host-{}-{name}", std::process::id());
    let path = std::env::temp_dir().join(name);
    std::fs::write(&path, contents).unwrap();
    Scratch(path)
}
