// That imports between packages run one way: what `npm run check:imports` says of small repositories.

import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import test from 'ava';

import { packageComplaints } from '../scripts/package-imports.mjs';

/** A repository in which every import runs the right way. */
const right = {
  'package.json': {
    name: 'log',
    files: ['index.js', 'lib', 'examples'],
    devDependencies: { dev: '1.0.0' },
  },
  'index.js': "require('./lib/log.js'); require('log-linux');",
  'lib/log.js': "const { join } = require('node:path'); require('fs');",
  'examples/one.mjs': "import log from 'log'; import 'dev';",
  'npm/linux/package.json': { name: 'log-linux' },
  '__test__/log.spec.mjs': "import '../torture/run.mjs';",
  'packages/native/package.json': { name: 'log-native', files: ['index.js'] },
  'packages/native/index.js': "require('log-native-linux');",
  'packages/native/npm/linux/package.json': { name: 'log-native-linux' },
  'packages/server/package.json': {
    name: 'log-server',
    files: ['index.js'],
    peerDependencies: { log: '1.0.0' },
    devDependencies: { log: 'file:../..' },
    dependencies: { ws: '1.0.0', '@scope/of': '1.0.0' },
  },
  'packages/server/index.js':
    "import log from 'log'; import { WebSocket } from 'ws';\nexport * from '@scope/of/part'; import '#own';",
  'packages/server/__test__/server.spec.mjs': "import '../../../__test__/log.spec.mjs';",
  'packages/viewer/package.json': {
    name: 'log-viewer',
    files: ['index.js'],
    dependencies: { 'log-server': '1.0.0' },
  },
  'packages/viewer/index.js': "import 'log-server';",
  'bench/package.json': { name: 'bench', dependencies: { rival: '1.0.0' } },
  'bench/run.mjs': "import '../lib/log.js'; import 'log-server'; import '../scripts/command.mjs';",
  'torture/package.json': { name: 'torture' },
  'torture/run.mjs': "import '../packages/server/index.js';",
};

/** What is said of a repository that differs from the right one in some files. */
function complaints(t, files = {}) {
  const root = mkdtempSync(join(tmpdir(), 'package-imports-'));
  t.teardown(() => rmSync(root, { recursive: true }));
  for (const [path, content] of Object.entries({ ...right, ...files })) {
    mkdirSync(dirname(join(root, path)), { recursive: true });
    const text = typeof content === 'string' ? content : JSON.stringify(content);
    writeFileSync(join(root, path), text);
  }
  return packageComplaints(root);
}

test('imports that run the right way are right', (t) => {
  t.deepEqual(complaints(t), []);
});

const server = right['packages/server/package.json'];
const wrong = {
  'the root from a package, by its name': {
    files: { 'lib/log.js': "require('log-server')" },
    expected: ['lib/log.js imports log-server, which package.json does not name'],
  },
  'the root from a package, by its path': {
    files: { 'lib/log.js': "const a = await import('../packages/server/index.js')" },
    expected: ['lib/log.js imports ../packages/server/index.js, which is not in its own package'],
  },
  'an example from a package': {
    files: { 'examples/one.mjs': "import 'log-server'" },
    expected: ['examples/one.mjs imports log-server, which package.json does not name'],
  },
  'the root from what is for development': {
    files: {
      'index.js': "require('./torture/run.mjs'); require('./scripts/build.mjs'); require('dev');",
    },
    expected: [
      'index.js imports ./torture/run.mjs, which is not in its own package',
      'index.js imports ./scripts/build.mjs, which is not in its own package',
      'index.js imports dev, which package.json does not name',
    ],
  },
  'a package from inside the root': {
    files: { 'packages/server/index.js': "import '../../lib/log.js'" },
    expected: [
      'packages/server/index.js imports ../../lib/log.js, which is not in its own package',
    ],
  },
  'a package from inside another one': {
    files: { 'packages/viewer/index.js': "export { a } from '../server/index.js'" },
    expected: [
      'packages/viewer/index.js imports ../server/index.js, which is not in its own package',
    ],
  },
  'a package from one that it does not name': {
    files: { 'packages/server/index.js': "import 'rival'; import '@scope/other/part';" },
    expected: [
      'packages/server/index.js imports rival, which packages/server/package.json does not name',
      'packages/server/index.js imports @scope/other/part, which packages/server/package.json does not name',
    ],
  },
  'a manifest of the root that names a package': {
    files: {
      'package.json': {
        ...right['package.json'],
        devDependencies: { dev: '1.0.0', bench: '1.0.0' },
      },
    },
    expected: ['package.json names bench, which stands on it'],
  },
  'packages that need each other': {
    files: {
      'packages/server/package.json': {
        ...server,
        devDependencies: { 'log-viewer': 'file:../viewer' },
      },
    },
    expected: [
      'packages/server/package.json needs itself, through what it names',
      'packages/viewer/package.json needs itself, through what it names',
    ],
  },
};
for (const [name, { files, expected }] of Object.entries(wrong)) {
  test(`what runs the wrong way is named: ${name}`, (t) => {
    t.deepEqual(complaints(t, files), expected);
  });
}
