//! Lists of vendors as files have them, in the formats that are about.

use super::Loaded;
use super::prefix::Prefix;

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Format {
    /// Prefix, tabs, name (`mac-vendor(5)` of arp-scan).
    ArpScan,
    /// `Registry,Assignment,Organization Name,…`, of the IEEE.
    Csv,
    /// Prefix with or without a length, short name, long name, with tabs between them (Wireshark).
    Manuf,
    /// Prefix, a blank, name (`nmap-mac-prefixes`).
    Nmap,
    /// What a person reads: two lines a prefix, and an address.
    IeeeText,
}

impl Format {
    /// By what the beginning looks like.
    pub(super) fn of(text: &str) -> Self {
        if text.trim_start_matches('\u{feff}').starts_with("Registry,Assignment,") {
            return Self::Csv;
        }
        let mut lines = text.lines().take(400).filter(|line| !is_comment(line));
        if lines.clone().any(|line| line.contains("(base 16)")) {
            Self::IeeeText
        } else if text.lines().take(60).any(|line| is_comment(line) && line.contains("manuf"))
            || lines
                .clone()
                .any(|line| line.split_once('\t').is_some_and(|(key, _)| key.contains('/')))
        {
            Self::Manuf
        } else if lines.next().is_some_and(|line| nmap(line).is_some()) {
            Self::Nmap
        } else {
            Self::ArpScan
        }
    }
}

/// Names by prefix: one text, and where in it each name is.
#[derive(Debug, Default)]
pub(super) struct List {
    text: String,
    rows: Vec<Row>,
    /// Lengths of prefixes that there are, as bits of a number.
    lengths: u64,
}

#[derive(Debug)]
struct Row {
    prefix: Prefix,
    start: usize,
    length: usize,
}

/// As many octets of a name are kept; the longest of the IEEE's has 108.
const LONGEST_NAME: usize = 250;

impl List {
    /// Adds what a file has behind what is there.
    pub(super) fn add(&mut self, format: Format, text: &str) -> Loaded {
        let mut loaded = Loaded::default();
        match format {
            Format::Csv => self.add_csv(text, &mut loaded),
            Format::ArpScan | Format::IeeeText => self.add_lines(text, arp_scan, &mut loaded),
            Format::Manuf => self.add_lines(text, manuf, &mut loaded),
            Format::Nmap => self.add_lines(text, nmap, &mut loaded),
        }
        // Stable: what was first stays first.
        self.rows.sort_by_key(|row| row.prefix);
        self.rows.dedup_by_key(|row| row.prefix);
        loaded
    }

    fn add_csv(&mut self, text: &str, loaded: &mut Loaded) {
        let mut reader = csv::ReaderBuilder::new().flexible(true).from_reader(text.as_bytes());
        for row in reader.records() {
            let row = row.unwrap_or_default();
            let prefix = row.get(1).and_then(Prefix::from_digits);
            match (prefix, row.get(2)) {
                (Some(prefix), Some(name)) => self.push(prefix, name, loaded),
                _ => loaded.unread(row.iter().collect::<Vec<_>>().join(",").as_str()),
            }
        }
    }

    fn add_lines(
        &mut self,
        text: &str,
        read: fn(&str) -> Option<(Prefix, &str)>,
        loaded: &mut Loaded,
    ) {
        for line in text.lines().filter(|line| !is_comment(line)) {
            match read(line) {
                Some((prefix, name)) => self.push(prefix, name, loaded),
                None => loaded.unread(line),
            }
        }
    }

    fn push(&mut self, prefix: Prefix, name: &str, loaded: &mut Loaded) {
        let name = match name.trim() {
            "IEEE Registration Authority" if prefix.bits == 24 => "(IEEE block, unassigned)",
            name => shorten(name),
        };
        self.rows.push(Row { prefix, start: self.text.len(), length: name.len() });
        self.text.push_str(name);
        self.lengths |= 1 << prefix.bits;
        loaded.prefixes += 1;
    }

    /// The name of the longest prefix of an address, and how many bits that has.
    pub(super) fn name(&self, whole: Prefix) -> Option<(u8, &str)> {
        let mut left = self.lengths;
        while let Some(bits) = left.checked_ilog2() {
            left &= !(1 << bits);
            let bits = u8::try_from(bits).ok()?;
            if let Some(name) = whole.shorter(bits).and_then(|prefix| self.exactly(prefix)) {
                return Some((bits, name));
            }
        }
        None
    }

    fn exactly(&self, prefix: Prefix) -> Option<&str> {
        let at = self.rows.binary_search_by_key(&prefix, |row| row.prefix).ok()?;
        let row = self.rows.get(at)?;
        self.text.get(row.start..row.start + row.length)
    }
}

fn shorten(name: &str) -> &str {
    let cuts = name.char_indices().map(|(at, char)| at + char.len_utf8());
    let end = cuts.take_while(|end| *end <= LONGEST_NAME).last();
    name.get(..end.unwrap_or(0)).unwrap_or(name)
}

impl Loaded {
    fn unread(&mut self, line: &str) {
        self.unread_lines += 1;
        if self.unread.len() < Self::SHOWN {
            self.unread.push(line.chars().take(LONGEST_NAME).collect());
        }
    }
}

fn is_comment(line: &str) -> bool {
    line.is_empty() || line.starts_with('#')
}

/// A key, a tab, any blanks, and what stands before the next tab.
fn arp_scan(line: &str) -> Option<(Prefix, &str)> {
    let (key, rest) = line.trim_start_matches('\t').split_once('\t')?;
    let name = rest.trim_start_matches(['\t', ' ']).split('\t').next()?;
    (!name.is_empty()).then_some((Prefix::from_digits(key)?, name))
}

fn manuf(line: &str) -> Option<(Prefix, &str)> {
    let mut columns = line.split('\t').map(str::trim);
    let (key, short) = (columns.next()?, columns.next()?);
    let name = columns.next().filter(|long| !long.is_empty()).unwrap_or(short);
    let prefix = match key.split_once('/') {
        Some((key, bits)) => Prefix::from_digits(key)?.shorter(bits.parse().ok()?)?,
        None => Prefix::from_digits(key)?,
    };
    Some((prefix, name))
}

fn nmap(line: &str) -> Option<(Prefix, &str)> {
    let (key, name) = line.split_once(' ')?;
    let is_hex = (6..=9).contains(&key.len()) && key.bytes().all(|digit| digit.is_ascii_hexdigit());
    is_hex.then_some((Prefix::from_digits(key)?, name))
}
