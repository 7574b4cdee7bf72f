import codebolt, * as exported from 'codebolt-eventlog';
import { expect, test } from 'vitest';
import { scenario } from './scenario.mjs';

test('the scenario', async () => {
  expect(await scenario(exported, codebolt)).toBe('the scenario has passed');
});
