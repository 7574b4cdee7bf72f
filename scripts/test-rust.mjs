// Every Rust test: with cargo-nextest where that is installed, which runs them better side by side, and shows which are
// slow. It runs no examples of documentation comments, so cargo does that.

import { run } from './command.mjs';
import { hasCargoCommand } from './tools.mjs';

if (hasCargoCommand('nextest')) {
  run('cargo', ['nextest', 'run']);
  run('cargo', ['test', '--doc', '--package', 'codebolt-eventlog']);
} else {
  run('cargo', ['test']);
}
// In one process, whose tests share a server: cargo-nextest would start one for each.
run('cargo', ['test', '--package', 'codebolt-eventlog-postgres']);
