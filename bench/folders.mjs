import { dirname } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The folder of this package. */
export const benchFolder = dirname(fileURLToPath(import.meta.url));

/** The folder of the product. */
export const productFolder = dirname(benchFolder);
