//! Two lists laid side by side in their order: the fields of a guide, and the columns of a record.

/// What a field costs that gets no column.
const LEFT_OUT: i32 = -3;

/// For each field its column, in rising order, so that the sum of the scores is the highest; of a field for which several columns give that sum,
/// or none of its own, those that it may be. `scores` has a list for each field, with a score for each of the columns.
pub(super) fn align(scores: &[Vec<i32>], columns: usize) -> Vec<Result<usize, Vec<usize>>> {
    let score =
        |field: usize, column: usize| scores.get(field).and_then(|all| all.get(column)).copied().unwrap_or(0);
    let fields = scores.len();
    // The best sums of the first fields over the first columns, and of the last over the last.
    let mut before = vec![vec![0; columns + 1]; fields + 1];
    let mut behind = before.clone();
    for field in 0..fields {
        for column in 0..=columns {
            let mut best = at(&before, field, column) + LEFT_OUT;
            if column > 0 {
                best = best
                    .max(at(&before, field + 1, column - 1))
                    .max(at(&before, field, column - 1) + score(field, column - 1));
            }
            put(&mut before, field + 1, column, best);
        }
    }
    for field in (0..fields).rev() {
        for column in (0..=columns).rev() {
            let mut best = at(&behind, field + 1, column) + LEFT_OUT;
            if column < columns {
                best = best
                    .max(at(&behind, field, column + 1))
                    .max(at(&behind, field + 1, column + 1) + score(field, column));
            }
            put(&mut behind, field, column, best);
        }
    }
    let all = at(&before, fields, columns);
    let place = |field: usize| {
        let sum = |column: usize| {
            at(&before, field, column) + score(field, column) + at(&behind, field + 1, column + 1)
        };
        let may: Vec<usize> = (0..columns).filter(|column| sum(*column) == all).collect();
        let left_out = (0..=columns)
            .any(|column| at(&before, field, column) + LEFT_OUT + at(&behind, field + 1, column) == all);
        match may.as_slice() {
            [only] if !left_out => Ok(*only),
            _ => Err(may),
        }
    };
    (0..fields).map(place).collect()
}

fn at(table: &[Vec<i32>], field: usize, column: usize) -> i32 {
    table.get(field).and_then(|row| row.get(column)).copied().unwrap_or(0)
}

fn put(table: &mut [Vec<i32>], field: usize, column: usize, sum: i32) {
    if let Some(place) = table.get_mut(field).and_then(|row| row.get_mut(column)) {
        *place = sum;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_field_gets_the_column_of_the_best_sum() {
        let scores = [vec![8, 0, 0, 0], vec![0, 0, 0, 0], vec![0, 0, 8, 0]];
        assert_eq!(align(&scores, 4), [Ok(0), Ok(1), Ok(2)]);
    }

    #[test]
    fn what_may_stand_in_several_places_stands_in_none() {
        let scores = [vec![8, 0, 0, 0], vec![0, 0, 0, 0], vec![0, 0, 0, 8]];
        assert_eq!(align(&scores, 4), [Ok(0), Err(vec![1, 2]), Ok(3)]);
    }

    #[test]
    fn a_field_that_suits_no_column_is_left_out() {
        let scores = [vec![8, -6], vec![-6, -6], vec![-6, 8]];
        assert_eq!(align(&scores, 2), [Ok(0), Err(vec![]), Ok(1)]);
        assert_eq!(align(&[], 2), []);
        assert_eq!(align(&[vec![]], 0), [Err(vec![])]);
    }
}
