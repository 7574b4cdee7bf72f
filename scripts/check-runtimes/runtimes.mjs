// The checks of runtimes, and of what runs programs in Node.js.

import { cpSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';

import { execute, expectNoPart, expectPart } from './place.mjs';

const PASSED = 'the scenario has passed';

/** @param {string} version - As the tools name it, such as `22`. */
const nodeIn = (place, version) =>
  join(place.tools('quick'), 'node_modules', `node-${version}`, 'bin', 'node');

const bunIn = (place) => join(place.tools('quick'), 'node_modules/@oven/bun-linux-x64/bin/bun');

const denoIn = (place) => join(place.tools('quick'), 'node_modules/@deno/linux-x64-glibc/deno');

/** Runs the program in each way to load the package. */
function runEach(program, cwd, ...flags) {
  expectPart(execute(program, [...flags, 'esm.mjs'], { cwd }), PASSED);
  expectPart(execute(program, [...flags, 'commonjs.cjs'], { cwd }), PASSED);
  expectPart(execute(program, [...flags, 'both.mjs'], { cwd }), 'the package is there once');
}

const nodes = ['20-first', '20', '22', '24', '26'].map((version) => ({
  name: `Node.js ${version}: import, require, both`,
  quick: true,
  run: (place) => runEach(nodeIn(place, version), place.app()),
}));

export const runtimes = [
  ...nodes,
  {
    name: 'Node.js: node --test',
    quick: true,
    run(place) {
      const output = execute(nodeIn(place, '24'), ['--test', 'node.test.mjs'], {
        cwd: place.app(),
      });
      expectPart(output, 'pass 1');
    },
  },
  {
    name: 'Node.js: --permission',
    quick: true,
    run(place) {
      const cwd = place.app();
      for (const version of ['22', '24', '26']) {
        const node = nodeIn(place, version);
        const flags = ['--permission', '--allow-fs-read=*', '--allow-fs-write=*'];
        const refused = execute(node, [...flags, 'esm.mjs'], { cwd, fails: true });
        expectPart(refused, 'Node.js was told to load no addons: start it with --allow-addons');
        expectPart(execute(node, [...flags, '--allow-addons', 'esm.mjs'], { cwd }), PASSED);
      }
    },
  },
  {
    name: 'Node.js: a single executable',
    quick: true,
    run(place) {
      const cwd = place.app();
      const esbuild = join(place.tools('quick'), 'node_modules/@esbuild/linux-x64/bin/esbuild');
      const parameters = ['commonjs.cjs', '--bundle', '--platform=node', '--outfile=main.cjs'];
      execute(esbuild, parameters, { cwd });
      const config = { main: 'main.cjs', output: 'program', disableExperimentalSEAWarning: true };
      writeFileSync(join(cwd, 'sea.json'), JSON.stringify(config));
      const node = nodeIn(place, '26');
      execute(node, ['--build-sea', 'sea.json'], { cwd });
      expectPart(execute(join(cwd, 'program'), [], { cwd }), PASSED);
      moved(place, cwd, 'program', (folder, options) =>
        execute(join(folder, 'program'), [], { cwd: folder, ...options }),
      );
    },
  },
  {
    name: 'Bun: import, require, both',
    quick: true,
    run: (place) => runEach(bunIn(place), place.app()),
  },
  {
    name: 'Bun: bun test',
    quick: true,
    run(place) {
      expectPart(execute(bunIn(place), ['test', 'bun.test.mjs'], { cwd: place.app() }), '1 pass');
    },
  },
  {
    name: 'Bun: bun build, and --compile, moved away',
    quick: true,
    run(place) {
      const cwd = place.app();
      const bun = bunIn(place);
      execute(bun, ['build', 'esm.mjs', '--target=bun', '--outdir=out'], { cwd });
      execute(bun, ['build', 'esm.mjs', '--compile', '--outfile=out/program'], { cwd });
      const away = awayWith(cwd, ['out']);
      try {
        expectPart(execute(bun, ['out/esm.js'], { cwd: away }), PASSED);
        expectPart(execute(join(away, 'out', 'program'), [], { cwd: away }), PASSED);
      } finally {
        rmSync(away, { recursive: true });
      }
    },
  },
  {
    name: 'Deno: import, require, both, with few permissions',
    quick: true,
    run(place) {
      const cwd = place.app();
      const flags = ['run', '--no-prompt', '--node-modules-dir=manual'];
      const refused = execute(denoIn(place), [...flags, '--allow-read', 'esm.mjs'], {
        cwd,
        fails: true,
      });
      expectPart(refused, 'run again with the --allow-ffi flag');
      runEach(denoIn(place), cwd, ...flags, '--allow-ffi', '--allow-read', '--allow-write=.');
    },
  },
  {
    name: 'tsx',
    quick: true,
    run(place) {
      const cwd = place.app();
      const tsx = join(place.tools('quick'), 'node_modules/tsx/dist/cli.mjs');
      writeFileSync(join(cwd, 'package.json'), '{ "type": "module", "private": true }');
      expectPart(execute(nodeIn(place, '24'), [tsx, 'typescript.ts'], { cwd }), PASSED);
    },
  },
  {
    name: 'Vitest',
    run(place) {
      const cwd = place.appOf('apps/vitest');
      const output = execute(
        nodeIn(place, '24'),
        ['node_modules/vitest/vitest.mjs', 'run', 'scenario'],
        {
          cwd,
        },
      );
      expectPart(output, '1 passed');
    },
  },
  {
    name: 'Jest, with --detectOpenHandles',
    run(place) {
      const cwd = place.appOf('apps/jest');
      const parameters = ['node_modules/jest/bin/jest.js', '--detectOpenHandles', '--forceExit'];
      const output = execute(nodeIn(place, '24'), [...parameters, 'scenario'], { cwd });
      expectPart(output, '1 passed');
      expectNoPart(output, 'napi');
      expectNoPart(output, 'open handle');
    },
  },
];

/** Copies files out of an app to where nothing else is. */
function awayWith(app, files) {
  const away = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-moved-'));
  for (const file of files) cpSync(join(app, file), join(away, file), { recursive: true });
  return away;
}

/**
 * Has a bundle run where no `node_modules` is: it has to say what it needs, and to run with that.
 *
 * @param {string} bundle - Its path in the app.
 * @param {(folder: string, options: object) => string} runIt - Runs it there.
 */
export function moved(place, app, bundle, runIt) {
  const away = awayWith(app, [bundle]);
  try {
    const name = `codebolt-eventlog.${place.platform}.node`;
    const said = runIt(away, { fails: true });
    expectPart(said, `found none from`);
    expectPart(said, `the file ${name} beside it`);
    const source = join(app, 'node_modules', `codebolt-eventlog-${place.platform}`, name);
    const env = { CODEBOLT_EVENTLOG_ADDON: source };
    expectPart(runIt(away, { env }), PASSED);
    cpSync(source, join(away, dirname(bundle), name));
    expectPart(runIt(away, {}), PASSED);
  } finally {
    rmSync(away, { recursive: true });
  }
}

export { PASSED, awayWith, nodeIn };
