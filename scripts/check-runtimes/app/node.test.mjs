import assert from 'node:assert/strict';
import test from 'node:test';
import codebolt, * as exported from 'codebolt-eventlog';
import { scenario } from './scenario.mjs';

test('the scenario', async () => {
  assert.equal(await scenario(exported, codebolt), 'the scenario has passed');
});
