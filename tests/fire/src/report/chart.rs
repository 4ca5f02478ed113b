//! Charts as SVG, written by hand: readable on light and dark ground, axes with units, goals as dashed lines.

use std::fmt::Write;

/// A bar with its goal.
#[derive(Clone, Debug)]
pub struct Bar {
    /// What it is.
    pub label: String,
    /// How long.
    pub value: f64,
    /// The lowest and highest that were seen.
    pub spread: (f64, f64),
    /// What it should reach, or stay below.
    pub goal: Option<f64>,
    /// Whether the goal is met.
    pub met: bool,
}

/// A curve.
#[derive(Clone, Debug)]
pub struct Series {
    /// Its name.
    pub label: String,
    /// Points from left to right; x and y are above 0.
    pub points: Vec<(f64, f64)>,
}

const STYLE: &str = "<style>
text{font:12px system-ui,sans-serif;fill:#24292f}.t{font-weight:600;font-size:14px}.m{fill:#57606a}
.a{stroke:#8c959f;stroke-width:1}.g{stroke:#8c959f;stroke-width:1;stroke-opacity:.3}.goal{stroke:#cf222e;stroke-width:2;stroke-dasharray:5 3}
.yes{fill:#2da44e}.no{fill:#bf8700}.none{fill:#6e7781}.s{stroke:#24292f;stroke-width:1.5}
.l0{stroke:#0969da;fill:#0969da}.l1{stroke:#bf3989;fill:#bf3989}.l2{stroke:#1a7f37;fill:#1a7f37}.l3{stroke:#9a6700;fill:#9a6700}.l4{stroke:#8250df;fill:#8250df}
.l5{stroke:#cf222e;fill:#cf222e}.l6{stroke:#6e7781;fill:#6e7781}.l7{stroke:#1b7c83;fill:#1b7c83}
polyline{fill:none!important;stroke-width:2}
@media(prefers-color-scheme:dark){text{fill:#e6edf3}.m{fill:#8b949e}.s{stroke:#e6edf3}.l0{stroke:#58a6ff;fill:#58a6ff}.l1{stroke:#f778ba;fill:#f778ba}.l2{stroke:#3fb950;fill:#3fb950}.l3{stroke:#d29922;fill:#d29922}.l4{stroke:#bc8cff;fill:#bc8cff}.l5{stroke:#ff7b72;fill:#ff7b72}.l6{stroke:#8b949e;fill:#8b949e}.l7{stroke:#39c5cf;fill:#39c5cf}.goal{stroke:#ff7b72}}
</style>";

const LEFT: f64 = 230.0;
const WIDE: f64 = 420.0;
const ROW: f64 = 34.0;

/// Horizontal bars; `unit` stands below the axis.
pub fn bars(title: &str, unit: &str, rows: &[Bar]) -> String {
    let tops = rows.iter().map(|bar| bar.value.max(bar.spread.1).max(bar.goal.unwrap_or(0.0)));
    let most = nice(tops.fold(0.0, f64::max) * 1.05);
    let bottom = 40.0 + ROW * crate::measure::float(rows.len() as u64);
    let mut svg = open(title, LEFT + WIDE + 70.0, bottom + 48.0);
    for step in 0..=4 {
        let value = most * f64::from(step) / 4.0;
        let x = LEFT + WIDE * f64::from(step) / 4.0;
        line(&mut svg, "g", (x, 36.0), (x, bottom));
        text(&mut svg, "m", "middle", (x, bottom + 16.0), &number(value));
    }
    for (row, bar) in rows.iter().enumerate() {
        draw(&mut svg, bar, 40.0 + ROW * crate::measure::float(row as u64), most);
    }
    line(&mut svg, "a", (LEFT, 36.0), (LEFT, bottom));
    text(&mut svg, "m", "middle", (LEFT + WIDE / 2.0, bottom + 36.0), unit);
    svg + "</svg>\n"
}

fn draw(svg: &mut String, bar: &Bar, y: f64, most: f64) {
    let at = |value: f64| LEFT + WIDE * (value / most).clamp(0.0, 1.0);
    let class = match (bar.goal, bar.met) {
        (None, _) => "none",
        (Some(_), true) => "yes",
        (Some(_), false) => "no",
    };
    text(svg, "", "end", (LEFT - 8.0, y + 18.0), &bar.label);
    let _ = write!(
        svg,
        "<rect class=\"{class}\" x=\"{LEFT}\" y=\"{:.1}\" width=\"{:.1}\" height=\"20\" rx=\"2\"/>",
        y + 4.0,
        at(bar.value) - LEFT
    );
    line(svg, "s", (at(bar.spread.0), y + 14.0), (at(bar.spread.1), y + 14.0));
    if let Some(goal) = bar.goal {
        line(svg, "goal", (at(goal), y), (at(goal), y + 28.0));
    }
    let behind = at(bar.value.max(bar.spread.1).max(bar.goal.unwrap_or(0.0)));
    text(svg, "", "start", (behind + 6.0, y + 18.0), &number(bar.value));
}

/// Curves over a linear x and a logarithmic y.
pub fn curves(title: &str, x_unit: &str, y_unit: &str, series: &[Series]) -> String {
    const TALL: f64 = 240.0;
    const TOP: f64 = 40.0;
    let all = || series.iter().flat_map(|one| one.points.iter().copied());
    let right = nice(all().map(|(x, _)| x).fold(0.0, f64::max));
    let lowest = all().map(|(_, y)| y).fold(f64::INFINITY, f64::min);
    let low = if lowest.is_finite() { lowest.max(0.01).log10().floor() } else { 0.0 };
    let high = all().map(|(_, y)| y).fold(0.1, f64::max).log10().ceil().max(low + 1.0);
    let x_at = |x: f64| 70.0 + WIDE * (x / right).clamp(0.0, 1.0);
    let y_at = |y: f64| TOP + TALL * (1.0 - (y.max(0.001).log10() - low) / (high - low)).clamp(0.0, 1.0);
    let mut svg = open(title, 70.0 + WIDE + 150.0, TOP + TALL + 56.0);
    let mut decade = low;
    while decade <= high {
        let y = y_at(10.0_f64.powf(decade));
        line(&mut svg, "g", (70.0, y), (70.0 + WIDE, y));
        text(&mut svg, "m", "end", (62.0, y + 4.0), &number(10.0_f64.powf(decade)));
        decade += 1.0;
    }
    for step in 0..=4 {
        let x = right * f64::from(step) / 4.0;
        text(&mut svg, "m", "middle", (x_at(x), TOP + TALL + 18.0), &number(x));
    }
    line(&mut svg, "a", (70.0, TOP), (70.0, TOP + TALL));
    line(&mut svg, "a", (70.0, TOP + TALL), (70.0 + WIDE, TOP + TALL));
    for (at, one) in series.iter().enumerate() {
        let (class, points) = (format!("l{}", at % 8), one.points.iter().map(|(x, y)| (x_at(*x), y_at(*y))));
        let path: Vec<_> = points.clone().map(|(x, y)| format!("{x:.1},{y:.1}")).collect();
        let _ = write!(svg, "<polyline class=\"{class}\" points=\"{}\"/>", path.join(" "));
        for (x, y) in points {
            let _ = write!(svg, "<circle class=\"{class}\" cx=\"{x:.1}\" cy=\"{y:.1}\" r=\"3\"/>");
        }
        let y = TOP + 14.0 + 18.0 * crate::measure::float(at as u64);
        let _ = write!(
            svg,
            "<rect class=\"{class}\" x=\"{:.1}\" y=\"{:.1}\" width=\"14\" height=\"4\"/>",
            84.0 + WIDE,
            y - 6.0
        );
        text(&mut svg, "", "start", (104.0 + WIDE, y), &one.label);
    }
    text(&mut svg, "m", "middle", (70.0 + WIDE / 2.0, TOP + TALL + 42.0), x_unit);
    text(&mut svg, "m", "start", (8.0, TOP - 8.0), y_unit);
    svg + "</svg>\n"
}

fn open(title: &str, width: f64, height: f64) -> String {
    let title = escaped(title);
    format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"{width}\" height=\"{height}\" viewBox=\"0 0 {width} {height}\" \
         role=\"img\" aria-label=\"{title}\">{STYLE}<text class=\"t\" x=\"8\" y=\"18\">{title}</text>"
    )
}

fn line(svg: &mut String, class: &str, from: (f64, f64), to: (f64, f64)) {
    let ((x1, y1), (x2, y2)) = (from, to);
    let _ = write!(svg, "<line class=\"{class}\" x1=\"{x1:.1}\" y1=\"{y1:.1}\" x2=\"{x2:.1}\" y2=\"{y2:.1}\"/>");
}

fn text(svg: &mut String, class: &str, anchor: &str, at: (f64, f64), words: &str) {
    let (x, y) = at;
    let words = escaped(words);
    let _ = write!(svg, "<text class=\"{class}\" text-anchor=\"{anchor}\" x=\"{x:.1}\" y=\"{y:.1}\">{words}</text>");
}

fn escaped(words: &str) -> String {
    words.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}

/// A number as short as it may be.
pub(super) fn number(value: f64) -> String {
    match value.abs() {
        size if size >= 1_000_000.0 => format!("{:.1}M", value / 1_000_000.0),
        size if size >= 10_000.0 => format!("{:.0}k", value / 1000.0),
        size if size >= 100.0 || size == 0.0 => format!("{value:.0}"),
        size if size >= 10.0 => format!("{value:.1}"),
        _ => format!("{value:.2}"),
    }
}

// The next of 1, 2, 2.5, 5 times a power of ten.
fn nice(most: f64) -> f64 {
    if most <= 0.0 || !most.is_finite() {
        return 1.0;
    }
    let power = 10.0_f64.powf(most.log10().floor());
    let steps = [1.0, 2.0, 2.5, 5.0, 10.0];
    steps.into_iter().map(|step| step * power).find(|top| *top >= most).unwrap_or(most)
}

#[cfg(test)]
mod tests {
    use super::*;

    // Every tag that opens closes, in order, and no text escapes its tag.
    fn assert_well_formed(svg: &str) {
        let mut open = Vec::new();
        for tag in svg.split('<').skip(1).map(|rest| rest.split_once('>').expect("a tag ends").0) {
            if let Some(name) = tag.strip_prefix('/') {
                assert_eq!(open.pop().as_deref(), Some(name), "in {svg}");
            } else if !tag.ends_with('/') {
                open.push(tag.split_whitespace().next().unwrap_or_default().to_owned());
            }
            assert_eq!(tag.matches('"').count() % 2, 0, "{tag}");
        }
        assert!(open.is_empty(), "{open:?}");
        assert!(!svg.contains("NaN") && !svg.contains("inf"), "{svg}");
    }

    fn bar(label: &str, value: f64, goal: Option<f64>) -> Bar {
        Bar {
            label: label.into(),
            value,
            spread: (value * 0.9, value * 1.1),
            goal,
            met: goal.is_none_or(|goal| value >= goal),
        }
    }

    #[test]
    fn bars_are_well_formed_and_show_value_goal_and_whether_it_is_met() {
        let svg = bars(
            "Ratios <1>",
            "times the floor",
            &[bar("a & b", 0.4, Some(0.8)), bar("c", 6.0, Some(5.0)), bar("d", 1.0, None)],
        );
        assert_well_formed(&svg);
        assert!(svg.contains("a &amp; b") && svg.contains("Ratios &lt;1&gt;") && svg.contains("times the floor"));
        assert_eq!(svg.matches("class=\"goal\"").count(), 2);
        assert_eq!((svg.matches("class=\"no\"").count(), svg.matches("class=\"yes\"").count()), (1, 1));
    }

    #[test]
    fn curves_are_well_formed_also_of_nothing() {
        let points = vec![(100.0, 0.5), (200.0, 3.0), (300.0, 250.0)];
        let svg = curves("Latency", "calls/s", "ms", &[Series { label: "p99".into(), points }]);
        assert_well_formed(&svg);
        assert_eq!(svg.matches("<circle").count(), 3);
        assert_well_formed(&curves("none", "x", "y", &[]));
        assert_well_formed(&bars("none", "x", &[]));
    }

    #[test]
    fn axes_end_at_round_numbers() {
        assert_eq!([nice(0.83), nice(7.0), nice(24_000.0), nice(0.0)], [1.0, 10.0, 25_000.0, 1.0]);
    }
}
