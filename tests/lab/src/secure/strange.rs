//! Servers that speak TLS or HTTP/2 as nobody should.

use std::io;

use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt};
use tokio::net::TcpStream;

use super::Fault;

/// Whether the fault was one of TLS itself, and the connection is done with.
pub(crate) async fn below_tls(fault: Fault, stream: &mut TcpStream) -> io::Result<bool> {
    // A warning "no renegotiation"; a fatal "protocol version".
    let alert = |level, what| [21, 3, 3, 0, 2, level, what];
    match fault {
        Fault::NotTls => stream.write_all(b"220 mail.example ESMTP\r\n").await?,
        Fault::AlertFlood => flood(stream, &alert(1, 100)).await?,
        Fault::GoodbyeInHandshake => {
            stream.write_all(&alert(1, 0)).await?;
            wait_for_end(stream).await?;
        }
        Fault::EmptyRecords => flood(stream, &[22, 3, 3, 0, 0]).await?,
        Fault::LongRecord => {
            let mut record = vec![22, 3, 3, 0x49, 0x00];
            record.resize(5 + 0x4900, 0);
            stream.write_all(&record).await?;
            wait_for_end(stream).await?;
        }
        Fault::OldTls => {
            stream.write_all(&alert(2, 70)).await?;
            wait_for_end(stream).await?;
        }
        _ => return Ok(false),
    }
    Ok(true)
}

async fn flood<S: AsyncWrite + Unpin>(stream: &mut S, octets: &[u8]) -> io::Result<()> {
    let many = octets.repeat(1 + 16_000 / octets.len().max(1));
    loop {
        stream.write_all(&many).await?;
        stream.flush().await?;
    }
}

async fn wait_for_end<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut drain = [0; 4096];
    while stream.read(&mut drain).await? > 0 {}
    Ok(())
}

/// HEADERS of stream 1 that are complete: `:status: 200`.
const OK: [u8; 10] = [0, 0, 1, 1, 4, 0, 0, 0, 1, 0x88];

/// Whether the fault was one of HTTP/2's frames.
pub(crate) async fn frames<S>(fault: Fault, stream: &mut S) -> io::Result<bool>
where
    S: AsyncRead + AsyncWrite + Unpin,
{
    if !matches!(
        fault,
        Fault::EndlessHead | Fault::EmptyData | Fault::Pings | Fault::Resets | Fault::Garbage
    ) {
        return Ok(false);
    }
    await_request(stream).await?;
    // SETTINGS.
    stream.write_all(&[0, 0, 0, 4, 0, 0, 0, 0, 0]).await?;
    match fault {
        Fault::EndlessHead => {
            stream.write_all(&[0, 0, 1, 1, 0, 0, 0, 0, 1, 0x88]).await?;
            // CONTINUATION: `a: b`, over and over.
            let fields = [0x00, 1, b'a', 1, b'b'].repeat(2000);
            let [high, low] = u16::try_from(fields.len()).unwrap_or(u16::MAX).to_be_bytes();
            let frame = [&[0, high, low, 9, 0, 0, 0, 0, 1][..], &fields].concat();
            flood(stream, &frame).await?;
        }
        Fault::EmptyData => {
            stream.write_all(&OK).await?;
            flood(stream, &[0, 0, 0, 0, 0, 0, 0, 0, 1]).await?;
        }
        Fault::Pings => {
            let ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];
            flood(stream, &ping).await?;
        }
        Fault::Resets => {
            // REFUSED_STREAM.
            stream.write_all(&[0, 0, 4, 3, 0, 0, 0, 0, 1, 0, 0, 0, 7]).await?;
            wait_for_end(stream).await?;
        }
        _ => {
            stream.write_all(&[0xff; 4096]).await?;
            wait_for_end(stream).await?;
        }
    }
    Ok(true)
}

/// Reads the preface and frames up to the first HEADERS.
async fn await_request<S: AsyncRead + Unpin>(stream: &mut S) -> io::Result<()> {
    let mut preface = [0; 24];
    stream.read_exact(&mut preface).await?;
    loop {
        let mut head = [0; 9];
        stream.read_exact(&mut head).await?;
        let length = u32::from_be_bytes([0, head[0], head[1], head[2]]);
        let mut rest = vec![0; length as usize];
        stream.read_exact(&mut rest).await?;
        if head[3] == 1 {
            return Ok(());
        }
    }
}
