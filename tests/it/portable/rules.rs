//! What engines that speak PostgreSQL's protocol and keep their rows on several machines have in common not to do.

use std::collections::BTreeSet;
use std::ops::ControlFlow;

use sqlparser::ast::{
    AlterTableOperation, ColumnDef, ColumnOption, CreateTable, Expr, GeneratedAs, IndexColumn, SetExpr, Statement,
    TableConstraint, visit_expressions, visit_relations,
};
use sqlparser::dialect::PostgreSqlDialect;
use sqlparser::parser::Parser;

/// A rule.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum Rule {
    /// It is SQL as PostgreSQL speaks it.
    Parses,
    /// No lock that has a number instead of a row.
    AdvisoryLock,
    /// No LISTEN, no NOTIFY.
    Notify,
    /// Numbers come from no SERIAL, sequence or identity.
    Sequence,
    /// No function, trigger, procedure, rule or DO block.
    ServerCode,
    /// No table that is temporary or unlogged.
    Temporary,
    /// No lock of a whole table.
    TableLock,
    /// No cursor.
    Cursor,
    /// No column and no table that only the server's own storage has.
    SystemColumn,
    /// Every table has a primary key.
    PrimaryKey,
    /// Tables, keys and indexes begin with the organisation.
    OrgFirst,
    /// Only types that all have.
    Type,
    /// A statement changes tables or rows, never both.
    MixedStatement,
    /// So does a migration, which is one transaction.
    MixedMigration,
    /// Tables are changed by migrations alone.
    SchemaAtWork,
}

/// Types that all engines have, and SQLite a word for.
const TYPES: [&str; 7] = ["TEXT", "BIGINT", "BOOLEAN", "UUID", "BYTEA", "JSONB", "DOUBLE PRECISION"];
const SYSTEM_COLUMNS: [&str; 7] = ["ctid", "xmin", "xmax", "cmin", "cmax", "tableoid", "oid"];

type Breaches = BTreeSet<Rule>;

/// The rules that a statement of a service breaks.
pub(super) fn of_statement(text: &str) -> Breaches {
    let Ok(statements) = parsed(text) else { return unparsed(text) };
    let mut broken: Breaches = statements.iter().flat_map(broken).collect();
    if statements.len() != 1 {
        broken.insert(Rule::MixedStatement);
    }
    if statements.iter().any(changes_tables) {
        broken.insert(Rule::SchemaAtWork);
    }
    broken
}

/// The rules that a migration breaks.
pub(super) fn of_migration(text: &str) -> Breaches {
    let Ok(statements) = parsed(text) else { return unparsed(text) };
    let mut broken: Breaches = statements.iter().flat_map(broken).collect();
    let tables = statements.iter().filter(|one| changes_tables(one)).count();
    if tables > 0 && tables < statements.len() {
        broken.insert(Rule::MixedMigration);
    }
    broken
}

/// How many statements a text holds.
pub(super) fn count(text: &str) -> usize {
    parsed(text).map_or(0, |statements| statements.len())
}

fn parsed(text: &str) -> Result<Vec<Statement>, sqlparser::parser::ParserError> {
    // A predicate that stands in a predicate is deeper than the parser thinks proper.
    Parser::new(&PostgreSqlDialect {}).with_recursion_limit(200).try_with_sql(text)?.parse_statements()
}

// What the parser does not know is told by its first words.
fn unparsed(text: &str) -> Breaches {
    let words: Vec<_> = text.split_whitespace().take(2).map(str::to_uppercase).collect();
    let rule = match words.iter().map(String::as_str).collect::<Vec<_>>().as_slice() {
        ["DO", ..] => Rule::ServerCode,
        ["LOCK", ..] => Rule::TableLock,
        ["DECLARE" | "FETCH" | "MOVE" | "CLOSE", ..] => Rule::Cursor,
        _ => Rule::Parses,
    };
    Breaches::from([rule])
}

fn changes_tables(statement: &Statement) -> bool {
    matches!(
        statement,
        Statement::CreateTable(_) | Statement::CreateIndex(_) | Statement::AlterTable(_) | Statement::Drop { .. }
    )
}

fn broken(statement: &Statement) -> Breaches {
    let mut broken = Breaches::new();
    let by_kind = match statement {
        Statement::LISTEN { .. } | Statement::UNLISTEN { .. } | Statement::NOTIFY { .. } => Some(Rule::Notify),
        Statement::CreateSequence { .. } => Some(Rule::Sequence),
        Statement::CreateFunction(_)
        | Statement::CreateTrigger(_)
        | Statement::CreateProcedure { .. }
        | Statement::CreateRule(_)
        | Statement::Call(_) => Some(Rule::ServerCode),
        Statement::Lock(_) | Statement::LockTables { .. } => Some(Rule::TableLock),
        Statement::Declare { .. } | Statement::Fetch { .. } | Statement::Close { .. } => Some(Rule::Cursor),
        Statement::CreateType { .. } | Statement::CreateDomain(_) => Some(Rule::Type),
        Statement::Query(query) if selects_into(&query.body) => Some(Rule::MixedStatement),
        _ => None,
    };
    broken.extend(by_kind);
    match statement {
        Statement::CreateTable(table) => broken.extend(of_table(table)),
        Statement::CreateIndex(index) if !begins_with_org(&index.columns) => broken.extend([Rule::OrgFirst]),
        Statement::AlterTable(change) => broken.extend(change.operations.iter().flat_map(of_change)),
        _ => {}
    }
    broken.extend(of_names(statement));
    broken
}

fn selects_into(body: &SetExpr) -> bool {
    matches!(body, SetExpr::Select(select) if select.into.is_some())
}

fn of_table(table: &CreateTable) -> Breaches {
    let mut broken: Breaches = table.columns.iter().flat_map(of_column).collect();
    let rules = [
        (table.temporary || table.unlogged, Rule::Temporary),
        (table.query.is_some(), Rule::MixedStatement),
        (table.columns.first().is_none_or(|column| column.name.value != "org"), Rule::OrgFirst),
    ];
    broken.extend(rules.into_iter().filter(|(holds, _)| *holds).map(|(_, rule)| rule));
    let mut has_key = table.columns.iter().flat_map(|column| &column.options).any(|option| is_key(&option.option));
    for constraint in &table.constraints {
        let columns = match constraint {
            TableConstraint::PrimaryKey(key) => {
                has_key = true;
                &key.columns
            }
            TableConstraint::Unique(unique) => &unique.columns,
            TableConstraint::Check(_) => continue,
            // A key into another table, an exclusion, an index of another engine.
            _ => {
                broken.insert(Rule::Type);
                continue;
            }
        };
        if !begins_with_org(columns) {
            broken.insert(Rule::OrgFirst);
        }
    }
    if !has_key {
        broken.insert(Rule::PrimaryKey);
    }
    broken
}

fn begins_with_org(columns: &[IndexColumn]) -> bool {
    columns.first().is_some_and(|first| first.column.expr.to_string() == "org")
}

fn is_key(option: &ColumnOption) -> bool {
    matches!(option, ColumnOption::PrimaryKey(_))
}

fn of_change(change: &AlterTableOperation) -> Breaches {
    match change {
        AlterTableOperation::AddColumn { column_def, .. } => of_column(column_def),
        _ => Breaches::new(),
    }
}

fn of_column(column: &ColumnDef) -> Breaches {
    let kind = column.data_type.to_string().to_uppercase();
    let of_kind = match kind.as_str() {
        known if TYPES.contains(&known) => None,
        serial if serial.contains("SERIAL") => Some(Rule::Sequence),
        _ => Some(Rule::Type),
    };
    let counts = |option: &ColumnOption| {
        matches!(option, ColumnOption::Generated { generated_as: GeneratedAs::Always | GeneratedAs::ByDefault, .. })
    };
    let counted = column.options.iter().any(|option| counts(&option.option)).then_some(Rule::Sequence);
    // A key of one column is no key that begins with the organisation.
    let alone = column.options.iter().any(|option| is_key(&option.option)).then_some(Rule::OrgFirst);
    of_kind.into_iter().chain(counted).chain(alone).collect()
}

// By the names of functions, columns and tables.
fn of_names(statement: &Statement) -> Breaches {
    let mut broken = Breaches::new();
    let _ = visit_expressions(statement, |one: &Expr| {
        match one {
            Expr::Function(function) => broken.extend(of_function(&function.name.to_string())),
            Expr::Identifier(name) => broken.extend(of_column_name(&name.value)),
            Expr::CompoundIdentifier(names) => {
                broken.extend(names.last().and_then(|name| of_column_name(&name.value)));
            }
            _ => {}
        }
        ControlFlow::<()>::Continue(())
    });
    let _ = visit_relations(statement, |name| {
        let name = name.to_string();
        broken.extend(of_function(&name));
        if name.starts_with("pg_") && !name.contains("advisory") || name.starts_with("information_schema") {
            broken.insert(Rule::SystemColumn);
        }
        ControlFlow::<()>::Continue(())
    });
    broken
}

fn of_function(name: &str) -> Option<Rule> {
    match name.trim_start_matches("pg_catalog.") {
        name if name.contains("advisory") => Some(Rule::AdvisoryLock),
        "pg_notify" => Some(Rule::Notify),
        "nextval" | "currval" | "setval" | "lastval" => Some(Rule::Sequence),
        _ => None,
    }
}

fn of_column_name(name: &str) -> Option<Rule> {
    SYSTEM_COLUMNS.contains(&name.to_lowercase().as_str()).then_some(Rule::SystemColumn)
}
