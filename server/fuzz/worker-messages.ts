/** What a worker is given. */
export interface WorkerTask {
  readonly targetName: string;
  readonly seed: number;
  /** Holds the index of the input at hand. */
  readonly progress: Int32Array;
}

export type WorkerMessage =
  | { readonly type: 'ready' }
  /** A round is over. `leakBytes`: what the heap has grown since the first, if that is too much; else 0. */
  | { readonly type: 'round'; readonly inputs: number; readonly leakBytes: number }
  | {
      readonly type: 'finding';
      readonly input: Uint8Array;
      readonly message: string;
      readonly stack: string;
    };
