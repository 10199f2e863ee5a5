import { z } from 'zod';
import { SCOPES } from '../../auth/caller.ts';
import { PROBLEM_CODES } from '../problem-codes.ts';
import type { Route } from '../route.ts';

type Json = Readonly<Record<string, unknown>>;

/** An OpenAPI 3.1 document, as far as the documentation page reads it. */
export interface OpenApiDocument {
  readonly openapi: string;
  readonly info: { readonly title: string; readonly version: string; readonly description: string };
  readonly tags: readonly { readonly name: string }[];
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>;
  readonly components: { readonly schemas: Readonly<Record<string, Json>>; readonly securitySchemes: Json };
}
export interface Operation {
  readonly tags: readonly string[];
  readonly summary: string;
  readonly description?: string;
  readonly operationId: string;
  readonly 'x-scope': string;
  readonly parameters?: readonly Parameter[];
  readonly requestBody?: Json;
  readonly responses: Json;
  readonly security: readonly Json[];
}
export interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query';
  readonly required: boolean;
  readonly schema: Json;
}

const PROBLEM_SCHEMA: Json = {
  type: 'object',
  description: 'RFC 9457',
  required: ['type', 'title', 'status', 'detail', 'code'],
  properties: {
    type: { type: 'string' },
    title: { type: 'string' },
    status: { type: 'integer' },
    detail: { type: 'string' },
    code: { type: 'string', enum: Object.keys(PROBLEM_CODES) },
    hint: { type: 'string' },
    errors: { type: 'array', items: { type: 'object', properties: { field: { type: 'string' }, message: { type: 'string' } } } },
  },
};

/** Turns schemas into JSON Schema and gathers the named ones as components. */
class SchemaCollector {
  readonly components: Record<string, Json> = { Problem: PROBLEM_SCHEMA };

  json(schema: z.ZodType, io: 'input' | 'output'): Json {
    const { $schema: _dialect, $defs, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any' }) as Record<string, unknown>;
    for (const [name, definition] of Object.entries(($defs ?? {}) as Record<string, Record<string, unknown>>)) {
      const { id: _id, ...rest } = definition;
      this.components[name] = relink(rest);
    }
    const { id, ...rest } = relink(own);
    if (typeof id !== 'string') return rest;
    this.components[id] = rest;
    return { $ref: `#/components/schemas/${id}` };
  }
}

function relink(schema: Json): Record<string, unknown> {
  return JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', '"#/components/schemas/')) as Record<string, unknown>;
}

function openApiPath(path: string): string {
  return path.replaceAll(/:([a-z]+)/g, '{$1}');
}

function parameters(route: Route, schemas: SchemaCollector): readonly Parameter[] {
  const names = [...route.path.matchAll(/:([a-z]+)/g)].map((match) => match[1] ?? '');
  const inPath = names.map((name): Parameter => ({ name, in: 'path', required: true, schema: { type: 'string' } }));
  if (route.query === undefined || (route.bodyKind === 'form' && route.method === 'POST')) return inPath;
  const { properties = {}, required = [] } = schemas.json(route.query, 'input') as {
    properties?: Record<string, Json>;
    required?: readonly string[];
  };
  return [
    ...inPath,
    ...Object.entries(properties).map(([name, schema]): Parameter => ({ name, in: 'query', required: required.includes(name), schema })),
  ];
}

function requestBody(route: Route, schemas: SchemaCollector): Json | undefined {
  if (route.body !== undefined) {
    const required = !route.body.safeParse(undefined).success;
    return { required, content: { 'application/json': { schema: schemas.json(route.body, 'input') } } };
  }
  if (route.bodyKind === 'form' && route.method === 'POST' && route.query !== undefined)
    return { content: { 'application/x-www-form-urlencoded': { schema: schemas.json(route.query, 'input') } } };
  return route.bodyKind === 'bytes' ? { required: true, content: { 'application/json': {}, 'application/x-protobuf': {} } } : undefined;
}

function responses(route: Route, schemas: SchemaCollector): Json {
  const data = route.answer === undefined ? undefined : schemas.json(route.answer, 'output');
  const success: Json = {
    type: 'object',
    properties: {
      status: { const: 'success' },
      ...(data === undefined ? { message: { type: 'string' } } : { data }),
      timestamp: { type: 'string', format: 'date-time' },
    },
  };
  return {
    [String(route.successStatus ?? 200)]: { description: 'Success', content: { 'application/json': { schema: success } } },
    default: {
      description: 'Any failure',
      content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
    },
  };
}

function operation(route: Route, schemas: SchemaCollector): Operation {
  const body = requestBody(route, schemas);
  const words = route.path.split(/[^a-zA-Z0-9]+/).filter((word) => word !== '');
  return {
    tags: [route.tag],
    summary: route.summary,
    ...(route.description === undefined ? {} : { description: route.description }),
    operationId: [route.method.toLowerCase(), ...words].join('_'),
    'x-scope': route.scope,
    parameters: parameters(route, schemas),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: responses(route, schemas),
    security: route.scope === 'public' ? [] : [{ token: [] }],
  };
}

/** The OpenAPI document of a list of routes, generated from the schemas that validate them. */
export function openApiDocument(routes: readonly Route[], version: string): OpenApiDocument {
  const schemas = new SchemaCollector();
  const paths: Record<string, Record<string, Operation>> = {};
  for (const route of routes) (paths[openApiPath(route.path)] ??= {})[route.method.toLowerCase()] = operation(route, schemas);
  return {
    openapi: '3.1.0',
    info: {
      title: 'Bellwether',
      version,
      description: `Every route but the probes and signing in needs Authorization: Bearer <token>. Scopes: ${SCOPES.join(', ')}.`,
    },
    tags: [...new Set(routes.map((route) => route.tag))].map((name) => ({ name })),
    paths,
    components: {
      schemas: Object.fromEntries(Object.entries(schemas.components).sort(([a], [b]) => (a < b ? -1 : 1))),
      securitySchemes: { token: { type: 'http', scheme: 'bearer' } },
    },
  };
}
