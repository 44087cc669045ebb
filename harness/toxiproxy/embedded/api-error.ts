/** A request that is refused: its text and its status are Toxiproxy's. */
export class ApiError extends Error {
  override readonly name = 'ApiError';
  readonly status: number;

  constructor(message: string, status: number) {
    super(message);
    this.status = status;
  }
}

export const badRequestBody = (why: string): ApiError => new ApiError(`bad request body: ${why}`, 400);
export const missingField = (field: string): ApiError =>
  new ApiError(`missing required field: ${field}`, 400);
export const proxyNotFound = (): ApiError => new ApiError('proxy not found', 404);
export const proxyExists = (): ApiError => new ApiError('proxy already exists', 409);
export const toxicNotFound = (): ApiError => new ApiError('toxic not found', 404);
export const toxicExists = (): ApiError => new ApiError('toxic already exists', 409);
export const invalidToxicType = (): ApiError => new ApiError('invalid toxic type', 400);
export const invalidStream = (): ApiError =>
  new ApiError('stream was invalid, can be either upstream or downstream', 400);

/** What the machine refuses: an address that cannot be listened on. */
export const listenFailure = (why: string): ApiError => new ApiError(why, 500);
