const exported = require('codebolt-eventlog');

import('./scenario.mjs')
  .then(({ scenario }) => scenario(exported, exported.default))
  .then(console.log);
