//! A page as text for a screen.

use std::fmt::Write;

use super::{Block, Fact, Part, Printout};

/// Columns between cells.
const GAP: usize = 2;
/// Before everything that stands in a part.
const INDENT: &str = "  ";
/// Longest cell of a table.
const WIDEST: usize = 40;

/// The page as text, a line end after every line.
pub fn screen(page: &Printout) -> String {
    let mut text = format!("{}\n", plain(&page.title));
    text.push_str(&facts(&page.facts, ""));
    for one in &page.parts {
        part(&mut text, one);
    }
    if !page.foot.is_empty() {
        text.push('\n');
    }
    for line in &page.foot {
        let _ = writeln!(text, "{}", plain(line));
    }
    text
}

fn part(text: &mut String, part: &Part) {
    let _ = writeln!(text, "\n{}", plain(&part.heading));
    if part.blocks.is_empty() {
        let _ = writeln!(text, "{INDENT}–");
    }
    for block in &part.blocks {
        match block {
            Block::Heading(heading) => {
                let _ = writeln!(text, "{INDENT}{}", plain(heading));
            }
            Block::Facts(pairs) => text.push_str(&facts(pairs, INDENT)),
            Block::Table { head, rows } => {
                let head: Vec<_> = head.iter().map(|cell| plain(cell)).collect();
                let cells = |row: &Vec<String>| row.iter().map(|cell| cut(&plain(cell))).collect();
                let grid: Vec<_> = std::iter::once(head).chain(rows.iter().map(cells)).collect();
                text.push_str(&aligned(&grid, INDENT));
            }
            Block::Note(note) => {
                let _ = writeln!(text, "{INDENT}({})", plain(note));
            }
        }
    }
}

// A value of several lines goes on below its first.
fn facts(facts: &[Fact], indent: &str) -> String {
    let wide = facts.iter().map(|fact| columns(&plain(&fact.label))).max().unwrap_or(0) + GAP;
    let mut text = String::new();
    for fact in facts {
        let label = plain(&fact.label);
        let first = format!("{indent}{label}{}", " ".repeat(wide.saturating_sub(columns(&label))));
        let mut lines = fact.value.lines().map(plain);
        let _ = writeln!(text, "{}", format!("{first}{}", lines.next().unwrap_or_default()).trim_end());
        for line in lines {
            let _ = writeln!(text, "{}", format!("{indent}{}{line}", " ".repeat(wide)).trim_end());
        }
    }
    text
}

fn aligned(grid: &[Vec<String>], indent: &str) -> String {
    let count = grid.iter().map(Vec::len).max().unwrap_or(0);
    let widest = |at: usize| grid.iter().filter_map(|row| row.get(at)).map(|cell| columns(cell)).max().unwrap_or(0);
    let widths: Vec<usize> = (0..count).map(widest).collect();
    let mut text = String::new();
    for row in grid {
        let mut line = indent.to_owned();
        for (cell, wide) in row.iter().zip(&widths) {
            line.push_str(cell);
            line.extend(std::iter::repeat_n(' ', wide.saturating_sub(columns(cell)) + GAP));
        }
        let _ = writeln!(text, "{}", line.trim_end());
    }
    text
}

fn cut(text: &str) -> String {
    if columns(text) <= WIDEST {
        return text.to_owned();
    }
    let mut cut = String::new();
    for c in text.chars() {
        // Room for a wide character and the dots.
        if columns(&cut) + 3 > WIDEST {
            break;
        }
        cut.push(c);
    }
    cut + "…"
}

// What could move the cursor of a terminal has no place in a value.
fn plain(text: &str) -> String {
    text.chars().map(|c| if c.is_control() { ' ' } else { c }).collect()
}

/// Columns on a screen: Chinese characters and full-width signs take two.
pub fn columns(text: &str) -> usize {
    let wide = |c: char| matches!(u32::from(c), 0x1100..=0x115F | 0x2E80..=0xA4CF | 0xAC00..=0xD7A3 | 0xF900..=0xFAFF | 0xFE30..=0xFE6F | 0xFF00..=0xFF60 | 0xFFE0..=0xFFE6 | 0x20000..=0x3FFFD);
    text.chars().map(|c| if wide(c) { 2 } else { 1 }).sum()
}
