//! One chart a source: a bar for each contestant, as long as its median, with a line from its slowest to its fastest round.

use std::fmt::Display;
use std::path::Path;

use plotters::prelude::{
    ChartBuilder, Color, IntoDrawingArea, IntoFont, IntoLogRange, IntoSegmentedCoord, PathElement, RGBColor,
    Rectangle, SVGBackend, SegmentValue, Text, WHITE,
};
use plotters::style::BLACK;
use plotters::style::text_anchor::{HPos, Pos, VPos};

use crate::report::{Line, Report, ratio, thousands};

const OURS: RGBColor = RGBColor(0x1f, 0x6f, 0xb4);
const PEERS: RGBColor = RGBColor(0x8c, 0x8c, 0x8c);
const LIMITS: RGBColor = RGBColor(0xd0, 0xd0, 0xd0);

/// Draws the chart of a report. Contestants without a figure are left out.
///
/// # Errors
/// If the file cannot be written, or there is nothing to draw.
pub fn draw(report: &Report, file: &Path) -> Result<(), String> {
    let bars: Vec<Bar> = report.lines.iter().rev().filter_map(|line| Bar::of(report, line)).collect();
    if bars.is_empty() {
        return Err(format!("{}: no contestant has a figure", report.source));
    }
    let told = |error: &dyn Display| format!("{}: {error}", file.display());
    svg(report, &bars, file).map_err(|error| told(&error))
}

/// What is drawn of a contestant.
struct Bar {
    name: &'static str,
    rate: f64,
    slowest: f64,
    fastest: f64,
    label: String,
    color: RGBColor,
}

impl Bar {
    fn of(report: &Report, line: &Line) -> Option<Self> {
        let rounds = line.rounds.as_ref()?;
        let rate = report.rate(rounds.median());
        let label = match report.ratio(line) {
            Some(times) => format!("{} ({})", thousands(rate), ratio(times)),
            None => thousands(rate),
        };
        let color = match line.name {
            name if name.starts_with("xdr") => OURS,
            "memchr" | "memcpy" | "utf8" => LIMITS,
            _ => PEERS,
        };
        Some(Self {
            name: line.name,
            rate,
            slowest: report.rate(rounds.slowest()),
            fastest: report.rate(rounds.fastest()),
            label,
            color,
        })
    }
}

fn svg(report: &Report, bars: &[Bar], file: &Path) -> Result<(), Box<dyn std::error::Error>> {
    let slowest = bars.iter().map(|bar| bar.slowest).fold(f64::INFINITY, f64::min);
    let fastest = bars.iter().map(|bar| bar.fastest).fold(0.0, f64::max);
    // From a whole power of ten, with room for the labels on the right.
    let (low, high) = (10_f64.powf(slowest.log10().floor()), fastest * 30.0);
    let last = i32::try_from(bars.len())? - 1;
    let height = u32::try_from(bars.len())? * 34 + 100;

    let area = SVGBackend::new(file, (860, height)).into_drawing_area();
    area.fill(&WHITE)?;
    let title = format!("{}: records a second (logarithmic), times the VRL program", report.source);
    let mut chart = ChartBuilder::on(&area)
        .caption(title, ("sans-serif", 17))
        .margin(12)
        .x_label_area_size(30)
        .y_label_area_size(100)
        .build_cartesian_2d((low..high).log_scale(), (0..last).into_segmented())?;
    chart
        .configure_mesh()
        .disable_y_mesh()
        .y_labels(bars.len())
        .y_label_formatter(&|at| match at {
            SegmentValue::CenterOf(at) => usize::try_from(*at)
                .ok()
                .and_then(|at| bars.get(at))
                .map_or_else(String::new, |bar| bar.name.to_owned()),
            _ => String::new(),
        })
        .x_label_formatter(&|rate| thousands(*rate))
        .label_style(("sans-serif", 13))
        .light_line_style(WHITE)
        .draw()?;

    let beside = ("sans-serif", 13).into_font().color(&BLACK).pos(Pos::new(HPos::Left, VPos::Center));
    for (at, bar) in (0_i32..).zip(bars) {
        let mut body = Rectangle::new(
            [(low, SegmentValue::Exact(at)), (bar.rate, SegmentValue::Exact(at + 1))],
            bar.color.filled(),
        );
        body.set_margin(5, 5, 0, 0);
        chart.draw_series([body])?;
        let center = SegmentValue::CenterOf(at);
        chart.draw_series([PathElement::new(
            [(bar.slowest, center.clone()), (bar.fastest, center.clone())],
            BLACK.stroke_width(2),
        )])?;
        let right = bar.fastest.max(bar.rate) * 1.08;
        chart.draw_series([Text::new(bar.label.clone(), (right, center), beside.clone())])?;
    }
    area.present()?;
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::draw;
    use crate::measure::Rounds;
    use crate::report::{Line, Report};

    #[test]
    fn every_figure_has_a_bar_and_what_has_none_is_left_out() {
        let line = |name, seconds: Option<f64>| Line {
            name,
            note: String::new(),
            trouble: None,
            rounds: seconds.map(|seconds| Rounds::new(vec![seconds, seconds * 1.1])),
        };
        let report = Report {
            source: "acme".to_owned(),
            records: 100_000,
            bytes: 10_000_000,
            mapped: 100_000,
            lines: vec![line("xdr", Some(0.1)), line("vrl", Some(2.0)), line("regex", None)],
        };
        let file = std::env::temp_dir().join(format!("xdr-bench-{}-acme.svg", std::process::id()));
        draw(&report, &file).expect("a chart");
        let chart = std::fs::read_to_string(&file).expect("the chart");
        std::fs::remove_file(&file).expect("the file");
        assert!(chart.starts_with("<svg "));
        for text in ["\nxdr\n", "\nvrl\n", "20.0×", "\n952,381 ("] {
            assert!(chart.contains(text), "{text:?} in {chart}");
        }
        assert!(!chart.contains("regex"));
    }
}
