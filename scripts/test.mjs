// Every test, from a fresh clone: set-up, Rust, ava, Jest, types, examples, side by side. Ends with the first that fails,
// and with its exit code.

import { tellOfBrowser } from './browser.mjs';
import { tests } from './suites.mjs';
import { runTasks } from './tasks.mjs';
import { checkTools, compileOnce } from './tools.mjs';

checkTools();
compileOnce();
tellOfBrowser();
process.exitCode = await runTasks(tests);
