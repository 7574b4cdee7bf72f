// One measurement, in a process of its own: parameters come as JSON, and figures go to the parent.
//
//     node --expose-gc task.mjs '{"module":"./costs/backup.mjs",…}'        with a channel for messages

import { join } from 'node:path';
import { pathToFileURL } from 'node:url';

// Without its parent it has nobody to work for.
process.on('disconnect', () => process.exit(1));

const { module, product, folder, quick, size } = JSON.parse(process.argv[2]);
const { measure } = await import(module);
const { EventLog } = await import(pathToFileURL(join(product, 'index.mjs')));
const figures = await measure({ EventLog, product, folder, quick, size });
process.send({ figures }, () => process.exit(0));
