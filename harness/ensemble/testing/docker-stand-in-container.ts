/** What the stand-in for docker keeps of a container. */
export interface Container {
  readonly project: string;
  readonly service: string;
  readonly profiles: readonly string[];
  /** Of its process. */
  readonly env: Readonly<Record<string, string>>;
}

/** What makes the command fail, with what it says and its exit code. */
export class DockerError extends Error {
  readonly exitCode: number;

  constructor(message: string, exitCode = 1) {
    super(message);
    this.exitCode = exitCode;
  }
}
