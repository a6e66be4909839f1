import type { XMLBuilder, XMLParser } from "fast-xml-parser";

/** An element as the parser gives it: text alone is a string, else children and `@` attributes by name. */
export type XmlNode = string | XmlElement | readonly XmlNode[] | undefined;

export interface XmlElement {
  readonly [name: string]: XmlNode;
}

/** An element to be built; the order of keys is the order of elements, which vSphere insists on. */
export interface XmlInput {
  readonly [name: string]: string | number | boolean | XmlInput | readonly (string | XmlInput)[];
}

/** Managed object reference. */
export interface Reference {
  /** For example `VirtualMachine`. */
  readonly type: string;
  /** For example `vm-42`. */
  readonly value: string;
}

interface Xml {
  readonly parser: XMLParser;
  readonly builder: XMLBuilder;
}

let loaded: Promise<Xml> | undefined;

/** Loaded at the first use: commands that talk to no vCenter do not pay for it. */
export function xml(): Promise<Xml> {
  loaded ??= load();
  return loaded;
}

async function load(): Promise<Xml> {
  const { XMLBuilder: Builder, XMLParser: Parser } = await import("fast-xml-parser");
  const names = { ignoreAttributes: false, attributeNamePrefix: "@" };
  const parser = new Parser({
    ...names,
    removeNSPrefix: true,
    // Everything stays text: a snapshot may be called 0012 or true.
    parseTagValue: false,
    parseAttributeValue: false,
    trimValues: false,
    // Numeric references, which vCenter and the simulator use for quotes and line ends.
    htmlEntities: true,
  });
  return { parser, builder: new Builder(names) };
}

/** The element's children of that name, none or many. */
export function children(node: XmlNode, name: string): readonly XmlNode[] {
  const found = child(node, name);
  if (found === undefined) {
    return [];
  }
  return isList(found) ? found : [found];
}

/** The only child of that name; a list when there are several. */
export function child(node: XmlNode, name: string): XmlNode {
  return isElement(node) ? node[name] : undefined;
}

/** Text of an element, or of a descendant along the names. */
export function textOf(node: XmlNode, ...names: readonly string[]): string {
  const target = names.reduce(child, node);
  if (typeof target === "string") {
    return target;
  }
  const own = isElement(target) ? target["#text"] : undefined;
  return typeof own === "string" ? own : "";
}

/** Reads `<obj type="VirtualMachine">vm-42</obj>`. */
export function referenceAt(node: XmlNode, ...names: readonly string[]): Reference {
  const target = names.reduce(child, node);
  return { type: textOf(child(target, "@type")), value: textOf(target) };
}

/** The reference of a virtual machine. */
export function machineAt(value: string): Reference {
  return { type: "VirtualMachine", value };
}

/** Writes `type="VirtualMachine">vm-42`. */
export function referenceInput({ type, value }: Reference): XmlInput {
  return { "@type": type, "#text": value };
}

function isList(node: XmlNode): node is readonly XmlNode[] {
  return Array.isArray(node);
}

function isElement(node: XmlNode): node is XmlElement {
  return typeof node === "object" && !isList(node);
}
