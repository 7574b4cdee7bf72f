// Everything that is measured. A measurement is a module of its own, whose name is the file's.
//
// One of `costs/` is a cost that once grew wrongly. It exports
//   title      what is measured, in words of the table
//   unit       of the figure that is told, in words
//   atMost or atLeast   what is wanted of it
//   measure    makes the figures, as an object of numbers. It is given `{ EventLog, product, folder, quick }`: the class and
//              the folder of the build, a folder of its own for files, and whether to do less
//   figure     the figure that is told, of an object of those
//   seen       what is told beside it, of such an object, in words (optional)
//
// One of `steps/` is about a number of something. It exports
//   title      of what there is much
//   sizes      two numbers of it, and `quickSizes` two smaller ones
//   measure    what a step of each method costs, in microseconds, by its name. It is given `size` as well

const costs = [
  'backup',
  'append-beside-subscriptions',
  'read-beside-searches',
  'read-beside-create',
  'large-appends',
  'large-batch',
  'retried-calls',
  'delete-snapshots',
  'first-page',
  'append-beside-snapshot',
  'loading-again',
  'open-logs',
  'failing-projection',
];

const steps = ['instances', 'streams', 'subscriptions', 'consumers', 'logs', 'snapshots'];

/** The measurements: the group, the name, and where the module is, from here. */
export const measurements = [
  ...costs.map((name) => ({ group: 'costs', name, module: `./costs/${name}.mjs` })),
  ...steps.map((name) => ({ group: 'steps', name, module: `./steps/${name}.mjs` })),
];
