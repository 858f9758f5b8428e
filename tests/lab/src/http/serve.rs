//! One connection of HTTP/1, over whatever carries it.

use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt as _};

use super::reply::Reply;
use super::request::{Request, Stream};
use super::script::{Cut, Script};
use super::{World, evil, good, odd};

/// Answers requests until one of both has enough.
pub(crate) async fn http1<S>(stream: S, world: Arc<World>, name: &str) -> io::Result<()>
where
    S: AsyncRead + AsyncWrite + Cut + Unpin,
{
    let mut stream = Stream::new(stream);
    while let Some(mut request) = stream.head().await? {
        world.hear(request.told(name));
        if !reads_no_body(&request) {
            stream.body(&mut request).await?;
        }
        let closes = match answer(&world, &request) {
            Answer::Reply(reply) => {
                reply.write(&request, &mut stream.inner).await?;
                reply.fields.iter().any(|field| field.0 == "Connection")
            }
            Answer::Script(script) => {
                script.play(&mut stream.inner).await?;
                !script.keeps
            }
        };
        let asked = request.field("connection").eq_ignore_ascii_case("close");
        if closes || asked || request.version == "HTTP/1.0" {
            break;
        }
    }
    stream.inner.shutdown().await
}

enum Answer {
    Reply(Reply),
    Script(Script),
}

fn answer(world: &World, request: &Request) -> Answer {
    let path = request.path();
    let script = match path.strip_prefix("/evil/") {
        Some(name) => evil::script(world, name, request),
        None => odd::script(world, request),
    };
    script.map_or_else(|| Answer::Reply(good::answer(world, request)), Answer::Script)
}

/// Whether the answer comes before the body.
fn reads_no_body(request: &Request) -> bool {
    let is_refused = request.path() == "/expect417" && !request.field("expect").is_empty();
    is_refused || request.path() == "/upload-reject"
}
