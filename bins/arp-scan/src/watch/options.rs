//! What the command line says of a watch, checked.

use std::time::Duration;

use wireline_packet::Mac;

use crate::scan::Args;
use crate::scan::complaint::Complaint;
use crate::scan::number;

/// How to watch.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Options {
    /// Who was not heard for so long is asked.
    pub(crate) recheck: Duration,
    pub(crate) lasting: Option<Duration>,
    /// Nothing is sent.
    pub(crate) passive: bool,
    /// From one request to the next.
    pub(crate) interval: Duration,
    pub(crate) is_gateway_pinned: bool,
    /// Who it should be, if that was said.
    pub(crate) gateway: Option<Mac>,
}

/// From one request to the next where nobody says: fifty a second.
const POLITE: Duration = Duration::from_millis(20);

impl Options {
    pub(crate) fn new(args: &Args) -> Result<Self, Complaint> {
        let seconds = |option: &str, text: &str| {
            /// A year.
            const MOST: u64 = 366 * 86_400;
            number::decimal(option, text, 1..=MOST).map(Duration::from_secs)
        };
        let recheck = args.watch.watch.as_deref().unwrap_or("60");
        let lasting = args.watch.lasting.as_deref();
        let pin = args.verdict.pin_gateway.as_deref();
        let mac =
            pin.filter(|pin| !pin.is_empty()).map(|pin| number::mac("pin-gateway", "gateway", pin));
        Ok(Self {
            recheck: seconds("watch", recheck)?,
            lasting: lasting.map(|text| seconds("for", text)).transpose()?,
            passive: args.watch.passive,
            interval: interval(args)?,
            is_gateway_pinned: pin.is_some(),
            gateway: mac.transpose()?,
        })
    }
}

fn interval(args: &Args) -> Result<Duration, Complaint> {
    let interval = args.timing.interval.as_deref();
    let interval = interval.map(|text| number::interval("interval", text)).transpose()?;
    let rate = args.timing.rate.as_deref();
    let rate = rate.map(|rate| number::decimal("rate", rate, 1..=100_000)).transpose()?;
    let by_rate = rate.map(|rate| Duration::from_nanos(1_000_000_000 / rate));
    let least = Duration::from_micros(10);
    Ok(interval.or(by_rate).map_or(POLITE, |interval| interval.max(least)))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(words: &[&str]) -> Result<Options, String> {
        let words = std::iter::once("arp-scan").chain(words.iter().copied());
        Options::new(&Args::read(words).unwrap()).map_err(|why| why.to_string())
    }

    #[test]
    fn seconds_and_rates_have_their_ranges() {
        let options = read(&["--watch=5", "--for", "90", "--rate=100"]).unwrap();
        assert_eq!(options.recheck, Duration::from_secs(5));
        assert_eq!(options.lasting, Some(Duration::from_secs(90)));
        assert_eq!(options.interval, Duration::from_millis(10));
        assert_eq!(read(&["--watch"]).unwrap().recheck, Duration::from_secs(60));
        for bad in [["--watch=0"], ["--watch=x"], ["--for=0"], ["--for=-1"], ["--rate=0"]] {
            assert!(read(&bad).is_err(), "{bad:?}");
        }
    }

    #[test]
    fn gateway_is_pinned_with_and_without_an_address() {
        let pin = |words: &[&str]| read(words).map(|it| (it.is_gateway_pinned, it.gateway));
        assert_eq!(pin(&["--watch"]), Ok((false, None)));
        assert_eq!(pin(&["--watch", "--pin-gateway"]), Ok((true, None)));
        let mac = Mac([2, 0, 0x5e, 0, 0x53, 1]);
        assert_eq!(pin(&["--watch", "--pin-gateway=02:00:5e:00:53:01"]), Ok((true, Some(mac))));
        assert!(pin(&["--watch", "--pin-gateway=x"]).is_err());
    }
}
