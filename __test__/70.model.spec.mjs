// Random sequences of all nine methods, with reopenings and deletions among them, answered by a log
// and by a plain JavaScript model of the contract.

import { join } from 'node:path';

import test from 'ava';
import fc from 'fast-check';

import { EventLog } from '../index.mjs';
import { ModelLog } from './model/log.mjs';
import { steps } from './model/steps.mjs';
import { inFiles, temporaryFolder, temporaryPath } from './support/temporary.mjs';

/** How many sequences there are. A server takes longer to make a log. */
const RUNS = inFiles ? 200 : 20;

/** The text of a value, the same for objects whose keys are in another order. */
function canonical(value) {
  return JSON.stringify(value, (_, each) => {
    if (typeof each !== 'object' || each === null || Array.isArray(each)) return each;
    return Object.fromEntries(Object.entries(each).sort(([a], [b]) => (a < b ? -1 : 1)));
  });
}

/** Puts the id of an instance in the place of each `{ made: n }`. */
function resolved(args, made) {
  if (Array.isArray(args)) return args.map((each) => resolved(each, made));
  if (typeof args !== 'object' || args === null) return args;
  if (Object.hasOwn(args, 'made')) return made[args.made % made.length] ?? 'nobody';
  const copy = { ...args };
  for (const key of ['instanceId', 'instance', 'name', 'from']) {
    if (Object.hasOwn(copy, key)) copy[key] = resolved(copy[key], made);
  }
  return copy;
}

/** A log and its model, which are given the same steps. */
class Pair {
  /** The id of every instance that was ever made. */
  made = [];

  model = new ModelLog();

  constructor(path, log) {
    this.path = path;
    this.log = log;
  }

  async take(step) {
    if (step.reopen) {
      await this.log.close();
      this.log = await EventLog.open(this.path);
      return;
    }
    const calls = (step.together ?? [step]).map(({ args, ...call }) => ({
      ...call,
      args: call.refused ? args : resolved(args, this.made),
    }));
    const responses = await Promise.all(calls.map(({ method, args }) => this.log[method](...args)));
    calls.forEach((call, index) => this.compare(call, responses[index]));
  }

  compare({ method, args, refused }, response) {
    const expected = refused ? { code: refused } : this.model[method](args, response.data);
    const found = response.success ? { data: response.data } : { code: response.code };
    if (canonical(found) !== canonical(expected)) {
      throw new Error(
        `${method}: expected ${canonical(expected)}, found ${canonical(found)} (${response.error})`,
      );
    }
    for (const { id } of this.model.instances) if (!this.made.includes(id)) this.made.push(id);
  }

  /** Compares everything that is stored, after one more reopening. */
  async compareAll() {
    await this.take({ reopen: true });
    await this.take({ method: 'listInstances', args: [] });
    for (const { id } of this.model.instances) {
      await this.take({ method: 'getInstanceStats', args: [id] });
      await this.take({ method: 'queryEvents', args: [{ from: { instance: id } }] });
    }
  }
}

test('a log answers as its model does', async (t) => {
  const folder = await temporaryFolder(t);
  let run = 0;
  let successes = 0;
  await fc.assert(
    fc.asyncProperty(steps, async (sequence) => {
      run += 1;
      const path = inFiles ? join(folder, `${run}.redb`) : await temporaryPath(t);
      const pair = new Pair(path, await EventLog.open(path));
      try {
        for (const step of sequence) await pair.take(step);
        await pair.compareAll();
        successes += pair.model.ids.size;
        // Tells the runner, whose patience begins anew, that this goes on: how long all takes depends on the machine.
        t.pass();
      } finally {
        await pair.log.close();
      }
    }),
    { numRuns: RUNS, includeErrorInReport: true },
  );
  t.true(successes > 5 * RUNS, `${successes} ids were made: the steps hardly store anything`);
});
