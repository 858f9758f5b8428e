//! A proxy of SOCKS 4, 4a and 5 (RFC 1928, RFC 1929): all names are loopback to it.

use std::io;
use std::net::Ipv4Addr;

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

use super::World;

pub(crate) async fn serve(
    mut stream: TcpStream,
    world: &World,
    name: &str,
    has_password: bool,
) -> io::Result<()> {
    let asked = match stream.read_u8().await? {
        5 => five(&mut stream, has_password).await?,
        4 => four(&mut stream, has_password).await?,
        _ => None,
    };
    let Some((version, host, port)) = asked else { return stream.shutdown().await };
    world.hear(format!("{name} SOCKS{version} {host}:{port}"));
    let onward = TcpStream::connect((Ipv4Addr::LOCALHOST, port)).await;
    let answer: &[u8] = match (version, &onward) {
        (4, Ok(_)) => &[0, 90, 0, 0, 0, 0, 0, 0],
        (4, Err(_)) => &[0, 91, 0, 0, 0, 0, 0, 0],
        (_, Ok(_)) => &[5, 0, 0, 1, 127, 0, 0, 1, 0, 0],
        (_, Err(_)) => &[5, 5, 0, 1, 0, 0, 0, 0, 0, 0],
    };
    stream.write_all(answer).await?;
    tokio::io::copy_bidirectional(&mut stream, &mut onward?).await.map(drop)
}

type Asked = Option<(u8, String, u16)>;

async fn five(stream: &mut TcpStream, has_password: bool) -> io::Result<Asked> {
    let methods = counted(stream).await?;
    let method = if has_password { 2 } else { 0 };
    if !methods.contains(&method) {
        stream.write_all(&[5, 0xff]).await?;
        return Ok(None);
    }
    stream.write_all(&[5, method]).await?;
    if has_password {
        stream.read_u8().await?;
        let is_right = counted(stream).await? == b"user" && counted(stream).await? == b"pass";
        stream.write_all(&[1, u8::from(!is_right)]).await?;
        if !is_right {
            return Ok(None);
        }
    }
    let mut head = [0; 4];
    stream.read_exact(&mut head).await?;
    let host = match head[3] {
        1 => Ipv4Addr::from_bits(stream.read_u32().await?).to_string(),
        3 => String::from_utf8_lossy(&counted(stream).await?).into_owned(),
        _ => std::net::Ipv6Addr::from_bits(stream.read_u128().await?).to_string(),
    };
    Ok(Some((5, host, stream.read_u16().await?)))
}

async fn four(stream: &mut TcpStream, has_password: bool) -> io::Result<Asked> {
    stream.read_u8().await?;
    let port = stream.read_u16().await?;
    let address = stream.read_u32().await?;
    let user = text(stream).await?;
    if has_password && user != "user" {
        stream.write_all(&[0, 93, 0, 0, 0, 0, 0, 0]).await?;
        return Ok(None);
    }
    // 0.0.0.x: a name follows, which is 4a.
    let host = match address {
        1..=255 => text(stream).await?,
        _ => Ipv4Addr::from_bits(address).to_string(),
    };
    Ok(Some((4, host, port)))
}

async fn counted(stream: &mut TcpStream) -> io::Result<Vec<u8>> {
    let length = stream.read_u8().await?;
    let mut octets = vec![0; usize::from(length)];
    stream.read_exact(&mut octets).await?;
    Ok(octets)
}

/// Octets up to a zero.
async fn text(stream: &mut TcpStream) -> io::Result<String> {
    let mut text = String::new();
    while text.len() < 256 {
        match stream.read_u8().await? {
            0 => break,
            octet => text.push(char::from(octet)),
        }
    }
    Ok(text)
}
