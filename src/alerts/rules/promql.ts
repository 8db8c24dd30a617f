import { parser } from '@prometheus-io/lezer-promql';

const MAX_LENGTH = 2_000;
type Node = ReturnType<typeof parser.parse>['topNode'];

/**
 * The fault of a PromQL expression, in words; `undefined`: it parses. The grammar is that of Prometheus's own editor.
 * Whether the metrics exist is not checked.
 */
export function faultOfPromql(expression: string): string | undefined {
  if (expression.trim() === '') return 'must be a PromQL expression, such as rate(http_requests_total[5m])';
  if (expression.length > MAX_LENGTH) return `must have at most ${MAX_LENGTH} characters`;
  let fault: string | undefined;
  const tree = parser.parse(expression);
  tree.iterate({
    enter: (node) => {
      if (!node.type.isError || fault !== undefined) return;
      const found = expression.slice(node.from, node.from + 20);
      fault =
        found === ''
          ? `is not valid PromQL: it ends too early, at character ${node.from + 1}`
          : `is not valid PromQL: unexpected ${JSON.stringify(found)} at character ${node.from + 1}`;
    },
  });
  return fault ?? faultOfResult(tree.topNode.firstChild);
}

/** Nodes that do not change the type of the result. */
const WRAPPERS: readonly string[] = ['ParenExpr', 'OffsetExpr', 'StepInvariantExpr'];
const RANGES: readonly string[] = ['MatrixSelector', 'SubqueryExpr'];

/** Each series must have one number as its result. */
function faultOfResult(expression: Node['firstChild']): string | undefined {
  let inner = expression;
  while (inner && WRAPPERS.includes(inner.name)) inner = inner.firstChild;
  if (RANGES.includes(inner?.name ?? ''))
    return 'gives a range of values for each series, not one value: put a function around it, such as rate(…)';
  return inner?.name === 'StringLiteral' ? 'gives a text, not a number' : undefined;
}
