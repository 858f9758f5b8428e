//! What a sound server answers.

use wireline_dns::{Header, Name, Rcode, RecordType};
use wireline_lab::NameServer;

use crate::message::{Query, Reply};
use crate::zone::{Found, Record, Zone, signs};

/// A server and all that it knows.
#[derive(Clone, Debug)]
pub(crate) struct Server {
    pub(crate) orders: NameServer,
    pub(crate) zones: Vec<Zone>,
    pub(crate) hostile: Option<Name>,
}

/// An alias leads no further than this.
const LONGEST_CHAIN: usize = 200;

impl Server {
    pub(crate) fn new(orders: NameServer) -> Result<Self, String> {
        let zones: Result<_, _> = orders.zones.iter().map(Zone::parse).collect();
        let name = |text: &String| Name::parse(text.as_bytes(), &Name::root());
        let hostile = orders.hostile.as_ref().map(name).transpose();
        let hostile = hostile.map_err(|why| why.to_string())?;
        Ok(Self { zones: zones?, hostile, orders })
    }

    /// The zone that is nearest above a name, as it is now.
    pub(crate) fn zone(&self, name: &Name) -> Option<&Zone> {
        let above = self.zones.iter().filter(|zone| name.is_in(&zone.origin));
        above.max_by_key(|zone| zone.origin.label_count())
    }

    /// All that it has had of a zone, the newest last.
    pub(crate) fn past(&self, origin: &Name) -> Vec<&Zone> {
        self.zones.iter().filter(|zone| zone.origin == *origin).collect()
    }

    /// The reply to a query.
    pub(crate) fn answer(&self, query: &Query) -> Reply {
        let mut reply = query.reply();
        if self.orders.recursive {
            reply.flags |= Header::RA;
        }
        self.options(query, &mut reply);
        if query.edns.as_ref().is_some_and(|edns| edns.version > 0) {
            reply.rcode = Rcode::BADVERS.0;
            return reply;
        }
        if query.header.opcode().0 != 0 {
            reply.rcode = Rcode::NOTIMP.0;
            return reply;
        }
        if query.question.is_empty() {
            reply.rcode = Rcode::FORMERR.0;
            return reply;
        }
        self.resolve(query, &mut reply);
        let wants_signatures = query.edns.as_ref().is_some_and(|edns| edns.dnssec);
        if !wants_signatures && query.kind != RecordType::RRSIG && query.kind != RecordType::ANY {
            for section in &mut reply.sections {
                section.retain(|record| record.kind != RecordType::RRSIG);
            }
        }
        reply
    }

    fn resolve(&self, query: &Query, reply: &mut Reply) {
        let mut name = query.name.clone();
        for _ in 0..LONGEST_CHAIN {
            let Some(zone) = self.zone(&name) else {
                if reply.sections[0].is_empty() {
                    reply.rcode = Rcode::REFUSED.0;
                    reply.flags &= !Header::AA;
                }
                return;
            };
            match zone.find(&name, query.kind) {
                Found::Records(records) => {
                    self.additional(&records, reply);
                    reply.sections[0].extend(records);
                    return;
                }
                Found::Alias(records, target) => {
                    reply.sections[0].extend(records);
                    name = target;
                }
                Found::Referral(records) => {
                    reply.flags &= !Header::AA;
                    self.additional(&records, reply);
                    reply.sections[1].extend(records);
                    return;
                }
                found => {
                    if matches!(found, Found::NoName) {
                        reply.rcode = Rcode::NXDOMAIN.0;
                    }
                    reply.sections[1].extend(zone.soa().cloned());
                    let is_of_soa = |record: &&Record| signs(record, RecordType::SOA);
                    reply.sections[1].extend(zone.records.iter().filter(is_of_soa).cloned());
                    return;
                }
            }
        }
    }

    /// Addresses of the hosts that records of these types name.
    fn additional(&self, records: &[Record], reply: &mut Reply) {
        for record in records {
            let skipped = match record.kind {
                RecordType::NS => 0,
                RecordType::MX => 2,
                RecordType::SRV => 6,
                _ => continue,
            };
            let host = record.rdata.get(skipped..).map(<[u8]>::to_vec);
            if let Some(host) = host.and_then(Name::from_wire) {
                // A delegation's glue lies in the zone of the delegation.
                let zones = self.zones.iter().filter(|zone| host.is_in(&zone.origin));
                let found = zones.map(|zone| zone.addresses(&host)).find(|found| !found.is_empty());
                reply.sections[2].extend(found.unwrap_or_default());
            }
        }
    }

    /// Options of EDNS, by what was asked.
    fn options(&self, query: &Query, reply: &mut Reply) {
        let (Some(edns), Some(options)) = (&query.edns, &mut reply.opt) else { return };
        if let (Some(_), Some(nsid)) = (edns.option(3), &self.orders.nsid) {
            options.push((3, nsid.clone()));
        }
        if let Some(subnet) = edns.option(8) {
            // The scope is as long as the source (RFC 7871 §7.2.1).
            let mut subnet = subnet.to_vec();
            if let [_, _, source, scope, ..] = subnet.as_mut_slice() {
                *scope = *source;
            }
            options.push((8, subnet));
        }
        if let Some(cookie) = edns.option(10).and_then(|cookie| cookie.first_chunk::<8>()) {
            options.push((10, server_cookie(*cookie)));
        }
    }
}

/// A client's cookie and what this server makes of it: not a secret, but the same each time.
pub(crate) fn server_cookie(client: [u8; 8]) -> Vec<u8> {
    let server = client.map(|octet| octet ^ 0x5a);
    [&client[..], &[1, 0, 0, 0], &server, &[0, 0, 0, 1]].concat()
}
