// Everything that has to hold before a change is merged, from a fresh clone, side by side: see .ci/run.

import { checks, tests } from './suites.mjs';
import { runTasks } from './tasks.mjs';
import { checkTools } from './tools.mjs';

checkTools();
process.exitCode = await runTasks([...tests, ...checks]);
