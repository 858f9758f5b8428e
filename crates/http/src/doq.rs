//! DNS over dedicated QUIC connections (RFC 9250): a stream for each query.

use quinn::{Connection, ReadExactError, ReadToEndError, VarInt};
use tokio::time::Instant;

use crate::Error;
use crate::client::Reply;
use crate::quic;

/// `DOQ_NO_ERROR` (RFC 9250 §4.3).
pub(crate) const NO_ERROR: VarInt = VarInt::from_u32(0);
/// `DOQ_PROTOCOL_ERROR`.
const PROTOCOL_ERROR: VarInt = VarInt::from_u32(2);

/// Asks; the ID is 0 on the wire (RFC 9250 §4.2.1), and in the reply again what it was.
pub(crate) async fn ask(connection: &Connection, message: &[u8]) -> Result<Reply, Error> {
    let begin = Instant::now();
    let Ok(length) = u16::try_from(message.len()) else { return Err(Error::TooLong(65535)) };
    let (mut send, mut receive) = connection.open_bi().await.map_err(|why| quic::error(&why))?;
    let mut octets = length.to_be_bytes().to_vec();
    octets.extend([0, 0].iter().take(message.len()));
    octets.extend_from_slice(message.get(2..).unwrap_or_default());
    send.write_all(&octets).await.map_err(error)?;
    send.finish().map_err(error)?;
    let mut length = [0; 2];
    receive.read_exact(&mut length).await.map_err(|why| match why {
        ReadExactError::FinishedEarly(_) => Error::Closed,
        ReadExactError::ReadError(why) => error(why),
    })?;
    let first = begin.elapsed();
    let length = usize::from(u16::from_be_bytes(length));
    let mut octets = receive.read_to_end(length).await.map_err(|why| match why {
        ReadToEndError::TooLong => {
            Error::protocol("DNS over QUIC: more than one answer in a stream")
        }
        ReadToEndError::Read(why) => error(why),
    })?;
    if octets.len() < length {
        return Err(Error::Closed);
    }
    restore_id(connection, &mut octets, message)?;
    Ok(Reply { octets, first, total: begin.elapsed(), status: None })
}

fn restore_id(connection: &Connection, reply: &mut [u8], query: &[u8]) -> Result<(), Error> {
    let (Some(in_reply), Some(in_query)) = (reply.get_mut(..2), query.get(..2)) else {
        return Ok(());
    };
    if in_reply != [0, 0] {
        connection.close(PROTOCOL_ERROR, b"ID is not 0");
        return Err(Error::protocol("DNS over QUIC: an answer whose ID is not 0"));
    }
    in_reply.copy_from_slice(in_query);
    Ok(())
}

fn error(why: impl std::fmt::Display) -> Error {
    Error::Protocol(format!("DNS over QUIC: {why}"))
}
