//! Entries from a file, a line each (`-f`; ethers(5)).

use std::fs::File;
use std::io::{BufRead as _, BufReader, Read as _};

use wireline_cli::Exit;

use super::grammar::Asked;
use super::request::{Wanted, words_of_line};
use super::{Bare, FAILED, apply, complain, read, said};

/// In octets: no line of sense is longer, and the rest of one that is, is passed over.
const LONGEST: u64 = 1 << 16;

/// Makes every entry of the file. What is wrong with a line is said, and the next one is read; whether all went
/// well is in the exit code.
pub(crate) fn set_all(asked: &Asked) -> anyhow::Result<Exit> {
    let name = asked.operands.first().map_or("/etc/ethers", String::as_str);
    let Ok(file) = File::open(name) else {
        return Err(Bare(format!("arp: cannot open etherfile {name} !")).into());
    };
    let mut file = BufReader::new(file);
    let wanted = Wanted::Set { from_device: asked.from_device };
    let (mut number, mut exit) = (0_u64, Exit(0));
    while let Some(line) = next_line(&mut file) {
        number += 1;
        if asked.verbose {
            complain(&format!(">> {line}"));
        }
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let mut words = words_of_line(&line);
        if words.len() < 2 {
            complain(&format!("arp: format error on line {number} of etherfile {name} !"));
            exit = FAILED;
            continue;
        }
        // ethers(5) has the hardware address first, and arp(8) the host.
        if words[0].contains(':') && !is_v6(&words[0]) {
            words.swap(0, 1);
        }
        let done = match read(asked, &words, wanted) {
            Ok(request) => apply(asked, &request, wanted)?,
            Err(wrong) => {
                said(&wrong);
                FAILED
            }
        };
        if done != Exit(0) {
            complain(&format!("arp: cannot set entry on line {number} of etherfile {name} !"));
            exit = FAILED;
        }
    }
    Ok(exit)
}

fn is_v6(word: &str) -> bool {
    word.split('%').next().is_some_and(|word| word.parse::<std::net::Ipv6Addr>().is_ok())
}

/// The next line without its end. What is not UTF-8 in it is replaced.
fn next_line(file: &mut BufReader<File>) -> Option<String> {
    let mut line = Vec::new();
    file.by_ref().take(LONGEST).read_until(b'\n', &mut line).ok().filter(|read| *read > 0)?;
    if line.last() == Some(&b'\n') {
        line.pop();
    } else if line.len() as u64 == LONGEST {
        file.skip_until(b'\n').ok()?;
    }
    Some(String::from_utf8_lossy(&line).into_owned())
}
