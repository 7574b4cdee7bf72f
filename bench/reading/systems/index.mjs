/** What is measured: a module of that name is beside this one. */
export const systems = [
  { name: 'eventlog', title: 'codebolt-eventlog' },
  { name: 'lmdb', title: 'lmdb', package: 'lmdb' },
  { name: 'better-sqlite3', title: 'better-sqlite3', package: 'better-sqlite3' },
  { name: 'classic-level', title: 'classic-level', package: 'classic-level' },
];
