//! The words behind `-s`, `-d` and in a file of `-f`: what is to be made, or deleted.

use std::net::{IpAddr, Ipv4Addr};

use wireline_host::neighbours::Tables;
use wireline_packet::Mac;

use super::host;

/// Something that is to be done to the tables.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Request {
    pub(crate) address: IpAddr,
    /// As typed: what is said of it has it so.
    pub(crate) host: String,
    pub(crate) hardware: Source,
    pub(crate) device: Option<String>,
    pub(crate) is_temporary: bool,
    pub(crate) scope: Scope,
    /// `netmask`, but for that of one host.
    pub(crate) mask: Option<Ipv4Addr>,
    pub(crate) dont_publish: bool,
}

/// Where a hardware address is from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Source {
    /// There is none: of a deletion.
    None,
    /// It was typed.
    Typed(Mac),
    /// That of an interface (`-D`).
    Device(String),
}

/// `pub` and `priv`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Scope {
    /// An entry for which this machine answers.
    pub(crate) public: bool,
    /// One that it uses itself.
    pub(crate) private: bool,
}

/// Why words are no request.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum Wrong {
    /// They are not what this understands.
    Usage,
    /// What they say cannot be. The first line is as it stands; the program's name comes before the second.
    Said(String),
    Complained(String),
}

/// What is to be made of words: the rest of a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Wanted {
    Set { from_device: bool },
    Delete,
}

/// Reads the words. The names in them are looked up.
pub(crate) fn read(
    words: &[String],
    wanted: Wanted,
    device: Option<&str>,
    tables: Tables,
) -> Result<Request, Wrong> {
    let mut words = words.iter();
    let complain = |text: &str| Wrong::Complained(text.to_owned());
    let host = words.next().ok_or_else(|| complain("need host name"))?;
    let (name, zone) = match host.split_once('%') {
        Some((name, zone)) => (name, Some(zone)),
        None => (host.as_str(), None),
    };
    let mut request = Request {
        address: host::resolve(name, tables).map_err(Wrong::Said)?,
        host: host.clone(),
        hardware: Source::None,
        device: zone.or(device).map(ToOwned::to_owned),
        is_temporary: false,
        scope: Scope::default(),
        mask: None,
        dont_publish: false,
    };
    if let Wanted::Set { from_device } = wanted {
        let word = words.next().ok_or_else(|| complain("need hardware address"))?;
        request.hardware = if from_device {
            Source::Device(word.clone())
        } else {
            Source::Typed(mac(word).ok_or_else(|| complain("invalid hardware address"))?)
        };
    }
    while let Some(word) = words.next() {
        request.modify(word, &mut words, wanted)?;
    }
    Ok(request)
}

impl Request {
    fn modify<'a>(
        &mut self,
        word: &str,
        rest: &mut impl Iterator<Item = &'a String>,
        wanted: Wanted,
    ) -> Result<(), Wrong> {
        match word {
            "temp" => self.is_temporary = true,
            "pub" => self.scope.public = true,
            // The last word wins where something is made, which can be one of the two only.
            "priv" if wanted != Wanted::Delete => self.scope.public = false,
            "priv" => self.scope.private = true,
            "dontpub" => self.dont_publish = true,
            // Flags of kernels long gone.
            "trail" | "auto" => {}
            "dev" => self.device = Some(rest.next().ok_or(Wrong::Usage)?.clone()),
            "netmask" => {
                let mask = rest.next().ok_or(Wrong::Usage)?;
                let read = host::resolve(mask, Tables::V4).map_err(Wrong::Said)?;
                self.mask = match read {
                    IpAddr::V4(mask) if mask != Ipv4Addr::BROADCAST => Some(mask),
                    _ => None,
                };
            }
            _ => return Err(Wrong::Usage),
        }
        Ok(())
    }
}

/// Six octets, a leading zero of each left out or not. What is shorter or longer is none: net-tools makes an
/// entry of it, with whatever it had in memory.
fn mac(word: &str) -> Option<Mac> {
    let with_colons = word.chars().all(|c| c == ':' || c.is_ascii_hexdigit());
    word.parse().ok().filter(|_| with_colons)
}

/// The words of a line of a file, as net-tools cuts them: at blanks, but not within quotes.
pub(crate) fn words_of_line(line: &str) -> Vec<String> {
    /// As net-tools has it: who needs more is lost.
    const MOST: usize = 31;
    let mut words = Vec::new();
    let mut rest = line.trim_start_matches([' ', '\t']);
    while !rest.is_empty() && words.len() < MOST {
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let (word, after) = match quote {
            Some(quote) => {
                let inner = &rest[1..];
                inner.split_once(quote).unwrap_or((inner, ""))
            }
            None => rest.split_once([' ', '\t']).unwrap_or((rest, "")),
        };
        words.push(word.to_owned());
        rest = after.trim_start_matches([' ', '\t']);
    }
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    fn given(line: &str, wanted: Wanted) -> Result<Request, Wrong> {
        read(&words_of_line(line), wanted, Some("d0"), Tables::V4)
    }

    const SET: Wanted = Wanted::Set { from_device: false };

    #[test]
    fn request_is_read_with_its_modifiers() {
        let request = given("192.0.2.1 2:0:0:0:0:9 temp dev d1", SET).unwrap();
        assert_eq!(request.address, IpAddr::from([192, 0, 2, 1]));
        assert_eq!(request.hardware, Source::Typed(Mac([2, 0, 0, 0, 0, 9])));
        assert_eq!((request.device.as_deref(), request.is_temporary), (Some("d1"), true));
        let request =
            given("192.0.2.1 eth0 netmask 255.255.255.255 pub", Wanted::Set { from_device: true });
        let request = request.unwrap();
        assert_eq!(request.hardware, Source::Device("eth0".into()));
        assert_eq!((request.mask, request.scope.public), (None, true));
        let request = given("192.0.2.1 pub priv", Wanted::Delete).unwrap();
        assert_eq!(request.scope, Scope { public: true, private: true });
        let request = given("fe80::1%d7", Wanted::Delete).unwrap();
        assert_eq!(request.device.as_deref(), Some("d7"));
    }

    #[test]
    fn what_is_lacking_or_odd_is_said() {
        let complained = |text: &str| Err(Wrong::Complained(text.into()));
        assert_eq!(given("", Wanted::Delete), complained("need host name"));
        assert_eq!(given("192.0.2.1", SET), complained("need hardware address"));
        for odd in ["zz", "02:00", "2:0:0:0:0:9:1", "2:0:0:0:0:", "2-0-0-0-0-9", "é:0:0:0:0:0"] {
            let line = format!("192.0.2.1 {odd}");
            assert_eq!(given(&line, SET), complained("invalid hardware address"), "{odd}");
        }
        for line in ["192.0.2.1 foo", "192.0.2.1 dev", "192.0.2.1 netmask"] {
            assert_eq!(given(line, Wanted::Delete), Err(Wrong::Usage), "{line}");
        }
    }

    #[test]
    fn lines_are_cut_at_blanks_and_not_in_quotes() {
        assert_eq!(words_of_line(" a\t b  "), ["a", "b"]);
        assert_eq!(words_of_line("\"a b\" 'c' d\"e\""), ["a b", "c", "d\"e\""]);
        assert_eq!(words_of_line("'open"), ["open"]);
        assert_eq!(words_of_line("\"é\"x"), ["é", "x"]);
        assert!(words_of_line("  \t").is_empty());
        assert_eq!(words_of_line(&"x ".repeat(99)).len(), 31);
    }
}
