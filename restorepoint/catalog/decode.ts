/** Checks a value of a file or an object and gives it its type. @throws DecodeError */
export type Decoder<T> = (value: unknown, path: string) => T;

/** What is wrong, and where; the reader of the file adds which file it is and what to do. */
export class DecodeError extends Error {
  override readonly name = "DecodeError";

  constructor(path: string, what: string) {
    super(`${path === "" ? "the document" : path} ${what}`);
  }
}

export const text: Decoder<string> = (value, path) => {
  if (typeof value !== "string") {
    throw new DecodeError(path, `is ${shown(value)}, a text is needed`);
  }
  return value;
};

export const flag: Decoder<boolean> = (value, path) => {
  if (typeof value !== "boolean") {
    throw new DecodeError(path, `is ${shown(value)}, true or false is needed`);
  }
  return value;
};

/** RFC 3339. */
export const time: Decoder<string> = (value, path) => {
  const at = text(value, path);
  if (!/^\d{4}-\d\d-\d\d[Tt]/.test(at) || Number.isNaN(Date.parse(at))) {
    throw new DecodeError(path, `is ${shown(value)}, a date-time is needed`);
  }
  return at;
};

export const count: Decoder<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isSafeInteger(value) || value < 0) {
    throw new DecodeError(path, `is ${shown(value)}, an integer >= 0 is needed`);
  }
  return value;
};

export const amount: Decoder<number> = (value, path) => {
  if (typeof value !== "number" || !Number.isFinite(value)) {
    throw new DecodeError(path, `is ${shown(value)}, a number is needed`);
  }
  return value;
};

export function oneOf<T extends string | number>(...allowed: readonly T[]): Decoder<T> {
  return (value, path) => {
    const found = allowed.find((one) => one === value);
    if (found === undefined) {
      throw new DecodeError(path, `is ${shown(value)}, known are ${allowed.join(", ")}`);
    }
    return found;
  };
}

export function list<T>(item: Decoder<T>): Decoder<readonly T[]> {
  return (value, path) => {
    if (!Array.isArray(value)) {
      throw new DecodeError(path, `is ${shown(value)}, a list is needed`);
    }
    return value.map((one, index) => item(one, `${path}[${index}]`));
  };
}

export function record<T>(item: Decoder<T>): Decoder<Readonly<Record<string, T>>> {
  return (value, path) =>
    Object.fromEntries(
      Object.entries(asObject(value, path)).map(([key, one]) => [key, item(one, at(path, key))]),
    );
}

export function optional<T>(decoder: Decoder<T>): Decoder<T | undefined> {
  return (value, path) => (value === undefined ? undefined : decoder(value, path));
}

/** An object of exactly these keys; a key that is undefined is left out. */
export function shape<T extends object>(fields: {
  readonly [K in keyof T]-?: Decoder<T[K]>;
}): Decoder<T> {
  const known = Object.entries(fields) as [string, Decoder<unknown>][];
  const keys = new Set(known.map(([key]) => key));
  return (value, path) => {
    const object = asObject(value, path);
    const unknown = Object.keys(object).find((key) => !keys.has(key));
    if (unknown !== undefined) {
      throw new DecodeError(at(path, unknown), "is not known to this version of the program");
    }
    const entries = known
      .map(([key, decode]): [string, unknown] => [key, decode(object[key], at(path, key))])
      .filter(([, one]) => one !== undefined);
    // Each entry was made by the decoder of its key; the compiler cannot follow them through a list.
    return Object.fromEntries(entries) as T;
  };
}

export function asObject(value: unknown, path: string): Readonly<Record<string, unknown>> {
  if (typeof value !== "object" || value === null || Array.isArray(value)) {
    throw new DecodeError(path, `is ${shown(value)}, an object is needed`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function at(path: string, key: string): string {
  return path === "" ? key : `${path}.${key}`;
}

function shown(value: unknown): string {
  const printed = JSON.stringify(value) as string | undefined;
  return printed === undefined
    ? "missing"
    : printed.length > 80
      ? `${printed.slice(0, 80)}…`
      : printed;
}
