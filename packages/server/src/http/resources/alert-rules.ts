import { z } from 'zod';
import { ApiProblem } from '../problem.ts';
import { readDecodedBytes } from '../read-body.ts';
import { route, type ApiContext, type Route } from '../route.ts';
import { ruleGroupView } from '../rule-view.ts';
import { ruleGroupSchema } from '../schemas.ts';
import { strictObject } from '../validate.ts';

const TAG = 'Alert rules';
const PATH = '/api/v1/alerting/rules';
/** Room for more than a group may have, so that the error can say what is allowed. */
const LARGEST_GROUP_BYTES = 1_000_000;
const groupName = z.object({ group: z.string() });

async function textOf(raw: Request): Promise<string> {
  const bytes = await readDecodedBytes(raw, LARGEST_GROUP_BYTES);
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes);
  } catch {
    throw new ApiProblem('body_malformed', 'The body is not UTF-8.');
  }
}

function groupNamed(name: string, { engine }: ApiContext): object {
  const { rules } = engine.alerting;
  const status = rules.groups().find(({ group }) => group.file === '' && group.name === name);
  const source = rules.sourceOf(name);
  if (source === undefined)
    throw new ApiProblem('state_not_found', `No rule group of the API is named ${JSON.stringify(name.slice(0, 80))}`);
  return { ...(status === undefined ? { name, file: '', rules: [] } : ruleGroupView(status)), source };
}

const BODY =
  'The body is one group in Prometheus’s form, YAML or JSON: `name`, `interval`, `rules`; see the guide on alert rules for `x_bellwether`.';

export const alertRuleRoutes: readonly Route[] = [
  route({
    method: 'GET',
    path: PATH,
    tag: TAG,
    summary: 'Rule groups of files and of the API, with how they fared',
    scope: 'read',
    query: strictObject({}),
    answer: z.object({ groups: z.array(ruleGroupSchema), count: z.int() }),
    handle: (_request, { engine }) => {
      const groups = engine.alerting.rules.groups().map(ruleGroupView);
      return { groups, count: groups.length };
    },
  }),
  route({
    method: 'GET',
    path: `${PATH}/:group`,
    tag: TAG,
    summary: 'One rule group of the API, with the text it was saved with',
    scope: 'read',
    params: groupName,
    handle: ({ params }, context) => groupNamed(params.group, context),
  }),
  route({
    method: 'POST',
    path: PATH,
    tag: TAG,
    summary: 'Save a new rule group',
    description: BODY,
    scope: 'admin',
    bodyKind: 'bytes',
    answer: ruleGroupSchema,
    successStatus: 201,
    audit: 'rules.create',
    handle: async ({ raw }, { engine }) => ruleGroupView(await engine.alerting.rules.save(await textOf(raw))),
  }),
  route({
    method: 'PUT',
    path: `${PATH}/:group`,
    tag: TAG,
    summary: 'Save a rule group, in the place of the one of that name if there is one',
    description: `${BODY} Alerts of rules that both have go on; alerts of rules that are gone resolve.`,
    scope: 'admin',
    params: groupName,
    bodyKind: 'bytes',
    answer: ruleGroupSchema,
    audit: 'rules.replace',
    handle: async ({ params, raw }, { engine }) =>
      ruleGroupView(await engine.alerting.rules.save(await textOf(raw), { replaces: params.group })),
  }),
  route({
    method: 'DELETE',
    path: `${PATH}/:group`,
    tag: TAG,
    summary: 'Remove a rule group; its alerts resolve',
    scope: 'admin',
    params: groupName,
    audit: 'rules.delete',
    handle: async ({ params }, { engine }) => {
      await engine.alerting.rules.remove(params.group);
      return `Removed the rule group ${JSON.stringify(params.group)}`;
    },
  }),
];
