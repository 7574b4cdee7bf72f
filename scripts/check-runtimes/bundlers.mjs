// The checks of bundlers: each has to bundle the package without a line of configuration for it, and without a warning.

import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

import { Failure, execute, expectNoPart, expectPart } from './place.mjs';
import { PASSED, awayWith, moved, nodeIn } from './runtimes.mjs';

/** Runs a bundle in the oldest and in the newest Node.js. */
function runBundle(place, cwd, file) {
  for (const version of ['20', '26']) {
    expectPart(execute(nodeIn(place, version), [file], { cwd }), PASSED);
  }
}

/** Loads a tool. */
function load(place, group, name) {
  const require = createRequire(join(place.tools(group), 'package.json'));
  return import(pathToFileURL(require.resolve(name)));
}

/** Bundles with webpack, or with what has its interface. */
async function pack(tool, cwd, { mode, output }) {
  const options = {
    context: cwd,
    entry: './esm.mjs',
    mode,
    target: 'node',
    output: { path: join(cwd, 'out'), filename: output },
  };
  const stats = await new Promise((resolve, reject) => {
    tool(options, (error, result) => (error ? reject(error) : resolve(result)));
  });
  const { errors, warnings } = stats.toJson({ errors: true, warnings: true });
  if (errors.length + warnings.length > 0) {
    throw new Failure([...errors, ...warnings].map(({ message }) => message).join('\n'));
  }
}

async function checkPacked(place, tool) {
  const cwd = place.app();
  for (const mode of ['production', 'development']) {
    await pack(tool, cwd, { mode, output: `${mode}.cjs` });
    runBundle(place, cwd, `out/${mode}.cjs`);
  }
}

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  await once(server, 'close');
  return port;
}

/** Asks a server for a page once it says that it is ready. */
async function answerOf(server, url) {
  let said = '';
  await new Promise((resolve, reject) => {
    server.stdout.setEncoding('utf8').on('data', (text) => {
      said += text;
      if (said.includes('Ready')) resolve();
    });
    server.once('exit', () =>
      reject(new Failure(`expected a server, found that it ended\n${said}`)),
    );
  });
  const response = await fetch(url);
  return `${response.status} ${await response.text()}`;
}

/** Has a server of Next.js answer, which `startsWith` starts, given a port. */
async function checkServer(node, cwd, startsWith) {
  const port = String(await freePort());
  const server = spawn(node, startsWith(port), {
    cwd,
    env: { ...process.env, NEXT_TELEMETRY_DISABLED: '1', HOSTNAME: '127.0.0.1', PORT: port },
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  try {
    expectPart(await answerOf(server, `http://127.0.0.1:${port}/log`), `200 ${PASSED}`);
  } finally {
    server.kill();
    if (server.exitCode === null && server.signalCode === null) await once(server, 'exit');
  }
}

const next = join('node_modules', 'next', 'dist', 'bin', 'next');

async function checkNext(place, bundler) {
  const cwd = place.appOf('apps/next');
  const node = nodeIn(place, '24');
  const output = execute(node, [next, 'build', bundler], { cwd });
  expectNoPart(output, 'codebolt-eventlog');
  await checkServer(node, cwd, (port) => [
    next,
    'start',
    '--hostname',
    '127.0.0.1',
    '--port',
    port,
  ]);
}

/** The folder that Next.js makes runs where it is moved to. */
async function checkStandalone(place) {
  const cwd = place.appOf('apps/next');
  const config = {
    output: 'standalone',
    outputFileTracingRoot: cwd,
    outputFileTracingIncludes: { '/**': ['node_modules/codebolt-eventlog-*/**'] },
  };
  writeFileSync(join(cwd, 'next.config.js'), `module.exports = ${JSON.stringify(config)};`);
  const node = nodeIn(place, '24');
  execute(node, [next, 'build'], { cwd });
  const away = awayWith(join(cwd, '.next'), ['standalone']);
  try {
    await checkServer(node, join(away, 'standalone'), () => ['server.js']);
  } finally {
    rmSync(away, { recursive: true });
  }
}

function checkVite(place, name) {
  const cwd = place.app();
  const config = { ssr: { noExternal: true }, build: { ssr: 'esm.mjs', outDir: 'out' } };
  writeFileSync(join(cwd, 'vite.config.mjs'), `export default ${JSON.stringify(config)};`);
  const vite = join(place.tools('all'), 'node_modules', name, 'bin', 'vite.js');
  const output = execute(nodeIn(place, '24'), [vite, 'build'], { cwd });
  expectNoPart(output, 'codebolt-eventlog');
  runBundle(place, cwd, 'out/esm.mjs');
}

export const bundlers = [
  {
    name: 'esbuild',
    quick: true,
    run(place) {
      const cwd = place.app();
      const esbuild = join(place.tools('quick'), 'node_modules/@esbuild/linux-x64/bin/esbuild');
      const flags = ['--bundle', '--platform=node', '--log-level=warning'];
      for (const [entry, format] of [
        ['esm.mjs', 'esm'],
        ['commonjs.cjs', 'cjs'],
        ['commonjs.cjs', 'esm'],
      ]) {
        for (const minify of [[], ['--minify']]) {
          const file = `out/${format}.${format === 'esm' ? 'mjs' : 'cjs'}`;
          const parameters = [
            entry,
            ...flags,
            ...minify,
            `--format=${format}`,
            `--outfile=${file}`,
          ];
          if (execute(esbuild, parameters, { cwd }) !== '')
            throw new Failure('expected no warning');
          runBundle(place, cwd, file);
        }
      }
      const parameters = ['both.mjs', ...flags, '--format=esm', '--outfile=out/both.mjs'];
      execute(esbuild, parameters, { cwd });
      const node = nodeIn(place, '24');
      expectPart(execute(node, ['out/both.mjs'], { cwd }), 'the package is there once');
      moved(place, cwd, 'out/esm.mjs', (folder, options) =>
        execute(node, ['out/esm.mjs'], { cwd: folder, ...options }),
      );
    },
  },
  {
    name: 'Rollup, with its CommonJS plugin',
    quick: true,
    async run(place) {
      const cwd = place.app();
      const { rollup } = await load(place, 'quick', 'rollup');
      const { default: commonjs } = await load(place, 'quick', '@rollup/plugin-commonjs');
      const { default: resolve } = await load(place, 'quick', '@rollup/plugin-node-resolve');
      const warnings = [];
      for (const name of ['esm', 'both']) {
        const bundle = await rollup({
          input: join(cwd, `${name}.mjs`),
          plugins: [resolve({ preferBuiltins: true }), commonjs()],
          onwarn: (warning) => warnings.push(warning.message),
        });
        await bundle.write({ file: join(cwd, 'out', `${name}.mjs`), format: 'es' });
        await bundle.close();
      }
      if (warnings.length > 0) throw new Failure(warnings.join('\n'));
      runBundle(place, cwd, 'out/esm.mjs');
      const output = execute(nodeIn(place, '24'), ['out/both.mjs'], { cwd });
      expectPart(output, 'the package is there once');
    },
  },
  {
    name: 'Rolldown',
    quick: true,
    run(place) {
      const cwd = place.app();
      const rolldown = join(place.tools('quick'), 'node_modules/rolldown/bin/cli.mjs');
      for (const [entry, format] of [
        ['esm.mjs', 'esm'],
        ['commonjs.cjs', 'cjs'],
      ]) {
        const file = `out/${format}.${format === 'esm' ? 'mjs' : 'cjs'}`;
        const flags = [
          '--platform',
          'node',
          '--format',
          format,
          '--no-codeSplitting',
          '--file',
          file,
        ];
        const output = execute(nodeIn(place, '24'), [rolldown, entry, ...flags], { cwd });
        expectNoPart(output.toLowerCase(), 'warn');
        runBundle(place, cwd, file);
      }
    },
  },
  { name: 'Vite 8, noExternal', run: (place) => checkVite(place, 'vite') },
  { name: 'Vite 7, noExternal', run: (place) => checkVite(place, 'vite-7') },
  {
    name: 'webpack 5',
    run: async (place) => checkPacked(place, (await load(place, 'all', 'webpack')).default),
  },
  {
    name: 'Rspack 2',
    run: async (place) => checkPacked(place, (await load(place, 'all', '@rspack/core')).rspack),
  },
  { name: 'Next.js 16, Turbopack', run: (place) => checkNext(place, '--turbopack') },
  { name: 'Next.js 16, webpack', run: (place) => checkNext(place, '--webpack') },
  { name: 'Next.js 16, standalone, moved away', run: checkStandalone },
  {
    name: 'nft, which copies what a function needs',
    async run(place) {
      const cwd = place.app();
      const { nodeFileTrace } = await load(place, 'all', '@vercel/nft');
      const { fileList } = await nodeFileTrace([join(cwd, 'esm.mjs')], { base: cwd });
      const name = `codebolt-eventlog.${place.platform}.node`;
      expectPart([...fileList].join('\n'), name);
    },
  },
];
