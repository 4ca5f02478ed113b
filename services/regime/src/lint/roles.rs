//! Roles: bundles of actions, and the posts that take them.

use super::{Context, is_id};
use crate::model::{Pack, Post};

/// Checks the roles of a pack and gives each post the actions of those that it takes.
pub(super) fn spread(pack: &mut Pack, context: &mut Context<'_>) {
    for (role, actions) in &pack.roles {
        let path = format!("roles.{role}");
        if !is_id(role) {
            context.fault(&path, format!("`{role}` is no id: letters, digits, `_`, `-` and `.`, at most 64"));
        }
        context.filled(&path, actions, "a role gives at least one action");
        context.ids(&path, "", "action", actions.iter().map(|action| action.as_str()));
        if !pack.posts.iter().any(|post| post.roles.contains(role)) {
            context.warn(&path, format!("no post takes role `{role}`"));
        }
    }
    let mut posts = std::mem::take(&mut pack.posts);
    for (at, post) in posts.iter_mut().enumerate() {
        take(pack, post, &format!("posts[{at}]"), context);
    }
    pack.posts = posts;
}

fn take(pack: &Pack, post: &mut Post, path: &str, context: &mut Context<'_>) {
    context.ids(&format!("{path}.roles"), "", "role", post.roles.iter().map(String::as_str));
    context.ids(&format!("{path}.actions"), "", "action", post.actions.iter().map(|action| action.as_str()));
    let mut taken = Vec::new();
    for (at, role) in post.roles.iter().enumerate() {
        let given = pack.roles.get(role);
        context.refers(format!("{path}.roles[{at}]"), "role", role, given.is_some());
        taken.extend(given.into_iter().flatten().copied());
    }
    for (at, action) in post.actions.iter().enumerate().filter(|(_, action)| taken.contains(action)) {
        context.warn(format!("{path}.actions[{at}]"), format!("a role of post `{}` gives `{action}` already", post.id));
    }
    for action in taken {
        if !post.actions.contains(&action) {
            post.actions.push(action);
        }
    }
}
