#!/usr/bin/env bash
# Bun 1.4.5 (npm: @oven/bun-linux-x64@1.4.5)
#
# Expected: a program that tries `require('…')` of a package which is not installed, and looks for the code
# MODULE_NOT_FOUND in what it catches, does the same as a script and as a bundle.
# Instead: run as a script, the error has the code, as in Node.js. Bundled by `bun build`, it is an error without a code
# and with another text, so that an optional dependency that is not there looks like one that is broken.
# Seen: script "MODULE_NOT_FOUND", bundle "undefined".
# Here: lib/addon/packages.bun.js takes an error without a code for a package that is not there.
. "$(dirname "$0")/seen.sh"

install @oven/bun-linux-x64@1.4.5
bun=node_modules/@oven/bun-linux-x64/bin/bun
cat > program.cjs << 'END'
try { require('not-installed'); } catch (error) { console.log(String(error.code)); }
END
"$bun" build program.cjs --target=bun --outfile=bundle.js > /dev/null
compare 'script MODULE_NOT_FOUND
bundle undefined' "script $("$bun" program.cjs)
bundle $("$bun" bundle.js)"
