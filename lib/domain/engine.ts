/** The training engine really used; part of the key of every stage that asks for it. */
export interface EngineChoice {
  readonly engine: 'tfjs';
  /** `node` is the native library of tfjs-node. */
  readonly backend: 'node' | 'wasm' | 'cpu';
  readonly version: string;
  /** Why a faster backend is not used, and how to get it; empty when nothing faster exists. */
  readonly why: string;
}
