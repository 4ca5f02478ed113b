//! Whether the pools of a process fit into the servers that they lead to.

use std::collections::BTreeMap;

use dossier_authority::Base;
use dossier_kernel::db::Room;

use crate::Failure;

/// Adds up, for each server, what the pools of `bases` may hold. More than can be had at this moment is warned of: other
/// processes hold the rest, and a call may have to wait for a connection in vain.
///
/// # Errors
/// When the pools may hold more than the server ever gives, with both numbers; the faults of the stores.
pub(super) async fn check(bases: impl Iterator<Item = &Base>) -> Result<(), Failure> {
    let mut servers: BTreeMap<String, Vec<Room>> = BTreeMap::new();
    for base in bases {
        let room = base.db.room().await.map_err(|fault| Failure::store(base.service, fault))?;
        if let Some(room) = room {
            servers.entry(room.address.clone()).or_default().push(room);
        }
    }
    servers.iter().try_for_each(|(address, rooms)| fits(address, rooms))
}

fn fits(address: &str, rooms: &[Room]) -> Result<(), Failure> {
    let asked: u32 = rooms.iter().map(|room| room.pool).sum();
    let Some(most) = rooms.iter().map(|room| room.most).min() else { return Ok(()) };
    let words = format!(
        "database.max_connections: the pools of this process may hold {asked} connections, and the PostgreSQL at {address} \
         gives {most}"
    );
    if asked > most {
        return Err(Failure::config(format_args!("{words}: lower it, or raise the server's max_connections")));
    }
    // The last one counted knows the other pools of this process as strangers: they hold little yet.
    let taken = rooms.iter().map(|room| room.taken).min().unwrap_or_default();
    if asked > most.saturating_sub(taken) {
        tracing::warn!("{words}, of which others hold {taken} now");
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn room(pool: u32, most: u32) -> Room {
        Room { address: "db:5432".into(), most, taken: 0, pool }
    }

    #[test]
    fn pools_that_a_server_never_has_room_for_are_refused_with_both_numbers() {
        assert!(fits("db:5432", &[room(16, 48), room(16, 48), room(16, 48)]).is_ok());
        let words = fits("db:5432", &[room(16, 47), room(16, 47), room(16, 47)]).unwrap_err().to_string();
        assert!(words.contains("may hold 48") && words.contains("at db:5432 gives 47"), "{words}");
    }
}
