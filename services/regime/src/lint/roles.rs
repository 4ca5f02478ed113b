//! Roles: bundles of actions, and the posts that take them.

use super::{Desk, is_id};
use crate::model::{Pack, Post};

/// Checks the roles of a pack and gives each post the actions of those that it takes.
pub(super) fn spread(pack: &mut Pack, desk: &mut Desk<'_>) {
    for (role, actions) in &pack.roles {
        let path = format!("roles.{role}");
        if !is_id(role) {
            desk.fault(&path, format!("`{role}` is no id: letters, digits, `_`, `-` and `.`, at most 64"));
        }
        desk.filled(&path, actions, "a role gives at least one action");
        desk.ids(&path, "", "action", actions.iter().map(|action| action.as_str()));
        if !pack.posts.iter().any(|post| post.roles.contains(role)) {
            desk.warn(&path, format!("no post takes role `{role}`"));
        }
    }
    let mut posts = std::mem::take(&mut pack.posts);
    for (at, post) in posts.iter_mut().enumerate() {
        take(pack, post, &format!("posts[{at}]"), desk);
    }
    pack.posts = posts;
}

fn take(pack: &Pack, post: &mut Post, path: &str, desk: &mut Desk<'_>) {
    desk.ids(&format!("{path}.roles"), "", "role", post.roles.iter().map(String::as_str));
    desk.ids(&format!("{path}.actions"), "", "action", post.actions.iter().map(|action| action.as_str()));
    let mut taken = Vec::new();
    for (at, role) in post.roles.iter().enumerate() {
        let given = pack.roles.get(role);
        desk.refers(format!("{path}.roles[{at}]"), "role", role, given.is_some());
        taken.extend(given.into_iter().flatten().copied());
    }
    for (at, action) in post.actions.iter().enumerate().filter(|(_, action)| taken.contains(action)) {
        desk.warn(format!("{path}.actions[{at}]"), format!("a role of post `{}` gives `{action}` already", post.id));
    }
    for action in taken {
        if !post.actions.contains(&action) {
            post.actions.push(action);
        }
    }
}
