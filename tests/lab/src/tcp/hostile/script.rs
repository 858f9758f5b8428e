//! What a hostile host answers to a segment.
//!
//! It remembers nothing: what it says follows from the segment that it answers. Its ISN is always the same.

use std::time::Duration;

use crate::wire::{ACK, FIN, Heard, PSH, RST, SYN, Said};

/// All that there are.
///
/// - `fair`: a connection as it should be: data is sent back, and FIN answered with FIN;
/// - `silent`: nothing;
/// - `option-…`: options of SYN and ACK whose lengths are 0, 1, beyond the header (`lies`), or not their kind's
///   (`sizes`); an MSS of 0 or 1, a window scale of 255, forty octets of noise;
/// - `offset-…`: a header that is said to be of so many words, and is of five;
/// - `short`: segments of 0 to 19 octets, and then as `fair`;
/// - `garbage`: a hundred segments of noise, and then as `fair`;
/// - `synack-data`, `synack-fin`: SYN and ACK with ten octets of data, with FIN;
/// - `wrong-ack`, `old-ack`: SYN and ACK that acknowledge what was not sent;
/// - `two-isns`: SYN and ACK twice, with different ISNs;
/// - `syn`: SYN without ACK, as in a simultaneous open;
/// - `all-flags`, `no-flags`: instead of SYN and ACK;
/// - `bad-checksum`: of SYN and ACK;
/// - `rst-data`: RST with a text that is hostile to terminals;
/// - `stray-rst`: RST that acknowledges something else and must be ignored, and then as `fair`;
/// - `window-0`: a window of 0, always;
/// - `wild-ack`: data is answered by ACKs of what was never sent and of what is long past;
/// - `overlap`: data is answered by three segments that overlap and differ;
/// - `after-fin`: data is answered by FIN and more data behind it;
/// - `storm`: everything is answered fifty times;
/// - `ttl-255`: as `fair`, with the greatest hop limit.
pub(crate) const WORDS: [&str; 32] = [
    "fair",
    "silent",
    "option-0",
    "option-1",
    "option-lies",
    "option-sizes",
    "option-mss-0",
    "option-mss-1",
    "option-scale-255",
    "option-noise",
    "offset-0",
    "offset-4",
    "offset-15",
    "short",
    "garbage",
    "synack-data",
    "synack-fin",
    "wrong-ack",
    "old-ack",
    "two-isns",
    "syn",
    "all-flags",
    "no-flags",
    "bad-checksum",
    "rst-data",
    "stray-rst",
    "window-0",
    "wild-ack",
    "overlap",
    "after-fin",
    "storm",
    "ttl-255",
];

const ISN: u32 = 0xffff_fff0; // so that it wraps on the way

/// One of [`WORDS`].
#[derive(Clone, Debug)]
pub(crate) struct Script(String);

impl Script {
    pub(crate) fn named(word: &str) -> Option<Self> {
        WORDS.contains(&word).then(|| Self(word.to_owned()))
    }

    /// What is said to this segment, in that order.
    pub(crate) fn answers(&self, heard: &Heard) -> Vec<Said> {
        // What is answered to an answer would never end.
        if heard.flags & RST != 0 || heard.counted() == 0 {
            return Vec::new();
        }
        let fair = if heard.flags & SYN != 0 { vec![synack(heard)] } else { continued(heard) };
        match self.0.as_str() {
            "silent" => Vec::new(),
            "ttl-255" => each(fair, |said| said.hop_limit = 255),
            "window-0" => each(fair, |said| said.window = 0),
            "storm" => fair.iter().cycle().take(fair.len() * 50).cloned().collect(),
            "garbage" if heard.flags & SYN != 0 => [noise(heard), fair].concat(),
            "short" => [(0..20).map(|cut| Said { cut, ..synack(heard) }).collect(), fair].concat(),
            _ if heard.flags & SYN != 0 => self.to_syn(heard, &fair[0]),
            "wild-ack" if !heard.data.is_empty() => wild(&fair[0]),
            "overlap" if !heard.data.is_empty() => overlap(&fair[0]),
            "after-fin" if !heard.data.is_empty() => after_fin(&fair[0]),
            _ => fair,
        }
    }

    fn to_syn(&self, heard: &Heard, fair: &Said) -> Vec<Said> {
        let said = |change: &dyn Fn(&mut Said)| each(vec![fair.clone()], change);
        let flags = |flags| said(&|said| said.flags = flags);
        if let Some(octets) = options(&self.0) {
            return said(&|said| said.options.clone_from(&octets));
        }
        match self.0.as_str() {
            "offset-0" => said(&|said| said.offset = Some(0)),
            "offset-4" => said(&|said| said.offset = Some(4)),
            "offset-15" => said(&|said| said.offset = Some(15)),
            "synack-data" => said(&|said| said.data = b"0123456789".to_vec()),
            "synack-fin" => flags(SYN | ACK | FIN),
            "wrong-ack" => said(&|said| said.ack = said.ack.wrapping_add(1000)),
            "old-ack" => said(&|said| said.ack = said.ack.wrapping_sub(1000)),
            "two-isns" => {
                let second = Said { seq: ISN.wrapping_add(0x5000_0000), ..fair.clone() };
                vec![fair.clone(), second]
            }
            "syn" => flags(SYN),
            "all-flags" => flags(0xff),
            "no-flags" => flags(0),
            "bad-checksum" => said(&|said| said.is_sound = false),
            "rst-data" => {
                let text = b"\x1b]0;mine\x07\x1b[2Jgo away\0".to_vec();
                vec![Said { flags: RST | ACK, seq: 0, data: text, ..plain(heard) }]
            }
            "stray-rst" => {
                let stray = Said { flags: RST | ACK, ack: 77, ..plain(heard) };
                let later = Said { after: Duration::from_millis(50), ..fair.clone() };
                vec![stray, later]
            }
            _ => vec![fair.clone()],
        }
    }
}

fn options(word: &str) -> Option<Vec<u8>> {
    Some(match word {
        "option-0" => vec![2, 0, 5, 180],
        "option-1" => vec![2, 1, 5, 180],
        "option-lies" => vec![1, 1, 8, 40],
        "option-sizes" => vec![2, 3, 5, 4, 5, 0, 0, 0, 3, 2, 8, 9, 1, 1, 1, 1, 1, 1, 1, 0],
        "option-mss-0" => vec![2, 4, 0, 0],
        "option-mss-1" => vec![2, 4, 0, 1],
        "option-scale-255" => vec![3, 3, 255, 0],
        "option-noise" => octets(40, 7),
        _ => return None,
    })
}

fn each(mut all: Vec<Said>, change: impl Fn(&mut Said)) -> Vec<Said> {
    all.iter_mut().for_each(change);
    all
}

/// An ACK of all that this segment counts.
fn plain(heard: &Heard) -> Said {
    Said {
        after: Duration::ZERO,
        flags: ACK,
        seq: if heard.flags & ACK == 0 { ISN } else { heard.ack },
        ack: heard.seq.wrapping_add(heard.counted()),
        window: 65_535,
        options: Vec::new(),
        data: Vec::new(),
        offset: None,
        hop_limit: 64,
        is_sound: true,
        cut: usize::MAX,
    }
}

fn synack(heard: &Heard) -> Said {
    let options = vec![2, 4, 5, 180, 4, 2, 1, 1, 1, 3, 3, 7];
    Said { flags: SYN | ACK, seq: ISN, options, ..plain(heard) }
}

fn continued(heard: &Heard) -> Vec<Said> {
    let flags = if heard.flags & FIN == 0 { ACK | PSH } else { ACK | FIN };
    vec![Said { flags, data: heard.data.clone(), ..plain(heard) }]
}

fn wild(fair: &Said) -> Vec<Said> {
    let acks = [1, 70_000, 0x7fff_ffff, 0x8000_0000, 0xffff_0000];
    acks.map(|more| Said {
        flags: ACK,
        ack: fair.ack.wrapping_add(more),
        data: Vec::new(),
        ..fair.clone()
    })
    .into_iter()
    .chain([fair.clone()])
    .collect()
}

fn overlap(fair: &Said) -> Vec<Said> {
    let parts: [(u32, &[u8]); 3] = [(2, b"CCCCCCCC"), (0, b"AAAA"), (1, b"BBBBBBBBBBBB")];
    let part = |(at, data): (u32, &[u8])| Said {
        seq: fair.seq.wrapping_add(at),
        data: data.to_vec(),
        ..fair.clone()
    };
    parts.into_iter().map(part).collect()
}

fn after_fin(fair: &Said) -> Vec<Said> {
    let fin = Said { flags: ACK | FIN, ..fair.clone() };
    let behind = u32::try_from(fair.data.len()).unwrap_or_default() + 1;
    let more = Said { seq: fair.seq.wrapping_add(behind), data: b"more".to_vec(), ..fair.clone() };
    vec![fin, more]
}

fn noise(heard: &Heard) -> Vec<Said> {
    let segment = |n: u8| {
        let random = octets(24, n);
        let word = |at: usize| u32::from_be_bytes([0, 1, 2, 3].map(|more| random[at + more]));
        Said {
            flags: random[0],
            seq: word(1),
            ack: word(5),
            window: u16::from(random[9]),
            options: octets(usize::from(random[10] % 11) * 4, n.wrapping_add(1)),
            data: octets(usize::from(random[11]), n.wrapping_add(2)),
            offset: Some(random[12] & 15).filter(|_| random[13] & 1 == 0),
            is_sound: random[14] & 3 != 0,
            ..plain(heard)
        }
    };
    (0..100).map(segment).collect()
}

/// So many octets, always the same for the same seed (Knuth's MMIX generator).
fn octets(count: usize, seed: u8) -> Vec<u8> {
    let mut state = u64::from(seed) + 1;
    let mut next = || {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    (0..count).map(|_| next()).collect()
}
