//! The names that the directory gives to the people of a script.

use dossier_regime::{Action, Tenant};
use serde_json::{Value, json};

use super::ask::Asker;
use super::method::Method;
use super::script::{Script, Step};
use crate::Failure;
use crate::client::{json as reader, shown};

/// Each person of the script as the directory tells them; nobody where no post of anybody opens the directory.
///
/// # Errors
/// When the directory refuses or cannot be reached.
pub(super) async fn of(asker: &Asker<'_>, script: &Script, tenant: &Tenant) -> Result<Vec<(String, Value)>, Failure> {
    let opens = |post: &str| {
        let known = tenant.pack().posts.iter().find(|one| one.id == post);
        known.is_some_and(|one| one.actions.contains(&Action::DirectoryRead))
    };
    let reader = script.people.iter().find(|one| one.it.posts.iter().any(|post| opens(&post.post)));
    let Some(reader) = reader else { return Ok(Vec::new()) };
    let step = Step { call: Some("ListPersons".to_owned()), ..Step::default() };
    let method = Method::of(&step).map_err(Failure::config)?;
    let request = reader::read(&method.rpc.method.input(), json!({ "page_size": 500 })).map_err(Failure::config)?;
    let reply = asker.ask(&method, &reader.it.id, request).await??;
    let reply = shown::document(&reply).map_err(Failure::differs)?;
    let listed = reply["persons"].as_array().into_iter().flatten();
    let known = listed.filter_map(|one| Some((one["subject"].as_str()?.to_owned(), one.clone())));
    Ok(known.filter(|(subject, _)| script.person(subject).is_some()).collect())
}
