// Checks that imports run one way: no files import each other in a circle, no room imports from one that stands on it, or
// what it is not to know of another one, and no package from one that stands on it. `npm run check:imports` prints each
// import that runs the wrong way, and each circle.

import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join, posix, sep } from 'node:path';

import { root } from './command.mjs';
import { packageComplaints } from './package-imports.mjs';

/**
 * The rooms of each house, each after those that it may import from. A room is a path without extension: a file, or a
 * folder with all that is in it. Of two that fit, the longer one counts. What has no room may import from anywhere, and
 * be imported by everything.
 */
const HOUSES = [
  ['src/json', 'src/arguments', 'src/block', 'src/query', 'src/request'],
  ['src/json', 'src/block', 'src/engine', 'src/seam', 'src/request'],
  ['src/json', 'src/block', 'src/encryption', 'src/request'],
  ['src/evidence', 'src/block', 'src/query', 'src/engine', 'src/seam', 'src/request'],
  [
    'src/query/limits',
    'src/query/value',
    'src/query/grammar',
    'src/query/matching',
    'src/query/result',
  ],
  [
    'src/engine/refusals',
    'src/engine/holes',
    'src/engine/locks',
    'src/engine/fault',
    'src/engine/zeroing',
    'src/engine/tables',
    'src/engine/summary',
    'src/engine/journal',
    'src/engine/storage',
    'src/engine/view',
    'src/engine/snapshot',
    'src/engine/readers',
    'src/engine/followers',
    'src/engine/commit',
    'src/engine/verify',
    'src/engine/backup',
    'src/engine/registry',
  ],
  [
    'src/engine/commit/locked',
    'src/engine/commit/checkpoint',
    'src/engine/commit/idling',
    'src/engine/commit/checkpointer',
    'src/engine/commit/batch',
    'src/engine/commit/frame_commit',
    'src/engine/commit/writer',
  ],
  [
    // It imports nothing: an auditor needs no log.
    'lib/evidence',
    'lib/intrinsics',
    'lib/failure',
    'lib/wire',
    'lib/event-types',
    'lib/reading',
    'lib/projection',
    'lib/tree',
    'lib/seldom',
    'lib/event-log',
    'lib/default-log',
    'lib/exports',
    'index',
    'lib/command-line',
  ],
  [
    'lib/exports',
    'lib/command-line/failure',
    'lib/command-line/output',
    'lib/command-line/commands',
    'lib/command-line/main',
  ],
];

/**
 * What a room may use of another one that it knows little of, by name: of what is private to the other one, nothing is to
 * be known. A longer path has its own list beside that of the room that it is in.
 */
const DOORS = [
  {
    // Requests act on an engine by the traits of `src/seam/`. These are plain types, limits and refusals.
    of: 'src/request',
    into: 'src/engine',
    names: [
      'Appended',
      'CallKey',
      'Compacted',
      'Counts',
      'Fault',
      'Head',
      'Horizon',
      'IN_MEMORY',
      'Instance',
      'Instead',
      'NewEvent',
      'NewInstance',
      'Options',
      'Pace',
      'Problem',
      'Record',
      'Report',
      'Rewriting',
      'Sieve',
      'SieveState',
      'StreamEnd',
      'Timed',
      'closed',
      'no_thread',
      'overloaded',
      'read_only',
    ],
  },
  // Opening a file is the one thing that is asked of this engine alone.
  { of: 'src/request/log', into: 'src/engine', names: ['Shared'] },
  { of: 'src/query', into: 'src/engine', names: [] },
  { of: 'src/engine', into: 'src/query', names: [] },
  { of: 'src/engine', into: 'src/arguments', names: [] },
];

/** Folders whose files and subfolders must not import each other in a circle, each seen as one. */
const WITHOUT_CIRCLES = [
  'src',
  'src/arguments',
  'src/block',
  'src/block/sealed',
  'src/encryption',
  'src/encryption/keyring',
  'src/engine',
  'src/engine/backup',
  'src/engine/commit',
  'src/engine/commit/batch',
  'src/engine/followers',
  'src/engine/journal',
  'src/engine/locks',
  'src/engine/readers',
  'src/engine/snapshot',
  'src/engine/storage',
  'src/engine/summary',
  'src/engine/tables',
  'src/engine/verify',
  'src/engine/view',
  'src/evidence',
  'src/json',
  'src/query',
  'src/query/grammar',
  'src/query/matching',
  'src/query/result',
  'src/query/value',
  'src/request',
  'src/request/append',
  'src/request/consumers',
  'src/request/encryption',
  'src/request/evidence',
  'src/request/query',
  'src/request/reading',
  'src/seam',
  'lib',
  'lib/addon',
  'lib/command-line',
  'lib/command-line/commands',
  'lib/command-line/output',
  'lib/event-types',
  'lib/evidence',
  'lib/projection',
  'lib/reading',
  'lib/transfer',
  'lib/tree',
  'lib/wire',
];

const imports = [...rustImports(), ...scriptImports()];
const complaints = [
  ...wrongWays(imports),
  ...closedDoors(imports),
  ...WITHOUT_CIRCLES.flatMap((folder) => circlesIn(folder, imports)),
  ...requiredBuiltins(),
  ...packageComplaints(root),
];
for (const complaint of complaints) console.error(complaint);
if (complaints.length > 0) process.exit(1);
console.log(`${imports.length} imports, all of which run one way`);

/** Modules of Node.js that the library requires by itself, which fails in an ES module that a bundler has made of it. */
function* requiredBuiltins() {
  for (const file of filesIn('lib', '.js')) {
    const path = file.split(sep).join('/');
    if (path === 'lib/builtins.js' || path.startsWith('lib/command-line/')) continue;
    for (const [, name] of readFileSync(join(root, file), 'utf8').matchAll(
      /require\('(node:[^']+)'\)/g,
    )) {
      yield `${path} requires ${name} by itself, and not from lib/builtins.js`;
    }
  }
}

function* wrongWays(found) {
  for (const rooms of HOUSES) {
    const roomOf = (path) => {
      const fitting = rooms.filter((room) => path === room || path.startsWith(`${room}/`));
      return rooms.indexOf(fitting.sort((a, b) => b.length - a.length)[0]);
    };
    for (const { from, to } of found) {
      const [own, other] = [roomOf(from), roomOf(to)];
      if (own >= 0 && other > own) {
        yield `${from} imports from ${to}, but ${rooms[other]} stands on ${rooms[own]}`;
      }
    }
  }
}

function* closedDoors(found) {
  const isIn = (path, room) => path === room || path.startsWith(`${room}/`);
  for (const { from, to, name } of found) {
    const doors = DOORS.filter((door) => isIn(from, door.of) && isIn(to, door.into));
    if (doors.length === 0) continue;
    const parts = name.split('::');
    const used = parts[parts.lastIndexOf(posix.basename(doors[0].into)) + 1] ?? parts.at(-1);
    if (!doors.some(({ names }) => names.includes(used))) {
      yield `${from} uses ${used} of ${to}, which is none of what ${doors[0].of} may know of ${doors[0].into}`;
    }
  }
}

/** The circles among what is directly in a folder, each as one line. */
function circlesIn(folder, found) {
  const childOf = (path) =>
    path.startsWith(`${folder}/`) ? path.slice(folder.length + 1).split('/')[0] : undefined;
  const graph = new Map();
  for (const { from, to } of found) {
    const [own, other] = [childOf(from), childOf(to)];
    if (own === undefined || other === undefined || own === other) continue;
    graph.set(own, (graph.get(own) ?? new Set()).add(other));
  }
  return stronglyConnected(graph)
    .filter((members) => members.length > 1)
    .map(
      (members) =>
        `in ${folder}, these import each other in a circle: ${members.sort().join(', ')}`,
    );
}

/** Tarjan, "Depth-first search and linear graph algorithms", SIAM Journal on Computing 1(2), 1972. */
function stronglyConnected(graph) {
  const index = new Map();
  const low = new Map();
  const stack = [];
  const components = [];
  const visit = (node) => {
    index.set(node, index.size);
    low.set(node, index.get(node));
    stack.push(node);
    for (const next of graph.get(node) ?? []) {
      if (!index.has(next)) visit(next);
      if (stack.includes(next)) low.set(node, Math.min(low.get(node), low.get(next)));
    }
    if (low.get(node) === index.get(node)) components.push(stack.splice(stack.indexOf(node)));
  };
  for (const node of graph.keys()) if (!index.has(node)) visit(node);
  return components;
}

/** What Rust modules import, tests left out. A name that a module only hands on counts as imported from where it is. */
function rustImports() {
  const files = new Map();
  for (const file of filesIn('src', '.rs')) {
    const path = file
      .split(sep)
      .join('/')
      .replace(/\.rs$/, '')
      .replace(/\/mod$/, '');
    files.set(path === 'src/lib' ? 'src' : path, readFileSync(join(root, file), 'utf8'));
  }
  const onlyInTests = [...files].flatMap(([path, text]) =>
    [...text.matchAll(/#\[cfg\(test\)\]\s*(?:pub\S* )?mod (\w+);/g)].map(
      ([, name]) => `${path}/${name}`,
    ),
  );
  const isTest = (path) =>
    /\/(tests?|simulation|fuzzing|seeded_bug|effort)(\/|$)/.test(path) ||
    onlyInTests.some((module) => path === module || path.startsWith(`${module}/`));
  const handedOn = new Map(
    [...files].map(([path, text]) => [path, namesHandedOn(path, text, files)]),
  );
  const found = [];
  for (const [from, text] of files) {
    if (isTest(from)) continue;
    const code = text
      .replace(/#\[cfg\(test\)\]\s*(pub\S* )?mod tests? \{[\s\S]*$/, '')
      .replace(/\/\/.*/g, '');
    for (const name of pathsIn(code)) {
      const to = moduleOf(name, from, files, handedOn);
      if (to !== undefined && to !== from && !isTest(to)) found.push({ from, to, name });
    }
  }
  return found;
}

/** All paths of `use` declarations, and those that are written where they are used. */
function pathsIn(code) {
  const uses = [...code.matchAll(/\buse\s+([^;]+);/g)].flatMap(([, tree]) => flattened('', tree));
  const rest = code.replace(/\buse\s+[^;]+;/g, '');
  const inline = [...rest.matchAll(/\b(?:crate|super|self)(?:::\w+)+/g)].map(([path]) => path);
  return [...uses, ...inline];
}

/** The paths of a tree of `use`: `a::{b, c::d}` is `a::b` and `a::c::d`. */
function flattened(prefix, tree) {
  const text = tree.trim();
  const open = text.indexOf('{');
  if (open < 0) return [prefix + text.replace(/\s+as\s+\w+$/, '')];
  const parts = [];
  let depth = 0;
  let part = '';
  for (const letter of `${text.slice(open + 1, text.lastIndexOf('}'))},`) {
    depth += { '{': 1, '}': -1 }[letter] ?? 0;
    if (letter === ',' && depth === 0) {
      if (part.trim() !== '') parts.push(part);
      part = '';
    } else part += letter;
  }
  return parts.flatMap((each) => flattened(prefix + text.slice(0, open), each));
}

/** The names that a module has of the modules in it, each with the path of that module. */
function namesHandedOn(path, text, files) {
  const names = new Map();
  const code = text.replace(/\/\/.*/g, '');
  for (const [, tree] of code.matchAll(/\bpub(?:\([^)]*\))?\s+use\s+([^;]+);/g)) {
    for (const each of flattened('', tree)) {
      const parts = each.replace(/^self::/, '').split('::');
      const child = `${path}/${parts[0]}`;
      if (files.has(child)) names.set(parts.at(-1), child);
    }
  }
  return names;
}

/** The module that a path leads to from a module; `undefined` for another crate. */
function moduleOf(name, from, files, handedOn) {
  const parts = name.split('::');
  let at;
  if (parts[0] === 'crate') at = 'src';
  else if (parts[0] === 'self' || parts[0] === 'super') at = from;
  else return undefined;
  if (parts[0] !== 'super') parts.shift();
  while (parts[0] === 'super') {
    at = dirname(at);
    parts.shift();
  }
  while (parts.length > 0) {
    const next = files.has(`${at}/${parts[0]}`)
      ? `${at}/${parts[0]}`
      : handedOn.get(at)?.get(parts[0]);
    if (next === undefined) break;
    at = next;
    parts.shift();
  }
  // A module that uses what is around it uses no other one.
  return from.startsWith(`${at}/`) ? undefined : at;
}

/** What the JavaScript of the package imports. */
function scriptImports() {
  const files = ['index.js', 'index.mjs', ...filesIn('lib', '.js')];
  const found = [];
  for (const file of files) {
    const code = readFileSync(join(root, file), 'utf8').replace(/^\s*\/\/.*/gm, '');
    for (const [, path] of code.matchAll(/(?:require\(|from\s+)'(\.[^']+)'/g)) {
      const to = posix.join(posix.dirname(file), path);
      if (!existsSync(join(root, to)))
        throw new Error(`${file} imports ${path}, which is not there`);
      found.push({ from: bare(file), to: bare(to) });
    }
  }
  return found;
}

function bare(file) {
  return file.replace(/\.m?js$/, '');
}

/** The files of a folder and of those in it whose names end so. */
function filesIn(folder, ending) {
  return readdirSync(join(root, folder), { recursive: true })
    .map((path) => `${folder}/${path.split(sep).join('/')}`)
    .filter((path) => path.endsWith(ending));
}
