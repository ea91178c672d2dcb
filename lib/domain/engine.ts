/** Names of the training engines. */
export const ENGINE_NAMES = ['onnx', 'tfjs'] as const;

export type EngineName = (typeof ENGINE_NAMES)[number];

/** The training engine really used, as it stands in the record. */
export interface EngineChoice {
  readonly engine: EngineName;
  /** Of TensorFlow.js, `node` is the native library of tfjs-node; ONNX Runtime has `cpu` alone. */
  readonly backend: 'node' | 'wasm' | 'cpu';
  readonly version: string;
  /** Why nothing faster is used, and how to get it; empty when nothing faster exists. */
  readonly why: string;
}

/** What works on this machine: part of the key of every stage that asks for it. */
export interface EngineOffer {
  readonly tfjs: EngineChoice;
  readonly onnx: EngineChoice | { readonly problem: string };
}
