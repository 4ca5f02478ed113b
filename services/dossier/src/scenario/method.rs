//! Which rpc a step means, and whether a path leads into its reply.

use prost_reflect::prost_types::method_options::IdempotencyLevel;
use prost_reflect::{FieldDescriptor, Kind, MessageDescriptor};

use super::script::{Free, Step};
use crate::client::catalogue::{self, Rpc};
use crate::client::json::field_of;
use crate::serve::Which;

/// An rpc and the service that is called.
#[derive(Clone, Debug)]
pub(super) struct Method {
    /// The service.
    pub(super) which: Which,
    /// The rpc.
    pub(super) rpc: Rpc,
    /// Whether other services have it too, so that the request must say whose it is.
    pub(super) shared: bool,
}

// === impl Method ===

impl Method {
    /// The rpc that a step calls, by its name. Of those that several services have it is that of the service in front of the name,
    /// that of the resource which `parent` or `name` names, or else profile's: duties and journal entries are about files.
    ///
    /// # Errors
    /// That there is none.
    pub(super) fn of(step: &Step) -> Result<Self, String> {
        let call = step.call.as_deref().unwrap_or_default();
        let (service, name) = call.rsplit_once('.').map_or((None, call), |(service, name)| (Some(service), name));
        let only: Option<Which> = service.map(str::parse).transpose()?;
        let with = |which: &Which| {
            let found = catalogue::rpcs(*which).into_iter().find(|rpc| rpc.method.name() == name);
            found.map(|rpc| (*which, rpc))
        };
        let mut found: Vec<_> = Which::ALL.iter().filter_map(with).collect();
        let shared = found.len() > 1;
        let wanted = only.or_else(|| named(&step.with));
        if let Some(wanted) = wanted.filter(|_| shared || only.is_some()) {
            found.retain(|(which, _)| *which == wanted);
        }
        let Some((which, rpc)) = found.into_iter().next() else { return Err(format!("there is no rpc `{call}`")) };
        match rpc.method.is_server_streaming() {
            true => Err(format!("`{call}` streams, and a step has one answer")),
            false => Ok(Self { which, rpc, shared }),
        }
    }

    /// Whether nobody notices that it was called.
    pub(super) fn only_reads(&self) -> bool {
        let options = self.rpc.method.method_descriptor_proto().options.as_ref();
        options.is_some_and(|options| options.idempotency_level() == IdempotencyLevel::NoSideEffects)
    }
}

// `services/access` or what stands below it.
fn named(with: &Free) -> Option<Which> {
    let node = with.0.as_ref()?;
    let text = ["parent", "name"].into_iter().find_map(|key| node.entry(key)?.node.text())?;
    text.strip_prefix("services/")?.split('/').next()?.parse().ok()
}

/// Demands that a path may lead somewhere in a reply of this type.
///
/// # Errors
/// What is not there.
pub(super) fn leads(of: &MessageDescriptor, path: &[String]) -> Result<(), String> {
    let Some((first, rest)) = path.split_first() else { return Ok(()) };
    let field = field_of(of, first).ok_or_else(|| format!("{} has no field `{first}`", of.name()))?;
    let rest = match (field.is_map() || field.is_list(), rest) {
        (false, rest) => rest,
        (true, []) => return Ok(()),
        (true, [at, rest @ ..]) if field.is_map() || at.parse::<usize>().is_ok() => rest,
        (true, [at, ..]) => return Err(format!("`{first}` is a list; `{at}` is no place in it, counted from 0")),
    };
    match inner(&field) {
        Some(inner) => leads(&inner, rest),
        None if rest.is_empty() || opened(&field) => Ok(()),
        None => Err(format!("`{first}` is a single value, nothing lies in it")),
    }
}

fn inner(field: &FieldDescriptor) -> Option<MessageDescriptor> {
    let of = field.kind().as_message()?.clone();
    match field.is_map() {
        true => of.map_entry_value_field().kind().as_message().cloned(),
        false => Some(of),
    }
}

// The stored bytes of an entry of the journal are shown decoded.
fn opened(field: &FieldDescriptor) -> bool {
    field.kind() == Kind::Bytes && field.name() == "body"
}

#[cfg(test)]
mod tests {
    use super::*;

    fn method(call: &str) -> Result<Method, String> {
        Method::of(&Step { call: Some(call.to_owned()), ..Step::default() })
    }

    #[test]
    fn an_rpc_is_found_by_its_name_alone() {
        let sign = method("SignRecord").unwrap();
        assert_eq!((sign.which, sign.shared, sign.only_reads()), (Which::Profile, false, false));
        assert_eq!(method("ListDuties").unwrap().which, Which::Profile);
        let duties = method("credit.ListDuties").unwrap();
        assert_eq!((duties.which, duties.shared, duties.only_reads()), (Which::Credit, true, true));
        assert!(method("SignNothing").unwrap_err().contains("there is no rpc `SignNothing`"));
        assert!(method("access.SignRecord").is_err() && method("moon.SignRecord").unwrap_err().contains("no service"));
        assert!(method("WatchApproval").unwrap_err().contains("streams"));
    }

    #[test]
    fn a_path_is_one_of_the_contract() {
        let of = method("ListDuties").unwrap().rpc.method.output();
        let leads = |path: &str| leads(&of, &path.split('.').map(str::to_owned).collect::<Vec<_>>());
        for path in ["duties", "duties.0.state", "nextPageToken"] {
            leads(path).unwrap();
        }
        for (path, told) in
            [("moon", "has no field `moon`"), ("duties.state", "no place in it"), ("duties.0.kind.x", "single value")]
        {
            assert!(leads(path).unwrap_err().contains(told), "{path}");
        }
    }
}
