//! The rule for texts at the door: a message is handed on when every string in it is one that people can see.

use std::pin::Pin;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body::{Frame, SizeHint};
use hyper::body::Bytes;
use tonic::Status;
use tonic::body::Body;

use super::wrap::{Inner, Next, Wrap};
use crate::error::{Error, Reason};
use crate::text::{Refused, UUID, check};

/// Bytes before each message: a flag and its length.
const HEADER: usize = 5;

/// Refuses requests whose strings break the rule of [`crate::text`], in every service and every stream alike.
#[derive(Clone, Debug)]
pub(super) struct Texts;

struct Checked {
    body: Body,
    method: String,
    /// The message that has not arrived in full; no longer than the size that the layer above allows.
    begun: Vec<u8>,
    ended: bool,
}

// === impl Texts ===

impl Wrap for Texts {
    async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
        let method = request.uri().path().to_owned();
        next.run(request.map(|body| Body::new(Checked { body, method, begun: Vec::new(), ended: false }))).await
    }
}

// === impl Checked ===

impl Checked {
    /// The messages that are complete with `bytes`, checked; `None` while there is none.
    fn complete(&mut self, bytes: Bytes) -> Result<Option<Bytes>, Error> {
        let whole = if self.begun.is_empty() {
            bytes
        } else {
            self.begun.extend_from_slice(&bytes);
            std::mem::take(&mut self.begun).into()
        };
        let (mut at, mut capitals) = (0, Vec::new());
        while let Some(message) = message(&whole[at..])? {
            let found = check(&self.method, message).map_err(refused)?;
            capitals.extend(found.into_iter().map(|place| at + HEADER + place));
            at += HEADER + message.len();
        }
        self.begun.extend_from_slice(&whole[at..]);
        Ok((at > 0).then(|| lowered(whole.slice(..at), &capitals)))
    }
}

/// The message that `bytes` begin with, if it is there in full.
fn message(bytes: &[u8]) -> Result<Option<&[u8]>, Error> {
    let Some(([flag, length @ ..], rest)) = bytes.split_first_chunk::<HEADER>() else { return Ok(None) };
    // No compression is spoken here, and what is compressed cannot be looked at.
    if *flag != 0 {
        return Err(Error::new(Reason::MessageMalformed));
    }
    Ok(rest.get(..usize::try_from(u32::from_be_bytes(*length)).unwrap_or(usize::MAX)))
}

fn lowered(messages: Bytes, capitals: &[usize]) -> Bytes {
    if capitals.is_empty() {
        return messages;
    }
    let mut messages = messages.to_vec();
    for at in capitals {
        messages[*at..*at + UUID].make_ascii_lowercase();
    }
    messages.into()
}

fn refused(refused: Refused) -> Error {
    match refused {
        Refused::Malformed => Error::new(Reason::MessageMalformed),
        Refused::Text { path, why } => Error::violation(path, why),
    }
}

impl http_body::Body for Checked {
    type Data = Bytes;
    type Error = Status;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, Status>>> {
        let this = &mut *self;
        loop {
            let polled = match std::task::ready!(Pin::new(&mut this.body).poll_frame(cx)) {
                Some(Ok(frame)) => frame.into_data(),
                Some(Err(fault)) => return Poll::Ready(Some(Err(fault))),
                None => {
                    this.ended = true;
                    // A message that broke off is the decoder's to refuse.
                    let rest = std::mem::take(&mut this.begun);
                    return Poll::Ready((!rest.is_empty()).then(|| Ok(Frame::data(rest.into()))));
                }
            };
            match polled.map(|bytes| this.complete(bytes)) {
                Ok(Ok(None)) => {}
                Ok(Ok(Some(bytes))) => return Poll::Ready(Some(Ok(Frame::data(bytes)))),
                Ok(Err(fault)) => return Poll::Ready(Some(Err(fault.into()))),
                Err(other) => return Poll::Ready(Some(Ok(other))),
            }
        }
    }

    fn is_end_stream(&self) -> bool {
        self.begun.is_empty() && (self.ended || self.body.is_end_stream())
    }

    fn size_hint(&self) -> SizeHint {
        if self.begun.is_empty() { self.body.size_hint() } else { SizeHint::default() }
    }
}

#[cfg(test)]
mod tests {
    use dossier_proto::access::v1::GetPersonRequest;
    use prost::Message;

    use super::*;

    fn framed(name: &str) -> Vec<u8> {
        let message = GetPersonRequest { name: name.into() }.encode_to_vec();
        let mut bytes = vec![0];
        bytes.extend(u32::try_from(message.len()).unwrap().to_be_bytes());
        bytes.extend(message);
        bytes
    }

    fn checked() -> Checked {
        let method = "/dossier.access.v1.DirectoryService/GetPerson".to_owned();
        Checked { body: Body::empty(), method, begun: Vec::new(), ended: false }
    }

    #[test]
    fn every_message_is_checked_however_the_bytes_are_cut() {
        let (good, bad) = (framed("persons/1"), framed("persons/\u{200b}"));
        let stream = [good.clone(), good.clone(), bad].concat();
        for cut in 1..=stream.len() {
            let (mut checked, mut passed, mut fault) = (checked(), Vec::new(), None);
            for chunk in stream.chunks(cut) {
                match checked.complete(Bytes::copy_from_slice(chunk)) {
                    Ok(bytes) => passed.extend(bytes.unwrap_or_default()),
                    Err(found) => fault = fault.or(Some(found)),
                }
            }
            assert_eq!(fault.unwrap().violations()[0].field, "name", "{cut}");
            assert!([good.clone(), good.clone()].concat().starts_with(&passed), "{cut}");
        }
    }

    #[test]
    fn what_is_compressed_is_refused() {
        let mut bytes = framed("persons/1");
        bytes[0] = 1;
        assert_eq!(checked().complete(bytes.into()).unwrap_err().reason(), Reason::MessageMalformed);
    }
}
