//! The numbers of DNS and their mnemonics (IANA "Domain Name System (DNS) Parameters").

use std::fmt;

/// A number that has a mnemonic where one was assigned.
macro_rules! numbers {
    ($(#[$doc:meta])* $name:ident($number:ty) unknown $unknown:literal {
        $($(#[$constant_doc:meta])* $constant:ident = $value:literal $text:literal;)*
    }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(pub $number);

        impl $name {
            $($(#[$constant_doc])* pub const $constant: Self = Self($value);)*

            const KNOWN: &[(Self, &'static str)] = &[$((Self::$constant, $text)),*];

            /// What it is called, where it has a name.
            #[must_use]
            pub fn mnemonic(self) -> Option<&'static str> {
                Self::KNOWN.iter().find(|(known, _)| *known == self).map(|(_, text)| *text)
            }

            /// All that have a name, in their order.
            pub fn all() -> impl Iterator<Item = (Self, &'static str)> {
                Self::KNOWN.iter().copied()
            }

            /// Finds it by its name, in whichever case.
            #[must_use]
            pub fn named(text: &str) -> Option<Self> {
                let known = Self::KNOWN.iter().find(|(_, name)| name.eq_ignore_ascii_case(text));
                known.map(|(known, _)| *known)
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                match self.mnemonic() {
                    Some(text) => f.write_str(text),
                    None => write!(f, concat!($unknown, "{}"), self.0),
                }
            }
        }
    };
}

numbers! {
    /// What a record is or which are wanted.
    RecordType(u16) unknown "TYPE" {
        /// A.
        A = 1 "A";
        /// NS.
        NS = 2 "NS";
        /// MD.
        MD = 3 "MD";
        /// MF.
        MF = 4 "MF";
        /// CNAME.
        CNAME = 5 "CNAME";
        /// SOA.
        SOA = 6 "SOA";
        /// MB.
        MB = 7 "MB";
        /// MG.
        MG = 8 "MG";
        /// MR.
        MR = 9 "MR";
        /// NULL.
        NULL = 10 "NULL";
        /// WKS.
        WKS = 11 "WKS";
        /// PTR.
        PTR = 12 "PTR";
        /// HINFO.
        HINFO = 13 "HINFO";
        /// MINFO.
        MINFO = 14 "MINFO";
        /// MX.
        MX = 15 "MX";
        /// TXT.
        TXT = 16 "TXT";
        /// RP.
        RP = 17 "RP";
        /// AFSDB.
        AFSDB = 18 "AFSDB";
        /// X25.
        X25 = 19 "X25";
        /// ISDN.
        ISDN = 20 "ISDN";
        /// RT.
        RT = 21 "RT";
        /// NSAP.
        NSAP = 22 "NSAP";
        /// NSAP-PTR.
        NSAP_PTR = 23 "NSAP-PTR";
        /// SIG.
        SIG = 24 "SIG";
        /// KEY.
        KEY = 25 "KEY";
        /// PX.
        PX = 26 "PX";
        /// GPOS.
        GPOS = 27 "GPOS";
        /// AAAA.
        AAAA = 28 "AAAA";
        /// LOC.
        LOC = 29 "LOC";
        /// NXT.
        NXT = 30 "NXT";
        /// EID.
        EID = 31 "EID";
        /// NIMLOC.
        NIMLOC = 32 "NIMLOC";
        /// SRV.
        SRV = 33 "SRV";
        /// ATMA.
        ATMA = 34 "ATMA";
        /// NAPTR.
        NAPTR = 35 "NAPTR";
        /// KX.
        KX = 36 "KX";
        /// CERT.
        CERT = 37 "CERT";
        /// A6.
        A6 = 38 "A6";
        /// DNAME.
        DNAME = 39 "DNAME";
        /// SINK.
        SINK = 40 "SINK";
        /// OPT.
        OPT = 41 "OPT";
        /// APL.
        APL = 42 "APL";
        /// DS.
        DS = 43 "DS";
        /// SSHFP.
        SSHFP = 44 "SSHFP";
        /// IPSECKEY.
        IPSECKEY = 45 "IPSECKEY";
        /// RRSIG.
        RRSIG = 46 "RRSIG";
        /// NSEC.
        NSEC = 47 "NSEC";
        /// DNSKEY.
        DNSKEY = 48 "DNSKEY";
        /// DHCID.
        DHCID = 49 "DHCID";
        /// NSEC3.
        NSEC3 = 50 "NSEC3";
        /// NSEC3PARAM.
        NSEC3PARAM = 51 "NSEC3PARAM";
        /// TLSA.
        TLSA = 52 "TLSA";
        /// SMIMEA.
        SMIMEA = 53 "SMIMEA";
        /// HIP.
        HIP = 55 "HIP";
        /// NINFO.
        NINFO = 56 "NINFO";
        /// RKEY.
        RKEY = 57 "RKEY";
        /// TALINK.
        TALINK = 58 "TALINK";
        /// CDS.
        CDS = 59 "CDS";
        /// CDNSKEY.
        CDNSKEY = 60 "CDNSKEY";
        /// OPENPGPKEY.
        OPENPGPKEY = 61 "OPENPGPKEY";
        /// CSYNC.
        CSYNC = 62 "CSYNC";
        /// ZONEMD.
        ZONEMD = 63 "ZONEMD";
        /// SVCB.
        SVCB = 64 "SVCB";
        /// HTTPS.
        HTTPS = 65 "HTTPS";
        /// SPF.
        SPF = 99 "SPF";
        /// UINFO.
        UINFO = 100 "UINFO";
        /// UID.
        UID = 101 "UID";
        /// GID.
        GID = 102 "GID";
        /// UNSPEC.
        UNSPEC = 103 "UNSPEC";
        /// NID.
        NID = 104 "NID";
        /// L32.
        L32 = 105 "L32";
        /// L64.
        L64 = 106 "L64";
        /// LP.
        LP = 107 "LP";
        /// EUI48.
        EUI48 = 108 "EUI48";
        /// EUI64.
        EUI64 = 109 "EUI64";
        /// TKEY.
        TKEY = 249 "TKEY";
        /// TSIG.
        TSIG = 250 "TSIG";
        /// IXFR.
        IXFR = 251 "IXFR";
        /// AXFR.
        AXFR = 252 "AXFR";
        /// MAILB.
        MAILB = 253 "MAILB";
        /// MAILA.
        MAILA = 254 "MAILA";
        /// ANY.
        ANY = 255 "ANY";
        /// URI.
        URI = 256 "URI";
        /// CAA.
        CAA = 257 "CAA";
        /// AVC.
        AVC = 258 "AVC";
        /// DOA.
        DOA = 259 "DOA";
        /// AMTRELAY.
        AMTRELAY = 260 "AMTRELAY";
        /// RESINFO.
        RESINFO = 261 "RESINFO";
        /// WALLET.
        WALLET = 262 "WALLET";
        /// TA.
        TA = 32768 "TA";
        /// DLV.
        DLV = 32769 "DLV";
    }
}

numbers! {
    /// Which of the name spaces a record is of.
    Class(u16) unknown "CLASS" {
        /// The Internet.
        IN = 1 "IN";
        /// Chaosnet: what servers tell of themselves (`version.bind`).
        CH = 3 "CH";
        /// Hesiod.
        HS = 4 "HS";
        /// In an update: this must not be there (RFC 2136 §2.4).
        NONE = 254 "NONE";
        /// Whichever.
        ANY = 255 "ANY";
    }
}

numbers! {
    /// How a request ended (RFC 1035 §4.1.1, RFC 6895 §2.3).
    Rcode(u16) unknown "RESERVED" {
        /// Well.
        NOERROR = 0 "NOERROR";
        /// The server could not read it.
        FORMERR = 1 "FORMERR";
        /// The server failed.
        SERVFAIL = 2 "SERVFAIL";
        /// There is no such name.
        NXDOMAIN = 3 "NXDOMAIN";
        /// The server does not do this.
        NOTIMP = 4 "NOTIMP";
        /// The server will not do this.
        REFUSED = 5 "REFUSED";
        /// A name is there that should not be (RFC 2136).
        YXDOMAIN = 6 "YXDOMAIN";
        /// Records are there that should not be (RFC 2136).
        YXRRSET = 7 "YXRRSET";
        /// Records that should be there are not (RFC 2136).
        NXRRSET = 8 "NXRRSET";
        /// The server does not answer for the zone, or the signature is not good.
        NOTAUTH = 9 "NOTAUTH";
        /// A name is not in the zone (RFC 2136).
        NOTZONE = 10 "NOTZONE";
        /// DSO type not implemented (RFC 8490).
        DSOTYPENI = 11 "DSOTYPENI";
        /// Version of EDNS not known (RFC 6891).
        BADVERS = 16 "BADVERS";
        /// Key not known (RFC 8945).
        BADKEY = 17 "BADKEY";
        /// Signature outside its time (RFC 8945).
        BADTIME = 18 "BADTIME";
        /// Bad TKEY mode (RFC 2930).
        BADMODE = 19 "BADMODE";
        /// Duplicate key name (RFC 2930).
        BADNAME = 20 "BADNAME";
        /// Algorithm not supported (RFC 2930).
        BADALG = 21 "BADALG";
        /// Bad truncation (RFC 8945).
        BADTRUNC = 22 "BADTRUNC";
        /// Bad or missing server cookie (RFC 7873).
        BADCOOKIE = 23 "BADCOOKIE";
    }
}

numbers! {
    /// What kind of query a message is (RFC 6895 §2.2).
    Opcode(u8) unknown "RESERVED" {
        /// An ordinary query.
        QUERY = 0 "QUERY";
        /// Inverse query, obsolete (RFC 3425).
        IQUERY = 1 "IQUERY";
        /// Status of the server.
        STATUS = 2 "STATUS";
        /// A zone has changed (RFC 1996).
        NOTIFY = 4 "NOTIFY";
        /// Change a zone (RFC 2136).
        UPDATE = 5 "UPDATE";
        /// DNS stateful operations (RFC 8490).
        DSO = 6 "DSO";
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_without_a_name_are_told_by_number() {
        assert_eq!(RecordType::named("nsap-ptr"), Some(RecordType::NSAP_PTR));
        assert_eq!(RecordType(65281).to_string(), "TYPE65281");
        assert_eq!(Class(4660).to_string(), "CLASS4660");
        assert_eq!(Rcode::BADCOOKIE.to_string(), "BADCOOKIE");
        assert_eq!(Opcode(15).to_string(), "RESERVED15");
    }
}
