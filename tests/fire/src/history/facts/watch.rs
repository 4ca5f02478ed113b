//! The triggers that write down what leaves no trace by itself.

use super::{Connected, ORG};
use crate::ground::{Result, Service, Store};

/// Adds the logs and triggers to the migrated store of `service`.
///
/// # Errors
/// Whatever the store says.
pub async fn watch(store: &Store, service: Service) -> Result<()> {
    let mut to = Connected::to(store, service).await?;
    let postgres = matches!(to, Connected::Postgres(_));
    let key = if postgres { "BIGSERIAL PRIMARY KEY" } else { "INTEGER PRIMARY KEY AUTOINCREMENT" };
    to.run(&format!(
        "CREATE TABLE fire_cursor (n {key}, consumer TEXT, source TEXT, was BIGINT, now BIGINT);
         CREATE TABLE fire_head (n {key}, was_epoch BIGINT, now_epoch BIGINT, was_size BIGINT, now_size BIGINT);
         CREATE TABLE fire_file (n {key}, id UUID);
         CREATE TABLE fire_grant (n {key}, id UUID)"
    ))
    .await?;
    let org = format!("'{ORG}'");
    for (name, table, event, act) in [
        (
            "a",
            "journal_cursor",
            "INSERT",
            "fire_cursor (consumer, source, was, now) VALUES (NEW.consumer, NEW.source, 0, NEW.seq)",
        ),
        (
            "b",
            "journal_cursor",
            "UPDATE",
            "fire_cursor (consumer, source, was, now) VALUES (NEW.consumer, NEW.source, OLD.seq, NEW.seq)",
        ),
        (
            "c",
            "journal_head",
            "UPDATE",
            "fire_head (was_epoch, now_epoch, was_size, now_size) VALUES (OLD.epoch, NEW.epoch, OLD.size, NEW.size)",
        ),
        ("d", "file_copy", "INSERT", "fire_file (id) VALUES (NEW.id)"),
        ("e", "file_copy", "UPDATE", "fire_file (id) VALUES (NEW.id)"),
        ("f", "grant_copy", "INSERT", "fire_grant (id) VALUES (NEW.id)"),
        ("g", "grant_copy", "UPDATE OF valid_until", "fire_grant (id) VALUES (NEW.id)"),
    ] {
        let text = if postgres {
            format!(
                "CREATE FUNCTION fire_{name}() RETURNS trigger LANGUAGE plpgsql AS
                 $$ BEGIN IF NEW.org = {org} THEN INSERT INTO {act}; END IF; RETURN NULL; END $$;
                 CREATE TRIGGER fire_{name} AFTER {event} ON {table} FOR EACH ROW EXECUTE FUNCTION fire_{name}()"
            )
        } else {
            format!(
                "CREATE TRIGGER fire_{name} AFTER {event} ON {table} FOR EACH ROW WHEN NEW.org = {org}
                 BEGIN INSERT INTO {act}; END"
            )
        };
        to.run(&text).await?;
    }
    Ok(())
}
