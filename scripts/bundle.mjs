// Makes few files of those that every program loads, in a copy of the package as it is to be published: Node.js finds,
// reads and compiles five files in less time than thirty.
//
//     node scripts/bundle.mjs <folder>
//
// The folder has what package.json publishes. It gets `lib/core-0.js` and so on, and each file that went into one of those
// becomes a line which takes its exports from there. So the files that are loaded late, and the command line, find them
// where they were.
//
// It is not one file, since that would load, late, files which take something from it: bundlers warn of such circles. What
// a file of a layer loads late is above the layers below, and takes nothing from its own.

import { readFileSync, writeFileSync } from 'node:fs';
import { join, posix } from 'node:path';
import { fileURLToPath } from 'node:url';

/** What is loaded first, below `lib/`. */
const FIRST = 'exports.js';

/** The file of a layer. */
const coreOf = (layer) => `core-${layer}.js`;

/** How many layers there are. */
const LAYERS = 5;

/** The files of all layers, the lowest first. */
export const CORES = Array.from({ length: LAYERS }, (_, layer) => coreOf(layer));

/** What stays a file of its own: what the process keeps of it is not to hold the others. */
const APART = new Set(['wire/exit.js']);

/** What loads a module of it. No file has anything of that name. */
const LOAD = 'loadOfCore';

/** A file of the package that is asked for by its name. */
const REQUIRED = /\brequire\('(\.{1,2}\/[^']+)'\)/g;

/** The same where it is loaded at once: in a statement of the file's own, which begins or ends at the left. */
const AT_ONCE = /^(?:const [^\n]*= |\} = |)require\('(\.{1,2}\/[^']+)'\)/gm;

/** What stands where a module was taken out of its file. */
const stubOf = (name, core) => {
  const path = posix.relative(posix.dirname(name), core);
  return `'use strict';\n\nmodule.exports = require('${path.startsWith('.') ? path : `./${path}`}')('${name}');\n`;
};

const HEAD = `'use strict';

// A part of what every program loads: scripts/bundle.mjs has made it of the files that it names.

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
 * Makes the files of the layers in a folder.
 *
 * @param {string} folder - A copy of the package.
 * @returns {string[]} The names of the files that went into them, below `lib/`.
 */
export function bundle(folder) {
  const lib = join(folder, 'lib');
  const texts = new Map();
  gather(FIRST, lib, texts);
  const layers = layersOf(texts, lib);
  const names = [...texts.keys()].toSorted();
  for (const [layer, core] of CORES.entries()) {
    const makers = names
      .filter((name) => layers.get(name) === layer)
      .map((name) => `  '${name}'(module) {\n${within(name, texts.get(name), layers)}},\n`);
    writeFileSync(join(lib, core), `${HEAD}\nconst makers = {\n${makers.join('\n')}};\n`);
  }
  for (const name of names) writeFileSync(join(lib, name), stubOf(name, coreOf(layers.get(name))));
  enter(join(folder, 'index.js'), coreOf(layers.get(FIRST)));
  return names;
}

/** The text of a file as it is in that of its layer. */
function within(name, text, layers) {
  return text.replace(REQUIRED, (_, asked) => {
    const found = resolved(name, asked);
    const layer = layers.get(found);
    if (layer === undefined) return `require('./${found}')`;
    return layer === layers.get(name)
      ? `${LOAD}('${found}')`
      : `require('./${coreOf(layer)}')('${found}')`;
  });
}

/**
 * The layer of each of the files that are gathered: at least that of what it asks for, and a higher one than that of
 * what it loads late, which is that of what this asks for in turn.
 */
function layersOf(texts, lib) {
  const layers = new Map();
  const layerOf = (name) => {
    if (layers.has(name)) return layers.get(name);
    // A circle would come back here.
    layers.set(name, Number.NaN);
    const text = texts.get(name) ?? readFileSync(join(lib, name), 'utf8');
    let layer = 0;
    for (const [, asked] of text.matchAll(REQUIRED)) {
      const found = resolved(name, asked);
      if (!found.endsWith('.js') || found.startsWith('..')) continue;
      layer = Math.max(layer, layerOf(found) + (texts.has(name) && !texts.has(found) ? 1 : 0));
    }
    if (Number.isNaN(layer)) throw new Error(`${name}: expected no circle of files, found one`);
    layers.set(name, layer);
    return layer;
  };
  for (const name of texts.keys()) layerOf(name);
  const found = layers.get(FIRST) + 1;
  if (found !== LAYERS) throw new Error(`lib/: expected ${LAYERS} layers, found ${found}`);
  for (const name of layers.keys()) if (!texts.has(name)) layers.delete(name);
  return layers;
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

/** Has the entry of the package load the file of the highest layer at once. */
function enter(path, core) {
  const text = readFileSync(path, 'utf8');
  const asked = `require('./lib/${FIRST}')`;
  if (!text.includes(asked)) throw new Error(`${path}: expected ${asked}, found none`);
  writeFileSync(path, text.replace(asked, `require('./lib/${core}')('${FIRST}')`));
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const [folder] = process.argv.slice(2);
  if (folder === undefined) {
    console.error('expected the folder of a copy of the package, found none');
    process.exitCode = 2;
  } else {
    const names = bundle(folder);
    console.log(
      `${CORES.map((core) => join(folder, 'lib', core)).join(' ')}: ${names.length} files`,
    );
  }
}
