//! Answers that are streamed: a task of their own makes them, no faster than they are read.
//!
//! A stream that ends without a fault came to its end: whatever cuts it off is the last thing that its reader is told, however slowly
//! they read.

use std::pin::Pin;

use futures::Stream;
use tokio::sync::mpsc;
use tokio_stream::wrappers::ReceiverStream;
use tokio_util::sync::CancellationToken;
use tonic::{Request, Status, Streaming};

use crate::error::{Error, Reason};

/// Where the answers of a stream go.
pub type Answers<M> = mpsc::Sender<Result<M, Status>>;
/// What a contract streams back.
pub type Streamed<M> = Pin<Box<dyn Stream<Item = Result<M, Status>> + Send>>;

/// The first message of what a caller streams, as a request by itself, and the rest: what is asked stands in it. A stream that has none
/// asks nothing.
///
/// # Errors
/// What the stream ended with before.
pub async fn first<M: Default>(request: Request<Streaming<M>>) -> Result<(Request<M>, Streaming<M>), Status> {
    let (metadata, extensions, mut rest) = request.into_parts();
    let first = rest.message().await?.unwrap_or_default();
    Ok((Request::from_parts(metadata, extensions, first), rest))
}

/// Streams what `make` sends, at most `room` answers ahead of the reader, and the fault that it ends with. It ends when nobody reads any
/// more, and with `STOPPING` when `stop` is cancelled.
pub fn streamed<M, W>(stop: &CancellationToken, room: usize, make: impl FnOnce(Answers<M>) -> W) -> Streamed<M>
where
    M: Send + 'static,
    W: Future<Output = Result<(), Status>> + Send + 'static,
{
    let (answers, stream) = mpsc::channel(room);
    let (stop, work) = (stop.clone(), make(answers.clone()));
    tokio::spawn(async move {
        let ended = tokio::select! {
            () = answers.closed() => return,
            () = stop.cancelled() => Err(Error::new(Reason::Stopping).into()),
            ended = work => ended,
        };
        if let Err(fault) = ended {
            // A caller who is gone needs no reason.
            let _ = answers.send(Err(fault)).await;
        }
    });
    Box::pin(ReceiverStream::new(stream))
}

#[cfg(test)]
mod tests {
    use futures::StreamExt as _;

    use super::*;
    use crate::error::reason_of;

    fn faults(told: Vec<Result<u8, Status>>) -> (Vec<u8>, Vec<Option<Reason>>) {
        let (answers, faults): (Vec<_>, Vec<_>) = told.into_iter().partition(Result::is_ok);
        (
            answers.into_iter().flatten().collect(),
            faults.iter().filter_map(|one| one.as_ref().err().map(reason_of)).collect(),
        )
    }

    #[tokio::test]
    async fn what_cuts_a_stream_off_is_told_to_who_reads_slowly() {
        let stop = CancellationToken::new();
        let endless = |answers: Answers<u8>| async move {
            while answers.send(Ok(1)).await.is_ok() {}
            Ok(())
        };
        let mut stream = streamed(&stop, 1, endless);
        // One is read, the next lies there and fills the room.
        assert_eq!(stream.next().await.unwrap().unwrap(), 1);
        tokio::task::yield_now().await;
        stop.cancel();
        let (_, told) = faults(stream.collect().await);
        assert_eq!(told, [Some(Reason::Stopping)]);
    }

    #[tokio::test]
    async fn a_fault_comes_behind_what_was_sent_and_an_end_has_none() {
        let stop = CancellationToken::new();
        let broken = |answers: Answers<u8>| async move {
            let _ = answers.send(Ok(7)).await;
            Err(Error::new(Reason::ContentLost).into())
        };
        assert_eq!(faults(streamed(&stop, 1, broken).collect().await), (vec![7], vec![Some(Reason::ContentLost)]));
        let whole = |answers: Answers<u8>| async move {
            let _ = answers.send(Ok(7)).await;
            Ok(())
        };
        assert_eq!(faults(streamed(&stop, 1, whole).collect().await), (vec![7], Vec::new()));
    }

    #[tokio::test]
    async fn work_ends_when_nobody_reads_any_more() {
        let (ended, dropped) = tokio::sync::oneshot::channel::<()>();
        let waiting = |_: Answers<u8>| async move {
            let _held = ended;
            std::future::pending().await
        };
        drop(streamed(&CancellationToken::new(), 1, waiting));
        assert!(dropped.await.is_err(), "the work is dropped");
    }
}
