//! What a status means (RFC 9110 §15).

/// In a sentence.
pub(super) fn meaning(status: u16) -> &'static str {
    match status {
        100 => "Continue: the body may be sent (RFC 9110 \u{a7}15.2.1).",
        101 => "Switching Protocols: another protocol from here on (RFC 9110 \u{a7}15.2.2).",
        103 => "Early Hints: what the page will need can be fetched already (RFC 8297).",
        200 => "OK: here is what was asked for (RFC 9110 \u{a7}15.3.1).",
        201 => "Created: it is there now; Location says where (RFC 9110 \u{a7}15.3.2).",
        202 => "Accepted: it will be done later (RFC 9110 \u{a7}15.3.3).",
        204 => "No Content: it is done, and there is nothing to show (RFC 9110 \u{a7}15.3.5).",
        206 => "Partial Content: the part that was asked for (RFC 9110 \u{a7}15.3.7).",
        301 => {
            "Moved Permanently: it is elsewhere now, for good; a POST becomes a GET (RFC 9110 \u{a7}15.4.2)."
        }
        302 => "Found: it is elsewhere for now; a POST becomes a GET (RFC 9110 \u{a7}15.4.3).",
        303 => "See Other: the answer is elsewhere, to be fetched by GET (RFC 9110 \u{a7}15.4.4).",
        304 => "Not Modified: what is there already is still good (RFC 9110 \u{a7}15.4.5).",
        307 => {
            "Temporary Redirect: elsewhere for now, with the same method (RFC 9110 \u{a7}15.4.8)."
        }
        308 => {
            "Permanent Redirect: elsewhere for good, with the same method (RFC 9110 \u{a7}15.4.9)."
        }
        400 => "Bad Request: the server could not make sense of it (RFC 9110 \u{a7}15.5.1).",
        401 => {
            "Unauthorized: it wants to know who asks; WWW-Authenticate says how to prove it (RFC 9110 \u{a7}15.5.2)."
        }
        403 => "Forbidden: it knows, and does not want to (RFC 9110 \u{a7}15.5.4).",
        404 => "Not Found: there is nothing under that path (RFC 9110 \u{a7}15.5.5).",
        405 => "Method Not Allowed: Allow says which are (RFC 9110 \u{a7}15.5.6).",
        407 => {
            "Proxy Authentication Required: the proxy wants to know who asks (RFC 9110 \u{a7}15.5.8)."
        }
        408 => "Request Timeout: the request did not come in time (RFC 9110 \u{a7}15.5.9).",
        410 => "Gone: it was there, and will not come back (RFC 9110 \u{a7}15.5.11).",
        412 => {
            "Precondition Failed: a condition of the request does not hold (RFC 9110 \u{a7}15.5.13)."
        }
        413 => "Content Too Large: the server does not take that much (RFC 9110 \u{a7}15.5.14).",
        416 => "Range Not Satisfiable: there is no such part (RFC 9110 \u{a7}15.5.17).",
        421 => {
            "Misdirected Request: this server does not speak for that name (RFC 9110 \u{a7}15.5.20)."
        }
        429 => "Too Many Requests: later; Retry-After says when (RFC 6585 \u{a7}4).",
        500 => "Internal Server Error: something broke at the server (RFC 9110 \u{a7}15.6.1).",
        502 => "Bad Gateway: a server behind this one sent nonsense (RFC 9110 \u{a7}15.6.3).",
        503 => "Service Unavailable: not now; Retry-After may say when (RFC 9110 \u{a7}15.6.4).",
        504 => "Gateway Timeout: a server behind this one did not answer (RFC 9110 \u{a7}15.6.5).",
        _ => class(status),
    }
}

/// What its first digit means.
const fn class(status: u16) -> &'static str {
    match status {
        100..200 => "Something in between: the answer is still to come (RFC 9110 \u{a7}15.2).",
        200..300 => "It went well (RFC 9110 \u{a7}15.3).",
        300..400 => "There is more to do to get it (RFC 9110 \u{a7}15.4).",
        400..500 => "The server says that the request is at fault (RFC 9110 \u{a7}15.5).",
        500..600 => "The server says that it is at fault itself (RFC 9110 \u{a7}15.6).",
        _ => "No standard says what that means.",
    }
}
