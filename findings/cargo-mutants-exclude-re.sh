#!/usr/bin/env bash
# cargo-mutants 27.1.0 (crates.io). It is compiled, which takes some minutes.
#
# Expected: `--exclude-re` (and `exclude_re` of .cargo/mutants.toml) leaves out every mutant whose name, as `--list`
# prints it, matches.
# Instead: a mutant that deletes a field of a struct expression is listed and tried all the same, whichever part of its
# name matches.
# Seen: of two mutants in `square`, `--exclude-re square` leaves out the one that replaces the function, and lists the
# one that deletes a field; so does `--exclude-re "delete field"`.
# Here: .cargo/mutants.toml cannot name such mutants; docs/reliability.md gives their reasons in words.
. "$(dirname "$0")/seen.sh"

cargo install --quiet --locked --root "$folder" cargo-mutants@27.1.0
mkdir -p crate/src
cd crate
cat > Cargo.toml << 'END'
[package]
name = "sizes"
version = "0.1.0"
edition = "2021"
END
cat > src/lib.rs << 'END'
#[derive(Default)]
pub struct Size {
    pub width: u32,
    pub height: u32,
}
pub fn square(side: u32) -> Size {
    Size { width: side, ..Size::default() }
}
END
list() { "$folder/bin/cargo-mutants" mutants --list "$@" | sed 's/^src.lib.rs:[0-9:]* //'; }
compare 'all
replace square -> Size with Default::default()
delete field width from struct Size expression in square
without square
delete field width from struct Size expression in square
without "delete field"
replace square -> Size with Default::default()
delete field width from struct Size expression in square' "all
$(list)
without square
$(list --exclude-re square)
without \"delete field\"
$(list --exclude-re 'delete field')"
