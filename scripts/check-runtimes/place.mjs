// Where the checks run: the tools, kept between runs, and the apps, new in each.

import { spawn, spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import {
  cpSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { root, runNpm } from '../command.mjs';
import { manifest, packBoth } from '../tarballs.mjs';

const here = dirname(fileURLToPath(import.meta.url));

/** Where tools stay from one run to the next; the repository ignores it. */
const toolsFolder = join(root, '.runtimes');

/** For a program that never ends. */
const MS_MAX = 300_000;

/** What a program wrote, if it ended as it should. */
export class Failure extends Error {}

/**
 * Runs a program to its end.
 *
 * @param {string} program - Its path.
 * @param {string[]} parameters - What it is given.
 * @param {{ cwd: string, env?: Record<string, string>, fails?: boolean }} options - `fails`: it has to end with an exit
 *   code other than 0.
 * @returns {string} What it wrote, to either output.
 */
export function execute(program, parameters, { cwd, env = {}, fails = false }) {
  const { CODEBOLT_EVENTLOG_ADDON: _, CODEBOLT_EVENTLOG_PATH: __, ...inherited } = process.env;
  const result = spawnSync(program, parameters, {
    cwd,
    env: { ...inherited, NEXT_TELEMETRY_DISABLED: '1', CI: '1', ...env },
    encoding: 'utf8',
    timeout: MS_MAX,
    maxBuffer: 64 * 1024 * 1024,
  });
  const output = `${result.stdout ?? ''}${result.stderr ?? ''}`;
  const hasFailed = result.error !== undefined || result.status !== 0;
  if (hasFailed !== fails) {
    const how = result.error?.message ?? result.signal ?? `exit code ${result.status}`;
    const expected = fails ? 'expected it to fail' : 'expected success';
    throw new Failure(`${program} ${parameters.join(' ')}: ${expected}, found ${how}\n${output}`);
  }
  return output;
}

/** Fails unless a text has a part. */
export function expectPart(text, part) {
  if (!text.includes(part)) throw new Failure(`expected ${JSON.stringify(part)}, found\n${text}`);
}

/** Fails if a text has a part. */
export function expectNoPart(text, part) {
  if (text.includes(part)) throw new Failure(`expected no ${JSON.stringify(part)}, found\n${text}`);
}

/** The place of one run. */
export class Place {
  #folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-runtimes-'));
  #registry;
  #apps = 0;

  /** Where the package is published to for this run. */
  address;

  /** The platform of this machine's package. */
  platform;

  /** Packs the package, and publishes it to a registry of this run. */
  async start() {
    const { platform, main, addon, staged, dependencies } = packBoth(this.#folder);
    this.platform = platform;
    const needed = Object.keys(manifest.dependencies ?? {});
    const parameters = [
      join(here, 'registry.mjs'),
      ...[staged, main.path, platform, addon.path],
      ...needed.flatMap((name, at) => [join(root, 'node_modules', name), dependencies[at].path]),
    ];
    this.#registry = spawn(process.execPath, parameters, { stdio: ['ignore', 'pipe', 'inherit'] });
    const [line] = await once(this.#registry.stdout, 'data');
    this.address = String(line).trim();
  }

  /** Ends the registry, and removes all apps. */
  end() {
    this.#registry?.kill();
    rmSync(this.#folder, { recursive: true, force: true, maxRetries: 5 });
  }

  /**
   * Installs the tools of a group, unless they are there.
   *
   * @param {'quick' | 'all'} group - A folder in `tools/`.
   * @returns {string} The folder that has them in its `node_modules`.
   */
  tools(group) {
    return this.#installed(join(here, 'tools', group), join(toolsFolder, group));
  }

  #installed(source, target) {
    const wanted = readFileSync(join(source, 'package.json'));
    const stamp = createHash('sha256').update(wanted).digest('hex');
    const stampPath = join(target, '.installed');
    if (existsSync(stampPath) && readFileSync(stampPath, 'utf8') === stamp) return target;
    rmSync(target, { recursive: true, force: true });
    mkdirSync(target, { recursive: true });
    writeFileSync(join(target, 'package.json'), wanted);
    runNpm(['install', '--no-audit', '--no-fund', '--no-package-lock', '--loglevel=error'], {
      cwd: target,
      stdio: ['ignore', 'ignore', 'inherit'],
    });
    writeFileSync(stampPath, stamp);
    return target;
  }

  /** Makes an empty folder with the programs of `app/`, and with what is in another folder here. */
  folder(source) {
    this.#apps += 1;
    const target = join(this.#folder, `app-${this.#apps}`);
    cpSync(join(here, 'app'), target, { recursive: true });
    if (source !== undefined) cpSync(join(here, source), target, { recursive: true });
    const path = join(target, 'package.json');
    if (!existsSync(path)) writeFileSync(path, '{ "name": "app", "private": true }');
    return target;
  }

  /** As `folder`, with the package installed by npm as from the registry. */
  app(...parameters) {
    const target = this.folder();
    this.add(target, ...parameters);
    return target;
  }

  /** As `folder`, with the packages that `package.json` there asks for, and the package. */
  appOf(source) {
    const target = this.folder(source);
    const tools = this.#installed(join(here, source), join(toolsFolder, source.replace('/', '-')));
    cpSync(join(tools, 'node_modules'), join(target, 'node_modules'), {
      recursive: true,
      verbatimSymlinks: true,
    });
    const own = this.app();
    for (const name of [manifest.name, `${manifest.name}-${this.platform}`]) {
      cpSync(join(own, 'node_modules', name), join(target, 'node_modules', name), {
        recursive: true,
      });
    }
    return target;
  }

  /** Puts a package into `node_modules` that has nothing in it. */
  addEmpty(target, name) {
    const folder = join(target, 'node_modules', name);
    mkdirSync(folder, { recursive: true });
    writeFileSync(join(folder, 'package.json'), JSON.stringify({ name, main: 'index.js' }));
    writeFileSync(join(folder, 'index.js'), '');
  }

  /** Installs the package with npm, as from the registry. */
  add(target, ...parameters) {
    const given = ['install', '--no-audit', '--no-fund', '--registry', this.address];
    const options = { cwd: target, stdio: ['ignore', 'ignore', 'inherit'] };
    runNpm([...given, ...parameters, `${manifest.name}@${manifest.version}`], options);
  }
}
