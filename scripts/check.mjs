// Everything that has to hold before a change is merged, from a fresh clone, side by side: see .ci/run.

import { tellOfBrowser } from './browser.mjs';
import { everything } from './suites.mjs';
import { runTasks } from './tasks.mjs';
import { checkTools, compileOnce } from './tools.mjs';

checkTools();
compileOnce();
process.exitCode = await runTasks(everything);
tellOfBrowser();
