//! Gives each change a request id where a test says none, as a careful client does: the services refuse one without.

use std::collections::HashMap;
use std::future::Future;
use std::pin::Pin;
use std::sync::LazyLock;
use std::task::{Context, Poll};

use http::{Request, Response};
use http_body_util::{BodyExt, Full};
use prost::Message;
use prost::bytes::{Buf, Bytes};
use prost::encoding::{DecodeContext, WireType, decode_key, skip_field, string};
use prost_types::FileDescriptorSet;
use tonic::body::Body;
use tonic::transport::Channel;
use tower::Service;

/// A channel that fills them in.
#[derive(Clone, Debug)]
pub struct Filled(pub Channel);

/// Bytes before a message: a flag and its length.
const HEADER: usize = 5;

/// The methods that change something, those whose request has a `request_id`, as `package.Service/Method`.
pub fn changes() -> impl Iterator<Item = &'static str> {
    WANTED.keys().map(|path| path.trim_start_matches('/'))
}

// Number of `request_id` by path of the method.
static WANTED: LazyLock<HashMap<String, u32>> = LazyLock::new(|| {
    let set = FileDescriptorSet::decode(dossier_proto::DESCRIPTORS).expect("the contracts");
    let mut numbers = HashMap::new();
    for file in &set.file {
        for message in &file.message_type {
            if let Some(field) = message.field.iter().find(|field| field.name() == "request_id") {
                let number = u32::try_from(field.number()).expect("a number");
                numbers.insert(format!(".{}.{}", file.package(), message.name()), number);
            }
        }
    }
    let paths = set.file.iter().flat_map(|file| file.service.iter().map(move |service| (file.package(), service)));
    let methods = paths.flat_map(|(package, service)| service.method.iter().map(move |one| (package, service, one)));
    let wanted = methods.filter_map(|(package, service, method)| {
        let number = *numbers.get(method.input_type())?;
        Some((format!("/{package}.{}/{}", service.name(), method.name()), number))
    });
    wanted.collect()
});

// === impl Filled ===

impl Service<Request<Body>> for Filled {
    type Response = Response<Body>;
    type Error = tonic::transport::Error;
    type Future = Pin<Box<dyn Future<Output = Result<Self::Response, Self::Error>> + Send>>;

    fn poll_ready(&mut self, cx: &mut Context<'_>) -> Poll<Result<(), Self::Error>> {
        self.0.poll_ready(cx)
    }

    fn call(&mut self, request: Request<Body>) -> Self::Future {
        // The one that is ready does the call.
        let fresh = self.0.clone();
        let mut ready = std::mem::replace(&mut self.0, fresh);
        let Some(number) = WANTED.get(request.uri().path()).copied() else { return Box::pin(ready.call(request)) };
        Box::pin(async move {
            let (parts, body) = request.into_parts();
            let bytes = body.collect().await.expect("a request of a test").to_bytes();
            ready.call(Request::from_parts(parts, Body::new(Full::new(filled(bytes, number))))).await
        })
    }
}

// What is no whole message stays as it is: it is sent to be refused.
fn filled(framed: Bytes, number: u32) -> Bytes {
    let Some(message) = framed.get(HEADER..) else { return framed };
    if !lacks(message, number) {
        return framed;
    }
    let mut whole = framed.to_vec();
    string::encode(number, &dossier_kernel::id::System::shared().uuid().to_string(), &mut whole);
    let length = u32::try_from(whole.len() - HEADER).expect("a length");
    whole[1..HEADER].copy_from_slice(&length.to_be_bytes());
    whole.into()
}

fn lacks(mut message: &[u8], number: u32) -> bool {
    while message.has_remaining() {
        let Ok((found, kind)) = decode_key(&mut message) else { return false };
        let wanted = found == number && kind == WireType::LengthDelimited;
        if wanted || skip_field(kind, found, &mut message, DecodeContext::default()).is_err() {
            return false;
        }
    }
    true
}

#[cfg(test)]
mod tests {
    use dossier_proto::profile::v1::{CloseCustomerFileRequest, GetCustomerFileRequest};

    use super::*;

    fn framed(message: &impl Message) -> Bytes {
        let bytes = message.encode_to_vec();
        let mut whole = vec![0];
        whole.extend(u32::try_from(bytes.len()).unwrap().to_be_bytes());
        whole.extend(bytes);
        whole.into()
    }

    #[test]
    fn only_a_change_without_an_id_gets_one() {
        let number = WANTED["/dossier.profile.v1.CustomerFileService/CloseCustomerFile"];
        let without = CloseCustomerFileRequest { name: "files/1".into(), ..Default::default() };
        let read = |bytes: Bytes| CloseCustomerFileRequest::decode(&bytes[HEADER..]).unwrap();
        let found = read(filled(framed(&without), number));
        assert!(uuid::Uuid::try_parse(&found.request_id).is_ok() && found.name == "files/1");
        let with = CloseCustomerFileRequest { request_id: "mine".into(), ..without };
        assert_eq!(read(filled(framed(&with), number)), with);
        assert!(!WANTED.contains_key("/dossier.profile.v1.CustomerFileService/GetCustomerFile"));
        let broken = framed(&GetCustomerFileRequest { name: "files/1".into(), ..Default::default() });
        let broken = broken.slice(..broken.len() - 2);
        assert_eq!(filled(broken.clone(), number), broken);
    }
}
