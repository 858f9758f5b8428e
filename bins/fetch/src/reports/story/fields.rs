//! What fields of heads are for.

/// Of a line of a request.
pub(super) fn asked(line: &str) -> Option<&'static str> {
    let (name, _) = line.split_once(':')?;
    Some(match name.to_ascii_lowercase().as_str() {
        "host" => "which of the sites at that address is meant (RFC 9110 \u{a7}7.2)",
        "user-agent" => "what program asks",
        "accept" => "what kinds of things it can use",
        "accept-encoding" => "how the body may be compressed",
        "authorization" => "who asks, and the proof of it (RFC 9110 \u{a7}11.6.2)",
        "cookie" => "what the server told us to remember (RFC 6265)",
        "content-type" => "what kind of thing the body is",
        "content-length" => "how many octets of body follow",
        "range" => "a part of it will do (RFC 9110 \u{a7}14.2)",
        "referer" => "where the link to this was",
        "if-none-match" | "if-modified-since" => "only if it is another than the one that is here",
        "expect" => "say first whether the body is welcome (RFC 9110 \u{a7}10.1.1)",
        _ => return None,
    })
}

/// Of a response.
pub(super) fn answered(name: &str) -> Option<&'static str> {
    Some(match name.to_ascii_lowercase().as_str() {
        "date" => "when the server made it, by its clock",
        "server" => "what program answers, if that is true",
        "content-type" => "what kind of thing it is (RFC 9110 \u{a7}8.3)",
        "content-length" => "how many octets of body there are (RFC 9110 \u{a7}8.6)",
        "content-encoding" => "how the body is compressed (RFC 9110 \u{a7}8.4)",
        "transfer-encoding" => {
            "how the body is wrapped for the way: chunked has the length before each piece (RFC 9112 \u{a7}6.1)"
        }
        "location" => "where to go on (RFC 9110 \u{a7}10.2.2)",
        "last-modified" => {
            "when it changed last; one can ask whether it did since (RFC 9110 \u{a7}8.8.2)"
        }
        "etag" => {
            "a name for just this content; one can ask whether it is still the same (RFC 9110 \u{a7}8.8.3)"
        }
        "cache-control" => "how long it may be kept, and by whom (RFC 9111 \u{a7}5.2)",
        "expires" => "until when it may be kept, in old words (RFC 9111 \u{a7}5.3)",
        "age" => "how many seconds ago the server said so: a cache kept it (RFC 9111 \u{a7}5.1)",
        "vary" => "which fields of the request the answer depends on (RFC 9110 \u{a7}12.5.5)",
        "accept-ranges" => {
            "parts can be asked for: a download can go on where it ended (RFC 9110 \u{a7}14.3)"
        }
        "content-range" => "which part this is, of how much (RFC 9110 \u{a7}14.4)",
        "set-cookie" => "something to remember, and to say again next time (RFC 6265)",
        "strict-transport-security" => "from now on only over TLS (HSTS, RFC 6797)",
        "alt-svc" => "it can also be reached so: h3 is HTTP/3 (RFC 7838)",
        "connection" => "whether the connection stays open, among others (RFC 9110 \u{a7}7.6.1)",
        "keep-alive" => "for how long the connection stays open",
        "server-timing" => "what the server says it spent its time on",
        "www-authenticate" => "how to prove who asks (RFC 9110 \u{a7}11.6.1)",
        "retry-after" => "when to try again (RFC 9110 \u{a7}10.2.3)",
        "content-security-policy" => "what a browser may load for this page",
        "x-content-type-options" => "a browser must not guess what it is",
        "x-frame-options" => "whether other pages may show it in a frame",
        "access-control-allow-origin" => "scripts of which sites may read it (CORS)",
        "referrer-policy" => "what a browser may tell others of this page",
        "link" => "what belongs to it (RFC 8288)",
        "via" => "which proxies it came through (RFC 9110 \u{a7}7.6.3)",
        "allow" => "which methods will do (RFC 9110 \u{a7}10.2.1)",
        "content-disposition" => "what to call the file (RFC 6266)",
        "content-location" => "what exactly this is a form of (RFC 9110 \u{a7}8.7)",
        _ => return None,
    })
}
