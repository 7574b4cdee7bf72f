// What `npm test` and `.ci/run` run, as tasks that run side by side.

import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { npmCommand, root } from './command.mjs';

/** A script of package.json, with what it is given. */
const script = (name, rest = {}, ...given) => ({
  name: [name, ...given].join(' '),
  command: npmCommand(['run', '--silent', name, ...(given.length > 0 ? ['--', ...given] : [])]),
  ...rest,
});

const node = (...given) => [process.execPath, ...given];

const build = join(root, 'scripts', 'build.mjs');

/** How many files of tests ava runs at a time: they wait as much as they compute. In CI it would run two. */
const FILES = availableParallelism() + 1;

/** What has an addon made of what was compiled for the Rust tests. */
const OF_TESTS = ['--', '--workspace', '--lib', '--tests'];

/** From a fresh clone to what the tests need. */
const setUp = [
  {
    name: 'compile',
    command: node(join(root, 'scripts', 'test-rust.mjs'), '--no-run'),
  },
  {
    name: 'packages',
    command: node(join(root, 'scripts', 'setup.mjs'), '--packages-only'),
  },
  {
    name: 'viewer',
    command: node(join(root, 'packages', 'server', 'viewer', 'build.mjs'), '--if-changed'),
    needs: ['packages'],
  },
  {
    // Of what was compiled for the Rust tests: with the same profile, and the features that all of the workspace asks for.
    // What is published has the profile of a release, and has to pass these tests before.
    name: 'addon',
    command: node(build, '--debug', ...OF_TESTS),
    needs: ['packages', 'compile'],
  },
  {
    // That of `packages/postgres/`, which was compiled with the other one.
    name: 'postgres addon',
    command: node(build, '--postgres', '--debug', ...OF_TESTS),
    needs: ['addon'],
  },
];

/** A browser for the tests of the viewer, which are skipped where there is none, and none can be installed. */
const browser = {
  name: 'browser',
  command: node(join(root, 'scripts', 'browser.mjs'), '--install'),
};

const afterPackages = { needs: ['packages'] };
const afterAddon = { needs: ['addon'] };
const afterBoth = { needs: ['addon', 'viewer'] };
const afterPostgres = { needs: ['postgres addon'] };

/** What is run once all is set up, after `more` too. What takes longest begins first. */
const testsAfter = (...more) => [
  script('test:ava', { needs: [...afterBoth.needs, ...more] }, `--concurrency=${FILES}`),
  script('test:rust', { needs: ['compile'] }),
  script('test:postgres', afterPostgres),
  // The server is in a package.
  script('test:rust-postgres', { needs: ['packages', 'test:rust'] }),
  script('test:types', afterPackages),
  script('test:examples', afterAddon),
  script('test:jest', afterAddon),
];

/** What has to hold beside the tests. Two tasks for which Cargo compiles would wait for each other. */
const checks = [
  script('check:package', { needs: [...afterBoth.needs, ...afterPostgres.needs] }),
  script('check:runtimes', afterAddon, '--quick'),
  script('lint', { needs: ['packages', 'test:rust-postgres'] }),
  script('check:openapi', afterAddon),
  script('check:pyarrow', afterAddon),
  script('check:evidence', afterAddon),
  script('check:types', afterAddon),
  script('format:check', afterPackages),
  script('check:generated', afterPackages),
  script('check:imports', afterPackages),
];

/** Every test. */
export const tests = [...setUp, ...testsAfter()];

/** Everything that has to hold before a change is merged. */
export const everything = [...setUp, browser, ...testsAfter(browser.name), ...checks];
