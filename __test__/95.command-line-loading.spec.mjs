// What is loaded for what: the library loads nothing of the command line, which loads no more than a command needs.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import test from 'ava';

import { addon, runForJson } from './support/child.mjs';
import { printed, runProgram, shopLog } from './support/command-line.mjs';
import { temporaryFolder } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { COMMANDS, UPSTREAM } = require('../lib/command-line/commands.js');
const { COMMON } = require('../lib/command-line/options.js');
const version = require('../lib/version.js');

test('the package loads nothing of the command line, as CommonJS or as an ES module', async (t) => {
  const list = `Object.keys(require.cache).filter((path) => /eventlog|lib.*js/.test(path))`;
  const asCommonJs = await runForJson(
    t,
    `require(${JSON.stringify(new URL(addon).pathname.replace(/mjs$/, 'js'))});
     console.log(JSON.stringify(${list}));`,
    { type: 'commonjs' },
  );
  const asModule = await runForJson(
    t,
    `import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
     import '${addon}';
     const require = createRequire('${addon}');
     console.log(JSON.stringify(${list}));`,
  );
  for (const loaded of [asCommonJs, asModule]) {
    t.true(loaded.some((path) => path.endsWith('exports.js')));
    t.deepEqual(
      loaded.filter((path) => /command-line|[\\/]bin[\\/]|string-truncated-width/.test(path)),
      [],
    );
  }
});

/** What the program has loaded at its end. */
async function loadedBy(t, args) {
  const folder = await temporaryFolder(t);
  const hook = join(folder, 'hook.cjs');
  await writeFile(
    hook,
    `process.on('exit', () => {
       process.stderr.write(Object.keys(require.cache).map((path) => path + '\\n').join(''));
     });`,
  );
  const { stderr } = await runProgram(t, args, { env: { NODE_OPTIONS: `--require ${hook}` } });
  const paths = stderr.split('\n').map((path) => path.replaceAll('\\', '/'));
  return paths.filter((path) => path.includes('/lib/') || path.endsWith('.node'));
}

test('what needs no log loads no addon, and a command loads no other one', async (t) => {
  const path = await shopLog(t);
  for (const args of [['--version'], ['--help'], ['tail', '--help'], ['completion', 'bash']]) {
    const loaded = await loadedBy(t, args);
    t.true(loaded.length > 0);
    t.deepEqual(
      loaded.filter((each) => each.endsWith('.node') || each.endsWith('/lib/exports.js')),
      [],
    );
  }
  const loaded = await loadedBy(t, ['tail', path, 'shop']);
  const commands = loaded.filter((each) => each.includes('/command-line/commands/'));
  t.deepEqual(
    commands.map((each) => each.split('/').at(-1)),
    ['tail.js'],
  );
  t.true(loaded.some((each) => each.endsWith('.node')));
});

test('--version prints the version', async (t) => {
  t.is(await printed(t, ['--version']), `${version}\n`);
  t.is(await printed(t, ['-V']), `${version}\n`);
});

const HAS_BASH = process.platform !== 'win32' && spawnSync('bash', ['-c', 'true']).status === 0;

/** The words of a line, as a shell reads it up to the first pipe or redirection. */
function wordsOf(line) {
  const [call] = /^(?:'[^']*'|"(?:[^"\\]|\\.)*"|[^'"|<>])*/.exec(line);
  const source = `words=(${call.trim()}); printf '%s\\0' "\${words[@]}"`;
  return spawnSync('bash', ['-c', source], { encoding: 'utf8' }).stdout.split('\0').slice(0, -1);
}

if (HAS_BASH) {
  test('the examples of the help are calls that are understood', (t) => {
    const { readArguments } = require('../lib/command-line/options.js');
    const { conditionsOf } = require('../lib/command-line/filters.js');
    for (const [name, load] of Object.entries(COMMANDS)) {
      const { examples, options, words } = load();
      for (const [line, about] of examples) {
        const [first, ...rest] = wordsOf(line);
        t.true(Object.hasOwn(COMMANDS, first), line);
        t.true(about.length > 0);
        if (first !== name) continue;
        const { values, positionals } = readArguments(rest, options);
        t.notThrows(() => conditionsOf(values), line);
        const required = words.filter((word) => !word.startsWith('['));
        t.true(positionals.length >= required.length, line);
        t.true(positionals.length <= words.length + 1, line);
      }
    }
  });
}

test('the help names every command; that of a command every option, with examples', async (t) => {
  const help = await printed(t, ['--help']);
  t.is(await printed(t, ['help']), help);
  for (const name of Object.keys(COMMANDS)) t.regex(help, new RegExp(`^  ${name} +\\S`, 'm'));
  for (const word of Object.keys(UPSTREAM)) t.regex(help, new RegExp(`^  eventlog ${word} `, 'm'));
  t.is(await printed(t, ['eventlog', '-h']), help);
  for (const args of [[], ['eventlog']]) {
    const none = await runProgram(t, args);
    t.is(none.code, 2);
    t.is(none.stderr, help);
  }

  const { commandHelp } = require('../lib/command-line/help.js');
  for (const [name, load] of Object.entries(COMMANDS)) {
    const command = load();
    const text = commandHelp(name, command);
    t.true(command.examples.length > 0, name);
    for (const option of Object.keys({ ...command.options, ...COMMON })) {
      t.true(text.includes(`--${option}`), `${name} --${option}`);
    }
    t.false(
      text.split('\n').some((line) => line.length > 130),
      name,
    );
  }
  const tail = commandHelp('tail', COMMANDS.tail());
  t.is(await printed(t, ['tail', '--help']), tail);
  t.is(await printed(t, ['help', 'tail']), tail);
  const ls = commandHelp('ls', COMMANDS.ls());
  t.is(await printed(t, ['help', 'eventlog', 'list']), ls);
});
