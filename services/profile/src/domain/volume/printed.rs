//! The sheets of a volume: catalogue, remarks sheet, cover, label (P-97, P-98, P-99).

use dossier_kernel::printed::{Block, Fact, Part, Printout};
use dossier_kernel::states;

use super::{State, Volume};

states! {
    /// A sheet of a volume.
    pub enum Sheet {
        /// 卷内文件目录.
        Catalogue = "catalogue",
        /// 备考表.
        Remarks = "remarks",
        /// 案卷封面.
        Cover = "cover",
        /// 脊背.
        Label = "label",
    }
}

/// The head of the catalogue, in its fixed form.
const HEAD: [&str; 7] = ["顺序号", "文号", "责任者", "题名", "日期", "页号", "备注"];

/// A line of the catalogue, as its reader may see it; what they may not is masked by who fills it.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Its reference.
    pub reference: String,
    /// Who issued it.
    pub issuer: String,
    /// What it is called.
    pub title: String,
    /// The day that stands on it.
    pub date: String,
    /// A remark.
    pub remark: String,
}

/// What the sheets say of a volume in the company's words.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Named {
    /// The number of its file; empty: none yet.
    pub file: String,
    /// What its rule calls such volumes.
    pub rule: String,
    /// Its retention class.
    pub class: String,
    /// Its level.
    pub level: String,
    /// The day on which it was closed; empty: it was not.
    pub closed_on: String,
}

/// A sheet of a volume; `lines` are those of its documents, in order, which the catalogue alone asks for.
pub fn page(sheet: Sheet, one: &Volume, named: &Named, lines: &[Told]) -> Printout {
    let (title, parts) = match sheet {
        Sheet::Catalogue => ("卷内文件目录", vec![catalogue(one, lines)]),
        Sheet::Remarks => ("备考表", vec![remarks(one, named)]),
        Sheet::Cover => ("案卷封面", vec![extent(one)]),
        Sheet::Label => ("脊背", Vec::new()),
    };
    Printout {
        title: title.to_owned(),
        language: "zh-CN".to_owned(),
        facts: facts(one, named),
        parts,
        foot: Vec::new(),
    }
}

fn facts(one: &Volume, named: &Named) -> Vec<Fact> {
    let year = one.year.map(|year| year.to_string()).unwrap_or_default();
    let said = [
        ("案卷", named.rule.clone()),
        ("档案编号", named.file.clone()),
        ("案卷号", one.number.to_string()),
        ("年度", year),
        ("保管期限", named.class.clone()),
        ("密级", named.level.clone()),
    ];
    said.into_iter().filter(|(_, value)| !value.is_empty()).map(|(label, value)| Fact::new(label, value)).collect()
}

fn catalogue(one: &Volume, lines: &[Told]) -> Part {
    let row = |(at, (line, told)): (usize, (&super::Line, &Told))| {
        let pages = match (line.first, line.last) {
            (0, _) => String::new(),
            (first, last) if first == last => first.to_string(),
            (first, last) => format!("{first}–{last}"),
        };
        let Told { reference, issuer, title, date, remark } = told.clone();
        vec![(at + 1).to_string(), reference, issuer, title, date, pages, remark]
    };
    let rows = one.contents.iter().zip(lines).enumerate().map(row).collect();
    let head = HEAD.iter().map(|label| (*label).to_owned()).collect();
    Part { heading: "目录".to_owned(), blocks: vec![Block::Table { head, rows }] }
}

// If nothing is to be remarked, person and day are filled all the same (P-98): what nobody said is a line to write on.
fn remarks(one: &Volume, named: &Named) -> Part {
    let facts = vec![
        Fact::new("本卷情况", extent_text(one)),
        Fact::new("情况说明", ""),
        Fact::new("立卷人", ""),
        Fact::new("检查人", ""),
        Fact::new("责任人", ""),
        Fact::new("结卷日期", named.closed_on.clone()),
    ];
    Part { heading: "说明".to_owned(), blocks: vec![Block::Facts(facts)] }
}

fn extent(one: &Volume) -> Part {
    let mut blocks = vec![Block::Facts(vec![Fact::new("内容", extent_text(one))])];
    if one.state == State::Open {
        blocks.push(Block::Note("尚未结卷，页号未定。".to_owned()));
    }
    Part { heading: "卷内".to_owned(), blocks }
}

fn extent_text(one: &Volume) -> String {
    format!("共 {} 件，{} 张，{} 页", one.contents.len(), one.sheets, one.pages)
}

#[cfg(test)]
mod tests {
    use dossier_kernel::printed::html;
    use jiff::Timestamp;
    use uuid::Uuid;

    use super::super::Line;
    use super::super::compose::Key;
    use super::super::order::Numbers;
    use super::*;

    fn volume() -> Volume {
        let key = Key { year: Some(2026), ..Key::default() };
        let by = (Uuid::from_u128(9), Timestamp::UNIX_EPOCH);
        let mut one = Volume::new((Uuid::from_u128(1), Uuid::from_u128(2)), (3, "yearly"), &key, by);
        let line = |n, first, last| Line::new(Uuid::from_u128(n), Vec::new()).numbered(Numbers { first, last });
        one.contents = vec![line(10, 1, 1), line(11, 2, 4), line(12, 0, 0)];
        (one.sheets, one.pages) = (3, 4);
        one
    }

    fn named() -> Named {
        Named {
            file: "KH-001".into(),
            rule: "年度案卷".into(),
            class: "长期".into(),
            level: "无密级".into(),
            closed_on: String::new(),
        }
    }

    // proves: P-97
    #[test]
    fn the_catalogue_has_its_fixed_head_and_a_line_for_each_document_in_order() {
        let told = |title: &str| Told { title: title.into(), ..Told::default() };
        let page = page(Sheet::Catalogue, &volume(), &named(), &[told("批复"), told("请示"), told("<附件>")]);
        let Some(Block::Table { head, rows }) = page.parts[0].blocks.first() else { panic!("{page:?}") };
        assert_eq!(head.join(" "), "顺序号 文号 责任者 题名 日期 页号 备注");
        let lines: Vec<_> = rows.iter().map(|row| format!("{} {} {}", row[0], row[3], row[5])).collect();
        assert_eq!(lines, ["1 批复 1", "2 请示 2–4", "3 <附件> "]);
        let text = html(&page);
        assert!(text.contains("size: A4") && text.contains("&lt;附件&gt;") && text.contains("lang=\"zh-CN\""));
    }

    // proves: P-98, P-99
    #[test]
    fn the_remarks_sheet_has_lines_for_person_and_day_and_the_cover_says_what_lies_in_it() {
        let page = |sheet| html(&page(sheet, &volume(), &named(), &[]));
        let remarks = page(Sheet::Remarks);
        for line in ["备考表", "责任人", "结卷日期", "共 3 件，3 张，4 页", "class=\"open\""] {
            assert!(remarks.contains(line), "{line}");
        }
        let cover = page(Sheet::Cover);
        for line in ["案卷封面", "KH-001", "长期", "无密级", "2026", "尚未结卷"] {
            assert!(cover.contains(line), "{line}");
        }
        assert!(page(Sheet::Label).contains("案卷号"));
    }
}
