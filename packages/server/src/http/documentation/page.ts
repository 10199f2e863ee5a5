import { createHash } from 'node:crypto';
import { PROBLEM_CODES, type ProblemKind } from '../problem-codes.ts';
import { html, trusted, type Html } from './html.ts';
import type { OpenApiDocument, Operation } from './openapi.ts';
import { PAGE_STYLE } from './page-style.ts';

type Json = Readonly<Record<string, unknown>>;

const LONGEST_EXAMPLE_DEPTH = 6;

/** A schema as a sketch of the JSON it describes. */
function sketch(schema: Json, document: OpenApiDocument, depth = 0): unknown {
  if (depth > LONGEST_EXAMPLE_DEPTH) return '…';
  const next = (inner: unknown): unknown => sketch((inner ?? {}) as Json, document, depth + 1);
  const reference = schema['$ref'];
  if (typeof reference === 'string') return next(document.components.schemas[reference.split('/').at(-1) ?? '']);
  if (schema['const'] !== undefined) return schema['const'];
  if (Array.isArray(schema['enum'])) return schema['enum'].join(' | ');
  for (const union of ['anyOf', 'oneOf', 'allOf']) {
    const branches = schema[union];
    if (Array.isArray(branches)) return next(branches[0]);
  }
  if (schema['type'] === 'array') return [next(schema['items'])];
  if (schema['type'] !== 'object') return schema['format'] ?? schema['type'] ?? 'any';
  const members = Object.entries((schema['properties'] ?? {}) as Readonly<Record<string, Json>>).map(([name, inner]) => [
    name,
    next(inner),
  ]);
  const rest = schema['additionalProperties'];
  if (typeof rest === 'object' && rest !== null) members.push(['<name>', next(rest)]);
  return Object.fromEntries(members) as unknown;
}

function example(content: unknown, document: OpenApiDocument): Html | undefined {
  const schema = (content as Record<string, { schema?: Json } | undefined> | undefined)?.['application/json']?.schema;
  return schema === undefined ? undefined : html`<pre>${JSON.stringify(sketch(schema, document), null, 2)}</pre>`;
}

function parameterTable(operation: Operation): Html | undefined {
  const parameters = operation.parameters ?? [];
  if (parameters.length === 0) return undefined;
  const rows = parameters.map(
    (one) =>
      html`<tr>
        <td><code>${one.name}</code></td>
        <td>${one.in}${one.required ? ', required' : ''}</td>
        <td class="faint">${JSON.stringify(one.schema)}</td>
      </tr>`,
  );
  return html`<h4>Parameters</h4>
    <table>
      <tbody>
        ${rows}
      </tbody>
    </table>`;
}

function operationView(place: { readonly path: string; readonly method: string }, operation: Operation, document: OpenApiDocument): Html {
  const body = example(operation.requestBody?.['content'], document);
  const success = Object.entries(operation.responses).find(([status]) => status !== 'default')?.[1] as { content?: unknown } | undefined;
  return html`<details id="${operation.operationId}">
    <summary>
      <span class="method">${place.method.toUpperCase()}</span> <code>${place.path}</code> <span>${operation.summary}</span>
    </summary>
    <div>
      <p>${operation.description} <span class="faint">Scope: ${operation['x-scope']}</span></p>
      ${parameterTable(operation)}
      ${
        body === undefined
          ? undefined
          : html`<h4>Body</h4>
              ${body}`
      }
      <h4>Answer</h4>
      ${example(success?.content, document)}
    </div>
  </details>`;
}

function chapter(tag: string, document: OpenApiDocument): Html {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods)
      .filter(([, operation]) => operation.tags.includes(tag))
      .map(([method, operation]) => operationView({ path, method }, operation, document)),
  );
  return html`<section id="${tag}">
    <h2>${tag}</h2>
    ${operations}
  </section>`;
}

function problemTable(): Html {
  const rows = Object.entries(PROBLEM_CODES).map(
    ([code, kind]: [string, ProblemKind]) =>
      html`<tr id="problem-${code}">
        <td><code>${code}</code></td>
        <td>${kind.status}</td>
        <td>${kind.title}. ${kind.hint}</td>
      </tr>`,
  );
  return html`<section id="errors">
    <h2>Errors</h2>
    <p>Failures are <code>application/problem+json</code> (RFC 9457) with a stable <code>code</code>.</p>
    <table>
      <thead>
        <tr>
          <th>Code</th>
          <th>Status</th>
          <th>Meaning</th>
        </tr>
      </thead>
      <tbody>
        ${rows}
      </tbody>
    </table>
  </section>`;
}

/** The page works without scripts and without the network; its policy allows its own style sheet and nothing else. */
export function documentationPage(document: OpenApiDocument, base: string): Response {
  const page = html`<!doctype html>
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width" />
        <title>Bellwether API</title>
        <style>
          ${trusted(PAGE_STYLE)}
        </style>
      </head>
      <body>
        <main>
          <h1>Bellwether API</h1>
          <p class="faint">Version ${document.info.version}. ${document.info.description}</p>
          <p>
            <a href="${base}/">Dashboard</a> · <a href="${base}/api/v1/openapi.json">OpenAPI document</a> (needs a token) ·
            <code>curl -H "Authorization: Bearer $TOKEN" …${base}/api/v1/performance/health</code>
          </p>
          <nav aria-label="Chapters">
            <ul>
              ${[...document.tags.map(({ name }) => name), 'errors'].map((name) => html`<li><a href="#${name}">${name}</a></li>`)}
            </ul>
          </nav>
          ${document.tags.map(({ name }) => chapter(name, document))} ${problemTable()}
        </main>
      </body>
    </html>`;
  const styleHash = createHash('sha256').update(PAGE_STYLE).digest('base64');
  return new Response(page.html, {
    headers: {
      'content-type': 'text/html; charset=utf-8',
      'cache-control': 'no-cache',
      'content-security-policy': `default-src 'none'; style-src 'sha256-${styleHash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    },
  });
}
