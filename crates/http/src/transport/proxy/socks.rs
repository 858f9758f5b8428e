//! SOCKS 4, 4a (their specifications by Ying-Da Lee) and 5 (RFC 1928, with RFC 1929).

use std::net::{IpAddr, Ipv4Addr, SocketAddr};

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};

use crate::failure::{Failure, Kind};
use crate::transport::proxy::{Proxy, ProxyKind};

/// Where a tunnel is to end.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum End<'a> {
    /// Looked up here.
    Address(SocketAddr),
    /// To be looked up there.
    Name(&'a str, u16),
}

/// Asks for a tunnel over `stream`, of which nothing behind the reply is read. `shown` is the end as a person wrote it.
pub(crate) async fn ask<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    proxy: &Proxy,
    end: End<'_>,
    shown: &str,
) -> Result<(), Failure> {
    match proxy.kind {
        ProxyKind::Socks4 | ProxyKind::Socks4a => ask4(stream, proxy, end).await,
        _ => ask5(stream, proxy, end, shown).await,
    }
}

fn no(text: impl Into<String>) -> Failure {
    Failure::new(Kind::Proxy, text)
}

async fn send<S: AsyncWrite + Unpin>(stream: &mut S, octets: &[u8]) -> Result<(), Failure> {
    let sent = async {
        stream.write_all(octets).await?;
        stream.flush().await
    };
    sent.await.map_err(|_| no("connection to proxy closed"))
}

async fn receive<S: AsyncRead + Unpin, const N: usize>(stream: &mut S) -> Result<[u8; N], Failure> {
    let mut octets = [0; N];
    let received = stream.read_exact(&mut octets).await;
    received.map(|_| octets).map_err(|_| no("connection to proxy closed"))
}

async fn ask4<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    proxy: &Proxy,
    end: End<'_>,
) -> Result<(), Failure> {
    send(stream, &request4(proxy, end)?).await?;
    let [version, code, ..] = receive::<S, 8>(stream).await?;
    if version != 0 {
        return Err(no("SOCKS4 reply has wrong version, version should be 0."));
    }
    let why = match code {
        90 => return Ok(()),
        91 => "request rejected or failed",
        92 => "request rejected because SOCKS server cannot connect to identd on the client",
        93 => "request rejected because the client program and identd report different user-ids",
        _ => "Unknown",
    };
    let place = match end {
        End::Address(address) => address.to_string(),
        End::Name(..) => "0.0.0.0:0".to_owned(),
    };
    Err(no(format!("cannot complete SOCKS4 connection to {place}. ({code}), {why}.")))
}

fn request4(proxy: &Proxy, end: End<'_>) -> Result<Vec<u8>, Failure> {
    let (address, port, name) = match end {
        End::Address(SocketAddr::V4(to)) => (*to.ip(), to.port(), None),
        End::Address(SocketAddr::V6(to)) => {
            return Err(no(format!("SOCKS4 connection to {} not supported", to.ip())));
        }
        // An address that cannot be, and the name behind it: SOCKS 4a.
        End::Name(name, port) => (Ipv4Addr::new(0, 0, 0, 1), port, Some(name)),
    };
    let user = proxy.login.as_ref().map(|(user, _)| user.as_str()).unwrap_or_default();
    if user.len() > 255 || user.contains('\0') {
        return Err(no("SOCKS4: too long username"));
    }
    let mut request = vec![4, 1];
    request.extend_from_slice(&port.to_be_bytes());
    request.extend_from_slice(&address.octets());
    request.extend_from_slice(user.as_bytes());
    request.push(0);
    if let Some(name) = name {
        if name.len() > 255 || name.contains('\0') {
            return Err(no("SOCKS4: too long hostname"));
        }
        request.extend_from_slice(name.as_bytes());
        request.push(0);
    }
    Ok(request)
}

const NO_LOGIN: u8 = 0;
const PASSWORD: u8 = 2;
const NOTHING_WILL_DO: u8 = 255;

async fn ask5<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    proxy: &Proxy,
    end: End<'_>,
    shown: &str,
) -> Result<(), Failure> {
    let login = proxy.login.as_ref();
    let offer: &[u8] =
        if login.is_some() { &[5, 2, NO_LOGIN, PASSWORD] } else { &[5, 1, NO_LOGIN] };
    let request = request5(end)?;
    send(stream, offer).await?;
    match receive::<S, 2>(stream).await? {
        [5, NO_LOGIN] => {}
        [5, PASSWORD] if login.is_some() => log_in(stream, login).await?,
        [5, NOTHING_WILL_DO] => return Err(no("No authentication method was acceptable.")),
        [5, _] => return Err(no("Unknown SOCKS5 mode received.")),
        _ => return Err(no("Received invalid version in initial SOCKS5 response.")),
    }
    send(stream, &request).await?;
    let [version, code, _, kind] = receive::<S, 4>(stream).await?;
    if version != 5 {
        return Err(no("SOCKS5 reply has wrong version, version should be 5."));
    }
    if code != 0 {
        return Err(no(format!("cannot complete SOCKS5 connection to {shown}. ({code})")));
    }
    skip_address(stream, kind).await
}

/// User name and password (RFC 1929).
async fn log_in<S: AsyncRead + AsyncWrite + Unpin>(
    stream: &mut S,
    login: Option<&(String, String)>,
) -> Result<(), Failure> {
    let Some((user, password)) = login else { return Ok(()) };
    let length = |text: &str| u8::try_from(text.len()).ok();
    let user_length = length(user);
    let user_length = user_length.ok_or_else(|| no("Excessive username length for SOCKS5 auth"))?;
    let word_length = length(password);
    let word_length = word_length.ok_or_else(|| no("Excessive password length for SOCKS5 auth"))?;
    let mut request = vec![1, user_length];
    request.extend_from_slice(user.as_bytes());
    request.push(word_length);
    request.extend_from_slice(password.as_bytes());
    send(stream, &request).await?;
    match receive::<S, 2>(stream).await? {
        [_, 0] => Ok(()),
        [version, code] => {
            Err(no(format!("User was rejected by the SOCKS5 server ({version} {code}).")))
        }
    }
}

fn request5(end: End<'_>) -> Result<Vec<u8>, Failure> {
    let mut request = vec![5, 1, 0];
    let port = match end {
        End::Address(to) => {
            match to.ip() {
                IpAddr::V4(v4) => {
                    request.push(1);
                    request.extend_from_slice(&v4.octets());
                }
                IpAddr::V6(v6) => {
                    request.push(4);
                    request.extend_from_slice(&v6.octets());
                }
            }
            to.port()
        }
        End::Name(name, port) => {
            let length = u8::try_from(name.len()).map_err(|_| {
                no(format!("SOCKS5: the destination hostname is too long to be resolved remotely by the proxy ({} octets).", name.len()))
            })?;
            request.extend_from_slice(&[3, length]);
            request.extend_from_slice(name.as_bytes());
            port
        }
    };
    request.extend_from_slice(&port.to_be_bytes());
    Ok(request)
}

/// What the proxy's own end is: of no use.
async fn skip_address<S: AsyncRead + Unpin>(stream: &mut S, kind: u8) -> Result<(), Failure> {
    match kind {
        1 => receive::<S, 6>(stream).await.map(|_| ()),
        4 => receive::<S, 18>(stream).await.map(|_| ()),
        3 => {
            let [length] = receive::<S, 1>(stream).await?;
            for _ in 0..usize::from(length).saturating_add(2) {
                receive::<S, 1>(stream).await?;
            }
            Ok(())
        }
        _ => Err(no("SOCKS5 reply has wrong address type.")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::transport::told::run;

    fn proxy(kind: ProxyKind, login: Option<(&str, &str)>) -> Proxy {
        let login = login.map(|(user, word)| (user.to_owned(), word.to_owned()));
        Proxy { kind, host: "proxy.example".to_owned(), port: 1080, login }
    }

    /// What is sent to a proxy that says all of `says` at once, and what comes of it.
    async fn talk(proxy: &Proxy, end: End<'_>, says: &[u8]) -> (Result<(), Failure>, Vec<u8>) {
        let (mut ours, mut theirs) = tokio::io::duplex(4096);
        theirs.write_all(says).await.unwrap();
        theirs.shutdown().await.unwrap();
        let asked = ask(&mut ours, proxy, end, "a.example").await;
        drop(ours);
        let mut sent = Vec::new();
        theirs.read_to_end(&mut sent).await.unwrap();
        (asked, sent)
    }

    const V4: End<'_> = End::Address(SocketAddr::new(IpAddr::V4(Ipv4Addr::new(192, 0, 2, 1)), 80));
    const NAME: End<'_> = End::Name("a.example", 80);

    #[test]
    fn socks5_sends_the_address_and_takes_yes() {
        run(async {
            let says = [5, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            let (asked, sent) = talk(&proxy(ProxyKind::Socks5, None), V4, &says).await;
            assert_eq!(asked, Ok(()));
            assert_eq!(sent, [&[5, 1, 0][..], &[5, 1, 0, 1, 192, 0, 2, 1, 0, 80]].concat());
        });
    }

    #[test]
    fn socks5h_sends_the_name() {
        run(async {
            let says = [5, 0, 5, 0, 0, 3, 2, b'x', b'y', 0, 0];
            let (asked, sent) = talk(&proxy(ProxyKind::Socks5h, None), NAME, &says).await;
            assert_eq!(asked, Ok(()), "the proxy's own end may be a name");
            assert_eq!(sent, [&[5, 1, 0, 5, 1, 0, 3, 9][..], b"a.example", &[0, 80]].concat());
        });
    }

    #[test]
    fn socks5_shows_user_and_password_where_it_is_asked() {
        run(async {
            let says = [5, 2, 1, 0, 5, 0, 0, 1, 0, 0, 0, 0, 0, 0];
            let proxy = proxy(ProxyKind::Socks5, Some(("me", "pw")));
            let (asked, sent) = talk(&proxy, V4, &says).await;
            assert_eq!(asked, Ok(()));
            assert_eq!(sent.get(..11), Some(&[5, 2, 0, 2, 1, 2, b'm', b'e', 2, b'p', b'w'][..]));
        });
    }

    #[test]
    fn refusals_of_socks5_have_curls_words() {
        run(async {
            for (says, words) in [
                (&[][..], "connection to proxy closed"),
                (&[5], "connection to proxy closed"),
                (&[5, 255], "No authentication method was acceptable."),
                (&[4, 0], "Received invalid version in initial SOCKS5 response."),
                (&[5, 7], "Unknown SOCKS5 mode received."),
                (&[5, 2, 1, 1], "User was rejected by the SOCKS5 server (1 1)."),
                (&[5, 0, 4, 0, 0, 1], "SOCKS5 reply has wrong version, version should be 5."),
                (&[5, 0, 5, 5, 0, 1], "cannot complete SOCKS5 connection to a.example. (5)"),
                (&[5, 0, 5, 0, 0, 9], "SOCKS5 reply has wrong address type."),
                (&[5, 0, 5, 0, 0, 1, 0], "connection to proxy closed"),
                (&[5, 0, 5, 0, 0, 3, 255, 1], "connection to proxy closed"),
            ] {
                let proxy = proxy(ProxyKind::Socks5h, Some(("me", "pw")));
                let (asked, _) = talk(&proxy, NAME, says).await;
                assert_eq!(asked, Err(Failure::new(Kind::Proxy, words)), "{says:?}");
            }
        });
    }

    #[test]
    fn login_that_was_not_offered_is_not_taken() {
        run(async {
            let (asked, _) = talk(&proxy(ProxyKind::Socks5, None), V4, &[5, 2]).await;
            assert_eq!(asked, Err(Failure::new(Kind::Proxy, "Unknown SOCKS5 mode received.")));
        });
    }

    #[test]
    fn socks4_sends_the_address_and_4a_the_name() {
        run(async {
            let yes = [0, 90, 0, 0, 0, 0, 0, 0];
            let (asked, sent) = talk(&proxy(ProxyKind::Socks4, Some(("me", ""))), V4, &yes).await;
            assert_eq!(asked, Ok(()));
            assert_eq!(sent, [4, 1, 0, 80, 192, 0, 2, 1, b'm', b'e', 0]);
            let (asked, sent) = talk(&proxy(ProxyKind::Socks4a, None), NAME, &yes).await;
            assert_eq!(asked, Ok(()));
            assert_eq!(sent, [&[4, 1, 0, 80, 0, 0, 0, 1, 0][..], b"a.example\0"].concat());
        });
    }

    #[test]
    fn refusals_of_socks4_have_curls_words() {
        run(async {
            let v6 = End::Address("[2001:db8::1]:80".parse().unwrap());
            for (end, says, words) in [
                (V4, &[0, 90][..], "connection to proxy closed"),
                (
                    V4,
                    &[0, 91, 0, 0, 0, 0, 0, 0],
                    "cannot complete SOCKS4 connection to 192.0.2.1:80. (91), request rejected or failed.",
                ),
                (
                    NAME,
                    &[0, 0, 0, 0, 0, 0, 0, 0],
                    "cannot complete SOCKS4 connection to 0.0.0.0:0. (0), Unknown.",
                ),
                (
                    V4,
                    &[1, 90, 0, 0, 0, 0, 0, 0],
                    "SOCKS4 reply has wrong version, version should be 0.",
                ),
                (v6, &[], "SOCKS4 connection to 2001:db8::1 not supported"),
            ] {
                let (asked, _) = talk(&proxy(ProxyKind::Socks4, None), end, says).await;
                assert_eq!(asked, Err(Failure::new(Kind::Proxy, words)), "{says:?}");
            }
        });
    }

    #[test]
    fn names_and_logins_that_do_not_fit_are_not_sent() {
        run(async {
            let long = "x".repeat(256);
            let name = End::Name(&long, 80);
            for (proxy, end) in [
                (proxy(ProxyKind::Socks5h, None), name),
                (proxy(ProxyKind::Socks4a, None), name),
                (proxy(ProxyKind::Socks4a, Some((&long, ""))), NAME),
                (proxy(ProxyKind::Socks4a, None), End::Name("a\0b", 80)),
            ] {
                let (asked, sent) = talk(&proxy, end, &[]).await;
                assert_eq!(asked.map_err(|why| why.kind), Err(Kind::Proxy));
                assert!(sent.is_empty(), "nothing is asked for that cannot be");
            }
        });
    }
}
