//! Plans as `auto_explain` writes them into the log of the server.

use serde_json::Value;

/// A plan that was followed.
#[derive(Clone, Debug)]
pub(super) struct Entry {
    /// The text of the statement.
    pub(super) text: String,
    /// The topmost step.
    pub(super) plan: Value,
}

/// Every plan in a log. The lines of one begin with a tab; another process may have written between two of them, but not
/// between the lines of one.
pub(super) fn entries(log: &str) -> Vec<Entry> {
    let mut found = Vec::new();
    let mut lines = log.lines().peekable();
    while let Some(line) = lines.next() {
        if !line.ends_with(" plan:") {
            continue;
        }
        let mut text = String::new();
        while let Some(next) = lines.next_if(|next| next.starts_with('\t')) {
            text.push_str(next);
        }
        found.extend(entry(&text));
    }
    found
}

fn entry(text: &str) -> Option<Entry> {
    let told: Value = serde_json::from_str(text).ok()?;
    Some(Entry { text: told["Query Text"].as_str()?.to_owned(), plan: told["Plan"].clone() })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_plan_is_read_with_its_statement() {
        let log = "LOG:  checkpoint starting: time\nLOG:  duration: 0.1 ms  plan:\n\t{\n\t  \"Query Text\": \"SELECT\\n 1\",\n\t  \
                   \"Plan\": {\n\t    \"Node Type\": \"Result\"\n\t  }\n\t}\nLOG:  duration: 0.2 ms  plan:\n\t{}\n";
        let found = entries(log);
        assert_eq!(found.len(), 1, "{found:?}");
        assert_eq!((found[0].text.as_str(), found[0].plan["Node Type"].as_str()), ("SELECT\n 1", Some("Result")));
    }
}
