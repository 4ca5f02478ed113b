//! Cells as people and spreadsheets write them: read where they can mean one thing only, refused with a hint otherwise.

use dossier_kernel::money;
use dossier_kernel::time::to_proto;
use dossier_proto::types::Money;
use jiff::civil::Date;
use prost_types::Timestamp;
use unicode_normalization::UnicodeNormalization;

/// A text of one line; a line break in its cell is a space.
pub(super) fn one_line(text: &str) -> String {
    if !text.contains(['\n', '\r', '\t']) {
        return text.to_owned();
    }
    let lines = text.split(['\n', '\r', '\t']).map(str::trim).filter(|line| !line.is_empty());
    lines.collect::<Vec<_>>().join(" ")
}

/// A whole number: digits of any width, and `35.0` as a spreadsheet writes 35.
pub(super) fn integer(text: &str) -> Result<i64, &'static str> {
    let text = plain(text);
    let (whole, fraction) = text.split_once('.').unwrap_or((&text, ""));
    if !fraction.bytes().all(|byte| byte == b'0') {
        return Err("must be a whole number, without a fraction");
    }
    if whole.contains(',') {
        return Err("must be a whole number, without separators between its digits");
    }
    whole.parse().map_err(|_| "must be a whole number")
}

/// A decimal number: digits of any width.
pub(super) fn decimal(text: &str) -> Option<String> {
    let text = plain(text);
    let digits = text.strip_prefix('-').unwrap_or(&text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let numeric = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    (numeric(whole) && numeric(fraction)).then_some(text)
}

/// An amount with its currency in front.
pub(super) fn amount(text: &str) -> Result<Money, &'static str> {
    let (currency_code, minor_units) =
        money::parse(&plain(text)).map_err(|_| "must be a currency and an amount such as `CNY 100.00`")?;
    Ok(Money { minor_units, currency_code })
}

/// An instant with its zone; without one, nobody can tell which it is.
pub(super) fn instant(text: &str) -> Result<Timestamp, &'static str> {
    let instant = plain(text).parse().map_err(|_| "must be a time such as `2026-04-01T08:00:00+08:00`")?;
    Ok(to_proto(instant))
}

/// Yes or no, in the words that forms use.
pub(super) fn truth(text: &str) -> Option<bool> {
    match plain(text).to_lowercase().as_str() {
        "true" | "yes" | "1" | "是" => Some(true),
        "false" | "no" | "0" | "否" => Some(false),
        _ => None,
    }
}

/// A day with its year first, parted by `-`, `/` or `.`, or as 2026年4月1日. Where the year does not come first, month and
/// day cannot be told apart; where there is a time, the zone cannot be told.
pub(crate) fn day(text: &str) -> Result<Date, &'static str> {
    const WHY: &str = "must be a day with its year first, such as `2026-04-01`";
    let text = plain(text);
    let parted = match text.strip_suffix('日') {
        Some(rest) => rest.replacen('年', "-", 1).replacen('月', "-", 1),
        None => text,
    };
    let sign = parted.chars().find(|sign| !sign.is_ascii_digit()).filter(|sign| "-/.".contains(*sign)).ok_or(WHY)?;
    let parts: Vec<&str> = parted.split(sign).collect();
    let digits =
        |text: &str, most: usize| (1..=most).contains(&text.len()) && text.bytes().all(|byte| byte.is_ascii_digit());
    match parts.as_slice() {
        [year, month, day] if year.len() == 4 && digits(year, 4) && digits(month, 2) && digits(day, 2) => {
            let number = |text: &str| text.parse::<i8>().map_err(|_| WHY);
            let date = Date::new(year.parse().map_err(|_| WHY)?, number(month)?, number(day)?);
            date.map_err(|_| "is no day of the calendar")
        }
        _ => Err(WHY),
    }
}

// Digits and signs of full width as plain ones.
fn plain(text: &str) -> String {
    text.trim().nfkc().collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_as_spreadsheets_write_them() {
        for (text, number) in [("35", 35), ("35.0", 35), ("-7.00", -7), ("３５", 35), (" 35 ", 35)] {
            assert_eq!(integer(text), Ok(number), "{text}");
        }
        for wrong in ["35.5", "1,000", "3 5", "1e3", "", "."] {
            assert!(integer(wrong).is_err(), "{wrong}");
        }
        assert_eq!(decimal("１２.５０").as_deref(), Some("12.50"));
        assert_eq!((decimal("1,5"), decimal("1e3")), (None, None));
        assert_eq!((truth("ＹＥＳ"), truth("是"), truth("perhaps")), (Some(true), Some(true), None));
    }

    #[test]
    fn amounts_and_instants_are_read_only_where_they_are_whole() {
        let yuan = Money { minor_units: 1250, currency_code: "CNY".into() };
        assert_eq!((amount("CNY 12.50"), amount("ＣＮＹ　１２．５")), (Ok(yuan.clone()), Ok(yuan)));
        for wrong in ["12.50", "CNY 12.505", "CNY", "¥12"] {
            assert!(amount(wrong).is_err(), "{wrong}");
        }
        let time = Timestamp { seconds: 1_775_001_600, nanos: 0 };
        assert_eq!(instant("2026-04-01T08:00:00+08:00"), Ok(time));
        assert!(instant("2026-04-01 08:00").is_err() && instant("2026-04-01").is_err());
    }

    #[test]
    fn a_day_is_read_only_where_it_can_be_one_day_only() {
        let april = jiff::civil::date(2026, 4, 1);
        for text in ["2026-04-01", "2026/4/1", "2026.04.01", "2026年4月1日", "２０２６/０４/０１"] {
            assert_eq!(day(text), Ok(april), "{text}");
        }
        for wrong in
            ["4/1/2026", "01.04.26", "20260401", "2026-04-01T23:30-08:00", "2026/04-01", "46113", "2026-02-30", ""]
        {
            assert!(day(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn a_line_break_in_a_cell_of_one_line_is_a_space() {
        assert_eq!(one_line("上海市\n黄浦区\r\n 1号"), "上海市 黄浦区 1号");
        assert_eq!(one_line("a  b"), "a  b");
    }
}
