//! What the program says of itself by the name of `arp`.

use std::fmt::Write as _;

use super::hardware::Hardware;

/// The help, which is the usage too.
pub(crate) fn text() -> String {
    let mut text = TEXT.to_owned();
    for (n, hardware) in Hardware::arpable().enumerate() {
        let start = if n % 6 == 0 { "\n   " } else { "" };
        // Writing to a String cannot fail.
        let _ = write!(text, "{start} {}", hardware.name);
    }
    text.push('\n');
    text
}

const TEXT: &str = "\
Usage:
  arp [-aenv46] [-H TYPE] [-i IF] [HOST]            show the kernel's entries
  arp [-v] [-i IF] -d HOST [pub]                    delete one
  arp [-v] [-H TYPE] [-i IF] -s HOST MAC [temp]     make one
  arp [-v] [-i IF] -Ds HOST IF pub                  answer for a host with the address of IF
  arp [-vD] [-H TYPE] [-i IF] -f [FILE]             make those of a file, or of /etc/ethers

  -a, --all            a sentence a row, as BSD has it
  -e                   columns (the default)
  -s, --set            make an entry
  -d, --delete         delete an entry
  -f, --file           make entries of a file
  -i, --device IF      only of this interface
  -D, --use-device     hardware addresses are those of interfaces
  -n, --numeric        no names
  -v, --verbose        say what is done, count entries
  -H, -t, --hw-type    kind of hardware
  -A, -p, --protocol   inet or inet6
  -h, --help           this
  -V, --version        the version

Beyond the original:
  -6, --ipv6           neighbours of IPv6; -46 for both
      --states         what the kernel thinks of each, as ip(8) calls it
      --explain        the same in a sentence, for learners
      --json           one JSON object a line, with jc's keys

Exit status: 0 if it was done, 255 if not, 3 for words that make no sense.

Kinds of hardware:";
