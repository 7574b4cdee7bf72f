// What is compared, by name.

export const systems = [
  { name: 'eventlog', title: 'codebolt-eventlog', module: './eventlog.mjs' },
  {
    name: 'emmett',
    title: 'emmett-postgresql',
    module: './emmett.mjs',
    package: '@event-driven-io/emmett-postgresql',
  },
  {
    name: 'message-db',
    title: 'message-db',
    module: './message-db.mjs',
    package: '@eventide/message-db',
  },
];

/** The module of a system. */
export async function moduleOf(name) {
  return import(systems.find((system) => system.name === name).module);
}
