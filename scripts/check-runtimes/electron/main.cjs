// The scenario in the main process of Electron, with the package of the repository.
const { mkdtempSync, rmSync } = require('node:fs');
const { tmpdir } = require('node:os');
const { join } = require('node:path');

const { app } = require('electron');

const exported = require('../../../index.js');

async function main() {
  await app.whenReady();
  const folder = mkdtempSync(join(tmpdir(), 'codebolt-eventlog-electron-'));
  process.chdir(folder);
  const { scenario } = await import('../app/scenario.mjs');
  console.log(process.versions.electron, await scenario(exported, exported.default));
  process.chdir(tmpdir());
  rmSync(folder, { recursive: true });
}

main().then(
  () => app.exit(0),
  (error) => {
    console.error(error);
    app.exit(1);
  },
);
