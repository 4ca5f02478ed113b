//! The text of a story: what an archivist reads.

use dossier_regime::Tenant;
use jiff::tz::TimeZone;
use jiff::{Timestamp, civil::Weekday};
use serde_json::Value;

use super::ask::Asked;
use super::expect::local;
use super::free::plain;
use super::labels::{About, Labels, words};
use super::refusal::Refusal;
use super::script::{Person, Script};
use super::seen::Seen;
use super::shows::{self, Shown};

/// A text, and for each of its lines that of the script it tells of.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Text {
    lines: Vec<(usize, String)>,
}

/// Writes a text.
pub(super) struct Teller<'a> {
    tenant: &'a Tenant,
    labels: Labels<'a>,
    zone: TimeZone,
    units: bool,
    text: Text,
}

// === impl Text ===

impl Text {
    /// The line of the script and the text of each line.
    pub fn lines(&self) -> &[(usize, String)] {
        &self.lines
    }

    fn add(&mut self, line: usize, text: impl Into<String>) {
        self.lines.push((line, text.into()));
    }
}

impl std::fmt::Display for Text {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        self.lines.iter().try_for_each(|(_, line)| writeln!(f, "{line}"))
    }
}

// === impl Teller ===

impl<'a> Teller<'a> {
    /// Begins the text of a script: what it is about, and who is in it.
    pub(super) fn begin(script: &Script, tenant: &'a Tenant) -> Self {
        let (labels, zone) = (Labels::of(tenant), tenant.pack().time_zone.rules().clone());
        let mut text = Text::default();
        let units = tenant.organisation().units.len() > 1;
        let pack = tenant.pack();
        text.add(1, format!("{} {}", script.id, script.label));
        text.add(1, format!("规章：{}（{} 第{}版）", pack.label, pack.id, pack.version));
        let mut teller = Self { tenant, labels, zone, units, text };
        let people: Vec<_> = script.people.iter().map(|one| teller.person(&one.it)).collect();
        teller.text.add(1, format!("人物：{}", people.join("、")));
        teller
    }

    /// The text so far.
    pub(super) fn text(&self) -> &Text {
        &self.text
    }

    /// A moment at which something happens.
    pub(super) fn moment(&mut self, line: usize, now: Timestamp) {
        let day = now.to_zoned(self.zone.clone());
        let weekday = match day.weekday() {
            Weekday::Monday => "一",
            Weekday::Tuesday => "二",
            Weekday::Wednesday => "三",
            Weekday::Thursday => "四",
            Weekday::Friday => "五",
            Weekday::Saturday => "六",
            Weekday::Sunday => "日",
        };
        let rest = if self.tenant.calendar().is_working_day(day.date()) { "" } else { "（休息日）" };
        let stamp = day.strftime("%Y-%m-%d 星期");
        self.text.add(line, "");
        self.text.add(line, format!("{stamp}{weekday} {}{rest}", day.strftime("%H:%M")));
    }

    /// What the rule book says.
    pub(super) fn rule(&mut self, line: usize, rule: &str) {
        self.text.add(line, format!("  【规定】{rule}"));
    }

    /// A remark.
    pub(super) fn remark(&mut self, line: usize, words: &str) {
        self.text.add(line, format!("  （{words}）"));
    }

    /// Somebody did something.
    pub(super) fn done(&mut self, line: usize, person: &Person, words: &str) {
        let who = self.person(person);
        self.text.add(line, format!("  {who}：{words} → 完成"));
    }

    /// Somebody was refused something that they asked of what `asked` names.
    pub(super) fn refused(
        &mut self,
        line: usize,
        (person, act): (&Person, &str),
        asked: &Asked,
        refusal: &Refusal,
        seen: &Seen,
    ) {
        let kind = asked.kind.as_ref().or_else(|| seen.kinds.get(&asked.name)).map(String::as_str);
        let about = self.labels.about(kind, seen.templates.get(&asked.name).map(String::as_str));
        let who = self.person(person);
        let meant = words().reasons.get(&refusal.reason).map(|words| format!("（{words}）")).unwrap_or_default();
        let mut told = format!("  {who}：{act} → 拒绝：{}{meant}", refusal.reason);
        for field in self.fields(refusal, about) {
            told.push_str(&format!("，字段 {field}"));
        }
        for (kind, subject) in &refusal.unmet {
            let word = words().unmet.get(kind).unwrap_or(kind);
            let subject = self.worded(&kind.to_lowercase(), subject, seen, about);
            told.push_str(&format!("，缺{word} {subject}"));
        }
        self.text.add(line, told);
    }

    /// Values of a reply.
    pub(super) fn values(&mut self, line: usize, shown: &[Shown<'_>], reply: &Value, seen: &Seen) {
        for one in shown {
            let key = one.path.rsplit('.').find(|part| part.parse::<usize>().is_err()).unwrap_or(one.path);
            let holder = holder(reply, one.path);
            let text = |key: &str| holder.get(key).and_then(Value::as_str);
            let about = self.labels.about(text("kind"), text("template"));
            let field = one.path.contains("fields.").then(|| self.labels.field(key, about)).flatten();
            let word = || words().keys.get(key).cloned().unwrap_or_else(|| key.to_owned());
            let label = one.words.map(str::to_owned).or(field).unwrap_or_else(word);
            let value = shows::find(reply, one.path).map(|value| self.value(key, value, seen, about));
            let value = value.unwrap_or_default();
            let value = if value.is_empty() { "（无）".to_owned() } else { value };
            self.text.add(line, format!("      {label}：{value}"));
        }
    }

    // The fields at fault by their labels; several faults of one field are one.
    fn fields(&self, refusal: &Refusal, about: About<'_>) -> Vec<String> {
        let label = |field: &String| {
            let of_form = field.split_once("fields.").and_then(|(_, path)| self.labels.field(path, about));
            of_form.or_else(|| words().keys.get(field).cloned()).unwrap_or_else(|| field.clone())
        };
        let mut fields: Vec<_> = refusal.fields.iter().map(label).collect();
        fields.dedup();
        fields
    }

    fn person(&self, person: &Person) -> String {
        let post = |post: &super::script::Post| {
            let label = self.labels.post(&post.post).unwrap_or(&post.post);
            let unit = post.unit.as_deref().filter(|_| self.units).and_then(|unit| self.labels.unit(unit));
            format!("{}{label}", unit.unwrap_or_default())
        };
        let posts: Vec<_> = person.posts.iter().map(post).collect();
        format!("{}（{}）", person.label, posts.join("、"))
    }

    // A value as people read it.
    fn value(&self, key: &str, value: &Value, seen: &Seen, about: About<'_>) -> String {
        match plain(value) {
            Value::Null => String::new(),
            Value::Bool(truth) => words().keys.get(&truth.to_string()).cloned().unwrap_or_else(|| truth.to_string()),
            Value::Number(number) => number.to_string(),
            Value::String(text) => self.worded(key, &text, seen, about),
            Value::Array(items) => {
                let items: Vec<_> = items.iter().map(|item| self.value(key, item, seen, about)).collect();
                items.join("、")
            }
            Value::Object(entries) => {
                let entry = |(key, value): (&String, &Value)| {
                    let snake = snake(key);
                    let label = self.labels.field(key, about).or_else(|| words().keys.get(&snake).cloned());
                    let label = label.unwrap_or_else(|| snake.clone());
                    let value = self.value(&snake, value, seen, about);
                    (!value.is_empty()).then(|| format!("{label} {value}"))
                };
                // Whether what is missing must be there is no part of what is missing.
                let entries: Vec<_> = entries.iter().filter(|(key, _)| *key != "required").filter_map(entry).collect();
                entries.join("，")
            }
        }
    }

    fn worded(&self, key: &str, text: &str, seen: &Seen, about: About<'_>) -> String {
        if let Ok(moment) = text.parse::<Timestamp>() {
            return local(moment, &self.zone);
        }
        let label = self.labels.value(key, text, about);
        let label = label.or_else(|| self.labels.choice(key, text, about).map(str::to_owned));
        let label = label.or_else(|| words().values.get(text).cloned());
        label.unwrap_or_else(|| seen.worded(text))
    }
}

// What a path leads through last that has a kind.
fn holder<'v>(reply: &'v Value, path: &str) -> &'v Value {
    let mut above = path;
    while let Some((before, _)) = above.rsplit_once('.') {
        if let Some(found) = shows::find(reply, before).filter(|found| found.get("kind").is_some()) {
            return found;
        }
        above = before;
    }
    reply
}

fn snake(key: &str) -> String {
    let mut snake = String::new();
    for c in key.chars() {
        if c.is_ascii_uppercase() {
            snake.push('_');
        }
        snake.push(c.to_ascii_lowercase());
    }
    snake
}
