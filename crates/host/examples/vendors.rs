//! Makes `crates/host/src/vendors/oui.bin` from the IEEE's five lists as CSV:
//!
//! ```sh
//! cargo run -p wireline-host --example vendors -- DIR DATE
//! ```
//!
//! DIR has oui.csv, oui28.csv, oui36.csv, iab.csv and cid.csv, as the crate `oui-data` carries them (`data/`);
//! DATE is when they were fetched (ISO 8601). What comes out depends on nothing else. Its layout is told in
//! `src/vendors/blob.rs`.

use std::collections::BTreeMap;
use std::error::Error;
use std::path::Path;

type Names = BTreeMap<Vec<u8>, String>;

/// What the IEEE has cut into smaller blocks, to give those away.
const CUT: &str = "(IEEE block, unassigned)";

const OUT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/src/vendors/oui.bin");

fn main() -> Result<(), Box<dyn Error>> {
    let words: Vec<String> = std::env::args().skip(1).collect();
    let [dir, date] = words.as_slice() else {
        return Err("two words: the directory of the lists, and their date".into());
    };
    if date.len() != 10 {
        return Err("a date is as 2026-10-17".into());
    }
    let dir = Path::new(dir);
    let tables = [
        table(dir, &["oui.csv", "cid.csv"], 6)?,
        table(dir, &["oui28.csv"], 7)?,
        table(dir, &["oui36.csv", "iab.csv"], 9)?,
    ];
    check(&tables)?;
    std::fs::write(OUT, pack(date, &tables)?)?;
    Ok(())
}

/// What some lists with prefixes of one length say, by octets of the prefix.
fn table(dir: &Path, files: &[&str], digits: usize) -> Result<Names, Box<dyn Error>> {
    let mut names = Names::new();
    for file in files {
        for row in csv::Reader::from_path(dir.join(file))?.records() {
            let row = row?;
            let (prefix, name) = (&row[1], tidy(&row[2]));
            if prefix.len() != digits {
                return Err(format!("{file}: {prefix}: not {digits} digits").into());
            }
            let name = match name.as_str() {
                "IEEE Registration Authority" if digits == 6 => CUT.into(),
                _ => name,
            };
            // Three prefixes were given away more than once, in the eighties.
            let known = names.entry(octets(prefix)?).or_default();
            *known = if known.is_empty() { name } else { format!("{known} / {name}") };
        }
    }
    Ok(names)
}

/// Whoever looks an address up looks no further than its first 24 bits where those are somebody's.
fn check([of_24, longer @ ..]: &[Names; 3]) -> Result<(), Box<dyn Error>> {
    for prefix in longer.iter().flat_map(Names::keys) {
        if let Some(owner) = of_24.get(&prefix[..3]).filter(|owner| *owner != CUT) {
            return Err(format!("{prefix:x?} was given away, and all around it to {owner}").into());
        }
    }
    Ok(())
}

/// Single blanks between words, and none around them.
fn tidy(name: &str) -> String {
    name.split_whitespace().collect::<Vec<_>>().join(" ")
}

/// A half octet at the end is filled up with zeros.
fn octets(prefix: &str) -> Result<Vec<u8>, Box<dyn Error>> {
    let even = if prefix.len() % 2 == 1 { format!("{prefix}0") } else { prefix.to_owned() };
    let pairs = even
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair)?, 16).map_err(Into::into));
    pairs.collect()
}

fn pack(date: &str, tables: &[Names; 3]) -> Result<Vec<u8>, Box<dyn Error>> {
    let mut ids: BTreeMap<&str, u16> = BTreeMap::new();
    for name in tables.iter().flat_map(Names::values) {
        ids.insert(name, 0);
    }
    for (n, id) in ids.values_mut().enumerate() {
        *id = u16::try_from(n)?;
    }
    let mut out = b"wlvendor".to_vec();
    out.extend(date.as_bytes());
    for table in tables {
        out.extend(u32::try_from(table.len())?.to_le_bytes());
    }
    out.extend(u32::try_from(ids.len())?.to_le_bytes());
    out.extend(u32::from(ids[CUT]).to_le_bytes());
    for table in tables {
        for (prefix, name) in table {
            out.extend(prefix);
            out.extend(ids[name.as_str()].to_le_bytes());
        }
    }
    let mut end = 0_u32;
    for name in ids.keys() {
        end += u32::try_from(name.len())?;
        out.extend(end.to_le_bytes());
    }
    for name in ids.keys() {
        out.extend(name.as_bytes());
    }
    eprintln_sizes(tables, ids.len(), out.len());
    Ok(out)
}

#[expect(
    clippy::print_stderr,
    reason = "run by hand: whoever runs it wants to see what came of it"
)]
fn eprintln_sizes(tables: &[Names; 3], names: usize, size: usize) {
    let prefixes = tables.each_ref().map(Names::len);
    eprintln!("{prefixes:?} prefixes of 24, 28 and 36 bits, {names} names, {size} bytes");
}
