import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import ts from "typescript";
import { markdownTable } from "./markdownTable";

/** A source file of `components/`. */
export interface ComponentSource {
  /** Name for messages, e.g. `components/restorePoint.ts`. */
  readonly file: string;
  readonly text: string;
}

/** The sources of `components/`, by name. @param root - Folder of Pulumi.yaml. */
export function componentSources(root: string): readonly ComponentSource[] {
  const files = readdirSync(join(root, "components")).filter((name) => name.endsWith(".ts"));
  return files.sort().map((name) => {
    const file = `components/${name}`;
    return { file, text: readFileSync(join(root, file), "utf8") };
  });
}

/** A field of an arguments interface, or an output of a component. */
export interface DocumentedField {
  readonly name: string;
  readonly type: string;
  readonly optional: boolean;
  /** First sentences of the comment; empty when there is none. */
  readonly text: string;
  readonly default: string | undefined;
  readonly see: string | undefined;
}

export interface DocumentedType {
  readonly file: string;
  readonly kind: "component" | "arguments";
  readonly name: string;
  readonly text: string;
  /** Type token of a component, e.g. `atom:backup:RestorePoint`. */
  readonly token: string | undefined;
  /** Fields of arguments, outputs of a component. */
  readonly fields: readonly DocumentedField[];
}

/** Exported interfaces and components of the sources, in the order of the files, from their comments. */
export function documentedTypes(sources: readonly ComponentSource[]): readonly DocumentedType[] {
  return sources.flatMap(({ file, text }) => {
    const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
    return source.statements.flatMap((statement) => documentedType(statement, source));
  });
}

/** The reference page of the components: every argument and every output, generated from the comments. */
export function componentReference(sources: readonly ComponentSource[]): string {
  const sections = documentedTypes(sources).map(section);
  return [
    "# Components",
    "",
    "Generated from the comments in `components/`; edit them there. The program `index.ts` puts these together;",
    "another Pulumi program can, too.",
    ...sections,
    "",
  ].join("\n");
}

function documentedType(statement: ts.Statement, source: ts.SourceFile): DocumentedType[] {
  if (!isExported(statement)) {
    return [];
  }
  const common = { file: source.fileName, text: comment(statement).text };
  if (ts.isInterfaceDeclaration(statement)) {
    const fields = statement.members.map((member) => field(member, source));
    return [{ ...common, kind: "arguments", name: statement.name.text, token: undefined, fields }];
  }
  if (ts.isClassDeclaration(statement) && statement.name !== undefined) {
    const outputs = statement.members.filter(
      (member) => ts.isPropertyDeclaration(member) && !hasModifier(member, isHidden),
    );
    return [
      {
        ...common,
        kind: "component",
        name: statement.name.text,
        token: tokenOf(statement),
        fields: outputs.map((output) => field(output, source)),
      },
    ];
  }
  return [];
}

function field(member: ts.TypeElement | ts.ClassElement, source: ts.SourceFile): DocumentedField {
  const { text, tags } = comment(member);
  return {
    name: member.name?.getText(source) ?? "",
    type: typeText(member, source),
    optional: "questionToken" in member && member.questionToken !== undefined,
    text,
    default: tags.get("default"),
    see: tags.get("see"),
  };
}

function typeText(member: ts.TypeElement | ts.ClassElement, source: ts.SourceFile): string {
  if (ts.isMethodSignature(member)) {
    const parameters = member.parameters.map((one) => one.getText(source)).join(", ");
    return oneLine(`(${parameters}) => ${member.type?.getText(source) ?? "void"}`);
  }
  const typed = ts.isPropertySignature(member) || ts.isPropertyDeclaration(member);
  return typed ? oneLine(member.type?.getText(source) ?? "") : "";
}

function comment(node: ts.Node): { text: string; tags: ReadonlyMap<string, string> } {
  const [doc] = ts.getJSDocCommentsAndTags(node).filter(ts.isJSDoc).slice(-1);
  const tags = new Map(
    (doc?.tags ?? []).map((tag) => [tag.tagName.text, oneLine(tagText(tag))] as const),
  );
  return { text: oneLine(ts.getTextOfJSDocComment(doc?.comment) ?? ""), tags };
}

/** TypeScript takes the beginning of a link after `@see` for a name; the source has it whole. */
function tagText(tag: ts.JSDocTag): string {
  return tag
    .getText()
    .replace(/^@\w+\s*/, "")
    .replace(/^\s*\*\s?/gm, "");
}

function tokenOf(component: ts.ClassDeclaration): string | undefined {
  return /super\(\s*"([^"]+)"/.exec(component.getText())?.[1];
}

function section(type: DocumentedType): string {
  const title = `\n## ${type.name}\n\n${type.text}`;
  const token = type.token === undefined ? "" : `\n\nType token: \`${type.token}\``;
  const isComponent = type.kind === "component";
  const rows = type.fields.map((one) => {
    const see = one.see === undefined ? "" : ` [More](${one.see})`;
    const absent = one.default ?? (one.optional ? "none" : "required");
    const [name, kind] = [`\`${one.name}\``, `\`${one.type}\``];
    return [name, kind, ...(isComponent ? [] : [absent]), `${one.text}${see}`];
  });
  const head = isComponent
    ? ["Output", "Type", "Meaning"]
    : ["Argument", "Type", "Default", "Meaning"];
  const table = rows.length === 0 ? "" : `\n\n${markdownTable(head, rows).join("\n")}`;
  return `${title}${token}${table}`;
}

function oneLine(text: string): string {
  return text
    .replace(/\{@link (\w+)\}/g, "`$1`")
    .replace(/\s+/g, " ")
    .trim();
}

function isExported(node: ts.Node): boolean {
  return hasModifier(node, (kind) => kind === ts.SyntaxKind.ExportKeyword);
}

function isHidden(kind: ts.SyntaxKind): boolean {
  return kind === ts.SyntaxKind.PrivateKeyword || kind === ts.SyntaxKind.StaticKeyword;
}

function hasModifier(node: ts.Node, matches: (kind: ts.SyntaxKind) => boolean): boolean {
  return (
    ts.canHaveModifiers(node) &&
    (ts.getModifiers(node) ?? []).some((modifier) => matches(modifier.kind))
  );
}
