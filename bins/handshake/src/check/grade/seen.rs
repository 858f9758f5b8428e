//! What findings were read from, for machines.

use wireline_engine::millis;
use wireline_engine::tcp::battery::{
    Challenge, Fingerprint, Measured, Offer, Probed, Sign, SynAck, classify, cookie_signs, guess,
    proxy_signs, study,
};
use wireline_packet::tcp::options::{Item, items};

use super::super::event::Seen;
use super::super::found::Results;
use super::super::test::Test;

/// Of one line of the report, where there is more than its facts.
pub(super) fn of(test: Test, results: &Results) -> Option<Seen> {
    match test {
        Test::Rtt => Some(Seen::Rtt {
            samples_ms: results.rtts.iter().map(|rtt| millis(*rtt)).collect(),
            syns: results.asked,
            unanswered: results.lost,
        }),
        Test::Mss => Some(Seen::Mss {
            mtu: results.agreed.as_ref()?.mss.map(|mss| super::mtu(mss, results.is_ipv6)),
            largest_segment: results.said.as_ref().map_or(0, |said| said.largest_segment),
        }),
        Test::Accept => {
            let said = results.said.as_ref()?;
            Some(Seen::Accept { has_greeted: said.has_greeted, octets: said.octets })
        }
        Test::Halfclose => {
            let octets_after_fin = results.said.as_ref()?.octets_after_fin;
            Some(Seen::Halfclose { octets_after_fin })
        }
        _ => of_raw(test, results.raw.as_ref()?, results.is_ipv6),
    }
}

fn of_raw(test: Test, measured: &Measured, is_ipv6: bool) -> Option<Seen> {
    match test {
        Test::Isn => Some(isn(measured)),
        Test::Synack => synack(measured),
        Test::Tfo => fast_open(measured),
        Test::Challenge => Some(Seen::Challenge { syn: measured.syn.map(challenge_name) }),
        Test::Fingerprint => {
            let print = Fingerprint::of(measured.syn_acks().next()?, is_ipv6);
            Some(Seen::Fingerprint {
                signature: print.to_string(),
                hops: print.hops,
                guess: guess(&print),
            })
        }
        Test::Proxy => {
            let signs = proxy_signs(measured).into_iter().chain(cookie_signs(measured));
            Some(Seen::Proxy { signs: signs.map(sign_name).collect() })
        }
        Test::Backlog => measured.backlog.map(|it| Seen::Backlog {
            asked: it.asked,
            ignored: it.ignored,
            silent: it.silent,
        }),
        _ => None,
    }
}

fn isn(measured: &Measured) -> Seen {
    let samples: Vec<_> = measured.syn_acks().map(SynAck::isn_sample).collect();
    let others = measured.ports.iter().filter_map(Probed::open).map(SynAck::isn_sample);
    let isns = study(&samples, &others.collect::<Vec<_>>());
    Seen::Isn {
        samples: isns.samples,
        ports: isns.others,
        spread_mean_percent: isns.spread.map(|(mean, _)| mean * 100.0),
        spread_deviation_percent: isns.spread.map(|(_, deviation)| deviation * 100.0),
    }
}

fn synack(measured: &Measured) -> Option<Seen> {
    let repeats = measured.repeats.as_ref()?;
    let (_, gaps) = classify(repeats);
    Some(Seen::Synack {
        gaps_ms: gaps.into_iter().map(millis).collect(),
        watched_ms: millis(repeats.waited),
        has_ended: repeats.has_ended,
    })
}

fn fast_open(measured: &Measured) -> Option<Seen> {
    let asked = measured.offer(Offer::FastOpenCookie)?.open()?;
    let cookie = items(&asked.options).find_map(|item| match item {
        Item::FastOpen { cookie, .. } => Some(cookie.len()),
        _ => None,
    });
    let said = measured.offer(Offer::FastOpenData).and_then(Probed::open);
    let taken_octets = said.map(|syn_ack| syn_ack.took);
    Some(Seen::Tfo { cookie_octets: cookie.unwrap_or(0), taken_octets })
}

const fn challenge_name(challenge: Challenge) -> &'static str {
    match challenge {
        Challenge::Ack => "ack",
        Challenge::Silent => "silent",
        Challenge::Accepted => "accepted",
    }
}

const fn sign_name(sign: Sign) -> &'static str {
    match sign {
        Sign::ZeroWindow => "zero_window",
        Sign::HopLimits { .. } => "hop_limits",
        Sign::WindowUpdate => "window_update",
        Sign::ResetAtOnce => "reset_at_once",
        Sign::NoOptions => "no_options",
        Sign::IsnFollows => "isn_follows",
        Sign::NoRepetition => "no_repetition",
        Sign::FewOptions => "few_options",
    }
}
