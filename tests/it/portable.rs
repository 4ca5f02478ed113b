//! Every statement and every migration, held against what engines of PostgreSQL's protocol that keep their rows on several
//! machines (CockroachDB, YugabyteDB) have in common: so that scaling out stays possible.
//!
//! The statements are read out of the sources by [`dossier_fire::statements`]. A place whose text cannot be told is a failure.

mod plans;
mod prepared;
mod rules;

use std::collections::BTreeSet;

use dossier::serve::Which;
use dossier_fire::plans::shown;
use dossier_fire::statements::source::{Source, group, is, migrations, sources, word};
use dossier_fire::statements::{find, is_runner};
use proc_macro2::TokenTree;
use rules::{Rule, count, of_migration, of_statement};

/// What breaks a rule, and why it is there.
const KNOWN: [(&str, Rule, &str); 5] = [
    (
        "services/kernel/src/db.rs",
        Rule::Parses,
        "copies the embedded store into a file, in its own words; a server is never asked for it",
    ),
    (
        "services/kernel/src/db/postgres.rs",
        Rule::SystemColumn,
        "asks pg_settings and pg_stat_database whether the server takes writes and how many connections it gives: views that \
         the others show too",
    ),
    (
        "services/access/migrations/6217_loan_purpose.sql",
        Rule::MixedMigration,
        "fills a column that it adds; it ran in installations and is never changed again",
    ),
    (
        "services/profile/migrations/5114_custody.sql",
        Rule::MixedMigration,
        "fills a column that it adds; it ran in installations and is never changed again",
    ),
    (
        "services/profile/migrations/5116_reindex.sql",
        Rule::MixedMigration,
        "fills the table that it makes; it ran in installations and is never changed again",
    ),
];

/// Places whose text comes from elsewhere, and where it is read instead.
const ELSEWHERE: [(&str, &str, &str); 1] = [(
    "services/authority/src/rebuild.rs",
    "`text` comes from a caller",
    "the callers give the constants DIRECTORY and FILES, which are read as texts that are statements by themselves",
)];

/// Where drivers are called without the macros: only the kernel's dialects may.
const DRIVER: [&str; 4] = ["query", "query_as", "query_scalar", "raw_sql"];

// As many as there were when this was written, and a few less.
const LEAST_SITES: usize = 275;
const LEAST_STATEMENTS: usize = 295;
const LEAST_MIGRATIONS: usize = 35;

/// What is known of statements, or of migrations.
fn known(migrations: bool) -> BTreeSet<(&'static str, Rule)> {
    let of_kind = KNOWN.iter().filter(|(file, ..)| file.ends_with(".sql") == migrations);
    of_kind.map(|(file, rule, _)| (*file, *rule)).collect()
}

// The parser goes down into a condition for every one beside it, and a list that is asked everything has many.
fn deep(work: fn()) {
    let thread = std::thread::Builder::new().stack_size(64 << 20).spawn(work).unwrap();
    thread.join().unwrap_or_else(|fault| std::panic::resume_unwind(fault));
}

#[test]
fn every_statement_keeps_the_rules_of_engines_that_scale_out() {
    deep(each_statement_keeps_the_rules);
}

fn each_statement_keeps_the_rules() {
    let found = find(&sources().unwrap());
    assert!(found.sites >= LEAST_SITES, "{} places run statements", found.sites);
    assert!(found.statements.len() >= LEAST_STATEMENTS, "{} statements", found.statements.len());
    let (known, mut met, mut faults) = (known(false), BTreeSet::new(), Vec::new());
    for one in &found.statements {
        for rule in of_statement(&one.text) {
            if !known.contains(&(one.file.as_str(), rule)) {
                faults.push(format!("{}: {rule:?}: {}", one.file, shown(&one.text)));
            }
            met.insert((one.file.as_str(), rule));
        }
    }
    assert!(faults.is_empty(), "{}", faults.join("\n"));
    assert_eq!(met, known, "what is listed is still there");
}

#[test]
fn the_text_of_every_place_that_runs_a_statement_is_known() {
    let sources = sources().unwrap();
    let found = find(&sources);
    let unknown: Vec<_> = found.unknown.iter().map(|(file, why)| (file.as_str(), why.as_str())).collect();
    let listed: Vec<_> = ELSEWHERE.iter().map(|(file, why, _)| (*file, *why)).collect();
    assert_eq!(unknown, listed);
    // Counted once more, without understanding anything.
    let outside = sources.iter().filter(|source| !source.path.starts_with("services/kernel/src/db/"));
    let plain: usize = outside.clone().map(|source| runs(&source.tokens)).sum();
    assert!(found.sites >= plain && plain > LEAST_SITES / 2, "{} of {plain} were seen", found.sites);
    let around = outside.filter(|source| source.path != "services/kernel/src/db.rs");
    let around: Vec<_> = around.filter(|source| calls_the_driver(&source.tokens)).map(|one| &one.path).collect();
    assert!(around.is_empty(), "statements that no macro runs: {around:?}");
}

#[test]
fn every_migration_keeps_the_rules_of_engines_that_scale_out() {
    let migrations = migrations().unwrap();
    assert!(migrations.len() >= LEAST_MIGRATIONS, "{} migrations", migrations.len());
    let embedded = Which::ALL.into_iter().flat_map(Which::migrations).flat_map(|one| one.iter().map(|one| one.version));
    assert_eq!(
        embedded.collect::<BTreeSet<_>>().len(),
        migrations.len(),
        "those of the program are those that were read"
    );
    let mut faults = BTreeSet::new();
    for (file, text) in &migrations {
        assert!(count(text) > 0, "{file} holds no statement that can be read");
        faults.extend(of_migration(text).into_iter().map(|rule| (file.as_str(), rule)));
    }
    assert_eq!(faults, known(true));
}

/// How many macros of the kernel are called, those in the bodies of macros too.
fn runs(tokens: &[TokenTree]) -> usize {
    let called = |pair: &[TokenTree]| is_runner(&pair[0]) && is(&pair[1], '!');
    let inner: usize = tokens.iter().filter_map(group).map(|(_, inner)| runs(&inner)).sum();
    inner + tokens.windows(2).filter(|pair| called(pair)).count()
}

fn calls_the_driver(tokens: &[TokenTree]) -> bool {
    let named = |at: usize| tokens.get(at).and_then(word);
    let called = |at: usize| {
        named(at).is_some_and(|name| name == "sqlx")
            && named(at + 3).is_some_and(|name| DRIVER.contains(&name.as_str()))
    };
    (0..tokens.len()).any(called) || tokens.iter().filter_map(group).any(|(_, inner)| calls_the_driver(&inner))
}

mod controls {
    use super::*;

    fn source(text: &str) -> Source {
        Source::of("services/x/src/a.rs", text).unwrap()
    }

    #[test]
    fn each_rule_turns_red() {
        let key = "PRIMARY KEY (org, id)";
        let cases = [
            (Rule::Parses, "SELECT FROM WHERE".to_owned()),
            (Rule::AdvisoryLock, "SELECT pg_advisory_lock($1)".to_owned()),
            (Rule::AdvisoryLock, "SELECT 1 FROM pg_try_advisory_xact_lock(7)".to_owned()),
            (Rule::Notify, "LISTEN revocations".to_owned()),
            (Rule::Notify, "NOTIFY revocations".to_owned()),
            (Rule::Notify, "SELECT pg_notify('a', 'b')".to_owned()),
            (Rule::Sequence, format!("CREATE TABLE t (org TEXT, id BIGSERIAL, {key})")),
            (Rule::Sequence, format!("CREATE TABLE t (org TEXT, id BIGINT GENERATED ALWAYS AS IDENTITY, {key})")),
            (Rule::Sequence, "CREATE SEQUENCE s".to_owned()),
            (Rule::Sequence, "INSERT INTO t (org, id) VALUES ($1, nextval('s'))".to_owned()),
            (Rule::ServerCode, "CREATE FUNCTION f() RETURNS INT LANGUAGE SQL AS 'SELECT 1'".to_owned()),
            (Rule::ServerCode, "CREATE TRIGGER t BEFORE INSERT ON a FOR EACH ROW EXECUTE FUNCTION f()".to_owned()),
            (Rule::ServerCode, "DO $$ BEGIN PERFORM 1; END $$".to_owned()),
            (Rule::Temporary, format!("CREATE TEMPORARY TABLE t (org TEXT, id UUID, {key})")),
            (Rule::Temporary, format!("CREATE UNLOGGED TABLE t (org TEXT, id UUID, {key})")),
            (Rule::TableLock, "LOCK TABLE t IN EXCLUSIVE MODE".to_owned()),
            (Rule::Cursor, "DECLARE c CURSOR FOR SELECT 1".to_owned()),
            (Rule::Cursor, "FETCH NEXT FROM c".to_owned()),
            (Rule::SystemColumn, "DELETE FROM t WHERE ctid = $1".to_owned()),
            (Rule::SystemColumn, "SELECT t.xmin FROM t".to_owned()),
            (Rule::SystemColumn, "SELECT relname FROM pg_class".to_owned()),
            (Rule::PrimaryKey, "CREATE TABLE t (org TEXT NOT NULL, id UUID)".to_owned()),
            (Rule::OrgFirst, format!("CREATE TABLE t (id UUID, org TEXT, {key})")),
            (Rule::OrgFirst, "CREATE TABLE t (org TEXT, id UUID, PRIMARY KEY (id, org))".to_owned()),
            (Rule::OrgFirst, "CREATE TABLE t (org TEXT, id UUID PRIMARY KEY)".to_owned()),
            (Rule::OrgFirst, "CREATE INDEX i ON t (id)".to_owned()),
            (Rule::Type, format!("CREATE TABLE t (org TEXT, id UUID, at TIMESTAMPTZ, {key})")),
            (Rule::Type, "ALTER TABLE t ADD COLUMN tags TEXT[]".to_owned()),
            (Rule::Type, "CREATE TYPE mood AS ENUM ('good')".to_owned()),
            (Rule::Type, format!("CREATE TABLE t (org TEXT, id UUID, {key}, FOREIGN KEY (id) REFERENCES u (id))")),
            (Rule::MixedStatement, "CREATE TABLE t AS SELECT 1".to_owned()),
            (Rule::MixedStatement, "SELECT org INTO t FROM u".to_owned()),
            (Rule::MixedStatement, "DELETE FROM t; DELETE FROM u".to_owned()),
            (Rule::SchemaAtWork, "DROP TABLE t".to_owned()),
        ];
        for (rule, text) in cases {
            assert!(of_statement(&text).contains(&rule), "{rule:?} does not see: {text}");
        }
    }

    #[test]
    fn a_migration_that_cannot_be_read_whole_or_changes_rows_too_turns_red() {
        let table = "CREATE TABLE t (org TEXT NOT NULL, id UUID NOT NULL, PRIMARY KEY (org, id));";
        assert_eq!(of_migration(table), BTreeSet::new());
        assert!(of_migration(&format!("{table} UPDATE t SET id = NULL;")).contains(&Rule::MixedMigration));
        assert_eq!(of_migration("UPDATE t SET id = NULL; DELETE FROM t;"), BTreeSet::new());
        assert!(of_migration(&format!("{table} CREATE TABLE u (org;")).contains(&Rule::Parses));
    }

    #[test]
    fn a_place_whose_text_cannot_be_told_is_named() {
        let with = |body: &str| find(&[source(&format!("async fn f(tx: &mut Tx) {{ {body} }}"))]);
        for body in [
            "sql!(tx, execute, made_up())",
            "sql!(tx, execute, text)",
            "let text = format!(\"DELETE FROM {t}\"); sql!(tx, execute, text)",
            "macro_rules! hidden { () => { sql!(tx, execute, \"DELETE FROM t\") }; }",
            "sql!(tx, execute, unheard_of!(\"a\"))",
        ] {
            let found = with(body);
            assert_eq!(found.unknown.len(), 1, "{body}: {found:?}");
        }
        let found = with("for text in [\"DELETE FROM a\", \"DELETE FROM b\"] { sql!(tx, execute, text)?; }");
        assert_eq!((found.sites, found.statements.len(), found.unknown.len()), (1, 2, 0));
    }

    #[test]
    fn a_statement_is_seen_through_macros_constants_and_callers() {
        let text = r#"
            const HEAD: &str = "LOCK TABLE ";
            macro_rules! of { ($what:literal) => { concat!("SELECT pg_advisory_lock(", $what, ")") }; }
            macro_rules! run { ($tx:expr, $text:expr $(,)?) => { sql!($tx, execute, $text) }; }
            async fn f(tx: &mut Tx) { run!(tx, of!("1")); sql!(tx, execute, concat!(HEAD, "t")); g(tx, "DELETE FROM oid WHERE ctid = $1"); }
            #[cfg(test)] mod tests { fn t() { sql!(tx, execute, unknown()) } }
        "#;
        let found = find(&[source(text)]);
        assert_eq!((found.sites, found.unknown.len()), (2, 0), "{found:?}");
        let broken: BTreeSet<_> = found.statements.iter().flat_map(|one| of_statement(&one.text)).collect();
        assert_eq!(broken, BTreeSet::from([Rule::AdvisoryLock, Rule::TableLock, Rule::SystemColumn]));
    }

    #[test]
    fn each_condition_of_a_list_is_seen_alone_and_all_together() {
        let text = r#"
            macro_rules! of { ($what:literal) => { concat!(" AND b = ", $what) }; }
            async fn f(tx: &mut Tx) {
                let text = sql_given!(concat!("SELECT 1 FROM t WHERE ", "org = $1"); a.b => " AND a = $2", c > 1 => of!("$3"); " LIMIT $4");
                sql!(tx, execute, text);
                sql!(tx, execute, sql_given!("SELECT 1"; of!("c"); ""));
            }
        "#;
        let found = find(&[source(text)]);
        let texts: Vec<_> = found.statements.iter().map(|one| one.text.as_str()).collect();
        assert_eq!(
            texts,
            [
                "SELECT 1 FROM t WHERE org = $1 LIMIT $4",
                "SELECT 1 FROM t WHERE org = $1 AND a = $2 AND b = $3 LIMIT $4",
                "SELECT 1 FROM t WHERE org = $1 AND a = $2 LIMIT $4",
                "SELECT 1 FROM t WHERE org = $1 AND b = $3 LIMIT $4",
            ]
        );
        assert_eq!(found.unknown.len(), 1, "a condition that nothing gives");
    }

    #[test]
    fn conditions_that_statements_share_are_seen_with_those_of_each() {
        let text = r#"
            macro_rules! shared { ($head:expr, $own:tt, $of:expr, $end:expr) => { sql_given!($head; $own, $of.a => " AND a = $2"; $end) }; }
            async fn f(tx: &mut Tx) {
                sql!(tx, fetch_all as Row, shared!("SELECT 1 FROM t WHERE org = $1", [x => " AND b = $3"], of, " LIMIT $4"), ..bound(of));
            }
        "#;
        let found = find(&[source(text)]);
        let head = "SELECT 1 FROM t WHERE org = $1";
        let texts: Vec<_> = found.statements.iter().map(|one| one.text.trim_start_matches(head)).collect();
        assert_eq!(
            texts,
            [" LIMIT $4", " AND b = $3 AND a = $2 LIMIT $4", " AND b = $3 LIMIT $4", " AND a = $2 LIMIT $4"]
        );
        assert_eq!((found.sites, found.unknown.len()), (1, 0));
    }

    #[test]
    fn a_driver_that_is_called_around_the_macros_is_seen() {
        let called = |text: &str| calls_the_driver(&source(text).tokens);
        assert!(called("fn f() { sqlx::query(\"DELETE FROM t\").execute(pool) }"));
        assert!(!called("fn f() { sqlx::Error::PoolTimedOut }"));
    }
}
