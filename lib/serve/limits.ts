/** What the server allows and how long it waits. */
export interface ServeLimits {
  /** A request is shed when it could not be answered within this many milliseconds. */
  readonly deadlineMs: number;
  /** Rows that may wait for one version. */
  readonly queueRows: number;
  /** Rows answered in one go. */
  readonly batchRows: number;
  /** Bytes of a request's body. */
  readonly maxBodyBytes: number;
  /** Milliseconds a client may take to send a request. */
  readonly receiveMs: number;
  /** Milliseconds after which a request that is still not answered is given up. */
  readonly timeoutMs: number;
  /** Milliseconds after which a version is given up that is still not loaded. */
  readonly loadMs: number;
  /** Milliseconds between two looks at the registry. */
  readonly pollMs: number;
  /** Milliseconds the server still takes requests for after it stopped being ready, so that balancers notice. */
  readonly drainMs: number;
  /** Milliseconds that requests under way have to be finished in when the server stops. */
  readonly graceMs: number;
}

export const DEFAULT_LIMITS: ServeLimits = {
  deadlineMs: 200,
  queueRows: 2048,
  batchRows: 64,
  maxBodyBytes: 4 * 1024 * 1024,
  receiveMs: 30_000,
  timeoutMs: 5000,
  loadMs: 120_000,
  pollMs: 200,
  drainMs: 0,
  graceMs: 10_000,
};
