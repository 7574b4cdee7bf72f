// Every `js` block of the README and of docs/ runs as it is written, and so does every `bash` block, after those before it
// on its page. Where a `text` block follows directly, or after a paragraph that ends in "It prints:", that is what the
// program prints. Those of docs/postgres.md run where there is a server, in CODEBOLT_TEST_POSTGRES, and no others then.

import { spawnSync } from 'node:child_process';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { delimiter, dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import test from 'ava';

import { runFile } from './support/child.mjs';

const root = fileURLToPath(new URL('..', import.meta.url));

const BLOCK = /^```(\w*)\n([\s\S]*?)^```$/gm;
/** Windows has a bash that may be one of another system. */
const HAS_BASH = process.platform !== 'win32' && spawnSync('bash', ['--version']).status === 0;

const DIRECTLY = /^\s*(?:(?:.+\n)*.*It prints:\s*)?$/;

/** The blocks of a page in a language, each with the line that it starts on and what it prints. */
function programs(text, wanted = 'js') {
  const found = [];
  let end = 0;
  let program;
  for (const match of text.matchAll(BLOCK)) {
    const [whole, language, source] = match;
    const follows = DIRECTLY.test(text.slice(end, match.index));
    if (program && language === 'text' && follows) program.prints = source;
    program = undefined;
    if (language === wanted) {
      program = { source, line: text.slice(0, match.index).split('\n').length };
      found.push(program);
    }
    end = match.index + whole.length;
  }
  return found;
}

/** Makes an empty folder within the repository, where the package finds itself by its name. */
async function folderInPackage(t) {
  const scratch = join(root, '.scratch');
  await mkdir(scratch, { recursive: true });
  const folder = await mkdtemp(join(scratch, 'docs-'));
  t.teardown(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

const SERVER = process.env.CODEBOLT_TEST_POSTGRES;
const WITH_SERVER = 'docs/postgres.md';

/** What tells programs of the server. */
function serverVariables() {
  if (SERVER === undefined) return {};
  const { host, username } = new URL(SERVER);
  return { PGHOST: decodeURIComponent(host), PGUSER: username };
}

// ava wants tests to be declared without waiting.
const pages =
  SERVER === undefined
    ? ['README.md', ...readdirSync(join(root, 'docs')).map((name) => `docs/${name}`)]
    : [WITH_SERVER];

for (const page of pages) {
  const text = readFileSync(join(root, page), 'utf8');
  const programsOf = (language) =>
    (page === WITH_SERVER) === (SERVER !== undefined) ? programs(text, language) : [];

  for (const { source, line, prints } of programsOf('js')) {
    test.serial(`${page}:${line} runs as it is written`, async (t) => {
      const folder = await folderInPackage(t);
      const isCommonJs = /\brequire\(/.test(source);
      const file = join(folder, isCommonJs ? 'program.cjs' : 'program.mjs');
      await writeFile(file, source);
      const env = { CODEBOLT_EVENTLOG_PATH: join(folder, 'log.redb'), ...serverVariables() };
      const ended = await runFile(t, file, { cwd: folder, env });
      t.is(ended.stderr, '');
      t.is(ended.code, 0);
      if (prints !== undefined) t.is(ended.stdout, prints);
    });
  }

  const blocks = programsOf('bash');
  if (blocks.length > 0 && HAS_BASH) {
    test.serial(`${page}: its shell commands run, one block after the other`, async (t) => {
      const folder = await folderInPackage(t);
      await shim(folder);
      for (const { source, line, prints } of blocks) {
        const { stdout, stderr, status } = spawnSync('bash', ['-c', `set -o pipefail\n${source}`], {
          cwd: join(folder, 'cwd'),
          env: environmentOf(folder),
          encoding: 'utf8',
        });
        t.is(status, 0, `line ${line}: ${stderr}`);
        if (prints !== undefined) t.is(stdout, prints, `line ${line}`);
      }
    });
  }

  test(`${page} links to files and headings that are there`, (t) => {
    const targets = [...text.matchAll(/\]\(([^)\s]+)\)/g)].map(([, target]) => target);
    const broken = targets.filter((target) => !/^https?:/.test(target) && !isThere(page, target));
    t.deepEqual(broken, []);
  });
}

/** Puts the program of the command line where a shell finds it. */
async function shim(folder) {
  await mkdir(join(folder, 'bin'));
  await mkdir(join(folder, 'cwd'));
  await symlink(
    join(root, 'bin', 'codebolt-eventlog.js'),
    join(folder, 'bin', 'codebolt-eventlog'),
  );
}

function environmentOf(folder) {
  const { CODEBOLT_EVENTLOG_PATH: _, PATH, ...env } = process.env;
  return {
    ...env,
    ...serverVariables(),
    PATH: [join(folder, 'bin'), dirname(process.execPath), PATH].join(delimiter),
  };
}

/** Whether `target`, a link of `page`, leads to a file, and to a heading in it where it names one. */
function isThere(page, target) {
  const [path, anchor] = target.split('#');
  const file = path === '' ? join(root, page) : join(root, dirname(page), path);
  if (!existsSync(file)) return false;
  return anchor === undefined || anchors(readFileSync(file, 'utf8')).includes(anchor);
}

/** The anchors that GitHub gives to a page's headings. */
function anchors(text) {
  const headings = [...text.replaceAll(BLOCK, '').matchAll(/^#+ (.*)$/gm)];
  return headings.map(([, heading]) =>
    heading
      .toLowerCase()
      .replace(/[^\w -]/g, '')
      .replaceAll(' ', '-'),
  );
}

test('the README has a program by line 20', (t) => {
  const [first] = programs(readFileSync(join(root, 'README.md'), 'utf8'));
  t.true(first.line <= 20);
});
