//! A proxy of HTTP: it answers absolute URLs itself, as if it had asked the origin, and tunnels to loopback whatever
//! the name is.

use std::io;
use std::net::Ipv4Addr;
use std::sync::Arc;

use data_encoding::BASE64;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::reply::Reply;
use super::request::{Request, Stream};
use super::{World, good, serve};

/// Whom it serves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Auth {
    /// Everybody.
    None,
    /// `user` with `pass`.
    Basic,
    /// `user` with `pass`, by Digest.
    Digest,
    /// Nobody: 403.
    Never,
}

pub(crate) async fn serve(
    stream: TcpStream,
    world: Arc<World>,
    name: &str,
    auth: Auth,
) -> io::Result<()> {
    let mut stream = Stream::new(stream);
    while let Some(mut request) = stream.head().await? {
        world.hear(request.told(name));
        stream.body(&mut request).await?;
        if let Some(refusal) = refusal(&request, auth) {
            refusal.write(&request, &mut stream.inner).await?;
            continue;
        }
        if request.method == "CONNECT" {
            return tunnel(stream.into_inner(), &request).await;
        }
        let reply = good::answer(&world, &request).with("Via", "1.1 lab");
        reply.write(&request, &mut stream.inner).await?;
    }
    Ok(())
}

fn refusal(request: &Request, auth: Auth) -> Option<Reply> {
    let given = request.field("proxy-authorization");
    let asks = |how: &str| Some(Reply::new(407, "who?\n").with("Proxy-Authenticate", how));
    match auth {
        Auth::None => None,
        Auth::Never => Some(Reply::new(403, "nobody\n")),
        Auth::Basic if given == format!("Basic {}", BASE64.encode(b"user:pass")) => None,
        Auth::Basic => asks("Basic realm=\"proxy\""),
        Auth::Digest if good::is_right_digest(given, "MD5", &request.method) => None,
        Auth::Digest => asks("Digest realm=\"proxy\", nonce=\"n1\", qop=\"auth\""),
    }
}

async fn tunnel(mut stream: TcpStream, request: &Request) -> io::Result<()> {
    let port = request.target.rsplit_once(':').and_then(|(_, port)| port.parse().ok());
    match TcpStream::connect((Ipv4Addr::LOCALHOST, port.unwrap_or(0))).await {
        Ok(mut onward) => {
            stream
                .write_all(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 lab\r\n\r\n")
                .await?;
            tokio::io::copy_bidirectional(&mut stream, &mut onward).await.map(drop)
        }
        Err(_) => Reply::new(502, "nobody there\n").write(request, &mut stream).await,
    }
}

/// The origin behind a header of the PROXY protocol, which is heard as a request of its own.
pub(crate) async fn behind_header(
    mut stream: TcpStream,
    world: Arc<World>,
    name: &str,
) -> io::Result<()> {
    let mut header = vec![0; 5];
    stream.read_exact(&mut header).await?;
    if header == b"PROXY" {
        while !header.ends_with(b"\r\n") && header.len() < 108 {
            header.push(stream.read_u8().await?);
        }
        world.hear(format!("{name} {}", String::from_utf8_lossy(&header).trim_end()));
    } else {
        let mut rest = [0; 11];
        stream.read_exact(&mut rest).await?;
        let mut addresses = vec![0; usize::from(u16::from_be_bytes([rest[9], rest[10]]))];
        stream.read_exact(&mut addresses).await?;
        let all = [&header[..], &rest, &addresses].concat();
        world.hear(format!("{name} {}", data_encoding::HEXLOWER.encode(&all)));
    }
    serve::http1(stream, world, name).await
}
