import { route, type Route } from '../route.ts';
import { openApiDocument, type OpenApiDocument } from './openapi.ts';
import { documentationPage } from './page.ts';

/** The description of the API and its page. @param routes those to describe. */
export function documentationRoutes(routes: readonly Route[]): readonly Route[] {
  const own: Route[] = [];
  let document: OpenApiDocument | undefined;
  const documentOf = (version: string): OpenApiDocument => (document ??= openApiDocument([...routes, ...own], version));
  own.push(
    route({
      method: 'GET',
      path: '/api/v1/openapi.json',
      tag: 'Documentation',
      summary: 'This API as an OpenAPI 3.1 document',
      scope: 'read',
      lenient: true,
      handle: (_request, { version }) => Response.json(documentOf(version)),
    }),
    route({
      method: 'GET',
      path: '/api/docs',
      tag: 'Documentation',
      summary: 'This API as a page',
      scope: 'public',
      lenient: true,
      handle: (_request, { version, base }) => documentationPage(documentOf(version), base),
    }),
  );
  return own;
}
