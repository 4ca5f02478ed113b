//! One customer at a glance as a page: what profile says, then what access and credit say.

use std::collections::BTreeSet;

use dossier_kernel::money;
use dossier_kernel::printed::form::{Filled, label, masked_note, moment};
use dossier_kernel::printed::{Block, Fact, Printout};
use dossier_proto::Worded as _;
use dossier_proto::access::v1::Loan;
use dossier_proto::profile::v1::{
    CustomerFile, CustomerOverview, FileRecord, ItemState, OverviewDuty, OverviewFile, OverviewPart, OverviewRecord,
    OverviewTie, Template, Whereabouts,
};
use dossier_proto::types::Money;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::unmet_condition::What;
use jiff::tz::TimeZone;

use super::elsewhere::{Elsewhere, closed};
use crate::client::reference::People;

/// What is printed.
#[derive(Clone, Copy, Debug)]
pub struct Seen<'s> {
    /// What profile says.
    pub overview: &'s CustomerOverview,
    /// What access and credit say.
    pub elsewhere: &'s Elsewhere,
    /// Names of people.
    pub people: &'s People,
    /// The time zone of moments.
    pub zone: &'s TimeZone,
    /// What it was read for.
    pub purpose: &'s str,
}

/// The field that holds the customer's name.
const NAME: &str = "name";

// === impl Seen ===

impl Seen<'_> {
    /// The page.
    pub fn page(&self) -> Printout {
        let nothing = CustomerFile::default();
        let file = self.overview.customer_file.as_ref().unwrap_or(&nothing);
        let (title, facts) = (title(file), self.header(file));
        let mut page = Printout { title, language: "zh-CN".to_owned(), facts, ..Printout::default() };
        page.part("基本资料 Basic data", self.form(file));
        page.part("最近联系 Last contact", self.contact());
        page.part("办理中 Under way", self.under_way());
        page.part("最近记录 Newest papers", self.newest());
        page.part("缺项 Missing", self.missing(file));
        page.part("待办 Due", self.due());
        page.part("原件 Where the paper is", self.paper());
        page.part("信用 Credit", self.credit());
        page.part("关联档案 Linked files", self.linked());
        let revision = file.revision;
        page.foot = vec![format!("{}  r{revision}  用途 purpose: {}", file.name, self.purpose)];
        page
    }

    fn header(&self, file: &CustomerFile) -> Vec<Fact> {
        let named = |label: &str, id: &str| if label.is_empty() { id.to_owned() } else { label.to_owned() };
        let day = |at: &Option<prost_types::Timestamp>| at.as_ref().map(|at| moment(at, self.zone)).unwrap_or_default();
        let classes: Vec<_> = file.classification.iter().map(|(axis, one)| format!("{axis}={one}")).collect();
        let facts = [
            ("种类 Kind", named(&self.overview.file_kind_label, &file.file_kind)),
            ("状态 State", file.state().word().to_owned()),
            ("已并入 Merged into", file.merged_into.clone()),
            ("密级 Level", named(&self.overview.level_label, &file.level)),
            ("部门 Unit", named(&self.overview.unit_label, &file.unit)),
            ("客户编号 Customer number", file.customer_number.clone()),
            ("保管 Custodian", self.person(&file.custodian)),
            ("存放 Kept in", self.kept(file.whereabouts.as_ref())),
            ("分类 Classes", classes.join(", ")),
            ("首次接触 First contact", day(&file.first_contact_time)),
            ("合同生效 Contract since", day(&file.contract_effect_time)),
        ];
        facts.into_iter().filter(|(_, value)| !value.is_empty()).map(|(name, value)| Fact::new(name, value)).collect()
    }

    // Nothing, where the organisation keeps no places.
    fn kept(&self, at: Option<&Whereabouts>) -> String {
        let Some(at) = at else { return String::new() };
        match at.state() {
            ItemState::Unspecified => "未入库 not accepted".to_owned(),
            ItemState::Kept if at.place_path.is_empty() => "已入库 in the archive".to_owned(),
            ItemState::Kept => at.place_path.join(" / "),
            ItemState::Released => format!("已取出 released to {}", self.person(&at.holder)),
        }
    }

    fn form(&self, file: &CustomerFile) -> Vec<Block> {
        let Some(template) = self.template(&file.template) else { return Vec::new() };
        let (fields, masked) = (&file.fields, file.masked_fields.as_slice());
        let mut blocks = Filled { template, fields, masked, zone: self.zone, empty: false }.blocks();
        if !masked.is_empty() {
            blocks.push(masked_note());
        }
        blocks
    }

    fn contact(&self) -> Vec<Block> {
        match &self.overview.last_contact {
            Some(one) => self.record(one),
            None => self.note(OverviewPart::Records),
        }
    }

    fn under_way(&self) -> Vec<Block> {
        let told: Vec<_> = self.overview.open_records.iter().flat_map(|one| self.record(one)).collect();
        let all: i64 = self.overview.kinds.iter().map(|kind| kind.open_count).sum();
        let counts: Vec<_> = self.overview.kinds.iter().filter(|kind| kind.open_count > 0).collect();
        let counts: Vec<_> = counts.iter().map(|kind| format!("{} {}", kind.label, kind.open_count)).collect();
        let mut blocks = self.note(OverviewPart::Records);
        if all > 0 {
            blocks.push(Block::Note(counts.join(", ")));
        }
        blocks.extend(told);
        blocks
    }

    // The last contact is told above.
    fn newest(&self) -> Vec<Block> {
        let contact = self.overview.last_contact.as_ref().and_then(|one| one.record.as_ref()).map(|one| &one.name);
        let is_contact = |one: &&OverviewRecord| one.record.as_ref().map(|record| &record.name) == contact;
        let others = self.overview.newest_records.iter().filter(|one| contact.is_none() || !is_contact(one));
        let mut blocks = self.note(OverviewPart::Records);
        let done = self.overview.kinds.iter().filter(|kind| kind.other_count > 0);
        let done: Vec<_> = done.map(|kind| format!("{} {}", kind.label, kind.other_count)).collect();
        if !done.is_empty() {
            blocks.push(Block::Note(done.join(", ")));
        }
        blocks.extend(others.flat_map(|one| self.record(one)));
        blocks
    }

    fn record(&self, one: &OverviewRecord) -> Vec<Block> {
        let Some(record) = &one.record else { return Vec::new() };
        let made = record.create_time.as_ref().map(|at| moment(at, self.zone)).unwrap_or_default();
        let words =
            [one.kind_label.as_str(), &record.number, one.stage_label.as_str(), &made, &self.person(&record.creator)];
        let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
        vec![Block::Heading(words.join(" · ")), Block::Facts(self.said(record))]
    }

    fn said(&self, record: &FileRecord) -> Vec<Fact> {
        let Some(template) = self.template(&record.template) else { return Vec::new() };
        let (fields, masked) = (&record.fields, record.masked_fields.as_slice());
        Filled { template, fields, masked, zone: self.zone, empty: false }.facts()
    }

    fn missing(&self, file: &CustomerFile) -> Vec<Block> {
        let (Some(done), Some(template)) = (&file.completeness, self.template(&file.template)) else {
            return Vec::new();
        };
        let share = format!("{}.{:02} %", done.basis_points / 100, done.basis_points % 100);
        let labels = |required: bool| {
            let these = done.missing.iter().filter(|one| one.required == required);
            let labels = these.filter_map(|one| match &one.what {
                Some(What::Field(path)) => Some(label(template, path)),
                _ => None,
            });
            labels.collect::<Vec<_>>().join("、")
        };
        let facts = [("完整度 Complete", share), ("必填 Required", labels(true)), ("选填 Optional", labels(false))];
        let facts = facts.into_iter().filter(|(_, value)| !value.is_empty());
        vec![Block::Facts(facts.map(|(name, value)| Fact::new(name, value)).collect())]
    }

    fn due(&self) -> Vec<Block> {
        let mut blocks = self.note(OverviewPart::Duties);
        let rows: Vec<_> = self.overview.duties.iter().filter_map(|one| self.duty(one)).collect();
        if !rows.is_empty() {
            let head = ["事项 What", "责任 Who", "期限 By", ""].map(str::to_owned).to_vec();
            blocks.push(Block::Table { head, rows });
        }
        blocks.extend(self.overview.more_duties.then(|| Block::Note("还有更多 and more".to_owned())));
        blocks
    }

    fn duty(&self, one: &OverviewDuty) -> Option<Vec<String>> {
        let duty = one.duty.as_ref()?;
        let what = if one.label.is_empty() { &duty.kind } else { &one.label };
        let post = if one.post_label.is_empty() { &duty.post } else { &one.post_label };
        let who = if duty.assignee.is_empty() { post.clone() } else { self.person(&duty.assignee) };
        let by = duty.due_time.as_ref().map(|at| moment(at, self.zone)).unwrap_or_default();
        let late = if one.overdue { "已逾期 overdue" } else { "" };
        Some(vec![what.clone(), who, by, late.to_owned()])
    }

    fn paper(&self) -> Vec<Block> {
        let out = match &self.elsewhere.loans {
            Err(why) => return vec![Block::Note(why.clone())],
            Ok(out) => out,
        };
        let mut blocks: Vec<_> = out.iter().map(|loan| Block::Facts(self.loan(loan))).collect();
        // Whoever is told their own loans alone does not learn that it lies in the archive.
        match (self.is_left_out(OverviewPart::OtherLoans), out.is_empty()) {
            (true, _) => blocks.extend(self.note(OverviewPart::OtherLoans)),
            (false, true) => blocks.push(Block::Note("未借出 not lent: where the file is kept".to_owned())),
            (false, false) => {}
        }
        blocks
    }

    fn loan(&self, loan: &Loan) -> Vec<Fact> {
        let at = |at: &Option<prost_types::Timestamp>| at.as_ref().map(|at| moment(at, self.zone)).unwrap_or_default();
        let what: Vec<_> = loan.items.iter().map(|item| item.description.as_str()).collect();
        let late = if loan.overdue { "  已逾期 overdue" } else { "" };
        vec![
            Fact::new("借阅人 With", self.person(&loan.borrower)),
            Fact::new("内容 What", what.join("、")),
            Fact::new("借出 Since", at(&loan.check_out_time)),
            Fact::new("应还 Back by", format!("{}{late}", at(&loan.due_time))),
        ]
    }

    fn credit(&self) -> Vec<Block> {
        let (mut facts, mut notes) = (Vec::new(), BTreeSet::new());
        match &self.elsewhere.exposure {
            Err(why) => drop(notes.insert(why.clone())),
            Ok(one) if one.limit.is_empty() => facts.push(Fact::new("额度 Limit", "无 none in force")),
            Ok(one) => {
                let until = one.valid_until.as_ref().map(|at| moment(at, self.zone)).unwrap_or_default();
                facts.push(Fact::new("额度 Limit", format!("{} → {until}", amount(one.limit_amount.as_ref()))));
                facts.push(Fact::new("已用 Drawn", amount(one.drawn.as_ref())));
                facts.push(Fact::new("预留 Held", amount(one.held.as_ref())));
                facts.push(Fact::new("可用 Available", amount(one.available.as_ref())));
            }
        }
        match &self.elsewhere.rating {
            Err(why) => drop(notes.insert(why.clone())),
            Ok(None) => facts.push(Fact::new("评分 Rating", "无 none")),
            Ok(Some(one)) => {
                let at = one.create_time.as_ref().map(|at| moment(at, self.zone)).unwrap_or_default();
                facts.push(Fact::new("评分 Rating", format!("{}  ({} v{}, {at})", one.score, one.card, one.version)));
            }
        }
        let facts = (!facts.is_empty()).then_some(Block::Facts(facts));
        facts.into_iter().chain(notes.into_iter().map(Block::Note)).collect()
    }

    fn linked(&self) -> Vec<Block> {
        let rows: Vec<_> = self.overview.linked_files.iter().filter_map(linked).collect();
        let mut blocks = Vec::new();
        if !rows.is_empty() {
            let head = ["关系 How", "种类 Kind", "编号 Number", "状态 State", "名称 Name"].map(str::to_owned).to_vec();
            blocks.push(Block::Table { head, rows });
        }
        blocks.extend(self.overview.more_files.then(|| Block::Note("还有更多 and more".to_owned())));
        blocks
    }

    fn template(&self, name: &str) -> Option<&Template> {
        self.overview.templates.iter().find(|template| template.name == name)
    }

    fn person(&self, name: &str) -> String {
        self.people.get(name).cloned().unwrap_or_else(|| name.to_owned())
    }

    fn is_left_out(&self, part: OverviewPart) -> bool {
        self.overview.left_out.contains(&part.into())
    }

    fn note(&self, part: OverviewPart) -> Vec<Block> {
        if self.is_left_out(part) { vec![Block::Note(closed(part).to_owned())] } else { Vec::new() }
    }
}

fn title(file: &CustomerFile) -> String {
    let number = if file.number.is_empty() { file.name.as_str() } else { file.number.as_str() };
    match file.fields.get(NAME).and_then(|value| value.value.as_ref()) {
        Some(Value::Text(name)) => format!("{number}  {name}"),
        _ => number.to_owned(),
    }
}

fn amount(money: Option<&Money>) -> String {
    money.map(|one| money::text(one.minor_units, &one.currency_code)).unwrap_or_default()
}

fn linked(one: &OverviewFile) -> Option<Vec<String>> {
    let file = one.customer_file.as_ref()?;
    let how = match one.tie() {
        OverviewTie::Of => "属于 belongs to",
        OverviewTie::Part => "所属 belongs to this",
        OverviewTie::MergedInto => "已并入 merged into",
        OverviewTie::Merged => "并入本档 merged into this",
        OverviewTie::Link | OverviewTie::Unspecified if one.link_label.is_empty() => &one.link,
        OverviewTie::Link | OverviewTie::Unspecified => &one.link_label,
    };
    let kind = if one.file_kind_label.is_empty() { &file.file_kind } else { &one.file_kind_label };
    let cells = [how, kind, &file.number, file.state().word(), &file.name];
    Some(cells.map(str::to_owned).to_vec())
}

#[cfg(test)]
mod tests;
