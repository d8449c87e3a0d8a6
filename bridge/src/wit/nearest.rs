// SPDX-License-Identifier: Apache-2.0
//! The candidate that was most likely meant.

use super::extensions::split_version;

/// The nearest of the FFQNs: the same function in another version, else by edit distance, unless
/// even the nearest is far off.
pub fn nearest<'a>(
    wanted: &str,
    candidates: impl Iterator<Item = &'a String>,
) -> Option<&'a String> {
    let best = candidates
        .map(|candidate| (distance_of(wanted, candidate), candidate))
        .min_by(|a, b| a.0.cmp(&b.0).then_with(|| a.1.cmp(b.1)))?;
    let far = wanted.chars().count() / 2;
    (best.0 <= far).then_some(best.1)
}

fn distance_of(wanted: &str, candidate: &str) -> usize {
    if unversioned(wanted) == unversioned(candidate) {
        return 0;
    }
    distance(wanted, candidate)
}

/// An FFQN as interface without version and function.
fn unversioned(ffqn: &str) -> (&str, &str) {
    let (interface, function) = ffqn.rsplit_once('.').unwrap_or((ffqn, ""));
    (split_version(interface).0, function)
}

/// Insertions, deletions and replacements of characters.
pub fn distance(a: &str, b: &str) -> usize {
    let b: Vec<char> = b.chars().collect();
    let mut row: Vec<usize> = (0..=b.len()).collect();
    for (i, ca) in a.chars().enumerate() {
        let mut diagonal = row[0];
        row[0] = i + 1;
        for (j, cb) in b.iter().enumerate() {
            let replaced = diagonal + usize::from(ca != *cb);
            diagonal = row[j + 1];
            row[j + 1] = replaced.min(diagonal + 1).min(row[j] + 1);
        }
    }
    row[b.len()]
}
