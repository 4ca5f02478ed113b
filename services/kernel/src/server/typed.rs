//! Errors that no code of ours made: an unknown method, bytes that are no message. They get a reason like all others,
//! and their texts stay inside.

use http::{Request, Response};
use tonic::body::Body;
use tonic::{Code, Status};

use super::wrap::{Inner, Next, Wrap, refuse};
use crate::error::{Error, Reason};

/// Gives a reason to errors that have none.
#[derive(Clone, Debug)]
pub(super) struct Typed;

impl Wrap for Typed {
    async fn around<S: Inner>(self, next: Next<S>, request: Request<Body>) -> Response<Body> {
        let path = request.uri().path().trim_start_matches('/').to_owned();
        let response = next.run(request).await;
        // The protocols of health and reflection define their own errors.
        if path.starts_with("grpc.") || response.headers().contains_key(Status::GRPC_STATUS_DETAILS) {
            return response;
        }
        match Status::from_header_map(response.headers()) {
            Some(status) if status.code() != Code::Ok => reason(&status, &path).map_or(response, refuse),
            _ => response,
        }
    }
}

fn reason(status: &Status, path: &str) -> Option<Error> {
    let text = status.message();
    Some(match status.code() {
        _ if text.starts_with(DECODE) => malformed(text),
        // A stream that breaks off inside a message, a flag that does not exist, a compression that is not spoken.
        Code::Internal | Code::Unimplemented if is_framing(text) => Error::new(Reason::MessageMalformed),
        Code::Unimplemented => Error::new(Reason::MethodUnknown).with("method", path),
        Code::OutOfRange => Error::new(Reason::MessageTooLarge),
        Code::Cancelled => Error::new(Reason::Cancelled),
        Code::DeadlineExceeded => Error::new(Reason::DeadlineExceeded),
        Code::Internal | Code::Unknown => Error::new(Reason::Internal).because("an error without a reason"),
        _ => return None,
    })
}

const DECODE: &str = "failed to decode Protobuf message";

fn is_framing(text: &str) -> bool {
    ["compress", "protocol error", "Missing request message", "Unexpected EOF"].iter().any(|part| text.contains(part))
}

/// prost names the path of types and fields, for example `GetRequest.name: invalid string value: ...`, never a value.
fn malformed(text: &str) -> Error {
    let fault = Error::new(Reason::MessageMalformed);
    let path = text[DECODE.len()..].trim_start_matches(": ").split(": ").next().unwrap_or_default();
    match path.split_once('.') {
        Some((_, field)) if !field.is_empty() && !field.contains(' ') => {
            fault.and_violation(field, "cannot be decoded")
        }
        _ => fault,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_field_that_cannot_be_decoded_is_named() {
        let text =
            "failed to decode Protobuf message: GetRequest.name: invalid string value: data is not UTF-8 encoded";
        let fault = reason(&Status::internal(text), "x").unwrap();
        assert_eq!(fault.reason(), Reason::MessageMalformed);
        assert_eq!(fault.violations()[0].field, "name");
        let fault = reason(&Status::internal("failed to decode Protobuf message: invalid varint"), "x").unwrap();
        assert!(fault.violations().is_empty());
    }

    #[test]
    fn a_text_that_nobody_checked_does_not_leave() {
        let fault = reason(&Status::internal("SELECT name FROM person"), "x").unwrap();
        assert_eq!(fault.reason(), Reason::Internal);
        assert!(!format!("{:?}", Status::from(fault)).contains("SELECT"));
    }
}
