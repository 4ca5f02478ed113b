//! What the engines' codes mean for who runs the services, and what to do.

use crate::error::{Error, Reason};

/// Whether `code` says that the server did not let us in.
pub(super) fn is_about_login(code: &str) -> bool {
    code.starts_with("28")
}

/// Whether `code` is about the server as a whole, and not about one statement.
pub(super) fn is_about_server(code: &str) -> bool {
    is_about_login(code)
        || code.starts_with("08")
        || code.starts_with("57P")
        || matches!(code, "25006" | "3D000" | "53300")
}

/// What to do about a store of `service` that failed with `fault`; nothing for what another part of the program words.
pub fn remedy(service: &str, fault: &Error) -> Option<String> {
    if fault.reason() != Reason::StoreUnavailable {
        return None;
    }
    let option = format!("{service}.database");
    Some(match fault.engine_code() {
        Some(code) if is_about_login(code) => format!(
            "the server does not let this user in: put the right user and password into {option}, or into the file that \
             {option}_file names"
        ),
        Some("3D000") => format!("there is no such database: create it, or name the right one in {option}"),
        Some("42501") => {
            "this user may not do that: make it the owner of the database, or grant it USAGE and CREATE on the \
                          schema and all rights on the tables"
                .to_owned()
        }
        Some("25006") => format!("the server takes no writes, as a standby does: name the primary in {option}"),
        Some("08P01") => "a pooler between refuses: where it takes no options of a connection, set database.pooler = \
                          \"transaction\"; otherwise look into its log"
            .to_owned(),
        Some("53300") => {
            "the server has no connection left: raise its max_connections, or lower database.max_connections".to_owned()
        }
        Some("57014") => "a statement took longer than database.statement_timeout".to_owned(),
        Some(code) if code.starts_with("53") => "the server has no room left: look into its log".to_owned(),
        // SQLite has short codes.
        Some("13") => "the disk is full".to_owned(),
        Some(code) if code.len() < 5 => "look at the disk, and at who may read and write the store's file".to_owned(),
        Some(_) => "the server ends or begins: look into its log".to_owned(),
        None => format!("nothing answers within database.acquire_timeout: start the server, or correct {option}"),
    })
}
