// What `import { … } from 'mlloop'` gives.
export { openDataset, writeDataset } from '../data/dataset.ts';
export { failure } from '../domain/failure.ts';
export { orRaise } from '../domain/raised.ts';
export { defineStage } from '../stage/define-stage.ts';
export { type DeployedModel, type LoadOptions, loadAliased as loadModel } from './load-aliased.ts';
