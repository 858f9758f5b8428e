# Debian's name servers on the lab's host `b`, in the directory $PWD. Addresses 192.0.2.N on eth0:
#  .2 named: types.lab, dyn.lab (TSIG, IXFR), big.lab; DoT, DoH, plain DoH    .10 root  .11 lab.  .12 good.lab and others: nsd
#  .53 unbound, validating    .250 nobody
for last in 3 10 11 12 53; do ip addr add 192.0.2.$last/24 dev eth0; done
ip route replace unreachable 198.51.100.0/24

head() { # origin primary
  printf '$TTL %s\n$ORIGIN %s\n@ SOA %s hostmaster.%s 2026010101 3600 900 1209600 300\n' "${3:-300}" "$1" "$2" "$1"
}
sign() { # zone, then options
  local zone=$1; shift
  local ksk=$(dnssec-keygen -q -a ECDSAP256SHA256 -f KSK $zone) zsk=$(dnssec-keygen -q -a ECDSAP256SHA256 $zone)
  cat $ksk.key $zsk.key >> $zone
  dnssec-signzone -q -P -o $zone -f $zone.signed -k $ksk "$@" $zone $zsk > /dev/null
}
good() { # zone
  head $1 ns1.$1
  printf '@ NS ns1\nns1 A 192.0.2.12\n'
}

{ good good.lab.; cat <<'Z'
@ A 192.0.2.101
@ AAAA 2001:db8::1
@ MX 10 mail
@ MX 20 mail.insecure.lab.
@ TXT "v=spf1 -all" "second string"
@ CAA 0 issue "ca.lab"
www A 192.0.2.102
www A 192.0.2.103
www AAAA 2001:db8::2
mail A 192.0.2.125
*.wild A 192.0.2.99
_sip._udp SRV 10 60 5060 sip
sip A 192.0.2.60
_443._tcp.www TLSA 3 1 1 0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
@ HTTPS 1 . alpn="h2,h3" ipv4hint=192.0.2.1
alias CNAME www
ttl0 0 A 192.0.2.5
weird\.dot A 192.0.2.6
a\032b A 192.0.2.7
\000\255 A 192.0.2.8
UPPER.Case A 192.0.2.9
xn--bcher-kva A 192.0.2.30
Z
} > good.lab.
sign good.lab.
for zone in badsig.lab. expired.lab. nsec3.lab.; do { good $zone; echo 'www A 192.0.2.110'; } > $zone; done
sign badsig.lab.
sed -i 's/192\.0\.2\.110$/192.0.2.66/' badsig.lab..signed
sign expired.lab. -s 20240101000000 -e 20240201000000
sign nsec3.lab. -3 aabbccdd -H 5
{ good insecure.lab.; echo 'www A 192.0.2.120'; } > insecure.lab..signed
{ head lab. ns1.lab. 86400; printf '@ NS ns1\nns1 A 192.0.2.11\n'
  for zone in good badsig expired nsec3 insecure; do printf '%s NS ns1.%s\nns1.%s A 192.0.2.12\n' $zone $zone $zone; done
  printf 'types NS ns1.types\nns1.types A 192.0.2.2\ndyn NS ns1.dyn\nns1.dyn A 192.0.2.2\nbig NS ns1.big\nns1.big A 192.0.2.2\n'
  printf 'lame NS ns1.lame\nns1.lame A 192.0.2.12\ndead NS ns1.dead\nns1.dead A 192.0.2.250\n'
  cat dsset-*.lab.; } > lab.
sign lab. -3 - -H 0 -A
{ head 2.0.192.in-addr.arpa. ns1.good.lab.; printf '@ NS ns1.good.lab.\n2 PTR named.good.lab.\n53 PTR recursor.good.lab.\n'; } > 2.0.192.in-addr.arpa..signed
{ head . a.root. 518400; printf '@ NS a.root.\na.root. A 192.0.2.10\nlab. NS ns1.lab.\nns1.lab. A 192.0.2.11\n'
  printf '2.0.192.in-addr.arpa. NS ns1.good.lab.\nns1.good.lab. A 192.0.2.12\n'; cat dsset-lab.; } | sed 's/hostmaster\.\. /hostmaster. /' > root
mv root .root; cp .root rootzone
ksk=$(dnssec-keygen -q -a ECDSAP256SHA256 -f KSK .); zsk=$(dnssec-keygen -q -a ECDSAP256SHA256 .)
cat $ksk.key $zsk.key >> rootzone
dnssec-signzone -q -P -o . -f root.signed -k $ksk rootzone $zsk > /dev/null
grep -h DNSKEY $ksk.key > root.key
printf '. 518400 NS a.root.\na.root. 518400 A 192.0.2.10\n' > hints

nsd_at() { # number, zone and file pairs
  local last=$1; shift
  { printf 'server:\n ip-address: 192.0.2.%s\n username: ""\n chroot: ""\n zonesdir: "%s"\n pidfile: "%s/nsd%s.pid"\n' $last $PWD $PWD $last
    printf ' database: ""\n xfrdfile: "%s/xfrd%s"\n zonelistfile: "%s/list%s"\n logfile: "%s/nsd%s.log"\n' $PWD $last $PWD $last $PWD $last
    printf ' server-count: 1\n nsid: "ascii_nsd-%s"\n minimal-responses: no\n round-robin: no\nremote-control:\n control-enable: no\n' $last
    while [ $# -gt 0 ]; do printf 'zone:\n name: "%s"\n zonefile: "%s"\n provide-xfr: 0.0.0.0/0 NOKEY\n' $1 $2; shift 2; done
  } > nsd$last.conf
  nsd -c nsd$last.conf
}
nsd_at 10 . root.signed
nsd_at 11 lab. lab..signed
nsd_at 12 good.lab. good.lab..signed badsig.lab. badsig.lab..signed expired.lab. expired.lab..signed nsec3.lab. nsec3.lab..signed \
  insecure.lab. insecure.lab..signed 2.0.192.in-addr.arpa. 2.0.192.in-addr.arpa..signed

{ head types.lab. ns1.types.lab.; printf '@ NS ns1\nns1 A 192.0.2.2\n'; cat types; } > types.lab.
{ head dyn.lab. ns1.dyn.lab.; printf '@ NS ns1\nns1 A 192.0.2.2\nwww A 192.0.2.70\n'; for i in $(seq 1 50); do printf 'host%d A 203.0.113.%d\n' $i $i; done; } > dyn.lab.
{ head big.lab. ns1.big.lab.; printf '@ NS ns1\nns1 A 192.0.2.2\n'
  long() { printf '%s TXT' $1; i=0; while [ $i -lt $2 ]; do printf ' "%0200d"' $i; i=$((i + 1)); done; printf '\n'; }
  long t2000 10; long t20000 100; for i in $(seq 1 90); do printf 'many A 198.51.100.%d\n' $i; done
  l=$(printf '%063d' 0 | tr 0 a); printf '%s.%s.%s.%s A 192.0.2.50\n' $l $l $l $(printf '%053d' 0 | tr 0 b)
  for i in $(seq 1 8); do printf 'c%d CNAME c%d\n' $i $((i + 1)); done; printf 'c9 A 192.0.2.40\n'; printf 'old DNAME good.lab.\n'
} > big.lab.
openssl ecparam -name prime256v1 -genkey -noout -out ca.key 2> openssl.log
openssl req -x509 -new -key ca.key -subj '/CN=Lab CA' -days 3650 -out ca.pem 2>> openssl.log
openssl ecparam -name prime256v1 -genkey -noout -out tls.key 2>> openssl.log
openssl req -new -key tls.key -subj '/CN=dns.good.lab' -out tls.csr 2>> openssl.log
printf 'subjectAltName=DNS:dns.good.lab,IP:192.0.2.2,IP:192.0.2.53\n' > san
openssl x509 -req -in tls.csr -CA ca.pem -CAkey ca.key -CAcreateserial -days 3650 -extfile san -out tls.pem 2>> openssl.log
for algorithm in md5 sha1 sha224 sha256 sha384 sha512; do
  printf 'key "key-%s" {\n algorithm hmac-%s;\n secret "bGFiLXRzaWctc2VjcmV0LTAxMjM0NTY3ODlhYmNkZWY=";\n};\n' $algorithm $algorithm | tee key-$algorithm.conf
done > keys.conf
cat > named.conf <<Z
include "$PWD/keys.conf";
tls lab { cert-file "$PWD/tls.pem"; key-file "$PWD/tls.key"; };
http local { endpoints { "/dns-query"; "/other"; }; };
options {
  directory "$PWD"; pid-file "$PWD/named.pid"; session-keyfile "$PWD/session.key";
  listen-on { 192.0.2.2; }; listen-on-v6 { 2001:db8::2; };
  listen-on port 853 tls lab { 192.0.2.2; };
  listen-on port 443 tls lab http local { 192.0.2.2; };
  listen-on port 80 tls none http local { 192.0.2.2; };
  recursion no; notify no; dnssec-validation no; rrset-order { order none; }; server-id "named-lab"; cookie-secret "00112233445566778899aabbccddeeff";
  minimal-responses no; minimal-any no; max-udp-size 1232;
};
controls { };
zone "types.lab" { type primary; file "types.lab."; check-names ignore; check-integrity no; };
zone "dyn.lab" { type primary; file "dyn.lab."; allow-transfer { key key-md5; key key-sha1; key key-sha224; key key-sha256; key key-sha384; key key-sha512; };
  update-policy { grant key-sha256 zonesub ANY; }; ixfr-from-differences yes; };
zone "big.lab" { type primary; file "big.lab."; };
Z
named -c named.conf -L named.log
cat > unbound.conf <<Z
server:
  interface: 192.0.2.53
  interface: 192.0.2.53@853
  interface: 192.0.2.53@443
  tls-service-key: "$PWD/tls.key"
  tls-service-pem: "$PWD/tls.pem"
  username: ""
  chroot: ""
  directory: "$PWD"
  pidfile: "$PWD/unbound.pid"
  logfile: "$PWD/unbound.log"
  use-syslog: no
  access-control: 0.0.0.0/0 allow
  do-not-query-localhost: no
  root-hints: "$PWD/hints"
  trust-anchor-file: "$PWD/root.key"
  local-zone: "2.0.192.in-addr.arpa." nodefault
  serve-original-ttl: yes
  rrset-roundrobin: no
  minimal-responses: no
  ede: yes
  val-log-level: 2
  nsid: "ascii_unbound-lab"
  num-threads: 1
  outgoing-range: 64
  num-queries-per-thread: 32
remote-control:
  control-enable: no
Z
unbound -c unbound.conf
answers() { for _ in $(seq 200); do dig +time=1 +tries=1 "$@" | grep -q 'status: NOERROR' && return; sleep 0.05; done; cat *.log >&2; exit 1; }
answers @192.0.2.2 types.lab SOA
answers @192.0.2.10 . SOA
answers @192.0.2.11 lab SOA
answers @192.0.2.12 good.lab SOA
answers @192.0.2.53 www.good.lab
