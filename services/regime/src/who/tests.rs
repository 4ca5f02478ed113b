use super::who_sees;
use crate::Regimes;

fn table(pack: &str) -> String {
    who_sees(Regimes::shipped().unwrap().pack(pack).unwrap())
}

fn cell(table: &str, level: &str, post: &str) -> String {
    let block = table.split("\n\n").find(|block| block.starts_with(level)).unwrap();
    let row = block.lines().find(|line| line.split_whitespace().next() == Some(post)).unwrap();
    row.trim().strip_prefix(post).unwrap().trim().to_owned()
}

#[test]
fn the_table_says_who_sees_what_in_plain_words() {
    let table = table("R36");
    assert_eq!(cell(&table, "none", "general_manager"), "free");
    assert_eq!(cell(&table, "none", "department_manager"), "unit, else on request");
    assert_eq!(cell(&table, "none", "auditor"), "never");
    assert_eq!(cell(&table, "confidential", "archivist"), "free");
    assert_eq!(cell(&table, "confidential", "sales_staff"), "custodian, else on approval (loan.confidential)");
    assert_eq!(cell(&table, "confidential", "general_manager"), "on approval (loan.confidential)");
    assert_eq!(cell(&table, "confidential", "service_staff"), "never");
    assert_eq!(cell(&table, "secret", "archivist"), "free (in archive_room)");
    assert_eq!(cell(&table, "secret", "director"), "on approval (consult.secret, in archive_room)");
    let office = "custodian (in archive_room), else on approval (consult.secret, in archive_room)";
    assert_eq!(cell(&table, "secret", "office_director"), office);
}

#[test]
fn nobody_sees_a_closed_level() {
    let table = table("R36");
    let closed = table.split("\n\n").find(|block| block.starts_with("top_secret")).unwrap();
    assert!(closed.starts_with("top_secret 绝密: closed\n"), "{closed}");
    assert!(closed.lines().skip(1).all(|row| row.ends_with("  never")), "{closed}");
}

#[test]
fn the_cells_of_a_level_begin_in_one_column() {
    let table = table("R39");
    let block = table.split("\n\n").next().unwrap();
    let rows = block.lines().skip(1).map(|row| row.trim_start().find("  ").map(|_| row.rfind("  ").unwrap()));
    assert!(rows.collect::<std::collections::BTreeSet<_>>().len() == 1, "{block}");
}
