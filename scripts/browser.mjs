// The Chromium, or a browser made from it, that the viewer is tested in.
//
//     node scripts/browser.mjs              prints where it is
//     node scripts/browser.mjs --install    installs Debian's package if there is none, for machines that only run tests

import { spawnSync } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { delimiter, join } from 'node:path';
import { pathToFileURL } from 'node:url';

const NAMES = ['chromium', 'google-chrome', 'google-chrome-stable', 'chromium-browser'];

const PLACES = {
  darwin: [
    '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
    '/Applications/Chromium.app/Contents/MacOS/Chromium',
    '/Applications/Microsoft Edge.app/Contents/MacOS/Microsoft Edge',
  ],
  win32: [process.env.PROGRAMFILES, process.env['PROGRAMFILES(X86)'], process.env.LOCALAPPDATA]
    .filter((folder) => folder !== undefined)
    .flatMap((folder) => [
      join(folder, 'Google', 'Chrome', 'Application', 'chrome.exe'),
      join(folder, 'Microsoft', 'Edge', 'Application', 'msedge.exe'),
    ]),
};

/**
 * Where a browser is: what the variable `CHROME_PATH` says, or one on the PATH, or in the usual places of the system.
 *
 * @returns {string | undefined} The path of the program; `undefined` if there is none.
 */
export function browserPath() {
  const { CHROME_PATH: chosen, PATH: path = '' } = process.env;
  if (chosen) return chosen;
  const folders = path.split(delimiter).filter((folder) => folder !== '');
  const named = NAMES.flatMap((name) => folders.map((folder) => join(folder, name)));
  return [...named, ...(PLACES[process.platform] ?? [])].find(isProgram);
}

/** Says in which browser the viewer is tested, or that it is not. */
export function tellOfBrowser() {
  const path = browserPath();
  if (path === undefined) {
    console.log('No Chromium was found: tests of the viewer in it are skipped');
  } else {
    console.log(`The viewer is tested in ${path}`);
  }
}

function isProgram(path) {
  try {
    accessSync(path, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

function install() {
  const isRoot = process.getuid?.() === 0;
  for (const parameters of [['update'], ['install', '-y', '--no-install-recommends', 'chromium']]) {
    const command = [...(isRoot ? [] : ['sudo', '-n']), 'apt-get', '-q', ...parameters];
    const { status, error } = spawnSync(command[0], command.slice(1), { stdio: 'inherit' });
    if (status !== 0) {
      console.error(`${command.join(' ')}: expected success, found ${error?.message ?? status}`);
      return;
    }
  }
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? '').href) {
  if (process.argv.includes('--install') && browserPath() === undefined) install();
  tellOfBrowser();
}
