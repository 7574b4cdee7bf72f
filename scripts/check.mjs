// Everything that has to hold before a change is merged, from a fresh clone, side by side: see .ci/run.

import { tellOfBrowser } from './browser.mjs';
import { checks, tests } from './suites.mjs';
import { runTasks } from './tasks.mjs';
import { checkTools } from './tools.mjs';

checkTools();
tellOfBrowser();
process.exitCode = await runTasks([...tests, ...checks]);
