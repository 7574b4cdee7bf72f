import codebolt, * as exported from 'codebolt-eventlog';
import { scenario } from './scenario.mjs';

const passed: string = await scenario(exported, codebolt);
console.log(passed);
