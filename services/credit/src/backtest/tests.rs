use super::*;

const CARD: &str = include_str!("../../../../tests/data/german-credit/scorecard.json");
const APPLICANTS: &str = include_str!("../../../../tests/data/german-credit/applicants.csv");
const EXPECTED: &str = include_str!("../../../../tests/data/german-credit/expected_points_first_700.csv");
const OUTCOME: (&str, &str) = ("creditability", "bad");

fn german(input: &[u8]) -> (Result<Report, BacktestFault>, String) {
    let mut output = Vec::new();
    let report = run(&Card::from_json(CARD).unwrap(), input, OUTCOME, &mut output);
    (report, String::from_utf8(output).unwrap())
}

fn faults(input: &[u8]) -> Vec<String> {
    let (report, output) = german(input);
    assert_eq!(output, "", "nothing is half-written");
    match report.unwrap_err() {
        BacktestFault::Input(faults) => faults.iter().map(ToString::to_string).collect(),
        other => panic!("{other}"),
    }
}

// proves: C-13
/// C-13: the engine gives every cell of the expected file.
#[test]
fn every_cell_of_the_german_set_is_reproduced() {
    let (_, output) = german(APPLICANTS.as_bytes());
    let mut cells = 0;
    let lines = output.lines().zip(EXPECTED.lines()).enumerate();
    for (line, (given, expected)) in lines {
        for (column, (given, expected)) in given.split(',').zip(expected.split(',')).enumerate() {
            assert_eq!(given, expected, "line {} column {}", line + 1, column + 1);
            cells += 1;
        }
        assert_eq!(given, expected);
    }
    assert_eq!((EXPECTED.lines().count(), cells), (701, 701 * 15));
    assert_eq!(output.lines().count(), 1001);
}

// proves: C-13
#[test]
fn the_auc_of_the_german_set_is_known() {
    let report = german(APPLICANTS.as_bytes()).0.unwrap();
    assert_eq!((report.rows, report.bad), (1000, 300));
    assert_eq!(format!("{:.3}", report.auc.unwrap()), "0.824");
    let printed = report.to_string();
    assert!(printed.contains("rows 1000, good 700, bad 300\nAUC 0.824, KS 0."), "{printed}");
}

#[test]
fn a_changed_cell_is_noticed() {
    let changed = APPLICANTS.replacen(",6,", ",48,", 1);
    let (_, output) = german(changed.as_bytes());
    assert_ne!(output.lines().nth(1), EXPECTED.lines().nth(1));
    assert_eq!(output.lines().nth(2), EXPECTED.lines().nth(2));
}

#[test]
fn faults_name_line_and_column_and_no_value() {
    let broken = APPLICANTS.replacen(",5951,", ",canary,", 1).replacen(",2096,", ",,", 1);
    let found = faults(broken.as_bytes());
    assert_eq!(found.len(), 2, "{found:?}");
    assert!(found[0].starts_with("line 3 column `credit_amount`: is no decimal"), "{found:?}");
    assert!(found[1].starts_with("line 4 column `credit_amount`: is missing"), "{found:?}");
    assert!(!found.concat().contains("canary"));
}

#[test]
fn a_header_without_a_column_is_refused() {
    let broken = APPLICANTS.replacen("housing", "house", 1).replacen("creditability", "housing_outcome", 1);
    let expected = [
        "line 1 column `creditability`: is missing from the header",
        "line 1 column `housing`: is missing from the header",
    ];
    assert_eq!(faults(broken.as_bytes()), expected);
    assert_eq!(faults(b"").len(), 14);
}

#[test]
fn broken_rows_are_named() {
    let mut lines: Vec<_> = APPLICANTS.lines().map(str::to_owned).collect();
    lines[2] = "1,2,3".into();
    lines[4] = lines[4].replace("good", "").replace("bad", "");
    let mut bytes = lines.join("\n").into_bytes();
    assert_eq!(faults(&bytes), ["line 3: has 3 columns where the header has 22", "line 5: has no outcome"]);
    let at = bytes.iter().rposition(|byte| *byte == b'\n').unwrap() + 2;
    bytes[at] = 0xff;
    // One byte, and the encoding of the whole file is in doubt.
    let fault = german(&bytes).0.unwrap_err().to_string();
    assert!(fault.starts_with("line 1001 is not UTF-8"), "{fault}");
    let told = run_in(&Card::from_json(CARD).unwrap(), &bytes[..], Some(Encoding::Utf8), OUTCOME, Vec::new())
        .unwrap_err()
        .to_string();
    assert!(told.ends_with("line 1001: is not UTF-8"), "{told}");
}

#[test]
fn rows_are_told_by_their_line_whatever_the_line_ends() {
    let broken = APPLICANTS.replacen(",2096,", ",,", 1);
    let expected = ["line 4 column `credit_amount`: is missing, and the card has no points for that"];
    for text in [broken.clone(), broken.replace('\n', "\r\n")] {
        assert_eq!(faults(text.as_bytes()), expected);
    }
    let (with_feeds, with_returns) =
        (german(APPLICANTS.as_bytes()), german(APPLICANTS.replace('\n', "\r\n").as_bytes()));
    assert_eq!((with_feeds.0.unwrap(), with_feeds.1), (with_returns.0.unwrap(), with_returns.1));
}

#[test]
fn an_outcome_that_never_comes_is_a_fault_and_others_are_told() {
    let report = run(&Card::from_json(CARD).unwrap(), APPLICANTS.as_bytes(), ("creditability", "Bad"), Vec::new())
        .unwrap_err()
        .to_string();
    assert_eq!(report, "line 1 column `creditability`: never says what is to count as bad");
    let report = german(APPLICANTS.replacen("good", "goood", 1).as_bytes()).0.unwrap();
    assert!(
        report.to_string().contains("outcome `bad` 300 counted as bad; `good` 699, `goood` 1 counted as good"),
        "{report}"
    );
}

#[test]
fn only_the_first_faults_are_named() {
    let lines: Vec<_> = APPLICANTS.lines().map(|line| line.replace("own", "canary")).collect();
    assert_eq!(faults(lines.join("\n").as_bytes()).len(), MOST_FAULTS);
}
