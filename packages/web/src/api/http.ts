/** A refused or failed call. `message` is a sentence for people; `status` is 0 when no answer came at all. */
export class ApiError extends Error {
  readonly status: number;
  readonly code: string;
  constructor(message: string, options: { readonly status: number; readonly code: string }) {
    super(message);
    this.name = 'ApiError';
    this.status = options.status;
    this.code = options.code;
  }
}

export type Query = Readonly<Record<string, string | number | undefined>>;

interface Problem {
  readonly title?: string;
  readonly detail?: string;
  readonly code?: string;
  readonly hint?: string;
}

async function problemOf(response: Response): Promise<ApiError> {
  const problem: Problem = await response.json().catch(() => ({}));
  const said = problem.detail ?? problem.title ?? `The server answered ${response.status}.`;
  const message = problem.hint === undefined || said.includes(problem.hint) ? said : `${said} ${problem.hint}`;
  return new ApiError(message, { status: response.status, code: problem.code ?? 'unknown' });
}

/** JSON over the session cookie. Paths are relative to the page, so that it works below any prefix. */
export class Http {
  readonly #base: string;
  readonly #onUnauthorized: () => void;

  /** @param base address of the API's root, `…/api/v1/`. @param onUnauthorized called on each 401 before the call rejects. */
  constructor(base: string, onUnauthorized: () => void) {
    this.#base = base;
    this.#onUnauthorized = onUnauthorized;
  }

  url(path: string, query: Query = {}): string {
    const url = new URL(path, this.#base);
    for (const [name, value] of Object.entries(query)) if (value !== undefined && value !== '') url.searchParams.set(name, String(value));
    return url.href;
  }

  /** @throws {ApiError} */
  get<T>(path: string, query?: Query, signal?: AbortSignal): Promise<T> {
    return this.#send<T>(this.url(path, query), signal === undefined ? {} : { signal });
  }

  /** @throws {ApiError} */
  send<T>(method: 'POST' | 'PUT' | 'DELETE', path: string, body?: unknown): Promise<T> {
    const content = body === undefined ? {} : { body: JSON.stringify(body), headers: { 'content-type': 'application/json' } };
    return this.#send<T>(this.url(path), { method, ...content });
  }

  async #send<T>(url: string, init: RequestInit): Promise<T> {
    const response = await fetch(url, { credentials: 'same-origin', cache: 'no-store', ...init }).catch((error: unknown) => {
      if (error instanceof DOMException && error.name === 'AbortError') throw error;
      throw new ApiError('The server cannot be reached. Is it running, and is this computer online?', { status: 0, code: 'unreachable' });
    });
    if (response.ok) return response.status === 204 ? (undefined as T) : ((await response.json()) as T);
    if (response.status === 401) this.#onUnauthorized();
    throw await problemOf(response);
  }
}
