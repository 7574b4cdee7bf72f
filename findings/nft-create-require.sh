#!/usr/bin/env bash
# @vercel/nft 1.11.5, which finds the files that a function needs, for deployments
#
# Expected: that a package is required by `createRequire(…)` is seen in each way to write that, or in none.
# Instead: it is seen if `createRequire` is called by its own name, or on a variable that is named `module`. It is not
# seen under another name of the function or of the module, nor on `require('node:module')` itself. The file is then
# missing where the function runs, without a warning.
# Seen: followed for "own name" and "named module", not for the other three.
# Here: lib/addon/packages.js names the variable `module`.
. "$(dirname "$0")/seen.sh"

install @vercel/nft@1.11.5
mkdir node_modules/dependency
echo '{ "name": "dependency", "main": "index.js" }' > node_modules/dependency/package.json
echo 'module.exports = 1;' > node_modules/dependency/index.js
cat > trace.mjs << 'END'
import { writeFileSync } from 'node:fs';
import { nodeFileTrace } from '@vercel/nft';

const programs = {
  'own name':
    "const { createRequire } = require('node:module'); const load = createRequire(__filename);",
  'named module':
    "{ const module = require('node:module'); var load = module.createRequire(__filename); }",
  'other name of the module':
    "const builtin = require('node:module'); const load = builtin.createRequire(__filename);",
  'other name of the function':
    "const { createRequire: make } = require('node:module'); const load = make(__filename);",
  'no name': "const load = require('node:module').createRequire(__filename);",
};
for (const [name, head] of Object.entries(programs)) {
  const file = `${process.cwd()}/${name}.cjs`;
  writeFileSync(file, `${head} load('dependency');`);
  const { fileList } = await nodeFileTrace([file], { base: process.cwd() });
  console.log(`${name}: ${[...fileList].some((path) => path.includes('dependency'))}`);
}
END
compare 'own name: true
named module: true
other name of the module: false
other name of the function: false
no name: false' "$(node trace.mjs)"
