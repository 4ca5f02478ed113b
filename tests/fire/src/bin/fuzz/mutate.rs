//! Inputs near those that are good: cut, joined, doubled, with letters changed that the grammars know.

use dossier_fire::measure::{Random, mixed};

/// Most inputs that are mutated; later good ones take the place of one drawn at random.
const POOL: usize = 512;
/// Longest input.
const LONGEST: usize = 16 * 1024;
/// What the grammars are made of, and what strangers write instead.
const BITS: [&str; 44] = [
    "\"",
    "\\",
    "=",
    "<",
    "<=",
    ">",
    ">=",
    " AND ",
    " OR ",
    "NOT ",
    ":",
    "(",
    ")",
    ",",
    ".",
    "_",
    "-",
    "/",
    " ",
    "\n",
    "\t",
    "\0",
    " desc",
    "state",
    "files/",
    "true",
    "0",
    "9223372036854775807",
    "-9223372036854775808",
    "99999999999999999999",
    "2026-04-01T00:00:00Z",
    "+08:00",
    "00000000-0000-0000-0000-000000000007",
    "é",
    "档",
    "\u{2028}",
    "%2F",
    "+",
    "{",
    "}",
    "[",
    "]",
    "- ",
    "\u{2014} ",
];

/// Makes inputs from earlier ones.
pub(crate) struct Mutator {
    pool: Vec<Vec<u8>>,
    corpus: usize,
    random: Random,
}

// === impl Mutator ===

impl Mutator {
    pub(crate) fn new(corpus: Vec<Vec<u8>>, seed: u64) -> Self {
        Self { corpus: corpus.len(), pool: corpus, random: Random::new(mixed(seed)) }
    }

    /// One of the pool, changed in 1 to 4 places.
    pub(crate) fn input(&mut self) -> Vec<u8> {
        let at = self.below(self.pool.len());
        let mut input = self.pool[at].clone();
        for _ in 0..=self.below(4) {
            self.change(&mut input);
        }
        input.truncate(LONGEST);
        input
    }

    /// Keeps a good input, so that what comes after begins with it; those of the corpus always stay.
    pub(crate) fn keep(&mut self, input: &[u8]) {
        if self.pool.len() < POOL {
            self.pool.push(input.to_vec());
        } else if self.below(64) == 0 && self.corpus < POOL {
            let at = self.corpus + self.below(POOL - self.corpus);
            self.pool[at] = input.to_vec();
        }
    }

    fn change(&mut self, input: &mut Vec<u8>) {
        let at = self.below(input.len() + 1);
        let until = at + self.below(input.len() - at + 1);
        match self.below(7) {
            0 => drop(input.drain(at..until)),
            1 => {
                let part = input[at..until].to_vec();
                input.splice(at..at, part);
            }
            2 => {
                let bit = BITS[self.below(BITS.len())];
                input.splice(at..at, bit.bytes());
            }
            3 => {
                let bit = BITS[self.below(BITS.len())];
                let end = input.len().min(at + bit.len());
                input.splice(at..end, bit.bytes());
            }
            4 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte ^= 1 << (self.random.number() % 8);
                }
            }
            5 => {
                if let Some(byte) = input.get_mut(at) {
                    *byte = b' ' + u8::try_from(self.random.number() % 95).unwrap_or(0);
                }
            }
            _ => {
                let other = self.below(self.pool.len());
                let from = self.below(self.pool[other].len() + 1);
                input.truncate(at);
                input.extend_from_slice(&self.pool[other][from..]);
            }
        }
    }

    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.random.number() % u64::try_from(end.max(1)).unwrap_or(1)).unwrap_or(0)
    }
}
