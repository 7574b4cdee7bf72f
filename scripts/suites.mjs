// What `npm test` and `.ci/run` run, as tasks that run side by side.

import { join } from 'node:path';
import { npmCommand, root } from './command.mjs';

/** A script of package.json. */
const script = (name, rest = {}) => ({
  name,
  command: npmCommand(['run', '--silent', name]),
  ...rest,
});

const node = (...given) => [process.execPath, ...given];

/** From a fresh clone to what the tests need. */
const setUp = [
  {
    name: 'packages',
    command: node(join(root, 'scripts', 'setup.mjs'), '--packages-only'),
  },
  {
    name: 'addon',
    command: node(join(root, 'scripts', 'build.mjs')),
    needs: ['packages'],
  },
  {
    name: 'viewer',
    command: node(join(root, 'packages', 'server', 'viewer', 'build.mjs'), '--if-changed'),
    needs: ['packages'],
  },
];

const afterPackages = { needs: ['packages'] };
const afterAddon = { needs: ['addon'] };
const afterBoth = { needs: ['addon', 'viewer'] };

/** Every test. What takes longest begins first. */
export const tests = [
  ...setUp,
  // The server that some of them start is in a package.
  script('test:rust', { needs: ['packages'] }),
  script('test:ava', afterBoth),
  script('test:types', afterPackages),
  script('test:examples', afterAddon),
  script('test:jest', afterAddon),
];

/** What else has to hold. Clippy would wait for the Rust tests while it holds a place. */
export const checks = [
  script('check:package', afterBoth),
  script('check:runtimes', {
    ...afterAddon,
    name: 'check:runtimes -- --quick',
    command: npmCommand(['run', '--silent', 'check:runtimes', '--', '--quick']),
  }),
  script('check:openapi', afterAddon),
  script('check:pyarrow', afterAddon),
  script('check:evidence', afterAddon),
  script('lint', { needs: ['packages', 'test:rust'] }),
  script('check:types', afterAddon),
  script('format:check', afterPackages),
  script('check:generated', afterPackages),
  script('check:imports', afterPackages),
];
