import type { EngineChoice } from '../domain/engine.ts';
import type { Engine } from './engine.ts';
import { createOnnxEngine } from './onnx/engine.ts';
import { createTfjsEngine } from './tfjs/engine.ts';

/** Starts an engine; its packages are loaded here and not before. Throws when they do not load. */
export const createEngine = (choice: EngineChoice): Promise<Engine> =>
  choice.engine === 'onnx' ? createOnnxEngine(choice) : createTfjsEngine(choice);
