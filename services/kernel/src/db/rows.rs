//! Many rows in one statement.

/// Inserts many rows with one statement: `sql_rows!(tx, "INSERT INTO t (a, b) ", rows, row => [row.a, row.b])`.
///
/// The list names a value per column; a text behind it (`, " ON CONFLICT DO NOTHING"`) ends the statement. Gives the
/// number of rows touched. `sql_rows!(tx, fetch_all as Found, head, rows, row => [...], tail)` gives rows instead: for
/// `WITH asked (a, b) AS (VALUES ...) SELECT ...`. `rows` must not be empty; PostgreSQL takes 65,535 values, SQLite 32,766.
#[macro_export]
macro_rules! sql_rows {
    ($tx:expr, fetch_all as $found:ty, $head:expr, $rows:expr, $row:pat => [$($value:expr),+ $(,)?], $tail:expr $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(inner) => {
                let mut query = $crate::__private::sqlx::QueryBuilder::<$crate::__private::sqlx::Sqlite>::new($head);
                query.push_values($rows, |mut values, $row| { $(values.push_bind($value);)+ });
                query.push($tail);
                query.build_query_as::<$found>().fetch_all(&mut **inner).await
            }
            $crate::db::Tx::Postgres(inner) => {
                let mut query = $crate::__private::sqlx::QueryBuilder::<$crate::__private::sqlx::Postgres>::new($head);
                query.push_values($rows, |mut values, $row| { $(values.push_bind($value);)+ });
                query.push($tail);
                query.build_query_as::<$found>().fetch_all(&mut **inner).await
            }
        }
        .map_err($crate::error::Error::from)
    };
    ($tx:expr, $head:expr, $rows:expr, $row:pat => [$($value:expr),+ $(,)?] $(, $tail:expr)? $(,)?) => {
        match &mut *$tx {
            $crate::db::Tx::Sqlite(inner) => {
                let mut query = $crate::__private::sqlx::QueryBuilder::<$crate::__private::sqlx::Sqlite>::new($head);
                query.push_values($rows, |mut values, $row| { $(values.push_bind($value);)+ });
                $(query.push($tail);)?
                query.build().execute(&mut **inner).await.map(|done| done.rows_affected())
            }
            $crate::db::Tx::Postgres(inner) => {
                let mut query = $crate::__private::sqlx::QueryBuilder::<$crate::__private::sqlx::Postgres>::new($head);
                query.push_values($rows, |mut values, $row| { $(values.push_bind($value);)+ });
                $(query.push($tail);)?
                query.build().execute(&mut **inner).await.map(|done| done.rows_affected())
            }
        }
        .map_err($crate::error::Error::from)
    };
}
