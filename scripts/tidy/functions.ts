/** Finds the functions that break a rule. Each rule has its reason beside it. */
import ts from 'typescript';
import type { Offence } from './ratchet.ts';

/** A function that fits on one screen is read in one go. A longer one has parts that deserve names. */
const MOST_LINES = 70;

/** The reader of a call cannot tell more than these apart. An object gives them names. */
const MOST_PARAMETERS = 4;

type FunctionWithBody = ts.FunctionLikeDeclaration & { body: ts.Block | ts.Expression };

/**
 * Callbacks of one function may share a name.
 * @param path from the root of the repository
 */
export function functionOffences(path: string, text: string): Offence[] {
  const source = ts.createSourceFile(path, text, ts.ScriptTarget.Latest, true);
  const offences = source.statements.flatMap((statement) => undeclared(source, statement));
  visit(source, (node) => {
    if (isFunctionWithBody(node) && !(isTestFile(path) && isCallbackOfTest(node))) {
      offences.push(...tooLong(source, node), ...tooManyParameters(source, node));
    }
  });
  return offences;
}

/**
 * A declaration is hoisted, so a file reads from the top: its purpose first, the details below. A constant with a
 * type is exempt, because a declaration cannot say that it is a `Handler`.
 */
function undeclared(source: ts.SourceFile, statement: ts.Statement): Offence[] {
  if (!ts.isVariableStatement(statement)) return [];
  const constants = statement.declarationList.declarations.filter(
    ({ type, initializer }) =>
      !type && initializer && (ts.isArrowFunction(initializer) || ts.isFunctionExpression(initializer)),
  );
  const rule = 'top-level functions are declarations';
  return constants.map((constant) => {
    const name = constant.name.getText();
    return offence(source, constant, { rule, name, size: 1, message: `write \`function ${name}(…)\`` });
  });
}

function tooLong(source: ts.SourceFile, node: FunctionWithBody): Offence[] {
  if (!ts.isBlock(node.body)) return [];
  const [first, last] = [lineOf(source, node.getStart()), lineOf(source, node.end)];
  const size = last - first + 1;
  const rule = `a function ends by line ${MOST_LINES}`;
  const name = nameOf(node);
  const message = `${name} has ${size} lines, at most ${MOST_LINES} are allowed`;
  return size > MOST_LINES ? [offence(source, node, { rule, name, size, message })] : [];
}

function tooManyParameters(source: ts.SourceFile, node: FunctionWithBody): Offence[] {
  const size = node.parameters.filter((parameter) => parameter.name.getText() !== 'this').length;
  const rule = `at most ${MOST_PARAMETERS} positional parameters`;
  const name = nameOf(node);
  const message = `${name} has ${size} parameters: beyond ${MOST_PARAMETERS}, take an object with names`;
  return size > MOST_PARAMETERS ? [offence(source, node, { rule, name, size, message })] : [];
}

function offence(source: ts.SourceFile, node: ts.Node, rest: Omit<Offence, 'path' | 'line'>): Offence {
  return { path: source.fileName, line: lineOf(source, node.getStart()), ...rest };
}

function lineOf(source: ts.SourceFile, position: number): number {
  return source.getLineAndCharacterOfPosition(position).line + 1;
}

function visit(node: ts.Node, see: (node: ts.Node) => void): void {
  see(node);
  ts.forEachChild(node, (child) => visit(child, see));
}

function isFunctionWithBody(node: ts.Node): node is FunctionWithBody {
  return ts.isFunctionLike(node) && 'body' in node && node.body !== undefined;
}

function isTestFile(path: string): boolean {
  return path.endsWith('.test.ts');
}

/**
 * A callback of `describe`, `test` or `test.each(…)` is a list of cases, or one case told in order. Its parameters
 * are the columns of a table. So neither limit applies to it.
 */
function isCallbackOfTest(node: ts.Node): boolean {
  if (!ts.isCallExpression(node.parent) || node.parent.expression === node) return false;
  let callee: ts.Expression = node.parent.expression;
  while (!ts.isIdentifier(callee)) {
    if (ts.isPropertyAccessExpression(callee) || ts.isCallExpression(callee)) callee = callee.expression;
    else if (ts.isTaggedTemplateExpression(callee)) callee = callee.tag;
    else return false;
  }
  return callee.text === 'describe' || callee.text === 'test';
}

/** `createPool`, `Engine.start`, or for a callback the function that takes it: `registerRoutes.get callback`. */
function nameOf(node: ts.Node): string {
  const names: string[] = [];
  for (let at = node; at.parent; at = at.parent) {
    const own = ownName(at);
    if (own) names.unshift(own);
    else if (isFunctionWithBody(at) && !ownName(at.parent)) names.unshift(calleeOf(at));
  }
  return names.join('.');
}

function ownName(node: ts.Node): string | undefined {
  if (ts.isConstructorDeclaration(node)) return 'constructor';
  const isNamed =
    isFunctionWithBody(node) ||
    ts.isClassLike(node) ||
    ts.isPropertyDeclaration(node) ||
    ts.isPropertyAssignment(node);
  if (!isNamed && !ts.isVariableDeclaration(node)) return undefined;
  return node.name && ts.isIdentifier(node.name) ? node.name.text : undefined;
}

function calleeOf(node: ts.Node): string {
  const { parent } = node;
  if (!ts.isCallExpression(parent)) return 'function';
  const callee = parent.expression;
  return `${ts.isPropertyAccessExpression(callee) ? callee.name.text : callee.getText().slice(0, 40)} callback`;
}
