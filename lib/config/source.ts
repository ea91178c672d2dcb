import { type Document, isMap, isNode, isPair, isScalar, LineCounter, parseDocument, type YAMLError } from 'yaml';
import { type Failure, failure } from '../domain/failure.ts';
import type { Place } from '../domain/place.ts';
import type { Json } from '../util/json.ts';
import { err, ok, type Result } from '../util/result.ts';
import { notPlainJson } from './plain-json.ts';

export type KeyPath = readonly (string | number)[];

/** A YAML file that parsed, and where in it everything stands. */
export interface YamlSource {
  readonly value: Json;
  /** Where the value at this path begins; the nearest ancestor's place when the path is not in the file. */
  placeOf(path: KeyPath): Place;
  /** Where the key of this path stands. */
  placeOfKey(path: KeyPath): Place;
}

/** Parses YAML, reporting every syntax problem. `file` is the name shown in messages. */
export function parseYaml(file: string, text: string): Result<YamlSource, readonly Failure[]> {
  const counter = new LineCounter();
  const document = parseDocument(text, { lineCounter: counter, prettyErrors: false, uniqueKeys: true });
  const lines = text.split(/\r?\n/);
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset);
    return { file, line, column: col, text: lines[line - 1] ?? '' };
  };
  const faults =
    document.errors.length > 0
      ? document.errors.map((error) => ({ problem: problemOf(error), offset: error.pos[0] }))
      : notPlainJson(document);
  if (faults.length > 0) {
    return err(faults.map(({ problem, offset }) => failure('CONFIG_SYNTAX', { problem }, placeAt(offset))));
  }
  return ok({
    value: valueOfYaml(document),
    placeOf: (path) => placeAt(offsetOf(document, path)),
    placeOfKey: (path) => placeAt(keyOffsetOf(document, path)),
  });
}

/** What a document says; how much its aliases come to has been looked at. */
export const valueOfYaml = (document: Document): Json => document.toJS({ maxAliasCount: -1 }) as Json;

function problemOf({ code, message }: YAMLError): string {
  if (code === 'MULTIPLE_DOCS') return 'a second document begins here; keep one';
  return lowerFirst(message.replace(/\.$/, ''));
}

const lowerFirst = (text: string): string => text.charAt(0).toLowerCase() + text.slice(1);

function offsetOf(document: Document, path: KeyPath): number {
  for (let length = path.length; length > 0; length--) {
    const node = document.getIn(path.slice(0, length), true);
    if (isNode(node) && node.range) return node.range[0];
  }
  return document.contents?.range?.[0] ?? 0;
}

function keyOffsetOf(document: Document, path: KeyPath): number {
  const parent = path.length === 1 ? document.contents : document.getIn(path.slice(0, -1), true);
  const key = path.at(-1);
  if (isMap(parent)) {
    const pair = parent.items.find(
      (item) => isPair(item) && isScalar(item.key) && String(item.key.value) === String(key),
    );
    if (pair !== undefined && isScalar(pair.key) && pair.key.range) return pair.key.range[0];
  }
  return offsetOf(document, path);
}
