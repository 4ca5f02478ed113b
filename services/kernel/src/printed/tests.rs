use super::*;

fn page(value: &str) -> Printout {
    let mut page = Printout { title: value.into(), language: "zh-CN".into(), ..Printout::default() };
    page.facts = vec![Fact::new(value, value), Fact::new("地址", "")];
    let table = Block::Table { head: vec!["种类".into(), "n".into()], rows: vec![vec![value.into(), "1".into()]] };
    page.part(
        value,
        vec![Block::Heading(value.into()), Block::Facts(page.facts.clone()), table, Block::Note(value.into())],
    );
    page.part("empty", Vec::new());
    page.foot = vec![value.into()];
    page
}

#[test]
fn whatever_a_value_holds_html_shows_it_and_runs_nothing() {
    let hostile = "<script>alert(1)</script> & \"quoted\" <img src=x onerror=y>";
    let html = html(&page(hostile));
    assert!(!html.contains("<script") && !html.contains("<img"), "{html}");
    assert_eq!(html.matches("&lt;script&gt;alert(1)&lt;/script&gt; &amp;").count(), 9, "{html}");
    assert!(html.starts_with("<!DOCTYPE html><html lang=\"zh-CN\">") && html.contains("default-src 'none'"));
    assert!(!html.contains("http://") && !html.contains("https://") && !html.contains("url("), "nothing is loaded");
}

#[test]
fn a_language_is_no_way_out_of_its_attribute() {
    let html = html(&Printout { language: "\"><script>".into(), ..Printout::default() });
    assert!(html.contains("lang=\"&quot;&gt;&lt;script&gt;\""), "{html}");
}

#[test]
fn no_value_moves_the_cursor_of_a_screen() {
    let text = screen(&page("a\u{1b}[2Jb\rc\u{7}"));
    assert!(!text.chars().any(|c| c.is_control() && c != '\n'), "{text:?}");
}

#[test]
fn labels_of_chinese_and_latin_signs_stand_above_each_other() {
    let mut page = Printout { title: "客户".into(), ..Printout::default() };
    page.part("基本信息", vec![Block::Facts(vec![Fact::new("电话", "1"), Fact::new("fax", "2\n3")])]);
    assert_eq!(screen(&page), "客户\n\n基本信息\n  电话  1\n  fax   2\n        3\n");
    let head = vec!["号".to_owned(), "state".to_owned()];
    page.parts[0].blocks = vec![Block::Table { head, rows: vec![vec!["KH-1".into(), "x".repeat(60)]] }];
    let told = screen(&page);
    let lines: Vec<_> = told.lines().collect();
    assert_eq!(lines[3], "  号    state");
    assert!(lines[4].starts_with("  KH-1  xxx") && lines[4].ends_with('…'), "{told}");
}

#[test]
fn a_part_in_which_nothing_stands_says_so() {
    let page = page("x");
    assert!(screen(&page).contains("\nempty\n  –\n") && html(&page).contains("<h2>empty</h2><p class=\"note\">–</p>"));
}
