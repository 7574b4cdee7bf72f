import codebolt, * as exported from 'codebolt-eventlog';
import { scenario } from '../../scenario.mjs';

export const dynamic = 'force-dynamic';

export async function GET() {
  return new Response(await scenario(exported, codebolt));
}
