'use strict';

// Scripts by which shells complete what is typed.

const { SHELLS, scriptFor } = require('../completion.js');
const { invalid } = require('../failure.js');

module.exports = {
  summary: 'prints a script that completes commands and options in bash, zsh or fish',
  words: ['SHELL'],
  hasLog: false,
  options: {},
  examples: [
    ['completion bash > ~/.local/share/bash-completion/completions/codebolt-eventlog', 'for bash'],
    ['completion zsh > "${fpath[1]}/_codebolt-eventlog"', 'for zsh'],
    ['completion fish > ~/.config/fish/completions/codebolt-eventlog.fish', 'for fish'],
  ],

  async run({ output, table, words: [shell] }) {
    if (!SHELLS.includes(shell)) {
      throw invalid(`SHELL: expected one of ${SHELLS.join(', ')}, found "${shell}"`);
    }
    await output.text(scriptFor(shell, table));
  },
};
