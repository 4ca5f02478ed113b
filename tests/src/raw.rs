//! Calls as bytes: to send what no generated client would send, and to compare answers byte by byte.

use dossier::serve::Which;
use http::uri::PathAndQuery;
use tonic::client::Grpc;
use tonic::codec::{Codec, DecodeBuf, Decoder, EncodeBuf, Encoder};
use tonic::{Code, Request, Status};

use crate::world::{Bearer, Replica};

/// What came back, in a form that is equal only when every byte is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Raw {
    /// The bytes of the message.
    Message(Vec<u8>),
    /// Code, sentence and details of the refusal.
    Refusal(Code, String, Vec<u8>),
}

#[derive(Clone, Copy, Default)]
struct Bytes;

// === impl Replica ===

impl Replica {
    /// Calls `method` (`dossier.profile.v1.CustomerFileService/GetCustomerFile`) with these bytes.
    pub async fn raw(&self, which: Which, bearer: Bearer, method: &str, message: Vec<u8>) -> Raw {
        let status = match self.unary(which, bearer, method, message).await {
            Ok(bytes) => return Raw::Message(bytes),
            Err(status) => status,
        };
        Raw::Refusal(status.code(), status.message().to_owned(), status.details().to_vec())
    }

    /// The refusal of `message`, sent as it is: nothing is filled in.
    ///
    /// # Errors
    /// The status; `Ok` with the answer where it was not refused.
    pub async fn bare(&self, which: Which, bearer: Bearer, method: &str, message: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut grpc = Grpc::new(self.bare_road(which, bearer));
        grpc.ready().await.map_err(|fault| Status::unavailable(fault.to_string()))?;
        let path: PathAndQuery = format!("/{method}").parse().expect("a method");
        grpc.unary(Request::new(message), path, Bytes).await.map(tonic::Response::into_inner)
    }

    /// As [`raw`](Self::raw), with the status itself.
    ///
    /// # Errors
    /// The status.
    pub async fn unary(&self, which: Which, bearer: Bearer, method: &str, message: Vec<u8>) -> Result<Vec<u8>, Status> {
        let mut grpc = Grpc::new(self.road(which, bearer)).max_encoding_message_size(usize::MAX);
        grpc.ready().await.map_err(|fault| Status::unavailable(fault.to_string()))?;
        let path: PathAndQuery = format!("/{method}").parse().expect("a method");
        grpc.unary(Request::new(message), path, Bytes).await.map(tonic::Response::into_inner)
    }
}

// === impl Bytes ===

impl Codec for Bytes {
    type Encode = Vec<u8>;
    type Decode = Vec<u8>;
    type Encoder = Self;
    type Decoder = Self;

    fn encoder(&mut self) -> Self {
        *self
    }

    fn decoder(&mut self) -> Self {
        *self
    }
}

impl Encoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn encode(&mut self, item: Vec<u8>, buffer: &mut EncodeBuf<'_>) -> Result<(), Status> {
        use prost::bytes::BufMut;
        buffer.put_slice(&item);
        Ok(())
    }
}

impl Decoder for Bytes {
    type Item = Vec<u8>;
    type Error = Status;

    fn decode(&mut self, buffer: &mut DecodeBuf<'_>) -> Result<Option<Vec<u8>>, Status> {
        use prost::bytes::Buf;
        let mut bytes = vec![0; buffer.remaining()];
        buffer.copy_to_slice(&mut bytes);
        Ok(Some(bytes))
    }
}
