//! A page as HTML for paper.

use maud::{DOCTYPE, Markup, PreEscaped, html as markup};

use super::{Block, Fact, Part, Printout};

/// Fonts of a system that has Chinese ones, in the order in which they are looked for.
const STYLE: &str = r#"
@page { size: A4; margin: 18mm 16mm; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 178mm; padding: 6mm 0; color: #111; background: #fff; font-size: 10.5pt; line-height: 1.45;
  font-family: "Noto Sans CJK SC", "Source Han Sans SC", "PingFang SC", "Microsoft YaHei", "WenQuanYi Micro Hei", "SimSun", sans-serif; }
h1 { font-size: 16pt; margin: 0 0 3mm; }
h2 { font-size: 11.5pt; margin: 6mm 0 1.5mm; border-bottom: 0.4mm solid #333; break-after: avoid; }
h3 { font-size: 10.5pt; margin: 3mm 0 1mm; break-after: avoid; }
dl { display: grid; grid-template-columns: max-content 1fr; gap: 0.6mm 4mm; margin: 0; }
dt { color: #555; max-width: 60mm; }
dd { margin: 0; white-space: pre-wrap; overflow-wrap: anywhere; }
dd.open { border-bottom: 0.2mm solid #999; min-height: 6mm; }
table { border-collapse: collapse; width: 100%; }
th, td { border: 0.2mm solid #999; padding: 0.8mm 1.5mm; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
th { background: #eee; font-weight: 600; }
thead { display: table-header-group; }
tr { break-inside: avoid; }
p.note { color: #555; margin: 1mm 0; }
footer { margin-top: 8mm; border-top: 0.2mm solid #999; color: #555; font-size: 9pt; }
footer p { margin: 1mm 0; }
@media print { body { max-width: none; padding: 0; } }
"#;

/// Nothing is run and nothing is loaded, whatever a value holds.
const POLICY: &str = "default-src 'none'; style-src 'unsafe-inline'";

/// The page as one HTML document.
pub fn html(page: &Printout) -> String {
    let document = markup! {
        (DOCTYPE)
        html lang=(page.language) {
            head {
                meta charset="utf-8";
                meta http-equiv="Content-Security-Policy" content=(POLICY);
                meta name="viewport" content="width=device-width, initial-scale=1";
                title { (page.title) }
                style { (PreEscaped(STYLE)) }
            }
            body {
                header {
                    h1 { (page.title) }
                    (facts(&page.facts))
                }
                main { @for one in &page.parts { (part(one)) } }
                @if !page.foot.is_empty() {
                    footer { @for line in &page.foot { p { (line) } } }
                }
            }
        }
    };
    document.into_string()
}

fn part(part: &Part) -> Markup {
    markup! {
        section {
            h2 { (part.heading) }
            @if part.blocks.is_empty() { p.note { "–" } }
            @for one in &part.blocks { (block(one)) }
        }
    }
}

fn block(block: &Block) -> Markup {
    match block {
        Block::Heading(heading) => markup! { h3 { (heading) } },
        Block::Facts(pairs) => facts(pairs),
        Block::Table { head, rows } => markup! {
            table {
                thead { tr { @for cell in head { th { (cell) } } } }
                tbody { @for row in rows { tr { @for cell in row { td { (cell) } } } } }
            }
        },
        Block::Note(note) => markup! { p.note { (note) } },
    }
}

fn facts(facts: &[Fact]) -> Markup {
    markup! {
        @if !facts.is_empty() {
            dl {
                @for fact in facts {
                    dt { (fact.label) }
                    dd.open[fact.value.is_empty()] { (fact.value) }
                }
            }
        }
    }
}
