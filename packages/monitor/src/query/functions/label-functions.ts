import { compileRegex } from '../../store/label-matcher.ts';
import { messageOf } from '../../base/errors.ts';
import type { Labels } from '../../model/labels.ts';
import { mergeEqual } from '../context/merge-equal.ts';
import type { CallNode } from '../parse/ast.ts';
import type { Column } from '../context/frame.ts';
import { queryFailed } from '../parse/query-error.ts';

const GROUP = /\$(?:(\w+)|\{(\w+)\}|(\$))/g;

/** label_replace: when the whole of `source` matches, `target` becomes the replacement with `$1` and `${name}` filled in; empty removes it. */
export function labelReplace(node: CallNode, columns: readonly Column[], args: readonly string[]): Column[] {
  const [target = '', replacement = '', source = '', pattern = ''] = args;
  requireLabelName(target, node);
  let regex: ReturnType<typeof compileRegex>;
  try {
    regex = compileRegex(pattern);
  } catch (error) {
    throw queryFailed(messageOf(error), node);
  }
  const names = regex.namedGroups();
  return relabel(node, columns, (labels) => {
    const matcher = regex.matcher(labels[source] ?? '');
    if (!matcher.matches()) return labels;
    const groupOf = (name: string): string => {
      const index = /^\d+$/.test(name) ? Number(name) : names[name];
      return index === undefined || index > matcher.groupCount() ? '' : (matcher.group(index) ?? '');
    };
    const filled = replacement.replaceAll(GROUP, (_, plain?: string, braced?: string) => {
      const name = plain ?? braced;
      return name === undefined ? '$' : groupOf(name);
    });
    return withLabel(labels, target, filled);
  });
}

/** label_join: `target` becomes the values of the sources with the separator between them. */
export function labelJoin(node: CallNode, columns: readonly Column[], args: readonly string[]): Column[] {
  const [target = '', separator = '', ...sources] = args;
  requireLabelName(target, node);
  return relabel(node, columns, (labels) => withLabel(labels, target, sources.map((source) => labels[source] ?? '').join(separator)));
}

function requireLabelName(name: string, node: CallNode): void {
  if (name === '' || /\p{Surrogate}/u.test(name)) throw queryFailed(`${JSON.stringify(name)} is not a label name`, node);
}

function withLabel(labels: Labels, name: string, value: string): Labels {
  const { [name]: _, ...rest } = labels;
  return value === '' ? rest : { ...rest, [name]: value };
}

function relabel(node: CallNode, columns: readonly Column[], change: (labels: Labels) => Labels): Column[] {
  return mergeEqual(
    columns.map(({ labels, values, present }) => ({ labels: change(labels), values, present })),
    node,
  );
}
