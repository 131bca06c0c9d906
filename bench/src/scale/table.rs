//! Tables in Markdown, and the slope of a growth.

use std::fmt::Write;

/// A table whose first column is text and whose others are numbers.
pub(super) fn table(head: &[&str], rows: Vec<Vec<String>>) -> String {
    let mut all = vec![head.iter().map(|cell| (*cell).to_owned()).collect::<Vec<_>>()];
    all.extend(rows);
    let mut out = String::new();
    for (at, row) in all.iter().enumerate() {
        for (column, cell) in row.iter().enumerate() {
            let width = all.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max();
            let width = width.unwrap_or(0);
            let _ = match column {
                0 => write!(out, "| {cell:<width$} "),
                _ => write!(out, "| {cell:>width$} "),
            };
        }
        out.push_str("|\n");
        if at == 0 {
            out.push_str("|---");
            out.push_str(&"|--:".repeat(head.len().saturating_sub(1)));
            out.push_str("|\n");
        }
    }
    out
}

/// The exponent `b` of the power law `y = a·xᵇ` that fits the points best by least squares of the logarithms.
#[expect(clippy::cast_precision_loss, reason = "a handful of points")]
pub(super) fn exponent(points: &[(f64, f64)]) -> f64 {
    let logs: Vec<_> = points.iter().map(|(x, y)| (x.ln(), y.ln())).collect();
    let count = logs.len() as f64;
    let mean = |of: fn(&(f64, f64)) -> f64| logs.iter().map(of).sum::<f64>() / count;
    let (x, y) = (mean(|point| point.0), mean(|point| point.1));
    let both: f64 = logs.iter().map(|point| (point.0 - x) * (point.1 - y)).sum();
    let square: f64 = logs.iter().map(|point| (point.0 - x).powi(2)).sum();
    both / square
}

#[cfg(test)]
mod tests {
    use super::{exponent, table};

    #[test]
    fn a_power_law_is_found_again() {
        let of = |power: f64| [1.0, 10.0, 100.0, 500.0].map(|x: f64| (x, 3.0 * x.powf(power)));
        assert!((exponent(&of(1.0)) - 1.0).abs() < 1e-9);
        assert!((exponent(&of(1.7)) - 1.7).abs() < 1e-9);
        assert!(exponent(&of(0.0)).abs() < 1e-9);
    }

    #[test]
    fn columns_are_as_wide_as_their_widest_cell() {
        let rows = vec![vec!["tiny".to_owned(), "7".to_owned()]];
        assert_eq!(table(&["a", "long"], rows), "| a    | long |\n|---|--:|\n| tiny |    7 |\n");
    }
}
