#!/usr/bin/env bash
# @rotorsoft/act 1.31.26
#
# Expected: a library that stores events works in any program, also in one whose package.json is what `npm init --yes` writes.
# Instead: it reads the package.json of the working directory as its configuration, and refuses one whose `description` or `author` is
# an empty text, as they are there.
# Seen: making the store in memory and committing to it ends with "Invalid config payload" in such a folder, and passes once both
# have a text.
# Here: nothing of a program's package.json is read. The same program's events can be imported wherever it runs.
. "$(dirname "$0")/seen.sh"

install @rotorsoft/act@1.31.26
cat > program.cjs << 'END_OF_PROGRAM'
const { InMemoryStore } = require('@rotorsoft/act');

new InMemoryStore()
  .commit('order-1', [{ name: 'Placed', data: {} }], { correlation: 'c', causation: {} })
  .then(([{ version }]) => `version ${version}`, ({ message }) => message)
  .then(console.log);
END_OF_PROGRAM
rm package.json
npm init --yes --init-author-name= --init-version=1.0.0 > /dev/null
run() { LOG_LEVEL=error NODE_ENV=production node program.cjs 2>&1 | grep -oE -m1 "version 0|Invalid config payload" || true; }
bare=$(run)
npm pkg set description=orders author=somebody
compare 'as npm init writes it: Invalid config payload
with both texts: version 0' "as npm init writes it: $bare
with both texts: $(run)"
