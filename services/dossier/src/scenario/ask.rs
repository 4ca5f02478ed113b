//! Calls in the name of the people of a script.

use std::collections::{BTreeMap, HashMap};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

use dossier_regime::Tenant;
use prost_reflect::{DynamicMessage, FieldDescriptor, MessageDescriptor, Value as Field};
use serde_json::{Map, Value};
use tonic::Status;
use tonic::service::interceptor::InterceptedService;
use tonic::transport::Channel;

use super::fit::Fit;
use super::free::{Broken, at_path, filled};
use super::house::House;
use super::method::Method;
use super::reference::Kept;
use super::script::{At, Script, Step};
use super::seen::Seen;
use crate::Failure;
use crate::client::catalogue::{Behavior, says};
use crate::client::connection::{self, Bearer, Connection};
use crate::client::value::FIELD_MASK;
use crate::client::{self, json, value};
use crate::serve::{Which, development_token};

/// How long an answer is waited for.
const PATIENCE: Duration = Duration::from_secs(30);
/// How long a token lives; it is made anew whenever time has passed.
const LIFE: Duration = Duration::from_secs(3600);

/// What a request is about.
#[derive(Debug, Default)]
pub(super) struct Asked {
    /// The name of the resource; empty where it has none yet.
    pub(super) name: String,
    /// Its kind, where the request says it.
    pub(super) kind: Option<String>,
}

/// Makes requests and asks them.
pub(super) struct Asker<'a> {
    house: House<'a>,
    script: &'a Script,
    tenant: &'a Tenant,
    channels: Mutex<BTreeMap<Which, Channel>>,
    tokens: Mutex<HashMap<String, Bearer>>,
    /// Whether something was done that may not have reached every service.
    restless: AtomicBool,
}

// === impl Asker ===

impl<'a> Asker<'a> {
    /// For the people of `script` in the services of `house`.
    pub(super) fn new(house: House<'a>, script: &'a Script, tenant: &'a Tenant) -> Self {
        Self {
            house,
            script,
            tenant,
            channels: Mutex::default(),
            tokens: Mutex::default(),
            restless: AtomicBool::default(),
        }
    }

    /// Tokens do not outlive the moment in which they were made.
    pub(super) fn forget_tokens(&self) {
        self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner).clear();
    }

    /// Asks in the name of the person `who`, once all that was done before has reached every service.
    ///
    /// # Errors
    /// When it cannot be asked; the refusal is the inner one.
    pub(super) async fn ask(
        &self,
        method: &Method,
        who: &str,
        request: DynamicMessage,
    ) -> Result<Result<DynamicMessage, Status>, Failure> {
        if self.restless.swap(!method.only_reads(), Ordering::SeqCst) {
            self.house.running.settled(self.tenant.org()).await?;
        }
        Ok(client::ask(self.line(method.which, who)?, &method.rpc, request, PATIENCE).await)
    }

    /// The way to a service in the name of the person `who`.
    ///
    /// # Errors
    /// When the service does not run here.
    pub(super) fn line(&self, which: Which, who: &str) -> Result<Connection, Failure> {
        Ok(InterceptedService::new(self.channel(which)?, self.token(who)?))
    }

    fn channel(&self, which: Which) -> Result<Channel, Failure> {
        let mut channels = self.channels.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(channel) = channels.get(&which) {
            return Ok(channel.clone());
        }
        let address = self.house.running.address(which);
        let address = address.ok_or_else(|| Failure::config(format!("{which} does not run here")))?;
        let channel = connection::channel(&format!("http://{address}"), &self.house.ground.config.peers)?;
        channels.insert(which, channel.clone());
        Ok(channel)
    }

    fn token(&self, who: &str) -> Result<Bearer, Failure> {
        let mut tokens = self.tokens.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
        if let Some(bearer) = tokens.get(who) {
            return Ok(bearer.clone());
        }
        let token = development_token(self.house.ground, self.tenant.org(), who, LIFE)?;
        let bearer = Bearer::new(&token)?;
        tokens.insert(who.to_owned(), bearer.clone());
        Ok(bearer)
    }

    /// The request of a step.
    ///
    /// # Errors
    /// What of it cannot be used, with its line.
    pub(super) fn request(
        &self,
        step: &At<Step>,
        method: &Method,
        kept: &Kept,
        seen: &Seen,
    ) -> Result<DynamicMessage, Broken> {
        let (of, node) = (method.rpc.method.input(), step.it.with.0.as_ref());
        let given = node.map_or_else(|| Ok(Value::Object(Map::new())), |node| filled(node, kept))?;
        let Value::Object(mut given) = given else {
            return Err(Broken { line: step.line, sentence: "`with` takes keys and values".to_owned() });
        };
        let mask = mask(&of, &mut given);
        let source = self.script.provenance.0.as_ref().map_or(Ok(Value::Null), |node| filled(node, kept))?;
        let fit = Fit { tenant: self.tenant, provenance: &source, templates: &seen.templates };
        let mut given = Value::Object(given);
        let wrong = |why: String| at_path(node, step.line, why);
        fit.message(&of, &mut given, "").map_err(wrong)?;
        let mut request = json::read(&of, given).map_err(wrong)?;
        if let Some((field, paths)) = mask {
            let paths: Vec<_> = paths.iter().map(String::as_str).collect();
            let mask = value::parse(&field, &[&paths.join(",")]).map_err(wrong)?;
            request.set_field(&field, mask);
        }
        self.complete(&of, &mut request, method, seen);
        Ok(request)
    }

    // What every request has and no script says.
    fn complete(&self, of: &MessageDescriptor, request: &mut DynamicMessage, method: &Method, seen: &Seen) {
        let mut put = |key: &str, given: Option<String>| {
            let lacks = of.get_field_by_name(key).filter(|field| !request.has_field(field));
            if let (Some(field), Some(given)) = (lacks, given) {
                request.set_field(&field, Field::String(given));
            }
        };
        put("request_id", Some(self.house.ground.providers.ids.uuid().to_string()));
        put("purpose", self.script.purpose.clone());
        put("parent", method.shared.then(|| format!("services/{}", method.which)));
        let demanded = of.get_field_by_name("etag").filter(|field| says(field, Behavior::Required));
        let name = of.get_field_by_name("name").map(|field| request.get_field(&field).into_owned());
        let name = name.as_ref().and_then(Field::as_str).unwrap_or_default();
        if let Some(field) = demanded.filter(|field| !request.has_field(field))
            && let Some(etag) = seen.etags.get(name)
        {
            request.set_field(&field, Field::String(etag.clone()));
        }
    }
}

// The mask of a change: as the script says it, or else what the script gives, field by field of a form.
fn mask(of: &MessageDescriptor, given: &mut Map<String, Value>) -> Option<(FieldDescriptor, Vec<String>)> {
    let field = of.get_field_by_name("update_mask")?;
    if field.kind().as_message().is_none_or(|of| of.full_name() != FIELD_MASK) {
        return None;
    }
    let said = given.remove(field.name()).or_else(|| given.remove(field.json_name()));
    let listed = |items: &[Value]| items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    let paths: Vec<String> = match said {
        Some(Value::String(text)) => vec![text],
        Some(Value::Array(items)) => listed(&items),
        Some(Value::Object(mask)) => {
            mask.get("paths").and_then(Value::as_array).map(|items| listed(items)).unwrap_or_default()
        }
        _ => given.values().filter_map(Value::as_object).flat_map(changed).collect(),
    };
    Some((field, paths)).filter(|(_, paths)| !paths.is_empty())
}

fn changed(resource: &Map<String, Value>) -> Vec<String> {
    let paths = |(key, value): (&String, &Value)| match (key.as_str(), value) {
        ("name" | "etag", _) => Vec::new(),
        ("fields", Value::Object(fields)) => fields.keys().map(|field| format!("fields.{field}")).collect(),
        (key, _) => vec![key.to_owned()],
    };
    resource.iter().flat_map(paths).collect()
}

// === impl Asked ===

impl Asked {
    /// What a request is about: the resource that it names or holds.
    pub(super) fn of(request: &DynamicMessage) -> Self {
        let text = |of: &DynamicMessage, key: &str| {
            let found = of.get_field_by_name(key)?.as_str()?.to_owned();
            Some(found).filter(|text| !text.is_empty())
        };
        let held = request.fields().filter_map(|(_, value)| value.as_message());
        let all: Vec<_> = std::iter::once(request).chain(held).collect();
        let first = |key| all.iter().find_map(|of| text(of, key));
        Self { name: first("name").unwrap_or_default(), kind: first("kind") }
    }
}
