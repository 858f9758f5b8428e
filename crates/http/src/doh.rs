//! DNS over HTTPS (RFC 8484): a message is a request's body or a part of its URI, and a response's body.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::header::{ACCEPT, CONTENT_LENGTH, CONTENT_TYPE, HeaderMap, LOCATION};
use http::{Request, Uri};

use crate::Error;
use crate::client::Method;
use crate::link::{Limits, Link, Response};

pub(crate) const MESSAGE: &str = "application/dns-message";

/// No DNS message is longer.
pub(crate) const LIMITS: Limits = Limits { head: 64 * 1024, body: 65535 };

/// How queries are put.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    pub(crate) method: Method,
    pub(crate) scheme: &'static str,
    pub(crate) authority: String,
    pub(crate) path: String,
}

impl Manner {
    fn request(&self, message: &[u8]) -> Result<Request<Bytes>, Error> {
        let path = match self.method {
            Method::Post => self.path.clone(),
            Method::Get => {
                let mark = if self.path.contains('?') { '&' } else { '?' };
                format!("{}{mark}dns={}", self.path, BASE64URL_NOPAD.encode(message))
            }
        };
        let uri = Uri::builder()
            .scheme(self.scheme)
            .authority(self.authority.as_str())
            .path_and_query(path)
            .build()
            .map_err(|_| Error::BadTarget(format!("{}{}", self.authority, self.path)))?;
        let request = Request::builder().uri(uri).header(ACCEPT, MESSAGE);
        let request = match self.method {
            Method::Get => request.body(Bytes::new()),
            Method::Post => request
                .method("POST")
                .header(CONTENT_TYPE, MESSAGE)
                .header(CONTENT_LENGTH, message.len())
                .body(Bytes::copy_from_slice(message)),
        };
        request.map_err(Error::protocol)
    }

    pub(crate) async fn ask(&self, link: &Link, message: &[u8]) -> Result<Response, Error> {
        let response = link.exchange(self.request(message)?).await?;
        check(&response)?;
        Ok(response)
    }
}

fn check(response: &Response) -> Result<(), Error> {
    if !(200..300).contains(&response.status) {
        let location = text(&response.headers, LOCATION.as_str());
        return Err(Error::Status { code: response.status, location });
    }
    match text(&response.headers, CONTENT_TYPE.as_str()) {
        Some(kind) if is_message(&kind) => Ok(()),
        Some(kind) => Err(Error::ContentType(kind)),
        None => Err(Error::ContentType("of no type".to_owned())),
    }
}

/// Whether this is the type, whatever parameters follow (RFC 9110 §8.3.1).
fn is_message(kind: &str) -> bool {
    let bare = kind.split(';').next().unwrap_or_default().trim();
    bare.eq_ignore_ascii_case(MESSAGE)
}

/// A field's beginning: as much as an error's line has room for.
fn text(headers: &HeaderMap, name: &str) -> Option<String> {
    let value = String::from_utf8_lossy(headers.get(name)?.as_bytes()).into_owned();
    Some(value.chars().take(200).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn manner(method: Method, path: &str) -> Manner {
        let authority = "[2001:db8::53]:8443".to_owned();
        Manner { method, scheme: "https", authority, path: path.to_owned() }
    }

    #[test]
    fn a_message_is_in_the_uri_or_in_the_body() {
        let message = [0, 0, 1, 0, 0xff, 0xfe];
        let get = manner(Method::Get, "/dns-query").request(&message).unwrap();
        let uri = "https://[2001:db8::53]:8443/dns-query?dns=AAABAP_-";
        assert_eq!((get.uri().to_string().as_str(), get.body().len()), (uri, 0));
        let get = manner(Method::Get, "/q?ct").request(&message).unwrap();
        assert_eq!(get.uri().query(), Some("ct&dns=AAABAP_-"));
        let post = manner(Method::Post, "/dns-query").request(&message).unwrap();
        assert_eq!((post.uri().query(), &post.body()[..]), (None, &message[..]));
        assert_eq!(post.headers()[CONTENT_LENGTH], "6");
    }

    #[test]
    fn a_path_that_breaks_a_line_is_refused() {
        for path in ["/a\r\nX: y", "/a b", "/\u{1b}[2J"] {
            assert!(manner(Method::Post, path).request(&[]).is_err(), "{path:?}");
        }
    }

    #[test]
    fn only_the_type_of_messages_is_taken() {
        for kind in ["application/dns-message", "Application/DNS-message; charset=x"] {
            assert!(is_message(kind), "{kind}");
        }
        for kind in ["text/html", "application/dns-message2", "", "application/dns-json"] {
            assert!(!is_message(kind), "{kind}");
        }
    }
}
