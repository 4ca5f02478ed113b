//! How many numbers the series of a pack hold, and which of them a batch of files would exhaust, told for people.

use std::fmt::Write as _;

use crate::model::{NumberRule, Numbering, Pack};

/// The series of the pack's files in lines: what each counts, how many numbers it has, and with `arriving` a warning for each that
/// so many files which are to be numbered here would exhaust (P-05, P-06). A number that comes along from elsewhere draws none, but is
/// passed over where it looks like one of the series.
pub fn series(pack: &Pack, arriving: Option<u64>) -> String {
    let mut text = format!("{} {}\n", pack.id, pack.label);
    for (kind, numbering) in numberings(pack) {
        for rule in &numbering.rules {
            line(&mut text, kind, numbering, rule, arriving);
        }
    }
    text
}

// A kind that takes the pack's numbering draws from the pack's series: each is told once.
fn numberings(pack: &Pack) -> Vec<(&str, &Numbering)> {
    let own = pack.files.iter().filter_map(|kind| Some((kind.id.as_str(), kind.numbering.as_ref()?)));
    let mut all: Vec<(&str, &Numbering)> = Vec::new();
    for (kind, numbering) in own.chain([("", &pack.numbering)]) {
        if !all.iter().any(|(_, known)| *known == numbering) {
            all.push((kind, numbering));
        }
    }
    all
}

fn line(text: &mut String, kind: &str, numbering: &Numbering, rule: &NumberRule, arriving: Option<u64>) {
    // A pack that loads has no faulty pattern; a rule without one numbers nothing.
    let Ok(last) = numbering.last(rule) else { return };
    if rule.pattern.is_empty() {
        return;
    }
    let of = if kind.is_empty() { String::new() } else { format!("{kind}: ") };
    let apart =
        if rule.scope.is_empty() { "in all".to_owned() } else { format!("for each {}", rule.scope.join(" and ")) };
    let _ = writeln!(text, "  {of}{:12} {:24} {last} numbers {apart}", rule.id, rule.pattern);
    if let Some(files) = arriving.filter(|files| *files > last) {
        let series = files.div_ceil(last.max(1));
        let _ = writeln!(
            text,
            "  warning: {of}{} runs out: {files} files that it numbers take {series} of its series",
            rule.id
        );
    }
}

#[cfg(test)]
mod tests {
    use crate::Regimes;

    use super::*;

    // proves: P-05
    #[test]
    fn a_series_is_said_to_run_out_from_the_first_file_too_many() {
        let regimes = Regimes::shipped().unwrap();
        let pack = regimes.pack("R36").unwrap();
        assert!(series(pack, None).contains(" 99999 numbers for each year"), "{}", series(pack, None));
        assert!(!series(pack, Some(99_999)).contains("warning"));
        let told = series(pack, Some(100_000));
        assert!(
            told.contains("warning: customer: customer runs out: 100000 files that it numbers take 2 of its series"),
            "{told}"
        );
        assert!(series(pack, Some(1_000_000)).contains("take 11 of its series"));
    }
}
