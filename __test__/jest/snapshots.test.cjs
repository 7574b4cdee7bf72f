'use strict';

// Some of a state may be made outside of the test's context: `structuredClone` and the modules of Node.js belong to no test.

const { EventLog } = require('../..');

const STATES = {
  'an initial state that is changed in place': {
    initial: { count: 0, list: [] },
    apply(state) {
      state.count += 1;
      state.list.push({ count: state.count });
      return state;
    },
  },
  'a state that is copied outside': {
    initial: () => ({ count: 0, list: [] }),
    apply: ({ count, list }) =>
      structuredClone({ count: count + 1, list: [...list, { count: count + 1 }] }),
  },
};

for (const [name, fold] of Object.entries(STATES)) {
  test(`${name} is kept in a snapshot`, async () => {
    const log = await EventLog.open(':memory:');
    const events = [{ eventType: 'made' }, { eventType: 'made' }];
    await log.appendEvents({ instanceId: 'orders', autoCreateInstance: true, events });
    const options = { instance: 'orders', name: 'count', snapshotEvery: 1, ...fold };
    const { state } = await log.project(options);
    expect(state).toEqual({ count: 2, list: [{ count: 1 }, { count: 2 }] });
    const apply = () => {
      throw new Error('expected the state to be kept');
    };
    expect((await log.project({ ...options, apply })).state).toEqual(state);
    await log.close();
  });
}

test('what JSON does not keep is refused, from whichever context it is', async () => {
  const log = await EventLog.open(':memory:');
  const events = [{ eventType: 'made' }];
  await log.appendEvents({ instanceId: 'orders', autoCreateInstance: true, events });
  for (const kept of [
    new Map(),
    structuredClone(new Map()),
    structuredClone({ a: new Date() }).a,
  ]) {
    const apply = () => ({ kept });
    const projecting = log.project({ instance: 'orders', name: 'x', snapshotEvery: 1, apply });
    await expect(projecting).rejects.toThrow(/^state\.kept: expected a state that JSON keeps/);
  }
  await log.close();
});
