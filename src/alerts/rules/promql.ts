import { parser } from '@prometheus-io/lezer-promql';

const MAX_LENGTH = 2_000;
type Node = ReturnType<typeof parser.parse>['topNode'];

/**
 * What is wrong with a PromQL expression, in words, or `undefined` if it parses. Read with the grammar of
 * Prometheus's own editor; whether its metrics exist is not asked.
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
          ? `is no PromQL: it ends at character ${node.from + 1} where more is expected`
          : `is no PromQL: not expected at character ${node.from + 1}: ${JSON.stringify(found)}`;
    },
  });
  return fault ?? faultOfResult(tree.topNode.firstChild);
}

/** What leaves the kind of its result as it is. */
const WRAPPERS: readonly string[] = ['ParenExpr', 'OffsetExpr', 'StepInvariantExpr'];
const RANGES: readonly string[] = ['MatrixSelector', 'SubqueryExpr'];

/** Each series must come to one number. */
function faultOfResult(expression: Node['firstChild']): string | undefined {
  let inner = expression;
  while (inner && WRAPPERS.includes(inner.name)) inner = inner.firstChild;
  if (RANGES.includes(inner?.name ?? ''))
    return 'gives a range of values for each series, not one: put a function around it, such as rate(…)';
  return inner?.name === 'StringLiteral' ? 'gives a text, not a number' : undefined;
}
