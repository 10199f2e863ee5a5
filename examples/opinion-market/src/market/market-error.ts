/** A request that the market refuses, with the HTTP status that says why. */
export class MarketError extends Error {
  override readonly name = 'MarketError';
  readonly status: number;
  readonly code: string;
  constructor(status: number, code: string, message: string) {
    super(message);
    this.status = status;
    this.code = code;
  }
}
