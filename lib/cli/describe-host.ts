import { pathToFileURL } from 'node:url';
import { describeStage } from '../stage/describe.ts';

/** Imports the bundles it is given and tells what their stages say of themselves, or why they could not be read. */
process.on('message', async (bundles: readonly string[]) => {
  const described = [];
  for (const bundle of bundles) {
    try {
      described.push(describeStage(await import(pathToFileURL(bundle).href)));
    } catch (error) {
      described.push({
        ok: false,
        failure: `importing it threw: ${error instanceof Error ? error.message : String(error)}`,
      });
    }
  }
  process.send?.(described, () => process.exit(0));
});
