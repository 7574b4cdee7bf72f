import { expect, test } from 'bun:test';
import codebolt, * as exported from 'codebolt-eventlog';
import { scenario } from './scenario.mjs';

test('the scenario', async () => {
  expect(await scenario(exported, codebolt)).toBe('the scenario has passed');
});
