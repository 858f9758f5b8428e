//! Ports as people write many: `22,80,8000-8100,http,!25`, and `-` for all.

use anyhow::Result;
use wireline_cli::Refusal;

use crate::exit::USAGE;

/// The ports that a list means, each once, in the order in which they are written.
pub(crate) fn parse(list: &str) -> Result<Vec<u16>> {
    let mut wanted = Chosen::new();
    let mut unwanted = Chosen::new();
    let is_only_holes = list.split(',').all(|word| word.starts_with('!'));
    if is_only_holes {
        wanted.add(1, u16::MAX);
    }
    for word in list.split(',') {
        match word.strip_prefix('!') {
            Some(hole) => range(hole, list)?.map(|(first, last)| unwanted.add(first, last)),
            None => range(word, list)?.map(|(first, last)| wanted.add(first, last)),
        };
    }
    let ports: Vec<u16> = wanted.order.into_iter().filter(|port| !unwanted.has(*port)).collect();
    if ports.is_empty() { Err(wrong(list, "no port is left")) } else { Ok(ports) }
}

struct Chosen {
    order: Vec<u16>,
    has: Vec<bool>,
}

impl Chosen {
    fn new() -> Self {
        Self { order: Vec::new(), has: vec![false; 1 << 16] }
    }

    fn has(&self, port: u16) -> bool {
        self.has.get(usize::from(port)).copied().unwrap_or(false)
    }

    fn add(&mut self, first: u16, last: u16) {
        for port in first..=last {
            if let Some(has) = self.has.get_mut(usize::from(port))
                && !std::mem::replace(has, true)
            {
                self.order.push(port);
            }
        }
    }
}

/// Both ends; `None` of an empty word.
fn range(word: &str, list: &str) -> Result<Option<(u16, u16)>> {
    if word.is_empty() {
        return Err(wrong(list, "a port is missing beside a comma"));
    }
    if let Some(port) = one(word) {
        return Ok(Some((port, port)));
    }
    let Some((from, to)) = word.split_once('-') else {
        return Err(wrong(word, "a port is 1 to 65535 or the name of a service"));
    };
    let end = |text: &str, open: u16| if text.is_empty() { Some(open) } else { text.parse().ok() };
    let ends = end(from, 1).zip(end(to, u16::MAX));
    match ends.filter(|(first, last)| (1..=*last).contains(first)) {
        Some(ends) => Ok(Some(ends)),
        None => Err(wrong(word, "ports go from a lower one to a higher one, 1 to 65535")),
    }
}

fn one(word: &str) -> Option<u16> {
    match word.parse::<u16>() {
        Ok(port) => Some(port).filter(|port| *port > 0),
        Err(_) if word.starts_with(|c: char| c.is_ascii_alphabetic()) => {
            wireline_host::service_port(word, true)
        }
        Err(_) => None,
    }
}

fn wrong(what: &str, why: &str) -> anyhow::Error {
    Refusal::new(USAGE, format!("{what}: {why}")).into()
}

/// Ports on which something listens often, the commonest first: from what services register and systems ship with,
/// not from anybody's count.
const COMMON: [u16; 128] = [
    80, 443, 22, 21, 25, 23, 53, 110, 143, 3389, 445, 139, 135, 993, 995, 587, 465, 8080, 3306,
    8443, 111, 5432, 5900, 1723, 6379, 27017, 1433, 389, 636, 2049, 8000, 8888, 5060, 5061, 1521,
    88, 464, 3268, 3269, 9100, 631, 515, 548, 554, 873, 8081, 5000, 3000, 9000, 9090, 9200, 9300,
    10000, 5985, 5986, 5672, 15672, 1883, 8883, 11211, 2375, 2376, 6443, 10250, 2379, 2380, 179,
    1080, 3128, 8008, 8009, 8181, 4443, 9443, 7001, 5601, 9092, 2181, 4369, 5222, 5269, 6667, 6697,
    194, 119, 563, 79, 70, 43, 49, 113, 512, 513, 514, 990, 989, 992, 994, 3690, 9418, 5901, 5902,
    5903, 6000, 5800, 1194, 1701, 7, 9, 13, 17, 19, 20, 37, 109, 106, 199, 427, 444, 502, 593, 853,
    902, 1025, 1720, 2000, 2222, 32768,
];

/// The commonest so many.
pub(crate) fn common(count: usize) -> Result<Vec<u16>> {
    match COMMON.get(..count).filter(|ports| !ports.is_empty()) {
        Some(ports) => Ok(ports.to_vec()),
        None => Err(wrong("--top", &format!("1 to {} are known", COMMON.len()))),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_in_order_and_each_port_is_there_once() {
        assert_eq!(parse("22,80,8000-8002,22").unwrap(), [22, 80, 8000, 8001, 8002]);
        assert_eq!(parse("20-30,!25,!27-30").unwrap(), [20, 21, 22, 23, 24, 26]);
        assert_eq!(parse("-3").unwrap(), [1, 2, 3]);
        assert_eq!(parse("65534-").unwrap(), [65534, 65535]);
        assert_eq!(parse("http").unwrap(), [80]);
    }

    #[test]
    fn hyphen_is_all_and_holes_alone_are_all_but_those() {
        assert_eq!(parse("-").unwrap().len(), 65535);
        let ports = parse("!25").unwrap();
        assert_eq!((ports.len(), ports.contains(&25)), (65534, false));
    }

    #[test]
    fn nonsense_is_refused_by_name() {
        for list in [
            "",
            "0",
            "65536",
            "9-1",
            "22,,80",
            "no-such-service",
            "22,!22",
            "1-0",
            "!",
            "x y",
            "-1-5",
            "٣",
        ] {
            let why = parse(list).unwrap_err();
            assert_eq!(
                why.downcast_ref::<Refusal>().map(ToString::to_string),
                Some(why.to_string()),
                "{list}"
            );
        }
    }

    #[test]
    fn common_ports_are_different_ones() {
        let mut ports = common(COMMON.len()).unwrap();
        ports.sort_unstable();
        ports.dedup();
        assert_eq!((ports.len(), ports.contains(&0)), (COMMON.len(), false));
        assert!(common(0).is_err() && common(COMMON.len() + 1).is_err());
    }
}
