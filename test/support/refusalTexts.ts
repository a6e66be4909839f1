import { readdirSync, readFileSync } from "node:fs";
import { join, relative } from "node:path";
import ts from "typescript";

/** Stands for what is put into a text while the program runs. */
const HOLE = "\u0000";

/** Fields of problems and findings that people read. */
const FIELDS = ["message", "allowed", "remedy"];

/** A text that the program may refuse with, as its source writes it. */
export interface RefusalText {
  /** File from the project's root and line. */
  readonly place: string;
  /** With {@link HOLE} where something is put in. */
  readonly text: string;
}

/** All texts of refusals in the sources below some folders: fields of problems and findings, and errors thrown. */
export function refusalTexts(root: string, folders: readonly string[]): RefusalText[] {
  return sources(root, folders).flatMap((file) => {
    const texts: RefusalText[] = [];
    const source = parse(root, file);
    const add = (node: ts.Expression): void => {
      for (const { text, at } of alternatives(node)) {
        if (/[a-z]{3}/i.test(text.replaceAll(HOLE, ""))) {
          const { line } = source.getLineAndCharacterOfPosition(at);
          texts.push({ place: `${file}:${line + 1}`, text });
        }
      }
    };
    visit(source, (node) => {
      if (ts.isPropertyAssignment(node) && FIELDS.includes(node.name.getText(source))) {
        add(node.initializer);
      }
      if (ts.isThrowStatement(node) && ts.isNewExpression(node.expression)) {
        (node.expression.arguments ?? []).slice(0, 1).forEach(add);
      }
    });
    return texts;
  });
}

/**
 * Every text that a test below a folder holds, with {@link HOLE} where a test puts something in.
 *
 * @param without name of the file that lists what is not compared
 */
export function testTexts(root: string, folder: string, without: string): string[] {
  const files = sources(root, [folder]).filter((file) => file !== join(folder, without));
  return files.flatMap((file) => {
    const texts: string[] = [];
    visit(parse(root, file), (node) => {
      if (ts.isExpression(node)) {
        const text = folded(node);
        if (text !== undefined && text.length > 3) {
          texts.push(text);
        }
      }
    });
    return texts;
  });
}

/** Whether a test holds the whole text, whatever is put in. */
export function isHeld({ text }: RefusalText, held: readonly string[]): boolean {
  const parts = text
    .split(HOLE)
    .map((part) => part.replace(/[.*+?^${}()|[\]\\/]/g, String.raw`\$&`));
  const pattern = new RegExp(parts.join("[^]*"));
  return held.some((one) => pattern.test(one));
}

function sources(root: string, folders: readonly string[]): string[] {
  return folders.flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
      .filter((name) => name.endsWith(".ts"))
      .map((name) => relative(root, join(root, folder, name)))
      .sort(),
  );
}

function parse(root: string, file: string): ts.SourceFile {
  const text = readFileSync(join(root, file), "utf8");
  return ts.createSourceFile(file, text, ts.ScriptTarget.ES2022, true);
}

function visit(node: ts.Node, look: (node: ts.Node) => void): void {
  look(node);
  node.forEachChild((child) => visit(child, look));
}

/** The texts that an expression may become: each side of a condition is one. */
function alternatives(node: ts.Expression): { readonly text: string; readonly at: number }[] {
  if (ts.isConditionalExpression(node)) {
    return [...alternatives(node.whenTrue), ...alternatives(node.whenFalse)];
  }
  if (ts.isParenthesizedExpression(node)) {
    return alternatives(node.expression);
  }
  const text = folded(node);
  return text === undefined ? [] : [{ text, at: node.getStart() }];
}

/** The text of literals, templates and their sums; undefined where nothing in it is one. */
function folded(node: ts.Expression): string | undefined {
  if (ts.isStringLiteralLike(node)) {
    return node.text;
  }
  if (ts.isTemplateExpression(node)) {
    const spans = node.templateSpans.map(
      ({ expression, literal }) => (folded(expression) ?? HOLE) + literal.text,
    );
    return node.head.text + spans.join("");
  }
  if (ts.isParenthesizedExpression(node)) {
    return folded(node.expression);
  }
  if (ts.isBinaryExpression(node) && node.operatorToken.kind === ts.SyntaxKind.PlusToken) {
    const [left, right] = [folded(node.left), folded(node.right)];
    return left === undefined && right === undefined ? undefined : (left ?? HOLE) + (right ?? HOLE);
  }
  return undefined;
}
