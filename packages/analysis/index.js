// The entry of the package: formats of exports for programs that analyse.

export { arrow } from './lib/arrow.js';
export { parquet } from './lib/parquet.js';
