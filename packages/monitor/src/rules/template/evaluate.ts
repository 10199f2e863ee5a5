import { callFunction, costOf, LAZY, type FunctionContext } from './functions.ts';
import type { BranchNode, Node, Operand, ParsedTemplate, Pipe } from './syntax.ts';
import { bounded, isList, isTruthy, mapOf, TemplateError, typeName, valueText, type Value } from './values.ts';

/** What one expansion may use. */
const MOST_STEPS = 100_000;
const DEEPEST_CALL = 32;

interface Variable {
  readonly name: string;
  value: Value;
}

/** How a list of nodes ended. */
type Flow = 'next' | 'break' | 'continue';

/**
 * Expands a parsed template in bounded steps, output and depth. Values are plain data and functions are ours alone, so a template can read what it is
 * given and nothing else.
 * @throws TemplateError
 */
export function evaluateTemplate(
  template: ParsedTemplate,
  data: {
    readonly dot: Value;
    readonly variables: Readonly<Record<string, Value>>;
    readonly context: FunctionContext;
    /** Hears how many steps it took, however it ends; may throw. */
    readonly spend: (steps: number) => void;
  },
): string {
  const evaluation = new Evaluation(template, data.context);
  const variables = [{ name: '$', value: data.dot }, ...Object.entries(data.variables).map(([name, value]) => ({ name, value }))];
  try {
    evaluation.run(template.nodes, data.dot, variables);
  } finally {
    data.spend(evaluation.steps);
  }
  return evaluation.output;
}

class Evaluation {
  output = '';
  steps = 0;
  readonly #template: ParsedTemplate;
  readonly #context: FunctionContext;
  #calls = 0;

  constructor(template: ParsedTemplate, context: FunctionContext) {
    this.#template = template;
    this.#context = context;
  }

  run(nodes: readonly Node[], dot: Value, variables: Variable[]): Flow {
    const outer = variables.length;
    for (const node of nodes) {
      const flow = this.#node(node, dot, variables);
      if (flow !== 'next') return flow;
    }
    variables.length = outer;
    return 'next';
  }

  #node(node: Node, dot: Value, variables: Variable[]): Flow {
    this.#step();
    switch (node.kind) {
      case 'text':
        this.#write(node.text);
        return 'next';
      case 'action': {
        const value = this.#pipe(node.pipe, dot, variables);
        if (node.pipe.variables.length === 0) this.#write(valueText(value));
        return 'next';
      }
      case 'if':
      case 'with': {
        const outer = variables.length;
        const value = this.#pipe(node.pipe, dot, variables);
        const inner = node.kind === 'with' && isTruthy(value) ? value : dot;
        const flow = this.run(isTruthy(value) ? node.nodes : node.otherwise, inner, variables);
        variables.length = outer;
        return flow;
      }
      case 'range':
        return this.#range(node, dot, variables);
      case 'template':
        this.#call(node.name, node.pipe === undefined ? null : this.#pipe(node.pipe, dot, variables));
        return 'next';
      default:
        return node.kind;
    }
  }

  #range(node: BranchNode, dot: Value, variables: Variable[]): Flow {
    const outer = variables.length;
    const value = this.#pipe({ ...node.pipe, variables: [] }, dot, variables);
    let isEmpty = true;
    for (const [key, element] of entriesOf(value)) {
      this.#step();
      isEmpty = false;
      this.#declare(node.pipe, node.pipe.variables.length > 1 ? [key, element] : [element], variables);
      const flow = this.run(node.nodes, element, variables);
      variables.length = outer;
      if (flow === 'break') break;
    }
    return isEmpty ? this.run(node.otherwise, dot, variables) : 'next';
  }

  #call(name: string, dot: Value): void {
    const body = this.#template.defined.get(name);
    if (body === undefined) throw new TemplateError(`template ${JSON.stringify(name)} not defined`);
    if (++this.#calls > DEEPEST_CALL) throw new TemplateError(`templates call each other more than ${DEEPEST_CALL} deep`);
    this.run(body, dot, [{ name: '$', value: dot }]);
    this.#calls--;
  }

  #pipe(pipe: Pipe, dot: Value, variables: Variable[]): Value {
    let value: Value | undefined;
    for (const command of pipe.commands) value = this.#command(command, value, { dot, variables });
    this.#declare(pipe, [value ?? null], variables);
    return value ?? null;
  }

  #declare({ variables: names, assigns }: Pipe, values: readonly Value[], variables: Variable[]): void {
    for (const [i, name] of names.entries()) {
      const value = values[i] ?? null;
      if (!assigns) variables.push({ name, value });
      else lookUp(variables, name).value = value;
    }
  }

  #command(command: readonly Operand[], final: Value | undefined, scope: { readonly dot: Value; readonly variables: Variable[] }): Value {
    this.#step();
    const [first, ...rest] = command as [Operand, ...Operand[]];
    if (first.kind !== 'function') {
      if (rest.length > 0 || final !== undefined) throw new TemplateError("can't give argument to non-function");
      return this.#operand(first, scope);
    }
    if (LAZY.has(first.name)) return this.#lazy(first.name === 'and', rest, final, scope);
    const args = rest.map((operand) => this.#operand(operand, scope));
    if (final !== undefined) args.push(final);
    this.#step(costOf(first.name, args));
    return callFunction(first.name, args, this.#context);
  }

  #lazy(
    isAnd: boolean,
    operands: readonly Operand[],
    final: Value | undefined,
    scope: { readonly dot: Value; readonly variables: Variable[] },
  ): Value {
    let value: Value | undefined;
    for (const operand of operands) {
      value = this.#operand(operand, scope);
      if (isTruthy(value) !== isAnd) return value;
    }
    if (final !== undefined) return final;
    if (value === undefined) throw new TemplateError(`wrong number of args for ${isAnd ? 'and' : 'or'}`);
    return value;
  }

  #operand(operand: Operand, scope: { readonly dot: Value; readonly variables: Variable[] }): Value {
    this.#step();
    return operand.fields.reduce(fieldOf, this.#start(operand, scope));
  }

  #start(operand: Operand, { dot, variables }: { readonly dot: Value; readonly variables: Variable[] }): Value {
    switch (operand.kind) {
      case 'literal':
        return operand.value;
      case 'dot':
        return dot;
      case 'variable':
        return lookUp(variables, operand.name).value;
      case 'function':
        return LAZY.has(operand.name)
          ? this.#lazy(operand.name === 'and', [], undefined, { dot, variables })
          : callFunction(operand.name, [], this.#context);
      default:
        return this.#pipe(operand.pipe, dot, variables);
    }
  }

  #write(text: string): void {
    this.output = bounded(this.output + text);
  }

  #step(count = 1): void {
    this.steps += count;
    if (this.steps > MOST_STEPS) throw new TemplateError(`more than ${MOST_STEPS} steps`);
  }
}

/** The innermost of that name; the parser has seen to it that there is one. */
function lookUp(variables: readonly Variable[], name: string): Variable {
  const found = variables.findLast((variable) => variable.name === name);
  if (found === undefined) throw new TemplateError(`undefined variable: ${name}`);
  return found;
}

/** Key and element of each round, made as they are asked for: a loop that is left early costs no more than its rounds. */
function* entriesOf(value: Value): Iterable<readonly [Value, Value]> {
  if (value === null) return;
  if (isList(value)) {
    for (const [i, element] of value.entries()) yield [BigInt(i), element];
    return;
  }
  if (typeof value === 'object' && value.kind === 'map') {
    for (const key of Object.keys(value.entries).toSorted()) yield [key, value.entries[key] ?? null];
    return;
  }
  throw new TemplateError(`range can't iterate over ${valueText(value)}`);
}

const TIME_FIELDS: Readonly<Record<string, (time: Date) => Value>> = {
  Year: (time) => BigInt(time.getUTCFullYear()),
  Day: (time) => BigInt(time.getUTCDate()),
  Hour: (time) => BigInt(time.getUTCHours()),
  Minute: (time) => BigInt(time.getUTCMinutes()),
  Second: (time) => BigInt(time.getUTCSeconds()),
  Unix: (time) => BigInt(Math.floor(time.getTime() / 1000)),
  Month: (time) => time.toLocaleString('en', { month: 'long', timeZone: 'UTC' }),
  Weekday: (time) => time.toLocaleString('en', { weekday: 'long', timeZone: 'UTC' }),
};

function fieldOf(value: Value, name: string): Value {
  if (value === null) throw new TemplateError(`nil data; no entry for key ${JSON.stringify(name)}`);
  if (typeof value === 'object' && !isList(value)) {
    if (value.kind === 'map') return Object.hasOwn(value.entries, name) ? (value.entries[name] ?? null) : '';
    if (value.kind === 'sample') {
      if (name === 'Labels') return mapOf(value.Labels);
      if (name === 'Value') return value.Value;
    }
    if (value.kind === 'time' && Object.hasOwn(TIME_FIELDS, name))
      return (TIME_FIELDS[name] as (time: Date) => Value)(new Date(value.unixMs));
  }
  throw new TemplateError(`can't evaluate field ${name} in type ${typeName(value)}`);
}
