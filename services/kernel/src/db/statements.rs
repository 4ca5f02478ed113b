//! How one statement is written for both engines, and a whole transaction around it.

/// Binds and runs one statement on the transaction's engine, and awaits it.
///
/// `sql!(tx, execute, "...", args...)` gives the number of rows touched; `sql!(tx, fetch_one|fetch_optional|fetch_all
/// as Row, "...", args...)` gives rows of a `sqlx::FromRow` type. What several statements bind alike goes in as one list:
/// `sql!(tx, fetch_all as Row, "...", ..values)`. The result's error is [`Error`].
#[macro_export]
macro_rules! sql {
    ($tx:expr, execute, $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::statement!($text $(, $arg)*).execute(&mut *$tx).await
    };
    ($tx:expr, fetch_all as $row:ty, $text:expr, ..$bound:expr) => {
        $crate::db::fetch_all::<$row>($crate::db::Statement::new($text, $bound).rows(&mut *$tx, $crate::db::Most::All).await)
    };
    ($tx:expr, fetch_all as $row:ty, $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::fetch_all::<$row>($crate::statement!($text $(, $arg)*).rows(&mut *$tx, $crate::db::Most::All).await)
    };
    ($tx:expr, $fetch:ident as $row:ty, $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::$fetch::<$row>($crate::statement!($text $(, $arg)*).rows(&mut *$tx, $crate::db::Most::One).await)
    };
}

#[doc(hidden)]
#[macro_export]
macro_rules! statement {
    ($text:expr $(, $arg:expr)*) => {
        $crate::db::Statement::new($text, vec![$($crate::db::Value::from($arg)),*])
    };
}

/// Runs one reading statement by itself: one round trip where a transaction takes three. It sees everything that was
/// committed before it began.
///
/// `glance!(db, fetch_one|fetch_optional|fetch_all as Row, "...", args...)`, with `db: &Db`; it awaits by itself.
#[macro_export]
macro_rules! glance {
    ($db:expr, fetch_all as $row:ty, $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::fetch_all::<$row>($db.rows($crate::statement!($text $(, $arg)*), $crate::db::Most::All).await)
    };
    ($db:expr, $fetch:ident as $row:ty, $text:expr $(, $arg:expr)* $(,)?) => {
        $crate::db::$fetch::<$row>($db.rows($crate::statement!($text $(, $arg)*), $crate::db::Most::One).await)
    };
}

/// Runs a whole writing transaction and repeats it when the engine asks for that: `transact!(db, tx => { ...; Ok(v) })`.
///
/// The block is async code with `tx: &mut Tx`; `?` leaves the attempt. It must be repeatable: everything it changes
/// outside the transaction must bear being done again. Gives `Result<V>`.
#[macro_export]
macro_rules! transact {
    ($db:expr, $tx:ident => $body:expr) => {{
        let db = &$db;
        let mut retry = db.retry();
        loop {
            let attempt: $crate::error::Result<_> = async {
                let mut owned = db.write().await?;
                let value = {
                    let $tx = &mut owned;
                    let outcome: $crate::error::Result<_> = async { $body }.await;
                    outcome?
                };
                owned.commit().await?;
                Ok(value)
            }
            .await;
            match attempt {
                Err(fault) if retry.again(&fault).await => {}
                done => break done,
            }
        }
    }};
}
