//! The methods that may become labels, with their recorders: made once, since a label made per call costs more.

use std::collections::HashMap;
use std::sync::{Arc, OnceLock};

use metrics::{Gauge, Histogram, Label};
use prost::Message;
use prost_types::FileDescriptorSet;
use tonic::Code;

use super::{code_name, is_fault};
use crate::telemetry::metrics::{ACTIVE_CALLS, CALL_DURATION};

const CODES: usize = 17;

/// Every method we answer, by its path.
#[derive(Debug)]
pub(super) struct Methods {
    known: HashMap<String, Arc<Method>>,
    other: Arc<Method>,
    active: OnceLock<Gauge>,
}

/// One method.
#[derive(Debug)]
pub(super) struct Method {
    name: String,
    durations: [OnceLock<Histogram>; CODES],
}

// === impl Methods ===

impl Methods {
    pub(super) fn of<'a>(descriptors: impl IntoIterator<Item = &'a [u8]>) -> Self {
        let sets = descriptors.into_iter().filter_map(|bytes| FileDescriptorSet::decode(bytes).ok());
        let names = sets.flat_map(|set| set.file).flat_map(|file| {
            let package = file.package().to_owned();
            file.service.into_iter().flat_map(move |service| {
                let service_name = format!("{package}.{}", service.name());
                let names = service.method.iter().map(move |method| format!("{service_name}/{}", method.name()));
                names.collect::<Vec<_>>()
            })
        });
        Self {
            known: names.map(|name| (format!("/{name}"), Arc::new(Method::new(name)))).collect(),
            other: Arc::new(Method::new("_OTHER".to_owned())),
            active: OnceLock::new(),
        }
    }

    pub(super) fn find(&self, path: &str) -> Arc<Method> {
        self.known.get(path).unwrap_or(&self.other).clone()
    }

    pub(super) fn active(&self) -> Gauge {
        self.active.get_or_init(|| metrics::gauge!(ACTIVE_CALLS, "rpc_system_name" => "grpc")).clone()
    }
}

// === impl Method ===

impl Method {
    fn new(name: String) -> Self {
        Self { name, durations: [const { OnceLock::new() }; CODES] }
    }

    /// The full name, for example `dossier.profile.v1.CustomerFileService/GetCustomerFile`.
    pub(super) fn name(&self) -> &str {
        &self.name
    }

    /// Where durations of calls that ended with `code` are recorded.
    pub(super) fn duration(&self, code: Code) -> Histogram {
        let slot = self.durations.get(code as usize);
        slot.map_or_else(|| self.register(code), |slot| slot.get_or_init(|| self.register(code)).clone())
    }

    fn register(&self, code: Code) -> Histogram {
        let mut labels = vec![
            Label::from_static_parts("rpc_system_name", "grpc"),
            Label::new("rpc_method", self.name.clone()),
            Label::from_static_parts("rpc_response_status_code", code_name(code)),
        ];
        if is_fault(code) {
            labels.push(Label::from_static_parts("error_type", code_name(code)));
        }
        metrics::histogram!(CALL_DURATION, labels)
    }
}
