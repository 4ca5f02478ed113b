//! Where a value comes from: source, day, collector, channel (P-19, P-20).

use dossier_kernel::error::Reason;
use dossier_kernel::faults::Faults;
use dossier_kernel::name;
use dossier_proto::types::field_value::Value;
use dossier_proto::types::{Certainty, FieldValue, Provenance};
use dossier_regime::{Channel, Pack};
use jiff::civil::Date;
use uuid::Uuid;

use super::form::calendar_day;
use super::text::{Lines, echo, flaw, tidy};

const LONGEST_NOTE: usize = 200;

/// What the origin of values is checked against, and what fills its gaps.
#[derive(Clone, Copy, Debug)]
pub struct Origin<'a> {
    /// The rule book: lawful channels, and whether sources are demanded.
    pub pack: &'a Pack,
    /// Today in the pack's time zone.
    pub today: Date,
    /// Who writes.
    pub writer: Uuid,
}

/// The origin as it is stored: the day and the collector filled in, the channel lawful.
pub fn origin(path: &str, given: Option<&Provenance>, rules: &Origin<'_>, faults: &mut Faults) -> Provenance {
    let nothing = Provenance::default();
    let given = given.unwrap_or(&nothing);
    Provenance {
        source_note: note(path, &given.source_note, rules, faults),
        collect_date: date(path, &given.collect_date, rules, faults),
        collector: collector(path, &given.collector, rules, faults),
        channel: channel(path, &given.channel, rules, faults),
        // Whether it is needed shows when the value itself is checked.
        check_digit_waived: false,
        certainty: certainty(path, given, faults).into(),
        // A merge alone says so, of what it wrote.
        taken_over: false,
    }
}

// A word of a later version is not taken for a fact.
fn certainty(path: &str, given: &Provenance, faults: &mut Faults) -> Certainty {
    Certainty::try_from(given.certainty).unwrap_or_else(|_| {
        faults.add(format!("{path}.provenance.certainty"), "is not known here");
        Certainty::Unspecified
    })
}

/// Whether it is an opinion, or a group of which a cell is one (P-26).
pub fn is_opinion(value: &FieldValue) -> bool {
    let own = value.provenance.as_ref().is_some_and(|origin| origin.certainty() == Certainty::Opinion);
    let rows = match &value.value {
        Some(Value::Rows(list)) => list.rows.as_slice(),
        _ => &[],
    };
    own || rows.iter().flat_map(|row| row.cells.values()).any(is_opinion)
}

/// The origin of a value that somebody in the company decided, such as a classification.
pub fn decided(note: &str, rules: &Origin<'_>) -> Provenance {
    let note: String = note.chars().take(LONGEST_NOTE).collect();
    Provenance {
        source_note: if note.is_empty() { "classification".to_owned() } else { note },
        collect_date: rules.today.to_string(),
        collector: name::name("persons", rules.writer),
        ..Provenance::default()
    }
}

fn note(path: &str, text: &str, rules: &Origin<'_>, faults: &mut Faults) -> String {
    let text = tidy(text);
    if text.is_empty() && rules.pack.sources_demanded {
        faults.because(Reason::SourceMissing, path, "needs a source note", None);
    }
    if let Some(why) = flaw(&text, Lines::One, LONGEST_NOTE) {
        faults.add(format!("{path}.provenance.source_note"), why);
    }
    text
}

fn date(path: &str, text: &str, rules: &Origin<'_>, faults: &mut Faults) -> String {
    let text = tidy(text);
    if text.is_empty() {
        return rules.today.to_string();
    }
    let why = match calendar_day(&text) {
        Some(date) if date <= rules.today => return date.to_string(),
        Some(_) => "lies in the future",
        None => "is no calendar day in the form YYYY-MM-DD",
    };
    faults.add(format!("{path}.provenance.collect_date"), why);
    String::new()
}

fn collector(path: &str, text: &str, rules: &Origin<'_>, faults: &mut Faults) -> String {
    if text.is_empty() {
        return name::name("persons", rules.writer);
    }
    let field = format!("{path}.provenance.collector");
    faults.absorb(name::id(&field, "persons", text)).map(|id| name::name("persons", id)).unwrap_or_default()
}

// A pack that demands sources demands the channel too: a source that nobody may use is none.
fn channel(path: &str, text: &str, rules: &Origin<'_>, faults: &mut Faults) -> String {
    if text.is_empty() && !rules.pack.sources_demanded {
        return String::new();
    }
    match Channel::parse(text).filter(|channel| rules.pack.is_lawful(*channel)) {
        Some(channel) => channel.to_string(),
        None if text.is_empty() => {
            faults.because(Reason::SourceMissing, format!("{path}.provenance.channel"), "needs a lawful channel", None);
            String::new()
        }
        None => {
            let (field, why) = (format!("{path}.provenance.channel"), "names a channel that is not lawful here");
            faults.because(Reason::ChannelNotLawful, field, why, Some(("channel", echo(text))));
            String::new()
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(pack: &Pack, given: Provenance) -> (Provenance, Faults) {
        let mut faults = Faults::default();
        let rules = Origin { pack, today: jiff::civil::date(2026, 4, 2), writer: Uuid::from_u128(5) };
        (origin("fields.phone", Some(&given), &rules, &mut faults), faults)
    }

    fn strict() -> Pack {
        Pack { sources_demanded: true, channels: vec![Channel::CustomerVisit], ..Pack::default() }
    }

    fn given(note: &str, channel: &str, date: &str) -> Provenance {
        Provenance {
            source_note: note.into(),
            channel: channel.into(),
            collect_date: date.into(),
            ..Provenance::default()
        }
    }

    #[test]
    fn gaps_are_filled_with_today_and_the_writer() {
        let (origin, faults) = checked(&strict(), given("visit", "customer_visit", ""));
        assert!(faults.is_empty());
        assert_eq!(origin.collect_date, "2026-04-02");
        assert!(origin.collector.starts_with("persons/"));
    }

    #[test]
    fn a_value_without_source_is_refused_where_sources_are_demanded() {
        let (_, faults) = checked(&strict(), given(" ", "customer_visit", ""));
        assert_eq!(faults.finish().unwrap_err().reason(), Reason::SourceMissing);
        let (_, faults) = checked(&Pack::default(), Provenance::default());
        assert!(faults.is_empty());
    }

    // proves: P-26
    #[test]
    fn a_guess_is_kept_as_an_opinion_and_never_as_something_unknown() {
        let (origin, faults) =
            checked(&Pack::default(), Provenance { certainty: Certainty::Opinion.into(), ..given("", "", "") });
        assert!(faults.is_empty() && origin.certainty() == Certainty::Opinion);
        let said = |origin: &Provenance| FieldValue { value: None, provenance: Some(origin.clone()) };
        assert!(is_opinion(&said(&origin)) && !is_opinion(&said(&Provenance::default())));
        let row = dossier_proto::types::Row { id: "1".into(), cells: [("age".to_owned(), said(&origin))].into() };
        let rows = Value::Rows(dossier_proto::types::RowList { rows: vec![row] });
        assert!(is_opinion(&FieldValue { value: Some(rows), provenance: None }));
        let (_, faults) = checked(&Pack::default(), Provenance { certainty: 7, ..given("", "", "") });
        assert_eq!(faults.finish().unwrap_err().violations()[0].field, "fields.phone.provenance.certainty");
    }

    #[test]
    fn an_unlawful_channel_and_a_future_day_are_refused() {
        let (_, faults) = checked(&strict(), given("visit", "questionnaire", ""));
        let fault = faults.finish().unwrap_err();
        assert_eq!((fault.reason(), fault.metadata("channel")), (Reason::ChannelNotLawful, Some("questionnaire")));
        let (_, faults) = checked(&strict(), given("visit", "customer_visit", "2026-04-03"));
        assert_eq!(faults.finish().unwrap_err().violations()[0].field, "fields.phone.provenance.collect_date");
    }
}
