import { basename, dirname } from 'node:path';
import type { InferenceSession, Tensor } from 'onnxruntime-node';

type Runtime = typeof import('onnxruntime-node');

/** The library's own switch; it has to be set before the library is loaded. */
const NO_TELEMETRY = 'ORT_DISABLE_TELEMETRY';

/**
 * Unasked, ONNX Runtime reports to its maker over the network, and leaves files in the home and the temporary folder for that.
 * Its native library looks at the environment of the process: who loads it in a thread calls this outside of it before,
 * because a thread changes a copy of its own.
 */
export const silenceRuntime = (): void => {
  process.env[NO_TELEMETRY] ??= '1';
};

/** Loads ONNX Runtime; its native library is in the package. Throws where there is none for this platform. */
export const loadRuntime = async (): Promise<Runtime> => {
  silenceRuntime();
  const module = await import('onnxruntime-node');
  // A CommonJS package: what it exports may only be on its default.
  return (module as Runtime & { default?: Runtime }).default ?? module;
};

/** Values that go into a program or come out of it, with their shape. */
export interface Values {
  readonly data: Float32Array | Int32Array | Uint8Array;
  readonly shape: readonly number[];
}

/** A program that is ready to be called. */
export interface Program {
  /** What comes out by a name of `into` is written to the memory given there: none is asked for, and nothing is copied. */
  run(inputs: ReadonlyMap<string, Values>, into?: ReadonlyMap<string, Values>): Promise<ReadonlyMap<string, Values>>;
  release(): Promise<void>;
}

/**
 * One thread: sums are then taken in one order, so that the same seed gives the same bytes on any number of cores, and
 * other cores are left to other workers.
 */
const OPTIONS: InferenceSession.SessionOptions = {
  intraOpNumThreads: 1,
  interOpNumThreads: 1,
  executionMode: 'sequential',
  graphOptimizationLevel: 'all',
  logSeverityLevel: 3,
};

/** Where a program's external values are: a file that is mapped, so that all processes share its pages. */
export async function startProgram(runtime: Runtime, bytes: Uint8Array, file?: string): Promise<Program> {
  const folder = file === undefined ? {} : { session: { model_external_initializers_file_folder_path: dirname(file) } };
  const session = await runtime.InferenceSession.create(bytes, { ...OPTIONS, extra: folder });
  const tensor = ({ data, shape }: Values): Tensor => {
    if (data instanceof Float32Array) return new runtime.Tensor('float32', data, shape);
    return data instanceof Int32Array
      ? new runtime.Tensor('int32', data, shape)
      : new runtime.Tensor('uint8', data, shape);
  };
  return {
    run: async (inputs, into = new Map<string, Values>()) => {
      const given = [...inputs].map(([name, values]) => [name, tensor(values)] as const);
      const wanted = session.outputNames.map((name) => {
        const memory = into.get(name);
        return [name, memory === undefined ? null : tensor(memory)] as const;
      });
      const results = await session.run(Object.fromEntries(given), Object.fromEntries(wanted));
      return new Map(
        Object.entries(results).map(([name, { data, dims }]) => [name, { data: data as Values['data'], shape: dims }]),
      );
    },
    release: () => session.release(),
  };
}

/** The name a program has to call a file by. */
export const nameInFolder = (file: string): string => basename(file);
