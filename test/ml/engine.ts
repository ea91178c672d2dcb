import type { Engine } from '../../lib/ml/engine.ts';
import { createTfjsEngine } from '../../lib/ml/tfjs/engine.ts';

export const CHOICE = { engine: 'tfjs', backend: 'wasm', version: '4.22.0', why: '' } as const;

/** The engine on the backend that is there on every machine and is fast. */
export const wasmEngine = (): Promise<Engine> => createTfjsEngine(CHOICE);
