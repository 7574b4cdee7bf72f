// What goes to terminals: no effect of stored text, colours only there, progress, widths, and completion in shells.

import { spawnSync } from 'node:child_process';
import { createRequire } from 'node:module';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';

import test from 'ava';

import { printed, program, refusedBy, shopLog } from './support/command-line.mjs';
import { temporaryFolder } from './support/temporary.mjs';

const require = createRequire(import.meta.url);
const { COMMANDS, UPSTREAM } = require('../lib/command-line/commands.js');
const { alteredNumber } = require('../lib/command-line/exact-json.js');
const { hasColor, isAscii } = require('../lib/command-line/terminal.js');
const { shown, shownJson } = require('../lib/command-line/text.js');
const { timeOf } = require('../lib/command-line/times.js');

/** Everything of C0 and C1, and marks that turn the direction of text. */
const HOSTILE = [
  ...Array.from({ length: 32 }, (_, code) => String.fromCharCode(code)),
  ...Array.from({ length: 33 }, (_, at) => String.fromCharCode(0x7f + at)),
  ...'\u200e\u200f\u061c\u2028\u2029\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069',
];

/** What no terminal may be given. The line end of the program itself is left out. */
const EFFECTIVE =
  // oxlint-disable-next-line no-control-regex
  /[\u0000-\u0009\u000b-\u001f\u007f-\u009f\u061c\u200e\u200f\u2028-\u202e\u2066-\u2069]/;

test('no character with an effect is shown as it is, and JSON keeps its value', (t) => {
  const text = `a${HOSTILE.join('b')}\ud800 é 日本 😀`;
  t.notRegex(shown(text), EFFECTIVE);
  t.notRegex(shown(text), /\n/);
  t.true(shown(text).endsWith('\\ud800 é 日本 😀'));
  const json = JSON.stringify({ text });
  t.notRegex(shownJson(json), EFFECTIVE);
  t.is(JSON.parse(shownJson(json)).text, text);
  // oxlint-disable-next-line no-control-regex
  const ascii = /^[\u0000-\u007f]*$/;
  t.regex(shown(text, { ascii: true }), ascii);
  t.regex(shownJson(json, { ascii: true }), ascii);
  t.is(JSON.parse(shownJson(json, { ascii: true })).text, text);
});

test('colours are for terminals, unless something says otherwise', (t) => {
  const terminal = { isTTY: true };
  t.true(hasColor(terminal, 'auto', {}));
  t.true(hasColor(terminal, 'auto', { NO_COLOR: '' }));
  t.false(hasColor(terminal, 'auto', { NO_COLOR: '1' }));
  t.false(hasColor(terminal, 'auto', { TERM: 'dumb' }));
  t.false(hasColor(terminal, 'never', {}));
  t.false(hasColor({}, 'auto', {}));
  t.true(hasColor({}, 'always', { NO_COLOR: '1' }));
});

test('a terminal of another encoding gets ASCII', (t) => {
  const on = (env, platform = 'linux', stream = { isTTY: true }) =>
    isAscii(stream, { env, platform });
  t.false(on({}));
  t.false(on({ LANG: 'de_DE.UTF-8' }));
  t.false(on({ LANG: 'C', LC_ALL: 'en_US.utf8' }));
  t.true(on({ LANG: 'C' }));
  t.true(on({ LANG: 'en_US.UTF-8', LC_ALL: 'de_DE.ISO-8859-1' }));
  t.false(on({ LANG: 'C' }, 'win32'));
  t.false(on({ LANG: 'C' }, 'linux', {}));
});

test('times are ISO 8601, in UTC where they name no zone, or ages', (t) => {
  const now = Date.UTC(2026, 0, 31, 12);
  const at = (text) => timeOf('--since', text, now);
  t.is(at('2026-01-31'), '2026-01-31T00:00:00.000Z');
  t.is(at('2026-01-31 10:00'), '2026-01-31T10:00:00.000Z');
  t.is(at('2026-01-31T10:00:00.5+02:00'), '2026-01-31T08:00:00.500Z');
  t.is(at('90s'), '2026-01-31T11:58:30.000Z');
  t.is(at('2h'), '2026-01-31T10:00:00.000Z');
  t.is(at('1w'), '2026-01-24T12:00:00.000Z');
  t.is(at(undefined), undefined);
  for (const wrong of [
    '',
    '12',
    '-1h',
    '2026-02-30x',
    '2026-13-01',
    '1y',
    '31.1.2026',
    '99999999w',
  ]) {
    t.throws(() => at(wrong), { code: 'INVALID_ARGUMENT', message: /--since/ }, wrong);
  }
});

test('numbers that JavaScript alters are found, and no others', (t) => {
  t.is(alteredNumber('{"a":[1,12345678901234567890]}'), '12345678901234567890');
  t.is(alteredNumber('[-9007199254740993]'), '-9007199254740993');
  t.is(alteredNumber('{"a":1e400}'), '1e400');
  const kept = [
    '[9007199254740992,1e21,1E+2,0.1,-0,100000000000000000000]',
    '{"12345678901234567890":"12345678901234567890"}',
    '["\\"12345678901234567890","\\\\",1]',
  ];
  for (const text of kept) t.is(alteredNumber(text), undefined, text);
});

test.serial('what is in ASCII is so in each format', async (t) => {
  const path = await shopLog(t);
  for (const format of ['table', 'json', 'jsonl']) {
    const text = await printed(t, ['tail', path, 'shop', '--ascii', '-o', format]);
    // oxlint-disable-next-line no-control-regex
    t.regex(text, /^[\u0000-\u007f]*$/);
    t.true(text.includes(String.raw`caf\u00e9`));
  }
});

test.serial('--csv-exact leaves texts as they are', async (t) => {
  const path = await shopLog(t);
  const args = [
    'query',
    path,
    'shop',
    '--select',
    'payload.customer.name,payload.total',
    '-o',
    'csv',
  ];
  t.true((await printed(t, args)).includes("\r\n'=1+1,9\r\n"));
  t.true((await printed(t, args)).includes('\r\n,-5\r\n'));
  t.true((await printed(t, [...args, '--csv-exact'])).includes('\r\n=1+1,9\r\n'));
});

/** Runs a command on a terminal of its own, and returns what it sends there. */
function onTerminal(args, env = {}) {
  const { NO_COLOR: _, ...inherited } = process.env;
  const quoted = [process.execPath, program, ...args].map((word) => `'${word}'`).join(' ');
  const command = `stty cols 80; ${quoted}`;
  return spawnSync('script', ['-qec', command, '/dev/null'], {
    env: { ...inherited, TERM: 'xterm', LANG: 'C.UTF-8', LC_ALL: 'C.UTF-8', ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'pipe'],
  });
}

const HAS_TERMINAL =
  process.platform === 'linux' && spawnSync('script', ['-qec', 'true', '/dev/null']).status === 0;

// oxlint-disable-next-line no-control-regex
const OWN_STYLES = /\u001b\[(?:1|2|22|31|32|36|39|K)m?/g;

if (HAS_TERMINAL) {
  test.serial(
    'a terminal gets colours, lines of its width, and nothing of stored text that has an effect',
    async (t) => {
      const path = await shopLog(t);
      for (const format of ['table', 'json', 'jsonl', 'csv']) {
        const { status, stdout } = onTerminal(['tail', path, 'shop', '-o', format]);
        t.is(status, 0);
        const text = stdout.replaceAll('\r\n', '\n').replaceAll('\r\n', '\n').replaceAll('\r', '');
        t.notRegex(text.replaceAll(OWN_STYLES, ''), EFFECTIVE, format);
        if (format !== 'table') continue;
        t.true(text.includes('\u001b[1mPOSITION'));
        const lines = text.replaceAll(OWN_STYLES, '').trimEnd().split('\n');
        // The other columns take more than the terminal has, and the last one keeps some of it.
        t.true(lines.some((line) => line.endsWith('…')));
        const plain = onTerminal(['tail', path, 'shop'], { NO_COLOR: '1' });
        t.notRegex(plain.stdout, OWN_STYLES);
      }
      const exported = onTerminal(['export', '--log', path]);
      t.notRegex(
        exported.stdout.replaceAll('\r\n', '\n').replaceAll(OWN_STYLES, '').replaceAll('\r', ''),
        EFFECTIVE,
      );
    },
  );

  test.serial(
    'what takes long shows how far it is on a terminal, unless it is to be quiet',
    async (t) => {
      const path = await shopLog(t);
      t.regex(onTerminal(['verify', path]).stdout, /verify 100% \[#+\] 7 of 7 events/);
      t.notRegex(onTerminal(['verify', path, '--quiet']).stdout, /7 of 7 events/);
    },
  );

  test.serial('an error shows nothing of a name that has an effect', async (t) => {
    const path = await shopLog(t);
    const { stdout, status } = onTerminal(['tail', path, 'x\u001b[2J\u009b']);
    t.is(status, 4);
    t.notRegex(stdout.replaceAll('\r\n', '\n'), EFFECTIVE);
    t.regex(stdout, /INSTANCE_NOT_FOUND: .*\[2J/);
  });
} else {
  test('terminals are not tried: there is no program `script`', (t) => t.pass());
}

const has = (shell) =>
  spawnSync(shell, ['-c', 'true']).status === 0 && process.platform !== 'win32';

if (has('bash')) {
  test.serial('bash completes commands, options and their values', async (t) => {
    const file = join(await temporaryFolder(t), 'completion');
    writeFileSync(file, await printed(t, ['completion', 'bash']));
    const complete = (...words) => {
      const source = `
        source '${file}'
        COMP_WORDS=(codebolt-eventlog "$@"); COMP_CWORD=$#
        _codebolt_eventlog
        printf '%s\\n' "\${COMPREPLY[@]}"`;
      const { stdout, stderr, status } = spawnSync('bash', ['-c', source, 'bash', ...words], {
        encoding: 'utf8',
        cwd: join(file, '..'),
      });
      t.is(status, 0, stderr);
      t.is(stderr, '');
      return stdout.trim().split('\n');
    };
    t.deepEqual(complete('ta'), ['tail']);
    t.deepEqual(complete(''), [
      ...Object.keys(COMMANDS),
      'eventlog',
      'help',
      '--help',
      '--version',
    ]);
    t.deepEqual(complete('tail', '--fo'), ['--follow']);
    t.deepEqual(complete('tail', 'x', '-o', 'js'), ['json', 'jsonl']);
    t.deepEqual(complete('eventlog', ''), Object.keys(UPSTREAM));
    t.true(complete('eventlog', 'query', '--').includes('--group-by'));
    t.true(complete('eventlog', 'list', '--').includes('--output'));
    t.deepEqual(complete('completion', 'f'), ['fish']);
    t.deepEqual(complete('export', '--format', 'c'), ['cloudevents', 'cloudevents-batch', 'csv']);
    t.deepEqual(complete('import', '--time-unit', ''), ['s', 'ms', 'us', 'ns']);
    t.deepEqual(complete('eventlog', 'append', '-o', 'j'), ['json', 'jsonl']);
    t.deepEqual(complete('ls', '--log', 'compl'), ['completion']);
    t.deepEqual(complete('help', 'ver'), ['verify']);
  });
}

if (has('zsh')) {
  test.serial('zsh takes its script', async (t) => {
    const file = join(await temporaryFolder(t), 'completion');
    writeFileSync(file, await printed(t, ['completion', 'zsh']));
    const source = `autoload -U compinit; compinit -u -D; source '${file}'; print -r -- $_comps[codebolt-eventlog]`;
    const { stdout, stderr, status } = spawnSync('zsh', ['-f', '-c', source], { encoding: 'utf8' });
    t.is(status, 0, stderr);
    t.is(stderr, '');
    t.is(stdout.trim(), '_codebolt_eventlog');
  });
}

if (has('fish')) {
  test.serial('fish completes commands, options and their values', async (t) => {
    const folder = await temporaryFolder(t);
    const file = join(folder, 'completion.fish');
    writeFileSync(file, await printed(t, ['completion', 'fish']));
    const complete = (line) => {
      const source = `source '${file}'; complete -C '${line}'`;
      const env = { ...process.env, HOME: folder };
      const { stdout, stderr, status } = spawnSync('fish', ['-N', '-c', source], {
        encoding: 'utf8',
        env,
      });
      t.is(status, 0, stderr);
      return stdout
        .trim()
        .split('\n')
        .map((each) => each.split('\t')[0]);
    };
    t.deepEqual(complete('codebolt-eventlog ta'), ['tail']);
    t.true(complete('codebolt-eventlog tail --fol').includes('--follow'));
    t.deepEqual(complete('codebolt-eventlog tail -o js'), ['json', 'jsonl']);
    t.deepEqual(complete('codebolt-eventlog eventlog li'), ['list']);
    t.true(complete('codebolt-eventlog eventlog query --group').includes('--group-by'));
  });
}

test.serial('another shell is refused', async (t) => {
  await refusedBy(t, ['completion', 'tcsh'], 2, /expected one of bash, zsh, fish/);
  await refusedBy(t, ['completion', 'log.redb', 'bash'], 2, /expected at most 1 arguments/);
});
