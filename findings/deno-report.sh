#!/usr/bin/env bash
# Deno 2.9.6 (npm: @deno/linux-x64-glibc@2.9.6)
#
# Expected: process.report.getReport(), which programs call to learn whether the C library is glibc or musl, says that
# without any permission: it is known when Deno is built. process.version and process.versions are there without one.
# Instead: it throws, since a report also counts the processors, for which `--allow-sys` is needed.
# Seen: "NotCapable: Requires sys access to "cpus", run again with the --allow-sys flag".
# Here: lib/addon/platform.js reads the head of the program first, and takes glibc where neither can be read.
. "$(dirname "$0")/seen.sh"

install @deno/linux-x64-glibc@2.9.6
deno=node_modules/@deno/linux-x64-glibc/deno
cat > program.cjs << 'END'
const has = (name) => Boolean(process.versions[name]);
try {
  console.log(has('deno'), typeof process.report.getReport().header.glibcVersionRuntime);
} catch (error) {
  console.log(has('deno'), error.name + ': ' + error.message);
}
END
compare 'true NotCapable: Requires sys access to "cpus", run again with the --allow-sys flag
true string' "$("$deno" run --no-prompt program.cjs)
$("$deno" run --no-prompt --allow-sys program.cjs)"
