# Lists the recipes.
default:
    @just --list

# Everything that has to hold before a change is merged: what CI runs.
ready: deny oldest-rust
    .ci/run

# Installs the packages of the lock file and builds the addon.
setup:
    node scripts/setup.mjs

# Builds the addon, its loader and its types.
build:
    npm run build

# Every test.
test:
    npm test

# The Rust tests, without Node.js.
test-rust *filter:
    cargo test {{ filter }}

# The tests through Node.js, such as `just test-ava __test__/20.*`.
test-ava *files:
    npx ava {{ files }}

# The comparison with other logs and databases, such as `just bench --quick`.
bench *options:
    npm run bench -- {{ options }}

# The comparison of queries with SQLite and DuckDB, such as `just bench-queries --quick`.
bench-queries *options:
    npm run bench:queries -- {{ options }}

# The engine alone.
bench-engine *filter:
    npm run bench:engine -- -- {{ filter }}

# Hostile input, such as `just fuzz --target query --seconds 600`.
fuzz *options:
    npm run fuzz -- {{ options }}

# The main job on real input.
start:
    npm start

# Formats everything.
format:
    npm run format

# Clippy and oxlint; a warning is an error.
lint:
    npm run lint

# Checks that generated files are up to date, and what a user would install.
check:
    npm run check:generated
    npm run check:package
    npm run check:runtimes -- --quick

# Licences, advisories and sources of the crates; needs `cargo install cargo-deny`.
deny:
    cargo deny check

# That the oldest Rust that is promised compiles everything; rustup fetches it.
oldest-rust:
    cargo +$(sed -n 's/^rust-version = "\(.*\)"$/\1/p' Cargo.toml) check --locked --workspace
