//! What is kept of a segment from one run to the next: a host a line, as JSON.
//!
//! A file is as hostile as a network: every line is looked at on its own, and what is wrong with it is said.

use std::fs::{File, OpenOptions};
use std::io::{self, Read as _, Seek as _, Write as _};
use std::net::IpAddr;
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::io::Errno;
use serde::{Deserialize, Serialize};
use wireline_engine::{errno_text, millis};
use wireline_packet::Mac;

/// One host.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Saved {
    /// `None` where the file does not say.
    pub(crate) interface: Option<String>,
    pub(crate) vlan: Option<u16>,
    pub(crate) address: IpAddr,
    pub(crate) mac: Mac,
    pub(crate) former: Vec<Mac>,
    pub(crate) first_seen: Duration,
    pub(crate) last_seen: Duration,
    pub(crate) present: bool,
}

/// What a file has, and what is wrong with it.
#[derive(Debug, Default, PartialEq)]
pub(crate) struct Contents {
    pub(crate) hosts: Vec<Saved>,
    /// A sentence for each of the first lines that are nothing.
    pub(crate) errors: Vec<String>,
    pub(crate) more_errors: usize,
}

#[derive(Serialize)]
struct Line<'a> {
    interface: Option<&'a str>,
    vlan: Option<u16>,
    address: IpAddr,
    mac: String,
    former: Vec<String>,
    first_seen_ms: f64,
    last_seen_ms: f64,
    present: bool,
}

/// A line of ours or an event `host` of a scan; what else it holds is passed over.
#[derive(Deserialize)]
struct Object {
    event: Option<String>,
    interface: Option<String>,
    vlan: Option<u16>,
    address: Option<IpAddr>,
    mac: Option<String>,
    #[serde(default)]
    former: Vec<String>,
    first_seen_ms: Option<f64>,
    last_seen_ms: Option<f64>,
    present: Option<bool>,
    unix_ms: Option<f64>,
}

/// Octets of a file, hosts in it and octets of a line that are read.
const LARGEST: u64 = 64 << 20;
const HOSTS: usize = 1 << 18;
const LONGEST: usize = 4096;
/// Errors that are told one by one.
const ERRORS: usize = 8;

/// Reads what was saved: our lines, those of `arp-scan --json` or those of arp-scan's text.
pub(crate) fn parse(octets: &[u8]) -> Contents {
    let mut contents = Contents::default();
    for (index, line) in octets.split(|&octet| octet == b'\n').enumerate() {
        match parse_line(line) {
            Ok(None) => {}
            Ok(Some(_)) if contents.hosts.len() >= HOSTS => {
                contents.errors.push(format!("line {}: more than {HOSTS} hosts", index + 1));
                return contents;
            }
            Ok(Some(host)) => contents.hosts.push(host),
            Err(_) if contents.errors.len() >= ERRORS => contents.more_errors += 1,
            Err(why) => contents.errors.push(format!("line {}: {why}", index + 1)),
        }
    }
    contents
}

fn parse_line(line: &[u8]) -> Result<Option<Saved>, String> {
    if line.len() > LONGEST {
        return Err(format!("longer than {LONGEST} octets"));
    }
    let text = std::str::from_utf8(line).map_err(|_| "no text in UTF-8".to_owned())?.trim_end();
    if text.starts_with('{') {
        return parse_object(text);
    }
    let mut fields = text.split('\t');
    let address = fields.next().and_then(|word| word.parse().ok());
    let mac = fields.next().and_then(|word| word.split(' ').next()?.parse().ok());
    let is_around = text.is_empty()
        || ["Interface: ", "Starting arp-scan ", "Ending arp-scan "]
            .iter()
            .any(|start| text.starts_with(start))
        || text.contains(" packets received by filter, ");
    match (address, mac) {
        (Some(address), Some(mac)) => Ok(Some(Saved::new(address, mac))),
        _ if is_around => Ok(None),
        _ => Err("neither an object nor an address, a tab and a link-layer address".to_owned()),
    }
}

fn parse_object(text: &str) -> Result<Option<Saved>, String> {
    let object: Object = serde_json::from_str(text).map_err(|why| {
        // Without the place, of which it has only the column right.
        why.to_string().split(" at line ").next().unwrap_or_default().to_owned()
    })?;
    if object.event.is_some_and(|event| event != "host") {
        return Ok(None);
    }
    let address = object.address.ok_or("no address")?;
    let mac = |text: &str| text.parse::<Mac>().map_err(|why| format!("{text:?}: {why}"));
    let mut saved = Saved::new(address, mac(object.mac.as_deref().ok_or("no mac")?)?);
    (saved.interface, saved.vlan) = (object.interface, object.vlan);
    saved.former = object.former.iter().take(8).map(|it| mac(it)).collect::<Result<_, _>>()?;
    saved.present = object.present.unwrap_or(true);
    let last = moment(object.last_seen_ms.or(object.unix_ms))?;
    (saved.first_seen, saved.last_seen) = (moment(object.first_seen_ms.or(object.unix_ms))?, last);
    Ok(Some(saved))
}

/// Until the year 9999.
fn moment(ms: Option<f64>) -> Result<Duration, String> {
    let ms = ms.unwrap_or(0.0);
    if !(0.0..253_402_300_800_000.0).contains(&ms) {
        return Err(format!("{ms}: no time"));
    }
    #[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "looked at above")]
    let micros = (ms * 1e3).round() as u64;
    Ok(Duration::from_micros(micros))
}

impl Saved {
    const fn new(address: IpAddr, mac: Mac) -> Self {
        Self {
            interface: None,
            vlan: None,
            address,
            mac,
            former: Vec::new(),
            first_seen: Duration::ZERO,
            last_seen: Duration::ZERO,
            present: true,
        }
    }

    fn line(&self) -> Line<'_> {
        Line {
            interface: self.interface.as_deref(),
            vlan: self.vlan,
            address: self.address,
            mac: self.mac.to_string(),
            former: self.former.iter().map(ToString::to_string).collect(),
            first_seen_ms: millis(Duration::from_millis(whole_millis(self.first_seen))),
            last_seen_ms: millis(Duration::from_millis(whole_millis(self.last_seen))),
            present: self.present,
        }
    }
}

fn whole_millis(at: Duration) -> u64 {
    u64::try_from(at.as_millis()).unwrap_or(u64::MAX)
}

/// The octets of a file.
pub(crate) fn print(hosts: &[Saved]) -> Vec<u8> {
    let mut octets = Vec::new();
    for host in hosts {
        // Neither the numbers nor the strings of a line can be what JSON does not have.
        let _ = serde_json::to_writer(&mut octets, &host.line());
        octets.push(b'\n');
    }
    octets
}

/// A whole file, if it is not too large.
pub(crate) fn read(file: File) -> io::Result<Contents> {
    octets(file).map(|octets| parse(&octets))
}

fn octets(file: File) -> io::Result<Vec<u8>> {
    let mut octets = Vec::new();
    file.take(LARGEST + 1).read_to_end(&mut octets)?;
    let is_large = u64::try_from(octets.len()).is_ok_and(|length| length > LARGEST);
    if is_large { Err(Errno::FBIG.into()) } else { Ok(octets) }
}

/// A file that is written again and again, as a whole or not at all.
#[derive(Debug)]
pub(crate) struct StateFile {
    path: PathBuf,
    /// Opened while that was allowed: root without its capabilities may not go where it came from.
    held: File,
    is_told: bool,
}

impl StateFile {
    /// Makes the file where there is none. Belongs before the drop of privileges, unless they are another
    /// user's.
    pub(crate) fn open(path: &Path) -> Result<Self, String> {
        let mut options = OpenOptions::new();
        let held = options.read(true).write(true).create(true).truncate(false).open(path);
        let held = held.map_err(|why| format!("{}: {}", path.display(), errno_text(&why)))?;
        let is_file = held.metadata().is_ok_and(|about| about.is_file());
        if !is_file {
            return Err(format!("{}: not a file", path.display()));
        }
        Ok(Self { path: path.to_owned(), held, is_told: false })
    }

    pub(crate) fn read(&self) -> Result<Contents, String> {
        let failed = |why| format!("{}: {}", self.path.display(), errno_text(&why));
        self.held.try_clone().and_then(read).map_err(failed)
    }

    /// Writes it. What goes wrong is told once.
    pub(crate) fn write(&mut self, hosts: &[Saved]) -> Result<(), String> {
        let octets = print(hosts);
        let written = self.replace(&octets).or_else(|_| self.overwrite(&octets));
        match written {
            Err(why) if !std::mem::replace(&mut self.is_told, true) => {
                Err(format!("{}: {}", self.path.display(), errno_text(&why)))
            }
            _ => Ok(()),
        }
    }

    /// Into a new file that takes the old one's place at once.
    fn replace(&mut self, octets: &[u8]) -> io::Result<()> {
        let mut name = self.path.file_name().unwrap_or_default().to_owned();
        name.push(format!(".{}.tmp", std::process::id()));
        // Through links, so that it is the file that is replaced.
        let folder = self.path.canonicalize()?;
        let target = folder.clone();
        let new = folder.with_file_name(name);
        let mut file = OpenOptions::new().read(true).write(true).create_new(true).open(&new)?;
        let mode = self.held.metadata()?.permissions();
        let done = file
            .write_all(octets)
            .and_then(|()| file.set_permissions(mode))
            .and_then(|()| file.sync_all())
            .and_then(|()| std::fs::rename(&new, target));
        if done.is_err() {
            // It is of no use to anybody.
            let _ = std::fs::remove_file(&new);
        } else {
            self.held = file;
        }
        done
    }

    /// Where the folder may not be written to any more.
    fn overwrite(&mut self, octets: &[u8]) -> io::Result<()> {
        self.held.rewind()?;
        self.held.write_all(octets)?;
        self.held.set_len(octets.len() as u64)?;
        self.held.sync_all()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn host() -> Saved {
        Saved {
            interface: Some("eth0".into()),
            vlan: Some(7),
            former: vec![Mac([2, 0, 0, 0, 0, 2])],
            first_seen: Duration::from_millis(1_795_250_551_005),
            last_seen: Duration::from_secs(1_795_250_552),
            present: false,
            ..Saved::new([192, 0, 2, 7].into(), Mac([2, 0, 0, 0, 0, 1]))
        }
    }

    #[test]
    fn what_is_written_is_read() {
        let other = Saved { interface: None, ..Saved::new([192, 0, 2, 8].into(), Mac([4; 6])) };
        let hosts = vec![host(), other];
        let contents = parse(&print(&hosts));
        assert_eq!(contents, Contents { hosts, ..Contents::default() });
    }

    #[test]
    fn scans_can_be_read_too() {
        let text = b"Interface: eth0, type: EN10MB\nStarting arp-scan 1.10.0 with 1 hosts\n\
            192.0.2.7\t02:00:00:00:00:01 (02:00:00:00:00:09)\tSomebody\n\n\
            4 packets received by filter, 0 packets dropped by kernel\nEnding arp-scan 1.10.0\n\
            {\"tool\":\"arp-scan\",\"event\":\"start\",\"v\":1}\n\
            {\"tool\":\"arp-scan\",\"event\":\"host\",\"interface\":\"eth0\",\"address\":\"192.0.2.8\",\
            \"mac\":\"02:00:00:00:00:02\",\"unix_ms\":1000.5}\n";
        let contents = parse(text);
        assert_eq!(contents.errors, [] as [String; 0]);
        let found: Vec<_> = contents.hosts.iter().map(|host| host.address.to_string()).collect();
        assert_eq!(found, ["192.0.2.7", "192.0.2.8"]);
        assert_eq!(contents.hosts[1].last_seen, Duration::from_micros(1_000_500));
    }

    #[test]
    fn each_bad_line_has_its_sentence_and_the_others_are_read() {
        let mut text = print(&[host()]);
        let bad: [&[u8]; 8] = [
            b"nonsense",
            b"{\"address\":\"192.0.2.1\"}",
            b"{\"mac\":\"02:00:00:00:00:01\"}",
            b"{\"address\":\"192.0.2.1\",\"mac\":\"\\u001b[31m\"}",
            b"{\"address\":\"192.0.2.1\",\"mac\":\"02:00:00:00:00:01\",\"last_seen_ms\":-1}",
            b"{\"address\":\"192.0.2.1\",\"mac\":\"02:00:00:00:00:01\",\"last_seen_ms\":1e300}",
            b"{\"address\":\"192.0.2.1\",\"mac\":\"02:",
            b"\xff\xfe",
        ];
        text.extend(bad.join(&b'\n'));
        text.extend(b"\n");
        text.extend(vec![b'['; 100_000]);
        text.extend(b"\n");
        text.extend(print(&[host()]));
        let contents = parse(&text);
        assert_eq!((contents.hosts.len(), contents.errors.len(), contents.more_errors), (2, 8, 1));
        assert!(contents.errors[0].starts_with("line 2: neither"), "{:?}", contents.errors);
        assert!(!contents.errors.concat().contains('\x1b'));
    }

    #[test]
    fn file_is_replaced_as_a_whole_and_the_next_time_too() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mut file = StateFile::open(&path).unwrap();
        assert_eq!(file.read().unwrap(), Contents::default(), "an empty one has no hosts");
        for count in [3, 1] {
            file.write(&vec![host(); count]).unwrap();
            assert_eq!(read(File::open(&path).unwrap()).unwrap().hosts.len(), count);
        }
        let names = std::fs::read_dir(folder.path()).unwrap().count();
        assert_eq!(names, 1, "nothing is left beside it");
    }

    #[test]
    fn file_in_a_folder_that_is_gone_is_still_written() {
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("state");
        let mut file = StateFile::open(&path).unwrap();
        drop(folder);
        file.write(&[host()]).unwrap();
        file.held.rewind().unwrap();
        assert_eq!(file.read().unwrap().hosts.len(), 1);
    }

    #[test]
    fn what_is_no_file_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        assert!(StateFile::open(folder.path()).is_err());
        assert!(StateFile::open(&folder.path().join("no/such")).unwrap_err().contains("No such"));
        assert!(StateFile::open(Path::new("/dev/null")).unwrap_err().contains("not a file"));
    }
}
