//! DNS over HTTPS (RFC 8484): a message is a request's body or a part of its URI, and a response's body.

use bytes::Bytes;
use data_encoding::BASE64URL_NOPAD;
use http::Uri;

use crate::agent::request::Request;
use crate::agent::upload::Source;
use crate::client::Method;
use crate::link::{Link, Response};
use crate::{Error, Fields, Head};

pub(crate) const MESSAGE: &str = "application/dns-message";

/// Octets; no DNS message has more.
pub(crate) const LONGEST: usize = 65535;

/// How queries are put.
#[derive(Clone, Debug)]
pub(crate) struct Manner {
    pub(crate) method: Method,
    pub(crate) scheme: &'static str,
    pub(crate) authority: String,
    pub(crate) path: String,
}

impl Manner {
    fn request(&self, message: &[u8]) -> Result<Request, Error> {
        let mut fields = Fields::default();
        fields.push("Host", self.authority.as_str());
        fields.push("accept", MESSAGE);
        let (method, path, body) = match self.method {
            Method::Post => {
                fields.push("content-type", MESSAGE);
                fields.push("content-length", message.len().to_string());
                ("POST", self.path.clone(), Source::octets(Bytes::copy_from_slice(message)))
            }
            Method::Get => {
                let mark = if self.path.contains('?') { '&' } else { '?' };
                let path = format!("{}{mark}dns={}", self.path, BASE64URL_NOPAD.encode(message));
                ("GET", path, Source::none())
            }
        };
        let uri = self.uri(&path)?;
        Ok(Request {
            method: method.to_owned(),
            target: uri.path_and_query().map_or("/", |path| path.as_str()).into(),
            absolute: uri.to_string(),
            scheme: self.scheme.to_owned(),
            authority: self.authority.clone(),
            fields,
            proxy_fields: Fields::default(),
            body,
            expects: false,
            is_chunked: false,
            is_http10: false,
            is_head: false,
            is_upgrade: false,
        })
    }

    /// Where it is asked; an error for what would break a line.
    fn uri(&self, path: &str) -> Result<Uri, Error> {
        let uri = Uri::builder().scheme(self.scheme).authority(self.authority.as_str());
        let uri = uri.path_and_query(path).build();
        uri.map_err(|_| Error::BadTarget(format!("{}{}", self.authority, self.path)))
    }

    pub(crate) async fn ask(&self, link: &Link, message: &[u8]) -> Result<Response, Error> {
        let response = link.exchange(&mut self.request(message)?).await?;
        check(&response.head)?;
        Ok(response)
    }
}

fn check(head: &Head) -> Result<(), Error> {
    if !(200..300).contains(&head.status) {
        return Err(Error::Status { code: head.status, location: text(&head.fields, "location") });
    }
    match text(&head.fields, "content-type") {
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
fn text(fields: &Fields, name: &str) -> Option<String> {
    Some(String::from_utf8_lossy(fields.get(name)?).chars().take(200).collect())
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
        assert_eq!((get.absolute.as_str(), get.body.length), (uri, Some(0)));
        let get = manner(Method::Get, "/q?ct").request(&message).unwrap();
        assert_eq!(get.target, b"/q?ct&dns=AAABAP_-");
        let mut post = manner(Method::Post, "/dns-query").request(&message).unwrap();
        assert_eq!(post.target, b"/dns-query");
        assert_eq!(post.body.take_small().unwrap(), message[..]);
        assert_eq!(post.fields.get("content-length"), Some(&b"6"[..]));
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
