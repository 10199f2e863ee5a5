/** `@bellwether/server`: the REST API, page and ingestion around an engine, served on its own port or mounted in an application. */
export { createApp, type App, type AppOptions } from './http/app.ts';
export { PROBLEM_CODES, type ProblemCode, type ProblemKind } from './http/problem-codes.ts';
export { DEFAULT_LIMITS, type Limits, type ResolvedLimits } from './limits.ts';
export { createHandler, toNodeHandler, type MountedApi, type MountOptions } from './mount.ts';
export { serveEngine, type HandlerOptions, type ServedEngine, type ServeOptions } from './serve-engine.ts';
