//! Statistics: what is counted in each period and group, and what of it is told so that no customer is singled out.
//!
//! A number is told of a group of at least [`FEWEST`] customers. Smaller groups are told together, with one that is large enough where
//! they would be too few by themselves; else they are held back. A period is told alike whatever else is asked for, and packs cannot
//! count the same twice in another way, so no difference of two answers tells what either holds back.

use std::collections::{BTreeMap, BTreeSet};

use dossier_kernel::error::{Error, Result};
use dossier_regime::PeriodLength;
use dossier_regime::bound::Bound;
use jiff::civil::{Date, date};
use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan};

/// Fewest customers that are told of.
pub const FEWEST: usize = 5;
/// Most periods of one answer.
pub const MOST_PERIODS: usize = 60;
/// Most groups of a period that are kept apart; what comes after is told together.
const MOST_GROUPS: usize = 1_000;

/// One file or record that is counted.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Counted {
    /// The day by which it falls in a period.
    pub day: Date,
    /// What it has in common with others; empty: nothing is said.
    pub values: Vec<String>,
    /// What it adds, one for each field.
    pub addends: Vec<Option<String>>,
    /// The customer whom it is about; `None`: none.
    pub customer: Option<String>,
}

/// Up to [`FEWEST`] customers: enough to know whether they are enough.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Customers(BTreeSet<String>);

/// What is in a group.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Group {
    /// How many.
    pub count: i64,
    customers: Customers,
    sums: Vec<BTreeMap<Option<String>, Sum>>,
}

/// What the values of one field in one currency come to; `None`: more than can be said.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Sum {
    total: Option<Bound>,
    customers: Customers,
}

/// What is told of a period.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Told {
    /// Groups by themselves.
    pub groups: Vec<(Vec<String>, Group)>,
    /// The rest together.
    pub others: Option<Group>,
    /// Whether there is more that is not told.
    pub held_back: bool,
}

/// The groups of the periods that are asked for.
#[derive(Clone, Debug)]
pub struct Tally {
    each: PeriodLength,
    first: Date,
    last: Date,
    periods: BTreeMap<Date, Groups>,
}

#[derive(Clone, Debug, Default)]
struct Groups {
    groups: BTreeMap<Vec<String>, Group>,
    overflow: Group,
}

// === impl Tally ===

impl Tally {
    /// The periods from that of `start` to that of `end`.
    ///
    /// # Errors
    /// A violation of `end_date` when it lies before `start`, or too many periods lie between.
    pub fn new(each: PeriodLength, start: Date, end: Date) -> Result<Self> {
        let (first, last) = (begin(each, start), begin(each, end));
        let months = i32::from(last.year()) * 12 + i32::from(last.month())
            - i32::from(first.year()) * 12
            - i32::from(first.month());
        let periods = usize::try_from(months / i32::from(months_of(each)) + 1).unwrap_or_default();
        match (end < start, periods > MOST_PERIODS) {
            (true, _) => Err(Error::violation("end_date", "lies before `start_date`")),
            (_, true) => Err(Error::violation("end_date", format!("is at most {MOST_PERIODS} periods away"))),
            _ => Ok(Self { each, first, last, periods: BTreeMap::new() }),
        }
    }

    /// Counts one, if its period is asked for.
    pub fn add(&mut self, one: &Counted) {
        let period = begin(self.each, one.day);
        if period < self.first || period > self.last {
            return;
        }
        let groups = self.periods.entry(period).or_default();
        let room = groups.groups.len() < MOST_GROUPS || groups.groups.contains_key(&one.values);
        let group = if room { groups.groups.entry(one.values.clone()).or_default() } else { &mut groups.overflow };
        group.add(one);
    }

    /// What is told of each period in which there is something, with its first and last day.
    pub fn told(self) -> impl Iterator<Item = (Date, Date, Told)> {
        self.periods.into_iter().map(move |(start, groups)| (start, last_day(self.each, start), groups.told()))
    }
}

// === impl Groups ===

impl Groups {
    fn told(self) -> Told {
        let (mut told, small): (Vec<_>, Vec<_>) = self.groups.into_iter().partition(|(_, group)| group.is_enough());
        let mut others = self.overflow;
        small.into_iter().for_each(|(_, group)| others.join(group));
        if others.count == 0 {
            return Told { groups: told, ..Told::default() };
        }
        while !others.is_enough() {
            let least = told.iter().enumerate().min_by_key(|(_, (_, group))| group.count).map(|(at, _)| at);
            match least {
                Some(at) => others.join(told.remove(at).1),
                None => return Told { held_back: true, ..Told::default() },
            }
        }
        Told { groups: told, others: Some(others), held_back: false }
    }
}

// === impl Group ===

impl Group {
    /// What each field comes to, one text for each currency of which enough customers have a value.
    pub fn totals(&self, field: usize) -> Vec<String> {
        let sums = self.sums.get(field).into_iter().flat_map(BTreeMap::values);
        let told = sums.filter(|sum| sum.customers.are_enough()).filter_map(|sum| sum.total.as_ref());
        told.map(ToString::to_string).collect()
    }

    fn add(&mut self, one: &Counted) {
        self.count += 1;
        self.customers.add(one.customer.as_ref());
        self.sums.resize_with(one.addends.len(), BTreeMap::new);
        for (sums, addend) in self.sums.iter_mut().zip(&one.addends) {
            let Some(value) = addend.as_deref().and_then(Bound::of) else { continue };
            let mut customers = Customers::default();
            customers.add(one.customer.as_ref());
            Sum { total: Some(value.clone()), customers }.join(sums, value.currency);
        }
    }

    fn join(&mut self, other: Self) {
        self.count += other.count;
        self.customers.0.extend(other.customers.0);
        self.sums.resize_with(other.sums.len().max(self.sums.len()), BTreeMap::new);
        for (sums, others) in self.sums.iter_mut().zip(other.sums) {
            others.into_iter().for_each(|(currency, sum)| sum.join(sums, currency));
        }
    }

    fn is_enough(&self) -> bool {
        self.customers.are_enough()
    }
}

// === impl Sum ===

impl Sum {
    fn join(self, sums: &mut BTreeMap<Option<String>, Self>, currency: Option<String>) {
        match sums.get_mut(&currency) {
            Some(sum) => {
                sum.total = sum.total.as_ref().zip(self.total.as_ref()).and_then(|(one, two)| one.plus(two));
                sum.customers.0.extend(self.customers.0);
            }
            None => {
                sums.insert(currency, self);
            }
        }
    }
}

// === impl Customers ===

impl Customers {
    fn add(&mut self, customer: Option<&String>) {
        if let Some(customer) = customer.filter(|_| self.0.len() < FEWEST) {
            self.0.insert(customer.clone());
        }
    }

    // What is about no customer singles nobody out.
    fn are_enough(&self) -> bool {
        self.0.is_empty() || self.0.len() >= FEWEST
    }
}

/// The day of a value: a day, a month, or a moment in `zone`.
pub fn day_of(value: &str, zone: &TimeZone) -> Option<Date> {
    match value.len() {
        10 => value.parse().ok(),
        7 => format!("{value}-01").parse().ok(),
        _ => value.parse::<Timestamp>().ok().map(|at| at.to_zoned(zone.clone()).date()),
    }
}

/// A day of a request.
///
/// # Errors
/// A violation of `field`.
pub fn asked_day(field: &str, text: &str) -> Result<Date> {
    let day = text.parse::<Date>().ok().filter(|day| day.to_string() == text && (1900..=2199).contains(&day.year()));
    day.ok_or_else(|| Error::violation(field, "must be a day of the years 1900 to 2199, such as `2026-03-01`"))
}

const fn months_of(each: PeriodLength) -> i8 {
    match each {
        PeriodLength::Month => 1,
        PeriodLength::Quarter => 3,
        PeriodLength::Year => 12,
    }
}

fn begin(each: PeriodLength, day: Date) -> Date {
    let month = day.month() - 1;
    date(day.year(), month - month % months_of(each) + 1, 1)
}

fn last_day(each: PeriodLength, start: Date) -> Date {
    let months = i64::from(months_of(each));
    start.checked_add(months.months()).and_then(Date::yesterday).unwrap_or(Date::MAX)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(group: &str, customer: usize, amount: &str) -> Counted {
        Counted {
            day: date(2026, 3, 5),
            values: vec![group.into()],
            addends: vec![Some(amount.into()).filter(|amount: &String| !amount.is_empty())],
            customer: Some(customer.to_string()),
        }
    }

    fn told(all: impl IntoIterator<Item = Counted>) -> Told {
        let day = date(2026, 3, 1);
        let mut tally = Tally::new(PeriodLength::Month, day, day).unwrap();
        all.into_iter().for_each(|one| tally.add(&one));
        tally.told().next().map(|(.., told)| told).unwrap_or_default()
    }

    fn groups(told: &Told) -> Vec<(&str, i64)> {
        told.groups.iter().map(|(values, group)| (values[0].as_str(), group.count)).collect()
    }

    // proves: X-26
    #[test]
    fn a_group_of_fewer_than_five_customers_is_never_told_apart() {
        let large = || (0..7).map(|n| one("a", n, "1"));
        let enough = told(large().chain((10..15).map(|n| one("b", n, "1"))));
        assert_eq!((groups(&enough), enough.others.is_none()), (vec![("a", 7), ("b", 5)], true));
        // One customer with five complaints is one customer.
        let alone = told(large().chain((0..5).map(|_| one("b", 10, "1"))));
        assert_eq!((groups(&alone), alone.others.as_ref().unwrap().count), (vec![], 12));
        let few = told((0..4).map(|n| one("a", n, "1")));
        assert_eq!((groups(&few), few.others.is_none(), few.held_back), (vec![], true, true));
    }

    // proves: X-26
    #[test]
    fn small_groups_are_told_together_and_with_the_smallest_other_where_they_are_too_few() {
        let of = |group: &'static str, customers: std::ops::Range<usize>| customers.map(move |n| one(group, n, "1"));
        let together = told(of("a", 0..9).chain(of("b", 20..23)).chain(of("c", 30..32)));
        assert_eq!((groups(&together), together.others.as_ref().unwrap().count), (vec![("a", 9)], 5));
        let too_few = told(of("a", 0..9).chain(of("b", 20..26)).chain(of("c", 30..32)));
        assert_eq!((groups(&too_few), too_few.others.as_ref().unwrap().count), (vec![("a", 9)], 8), "b hides c");
    }

    // proves
    #[test]
    fn a_sum_is_told_where_enough_customers_contribute_each_currency_by_itself() {
        let all = (0..6).map(|n| one("a", n, "CNY 1.50")).chain((0..2).map(|n| one("a", n, "USD 7")));
        let told = told(all.chain((6..9).map(|n| one("a", n, ""))));
        let (_, group) = &told.groups[0];
        assert_eq!((group.count, group.totals(0)), (11, vec!["CNY 9.00".to_owned()]));
        assert!(group.totals(1).is_empty());
    }

    // proves: X-25
    #[test]
    fn what_is_about_no_customer_is_counted_as_it_is() {
        let line = Counted { customer: None, ..one("a", 0, "3") };
        let told = told([line]);
        assert_eq!((groups(&told), told.groups[0].1.totals(0)), (vec![("a", 1)], vec!["3".to_owned()]));
    }

    // proves: X-26
    #[test]
    fn a_period_is_told_alike_whatever_else_is_asked_for() {
        let on = |month: i8, n: usize| Counted { day: date(2026, month, 9), ..one("a", n, "1") };
        let all: Vec<_> = (0..6).map(|n| on(1, n)).chain((0..2).map(|n| on(2, n))).collect();
        let asked = |start, end| {
            let mut tally = Tally::new(PeriodLength::Month, start, end).unwrap();
            all.iter().for_each(|one| tally.add(one));
            tally.told().map(|(start, _, told)| (start, told)).collect::<BTreeMap<_, _>>()
        };
        let (january, both) = (asked(date(2026, 1, 20), date(2026, 1, 20)), asked(date(2026, 1, 1), date(2026, 2, 28)));
        assert_eq!(january[&date(2026, 1, 1)], both[&date(2026, 1, 1)]);
        assert!(both[&date(2026, 2, 1)].held_back && both.len() == 2);
    }

    #[test]
    fn periods_are_those_of_the_calendar() {
        let day = date(2026, 5, 31);
        let spans = [PeriodLength::Month, PeriodLength::Quarter, PeriodLength::Year].map(|each| {
            let start = begin(each, day);
            (start, last_day(each, start))
        });
        let expected = [
            (date(2026, 5, 1), date(2026, 5, 31)),
            (date(2026, 4, 1), date(2026, 6, 30)),
            (date(2026, 1, 1), date(2026, 12, 31)),
        ];
        assert_eq!(spans, expected);
        let far = |each, end| Tally::new(each, date(2026, 1, 1), end).is_ok();
        assert!(far(PeriodLength::Month, date(2030, 12, 31)) && !far(PeriodLength::Month, date(2031, 1, 1)));
        assert!(far(PeriodLength::Year, date(2085, 1, 1)) && !far(PeriodLength::Month, date(2025, 12, 31)));
        for wrong in ["", "2026-3-1", "2026-02-30", "20260301", "1800-01-01"] {
            assert!(asked_day("start_date", wrong).is_err(), "{wrong}");
        }
        assert_eq!(day_of("2026-03-31T16:00:00Z", &TimeZone::fixed(jiff::tz::offset(8))), Some(date(2026, 4, 1)));
        assert_eq!((day_of("2026-03", &TimeZone::UTC), day_of("soon", &TimeZone::UTC)), (Some(date(2026, 3, 1)), None));
    }
}
