//! Names as they are said: each character by its readings in pinyin, without tones.
//!
//! A query of Latin letters asks for a stretch of two characters or more by their whole readings (`zhangwei`, `zhang wei`), or for
//! a name by its initials: all of them for up to four characters (`zw`), else the first four or more (`bjdx`). `ü` is written `ü`,
//! `v`, `u:` or, in the fashion of passports, `yu` behind `l` and `n`; tones may stand as marks and are left out. Readings that are
//! written together are cut in at most [`MOST_CUTS`] ways; a space or an apostrophe settles it.
//!
//! A character has the readings of `data/readings.txt`, or else the one that the package `pinyin` gives it. Both readings of a
//! surname count wherever it stands in a name: nobody can tell where a name begins that is written behind a title.

use std::borrow::Cow;
use std::collections::{BTreeSet, HashMap, HashSet};
use std::sync::LazyLock;

use pinyin::ToPinyin;
use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

use crate::han::simplified;

/// Letters of a name that are read; what stands behind them is found by its writing alone.
pub const LONGEST: usize = 64;
/// Ways of cutting a query into readings that are asked for.
pub const MOST_CUTS: usize = 4;
/// Initials that are kept of a name.
const INITIALS: usize = 4;
/// Letters of the longest reading, `zhuang`, and of its longest spelling.
const READING: usize = 6;

/// The readings of one character.
type Readings = Vec<&'static str>;

static POLYPHONES: LazyLock<HashMap<char, Readings>> = LazyLock::new(|| {
    let read = |line: &'static str| {
        let mut words = line.split_whitespace();
        Some((words.next()?.chars().next()?, words.collect()))
    };
    include_str!("../data/readings.txt").lines().filter_map(read).collect()
});

// Whatever a character of the planes with ideographs is read as.
static SYLLABLES: LazyLock<HashSet<&'static str>> = LazyLock::new(|| {
    let letters = ('\u{3400}'..='\u{9fff}').chain('\u{20000}'..='\u{323af}');
    letters.flat_map(readings).collect()
});

/// What a name is found by when it is said.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Sounds {
    /// The readings of neighbours, in every combination.
    pub(crate) pairs: BTreeSet<String>,
    /// The initials of the name, its first four at most, in every combination.
    pub(crate) initials: BTreeSet<String>,
}

/// Latin letters that may be the sound of a name.
#[derive(Clone, PartialEq, Eq)]
pub struct Heard {
    /// Ways of reading them as two characters or more.
    cuts: Vec<Vec<Cow<'static, str>>>,
    /// The letters, where each may be an initial.
    initials: Option<String>,
}

impl std::fmt::Debug for Heard {
    // The letters are those of a name that somebody asks for.
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Heard").field("cuts", &self.cuts.len()).finish_non_exhaustive()
    }
}

// Readings of `letter`; none for what is no ideograph.
fn readings(letter: char) -> Readings {
    if let Some(several) = POLYPHONES.get(&letter) {
        return several.clone();
    }
    let plain = match letter.to_pinyin().map(pinyin::Pinyin::plain) {
        Some("lü") => "lv",
        Some("lüe") => "lve",
        Some("nü") => "nv",
        Some("nüe") => "nve",
        Some(plain) => plain,
        None => return Readings::new(),
    };
    // `n` and `hm` are sounds that people make, and are in no name.
    if plain.is_ascii() && plain.contains(['a', 'e', 'i', 'o', 'u', 'v']) { vec![plain] } else { Readings::new() }
}

// The stretches of `name` that are read, without what stands between their letters; other letters and digits part them.
fn stretches(name: &str) -> Vec<Vec<Readings>> {
    let (mut all, mut left) = (vec![Vec::new()], LONGEST);
    // Not as letters look: 于 looks like a syllable of old Japanese.
    for letter in name.nfkc().map(simplified) {
        let readings = readings(letter);
        if readings.is_empty() {
            if letter.is_alphanumeric() {
                all.push(Vec::new());
            }
        } else if left > 0 {
            left -= 1;
            all.extend(all.is_empty().then(Vec::new));
            if let Some(last) = all.last_mut() {
                last.push(readings);
            }
        }
    }
    all.retain(|stretch| !stretch.is_empty());
    all
}

fn initial(reading: &str) -> &str {
    reading.get(..1).unwrap_or_default()
}

/// What `name` is found by.
pub(crate) fn sounds(name: &str) -> Sounds {
    let all = stretches(name);
    let mut sounds = Sounds::default();
    for neighbours in all.iter().flat_map(|stretch| stretch.windows(2)) {
        for one in &neighbours[0] {
            sounds.pairs.extend(neighbours[1].iter().map(|other| pair(one, other)));
        }
    }
    let first: Vec<_> = all.first().map(|stretch| stretch.iter().take(INITIALS).collect()).unwrap_or_default();
    if first.len() > 1 {
        sounds.initials = first.into_iter().fold(BTreeSet::from([String::new()]), |begun: BTreeSet<String>, letter| {
            begun.iter().flat_map(|one| letter.iter().map(move |next| format!("{one}{}", initial(next)))).collect()
        });
    }
    sounds
}

/// The sounds of neighbours in `name` by their first readings, and by their last where these are others.
pub(crate) fn namesakes(name: &str) -> BTreeSet<BTreeSet<String>> {
    let all = stretches(name);
    let way = |pick: fn(&Readings) -> Option<&&'static str>| {
        let said = |two: &[Readings]| Some(pair(pick(two.first()?)?, pick(two.last()?)?));
        all.iter().flat_map(|stretch| stretch.windows(2).filter_map(said)).collect::<BTreeSet<_>>()
    };
    let ways = [way(|readings| readings.first()), way(|readings| readings.last())];
    ways.into_iter().filter(|way| !way.is_empty()).collect()
}

fn pair(one: &str, other: &str) -> String {
    format!("{one} {other}")
}

/// Whether two names may be said alike: as many characters, and each with a reading that both have.
pub fn alike(one: &str, other: &str) -> bool {
    let read = |name: &str| stretches(name).concat();
    let (one, other) = (read(one), read(other));
    let shared = |(one, other): (&Readings, &Readings)| one.iter().any(|reading| other.contains(reading));
    !one.is_empty() && one.len() == other.len() && one.iter().zip(&other).all(shared)
}

// === impl Heard ===

impl Heard {
    /// What `part` may be when it is said; `None` when it is no sound of a name.
    pub fn read(part: &str) -> Option<Self> {
        let (letters, ends) = spoken(part)?;
        let cuts = Cutting { letters: &letters, ends: &ends }.all();
        let short = letters.len() > 1 && letters.bytes().all(|letter| !matches!(letter, b'i' | b'u' | b'v'));
        let initials = short.then_some(letters);
        (initials.is_some() || !cuts.is_empty()).then_some(Self { cuts, initials })
    }

    /// What a name must be stored under, each way of it by itself.
    pub(crate) fn ways(&self) -> impl Iterator<Item = Sounds> {
        let said = |cut: &Vec<Cow<'static, str>>| Sounds {
            pairs: cut.windows(2).map(|two| pair(&two[0], &two[1])).collect(),
            initials: BTreeSet::new(),
        };
        let begun = |initials: &String| Sounds {
            pairs: BTreeSet::new(),
            initials: BTreeSet::from([initials.chars().take(INITIALS).collect()]),
        };
        self.cuts.iter().map(said).chain(self.initials.iter().map(begun))
    }

    /// Whether `name` is said like this, in part or, by its initials, from its beginning.
    pub fn is_of(&self, name: &str) -> bool {
        let all = stretches(name);
        self.cuts.iter().any(|cut| all.iter().any(|stretch| has(stretch, cut)))
            || self.initials.as_ref().is_some_and(|initials| all.first().is_some_and(|first| begins(first, initials)))
    }
}

fn has(stretch: &[Readings], cut: &[Cow<'static, str>]) -> bool {
    let fits = |(readings, asked): (&Readings, &Cow<'static, str>)| readings.contains(&asked.as_ref());
    stretch.windows(cut.len()).any(|part| part.iter().zip(cut).all(fits))
}

fn begins(stretch: &[Readings], initials: &str) -> bool {
    let asked = initials.len();
    let whole = asked == stretch.len() || (asked >= INITIALS && asked < stretch.len());
    let fits = |(readings, asked): (&Readings, char)| readings.iter().any(|one| one.starts_with(asked));
    whole && stretch.iter().zip(initials.chars()).all(fits)
}

// The letters of a query, and the places where one of its words ends; `None` when something else is in it.
fn spoken(part: &str) -> Option<(String, BTreeSet<usize>)> {
    let (mut letters, mut ends) = (String::new(), BTreeSet::new());
    for letter in part.nfkc().flat_map(char::to_lowercase).nfd() {
        match letter {
            'a'..='z' => letters.push(letter),
            '\u{308}' | ':' if letters.ends_with('u') => {
                letters.pop();
                letters.push('v');
            }
            '\'' | '\u{2019}' | '\u{2bc}' | '-' => drop(ends.insert(letters.len())),
            letter if letter.is_whitespace() => drop(ends.insert(letters.len())),
            letter if is_combining_mark(letter) => {}
            _ => return None,
        }
    }
    ends.insert(letters.len());
    (!letters.is_empty()).then_some((letters, ends))
}

// The reading that `spelling` stands for.
fn reading(spelling: &str) -> Option<Cow<'static, str>> {
    let plain = match spelling {
        "lue" => "lve",
        "lyu" => "lv",
        "nue" => "nve",
        "nyu" => "nv",
        _ => spelling,
    };
    let known = SYLLABLES.get(plain).map(|known| Cow::Borrowed(*known));
    known.or_else(|| plain.starts_with(['j', 'q', 'x', 'y']).then(|| plain.replacen('v', "u", 1)).and_then(renamed))
}

fn renamed(plain: String) -> Option<Cow<'static, str>> {
    SYLLABLES.get(plain.as_str()).map(|known| Cow::Borrowed(*known))
}

// Letters to be cut into readings, none of which goes beyond the end of a word.
struct Cutting<'a> {
    letters: &'a str,
    ends: &'a BTreeSet<usize>,
}

// === impl Cutting ===

impl Cutting<'_> {
    fn all(&self) -> Vec<Vec<Cow<'static, str>>> {
        // From which places the end can be reached, so that no way is begun in vain.
        let mut ending = vec![false; self.letters.len() + 1];
        if let Some(last) = ending.last_mut() {
            *last = true;
        }
        for from in (0..self.letters.len()).rev() {
            ending[from] = self.next(from).any(|(to, _)| ending[to]);
        }
        let mut found = Vec::new();
        self.go(0, &ending, &mut Vec::new(), &mut found);
        found
    }

    // The longest readings first.
    fn go(
        &self,
        from: usize,
        ending: &[bool],
        begun: &mut Vec<Cow<'static, str>>,
        found: &mut Vec<Vec<Cow<'static, str>>>,
    ) {
        if from == self.letters.len() {
            found.extend((begun.len() > 1).then(|| begun.clone()));
            return;
        }
        for (to, reading) in self.next(from).filter(|(to, _)| ending[*to]) {
            if found.len() < MOST_CUTS {
                begun.push(reading);
                self.go(to, ending, begun, found);
                begun.pop();
            }
        }
    }

    fn next(&self, from: usize) -> impl Iterator<Item = (usize, Cow<'static, str>)> {
        let word = self.ends.range(from + 1..).next().copied().unwrap_or(from);
        let most = word.min(from + READING);
        (from + 1..=most).rev().filter_map(move |to| Some((to, reading(self.letters.get(from..to)?)?)))
    }
}

#[cfg(test)]
mod tests;
