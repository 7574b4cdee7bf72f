// Makes one file of those that every program loads, in a copy of the package as it is to be published: Node.js finds, reads
// and compiles one file in less time than thirty.
//
//     node scripts/bundle.mjs <folder>
//
// The folder has what package.json publishes. It gets `lib/core.js`, and each file that went into that becomes a line which
// takes its exports from there. So the files that are loaded late, and the command line, find them where they were.

import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is loaded first, below `lib/`. */
const FIRST = 'exports.js';

/** The file of all. */
export const CORE = 'core.js';

/** What stays a file of its own: what the process keeps of it is not to hold the others. */
const APART = new Set(['wire/exit.js']);

/** What loads a module of it. No file has anything of that name. */
const LOAD = 'loadOfCore';

/** A file of the package that is asked for by its name. */
const REQUIRED = /\brequire\('(\.{1,2}\/[^']+)'\)/g;

/** The same where it is loaded at once: in a statement of the file's own, which begins or ends at the left. */
const AT_ONCE = /^(?:const [^\n]*= |\} = |)require\('(\.{1,2}\/[^']+)'\)/gm;

/** What stands where a module was taken out of its file. */
const stubOf = (name) => {
  const core = posix.relative(posix.dirname(name), CORE);
  return `'use strict';\n\nmodule.exports = require('${core.startsWith('.') ? core : `./${core}`}')('${name}');\n`;
};

const HEAD = `'use strict';

// What every program loads, in one file: scripts/bundle.mjs has made it of the files that it names.

/** The modules that were made, by the names of their files. */
const made = {};

/** What the module of a file exports. */
function ${LOAD}(name) {
  let module = made[name];
  if (module === undefined) {
    module = made[name] = { exports: {} };
    makers[name](module);
  }
  return module.exports;
}

module.exports = ${LOAD};
`;

/**
 * Makes the one file in a folder.
 *
 * @param {string} folder - A copy of the package.
 * @returns {string[]} The names of the files that went into it, below `lib/`.
 */
export function bundle(folder) {
  const lib = join(folder, 'lib');
  const texts = new Map();
  gather(FIRST, lib, texts);
  const names = [...texts.keys()].toSorted();
  const makers = names.map((name) => {
    const text = texts.get(name).replace(REQUIRED, (_, asked) => {
      const found = resolved(name, asked);
      return texts.has(found) ? `${LOAD}('${found}')` : `require('./${found}')`;
    });
    return `  '${name}'(module) {\n${text}},\n`;
  });
  writeFileSync(join(lib, CORE), `${HEAD}\nconst makers = {\n${makers.join('\n')}};\n`);
  for (const name of names) writeFileSync(join(lib, name), stubOf(name));
  enter(join(folder, 'index.js'));
  return names;
}

/** Reads a file and those that it loads at once. */
function gather(name, lib, texts) {
  if (texts.has(name) || APART.has(name)) return;
  const text = readFileSync(join(lib, name), 'utf8');
  if (text.includes(LOAD)) throw new Error(`${name}: expected nothing named ${LOAD}, found it`);
  texts.set(name, text);
  for (const [, asked] of text.matchAll(AT_ONCE)) gather(resolved(name, asked), lib, texts);
}

/** The name below `lib/` of what a file asks for. */
function resolved(name, asked) {
  return posix.join(posix.dirname(name), asked);
}

/** Has the entry of the package load the one file at once. */
function enter(path) {
  const text = readFileSync(path, 'utf8');
  const asked = `require('./lib/${FIRST}')`;
  if (!text.includes(asked)) throw new Error(`${path}: expected ${asked}, found none`);
  writeFileSync(path, text.replace(asked, `require('./lib/${CORE}')('${FIRST}')`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error('expected the folder of a copy of the package, found none');
    process.exitCode = 2;
  } else {
    const names = bundle(folder);
    console.log(`${join(folder, 'lib', CORE)}: ${names.length} files`);
  }
}
